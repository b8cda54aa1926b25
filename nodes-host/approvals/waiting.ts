import type { IExecuteFunctions, IWebhookFunctions } from 'n8n-workflow';
import { z } from 'zod';
import { actionSchema, requesterSchema } from '../../operations/approvals';

const action = actionSchema.extend({ title: z.string() });

/**
 * What a waiting node has to know when the decision comes. Its parameters are no help then: expressions in them would be
 * evaluated anew, over what the time-out is to give out.
 */
export const waitingSchema = z.object({
  /** Who runs the approval: the bridge, this node with signed clicks, or a page behind a link. */
  by: z.enum(['bridge', 'clicks', 'link']),
  /** In the addresses of this request; those of an earlier one of the same node have another. */
  reference: z.string().min(1),
  approval_id: z.string().min(1),
  action,
  action_digest: z.string(),
  justification: z.string().nullable(),
  case_id: z.string().nullable(),
  requested_by: requesterSchema,
  /** Ids of Slack users and user groups; not empty where this node judges clicks. */
  approvers: z.array(z.string()),
  ask_reason: z.boolean(),
  expires_at: z.string(),
  channel: z.string().nullable(),
  ts: z.string().nullable(),
  permalink: z.string().nullable(),
});
export type Waiting = z.output<typeof waitingSchema>;

const key = 'soc_approval';

/** Keeps it with the execution, in n8n's database, where the context of the node is. */
export function keepWaiting(context: IExecuteFunctions, waiting: Waiting): void {
  context.getContext('node')[key] = JSON.stringify(waiting);
}

/** Undefined when this node did not leave any, or another version of it did. */
export function readWaiting(context: IWebhookFunctions): Waiting | undefined {
  // Webhooks get at the context of a node by expression alone. Encoded, a name cannot end the expression.
  const name = encodeURIComponent(context.getNode().name);
  const text: unknown = context.evaluateExpression(`{{ $node[decodeURIComponent("${name}")].context["${key}"] }}`);
  if (typeof text !== 'string') return undefined;
  try {
    const parsed = waitingSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
