import type { ApprovalStatus } from '../../../operations/approvals';

/** A decision about to be counted. */
export interface Vote {
  userId: string;
  decision: 'approved' | 'denied';
}

export interface Tally {
  status: ApprovalStatus;
  expiresAt: string;
  minApprovals: number;
  votes: readonly Vote[];
}

export type VoteOutcome =
  /** Counted, and the approval is settled by it. */
  | { kind: 'settled'; status: 'approved' | 'denied' }
  /** Counted; more people have to approve. */
  | { kind: 'counted'; approvals: number }
  /** The same person had approved before; one person counts once. */
  | { kind: 'repeated' }
  /** Not counted: it came after the end, which is marked now. */
  | { kind: 'expired' }
  /** Not counted: it was settled before. */
  | { kind: 'late'; status: Exclude<ApprovalStatus, 'pending'> };

/**
 * What one more vote does. A denial settles at once, whatever was approved before; approvals count by person. Nothing
 * counts once it is settled or its time is over. Pure: whoever calls it holds the row.
 */
export function weigh({ status, expiresAt, minApprovals, votes }: Tally, vote: Vote, now: Date): VoteOutcome {
  if (status !== 'pending') return { kind: 'late', status };
  if (now.toISOString() >= expiresAt) return { kind: 'expired' };
  if (vote.decision === 'denied') return { kind: 'settled', status: 'denied' };
  const approvers = new Set(votes.filter(({ decision }) => decision === 'approved').map(({ userId }) => userId));
  if (approvers.has(vote.userId)) return { kind: 'repeated' };
  approvers.add(vote.userId);
  return approvers.size >= minApprovals
    ? { kind: 'settled', status: 'approved' }
    : { kind: 'counted', approvals: approvers.size };
}
