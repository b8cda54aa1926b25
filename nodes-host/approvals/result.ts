import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import { z } from 'zod';
import { approvalSchema, decisionSchema } from '../../operations/approvals';
import type { Waiting } from './waiting';

/** Who decided through a link: nobody can tell. */
const anonymousDecision = z.object({
  id: z.null(),
  anonymous: z.literal(true),
  decision: decisionSchema.shape.decision,
  at: decisionSchema.shape.at,
  reason: decisionSchema.shape.reason,
});
export type AnonymousDecision = z.output<typeof anonymousDecision>;

const { approval_id, requested_by, channel, ts, permalink, expires_at, action_digest, data } = approvalSchema.shape;

/** What the node gives out, whatever the outcome and whoever ran the approval. Times are ISO 8601 in UTC. */
export const resultSchema = z.object({
  status: z.enum(['approved', 'denied', 'timed_out', 'cancelled']),
  approved: z.boolean().describe('True for the status approved and for no other'),
  approval_id,
  decided_by: z.array(z.union([decisionSchema, anonymousDecision])),
  requested_by,
  channel,
  ts,
  permalink,
  expires_at,
  action_digest,
  data,
});
export type ApprovalResult = z.output<typeof resultSchema>;

export function resultOf(
  waiting: Waiting,
  status: ApprovalResult['status'],
  decidedBy: ApprovalResult['decided_by'],
  /** For whoever reads the answer, an AI Agent among them: why not. */
  chatInput?: string,
): ApprovalResult {
  const approved = status === 'approved';
  const { approval_id, requested_by, channel, ts, permalink, expires_at, action_digest } = waiting;
  return {
    status,
    approved,
    approval_id,
    decided_by: decidedBy,
    requested_by,
    channel,
    ts,
    permalink,
    expires_at,
    action_digest,
    data: { approved, ...(chatInput === undefined || approved ? {} : { chatInput }) },
  };
}

/** What an execution goes on with when nobody decided: n8n passes its input on and asks no node. */
export function timedOut(waiting: Waiting): ApprovalResult {
  const { expires_at, action } = waiting;
  return resultOf(
    waiting,
    'timed_out',
    [],
    `Nobody decided on ${action.name} until ${expires_at}. Unanswered is no: it must not be done.`,
  );
}

/** What is shown while people have not decided. Pending is no approval. */
export function pendingItem(waiting: Waiting): INodeExecutionData {
  const { status, data, ...open } = timedOut(waiting);
  return {
    json: { status: 'pending', ...open, data: { approved: false } } as unknown as IDataObject,
    pairedItem: { item: 0 },
  };
}

export function asItem(result: ApprovalResult): INodeExecutionData {
  return { json: { ...result } as unknown as IDataObject, pairedItem: { item: 0 } };
}
