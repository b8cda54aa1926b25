import type { ApprovalRecord, ApprovalRequest, Requester } from '../../../operations/approvals';
import type { Approvals, ApprovalTasks, ApprovalVotes } from '../store/tables';

/** What is stored of a request besides the columns of its own. */
export type StoredRequest = Pick<
  ApprovalRequest,
  'action' | 'justification' | 'case_id' | 'channel' | 'approvers' | 'resume_url'
> & { requester: Requester };

export function storedRequest(row: Pick<Approvals, 'request'>): StoredRequest {
  return JSON.parse(row.request) as StoredRequest;
}

/** One approval of the store as operations see it. */
export function toRecord(
  row: Approvals,
  votes: readonly ApprovalVotes[],
  card: Pick<ApprovalTasks, 'channel' | 'ts' | 'permalink'> | undefined,
): ApprovalRecord {
  const { action, justification, case_id, requester } = storedRequest(row);
  const approved = row.status === 'approved';
  const reason = votes.find(({ decision }) => decision === 'denied')?.reason;
  return {
    approval_id: row.id,
    status: row.status,
    approved,
    action,
    action_digest: row.action_digest,
    justification,
    case_id,
    requested_by: requester,
    min_approvals: row.min_approvals,
    decided_by: votes.map((vote) => ({
      id: vote.user_id,
      name: vote.name,
      ...(vote.email === null ? {} : { email: vote.email }),
      decision: vote.decision,
      at: vote.at,
      ...(vote.reason === null ? {} : { reason: vote.reason }),
    })),
    cancel_reason: row.cancel_reason,
    channel: card?.channel ?? null,
    ts: card?.ts ?? null,
    permalink: card?.permalink ?? null,
    created_at: row.created_at,
    expires_at: row.expires_at,
    settled_at: row.settled_at,
    use_before: row.use_before,
    used_at: row.used_at,
    data: { approved, ...(row.status === 'denied' && reason ? { chatInput: reason } : {}) },
  };
}
