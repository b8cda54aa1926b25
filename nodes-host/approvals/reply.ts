import type { IWebhookResponseData } from 'n8n-workflow';
import { z } from 'zod';
import { answerJson, type HttpAnswer } from '../slack-trigger/http-answer';

/**
 * What the node that waits for a decision tells the trigger that forwarded a click. The trigger has acknowledged the click
 * to Slack by then, so it is the one to show the outcome. Both run in the same n8n.
 */
export const replySchema = z.object({
  soc_approval: z.literal(1),
  outcome: z.enum([
    /** The decision stands, and the execution goes on. */
    'settled',
    /** The click does not count: not an approver, the requester, a guest. The execution keeps waiting. */
    'refused',
    /** A modal asks for the reason; the answer to it decides. */
    'asked',
    /** There is nothing left to decide: decided, timed out, or another request by now. */
    'closed',
    /** The click could not be judged; the execution keeps waiting and the click may be repeated. */
    'unavailable',
  ]),
  /** For whoever clicked, and nobody else. */
  tell: z.string().max(1000).optional(),
  /** The message as it is to be from now on. Blocks are Slack's. */
  card: z
    .object({
      channel: z.string(),
      ts: z.string(),
      text: z.string(),
      blocks: z.array(z.record(z.unknown())).max(50),
    })
    .optional(),
});

export type Reply = z.infer<typeof replySchema>;

export function reply(fields: Omit<Reply, 'soc_approval'>): Reply {
  return { soc_approval: 1, ...fields };
}

/** An answer that leaves the execution waiting. */
export function replyWith(response: HttpAnswer, status: number, body: Reply): IWebhookResponseData {
  return answerJson(response, status, body);
}
