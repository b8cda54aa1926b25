import { z } from 'zod';
import { type ApprovalRecord, type ApprovalsPort, approvalSchema } from '../approvals';
import { NotFoundOrNoAccessError, OperationError } from '../errors';
import type { Ports } from '../ports';

/** Clients hear of a wait this often: some end a call that has been silent for long. */
const progressEverySeconds = 10;
/** Below the bridge's own limit for one call. */
export const longestWaitSeconds = 540;

export const approvalIdInput = z
  .string()
  .regex(/^[A-Za-z0-9$_-]{1,60}$/, 'is no approval id; ids look like APR-01ABCDEFGH2JKMNPQ')
  .describe('Id from request_analyst_approval, e.g. APR-01ABCDEFGH2JKMNPQ');

export const approvalOutput = approvalSchema.extend({
  poll_after_seconds: z.number().int().nullable().describe('When to ask again; null once it is settled'),
  note: z.string().describe('What the status means for the action'),
});

/** The approvals of this host. Throws when there are none: hosts send such calls to the bridge. */
export function approvalsOf(ports: Ports): ApprovalsPort {
  if (ports.approvals !== undefined) return ports.approvals;
  throw new OperationError(
    'unavailable',
    'Approvals are kept by the bridge; this host has none. Call the bridge, with Slack set up in it.',
  );
}

export function noApproval(approvalId: string): NotFoundOrNoAccessError {
  return new NotFoundOrNoAccessError('The bridge', `approval ${approvalId}`);
}

/** Waits for the decision, with progress; resolves to the settled record, or to the pending one when the time is up. */
export async function waitForDecision(
  ports: Ports,
  record: ApprovalRecord,
  waitSeconds: number,
): Promise<ApprovalRecord> {
  const approvals = approvalsOf(ports);
  let last = record;
  for (let waited = 0; last.status === 'pending' && waited < waitSeconds; waited += progressEverySeconds) {
    const { approval_id: id, expires_at: until } = last;
    ports.progress(`Waiting for people to decide on ${id}; it is pending until ${until}`, waited, waitSeconds);
    const seconds = Math.min(progressEverySeconds, waitSeconds - waited);
    last = (await approvals.wait(id, seconds * 1000)) ?? last;
  }
  return last;
}

/** The record with what it means, so that no reader takes silence for a yes. */
export function toApprovalOutput(record: ApprovalRecord): z.output<typeof approvalOutput> {
  return { ...record, poll_after_seconds: record.status === 'pending' ? 30 : null, note: noteFor(record) };
}

function noteFor({ status, approval_id: id, use_before: until, used_at: used, action }: ApprovalRecord): string {
  switch (status) {
    case 'pending':
      return `Pending is not an approval: do not act. Ask again with get_approval_status and ${id}.`;
    case 'approved':
      if (used !== null) return `This approval was used up at ${used} and allows nothing more.`;
      return `Approved for exactly this action and target, once, until ${until}.`;
    case 'denied':
      return `Denied: do not do ${action.name}, nor anything to the same effect.`;
    case 'timed_out':
      return 'Nobody decided in time. Unanswered is a no: do not act.';
    case 'cancelled':
      return 'Cancelled without a decision: do not act.';
  }
}
