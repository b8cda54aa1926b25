import { z } from 'zod';
import type { CasesPort } from '../cases';
import { OperationError } from '../errors';
import type { SlackClient } from './client';
import { type Escalation, escalationMessage } from './escalation-message';
import { mentionsFor } from './mentions';
import { findPost, permalinkOf, postOnce } from './post-once';
import { postReplies } from './post-replies';

const eventType = 'soc_escalation';

export const deliverySchema = z.object({
  channel: z.string(),
  ts: z.string(),
  permalink: z.string().nullable(),
  complete: z.boolean(),
});
export type Delivery = z.output<typeof deliverySchema>;

/** Posts an escalation with its continuations, once. */
export async function postEscalation(
  client: SlackClient,
  channel: string,
  escalation: Escalation,
  effect: string,
  buttons: boolean,
): Promise<Delivery> {
  const mention = mentionsFor(client.defaults, escalation.urgency);
  const { message, rest } = escalationMessage(escalation, { buttons, mention });
  const mark = { eventType, effect };
  const posted = await postOnce(client, { channel, message, mark });
  const complete = await postReplies(client, { channel: posted.channel, threadTs: posted.ts, mark }, rest);
  return { ...posted, permalink: await permalinkOf(client, posted), complete };
}

/** Posts the escalation of a case, once for all who call this, and whoever crashes in between. */
export async function deliverEscalation(
  client: SlackClient,
  cases: CasesPort,
  channel: string,
  escalation: Escalation & { case_id: string },
  buttons: boolean,
): Promise<{ delivery: Delivery; performed: boolean }> {
  const effect = `${escalation.case_id}:escalate:slack:${channel.replace(/^#/, '')}`;
  const { result, performed } = await cases.effect<Delivery>(
    effect,
    () => postEscalation(client, channel, escalation, effect, buttons),
    () => recover(client, channel, effect),
  );
  const delivery = deliverySchema.parse(result);
  await keepOnCase(cases, escalation.case_id, delivery, escalation.urgency);
  return { delivery, performed };
}

/** After a crash: the message that was posted but never recorded. Its continuation may have been cut off with it. */
async function recover(client: SlackClient, channel: string, effect: string): Promise<Delivery | undefined> {
  const found = await findPost(client, { channel, mark: { eventType, effect } });
  if (found === undefined) return undefined;
  return { ...found, permalink: await permalinkOf(client, found), complete: false };
}

/** Written once per message, also when an earlier call posted it and stopped before it could write this. */
async function keepOnCase(cases: CasesPort, caseId: string, delivery: Delivery, urgency: string): Promise<void> {
  await cases.stage(caseId, `escalation_kept:${delivery.channel}:${delivery.ts}`, async () => {
    const { channel, ts, permalink } = delivery;
    await cases.change(
      caseId,
      { escalation: { channel, ts, permalink } },
      { type: 'escalated', summary: `Escalated to Slack (${urgency}): ${permalink ?? `${channel} ${ts}`}` },
    );
    return { channel, ts };
  });
}

/** Another try in the same place cannot help: the channel is gone, closed to us, or never was. */
export function isLastingFailure(error: unknown): error is OperationError {
  const lasting = ['invalid_input', 'missing_permission', 'not_found_or_no_access', 'conflict'];
  return error instanceof OperationError && lasting.includes(error.code);
}
