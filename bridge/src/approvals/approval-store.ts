import type { Transaction } from 'kysely';
import type { ApprovableAction, ApprovalRecord } from '../../../operations/approvals';
import { actionDigest } from '../../../operations/approvals';
import { ConflictError } from '../../../operations/errors';
import { noApproval } from '../../../operations/slack/approval-waiting';
import { newId } from '../store/case-id';
import type { Database } from '../store/database';
import type { Approvals, ApprovalTasks, Tables } from '../store/tables';
import { type StoredRequest, storedRequest, toRecord } from './approval-rows';
import { type VoteOutcome, weigh } from './settlement';

export interface NewApproval {
  dedupKey: string | null;
  principal: string;
  digest: string;
  request: StoredRequest;
  minApprovals: number;
  expiresAt: Date;
  remindAt: Date;
  /** Undefined when there is nowhere to escalate to. */
  escalateAt: Date | undefined;
}

/** A decision with what is kept of it. */
export interface CastVote {
  userId: string;
  decision: 'approved' | 'denied';
  name: string;
  email: string | null;
  reason: string | null;
  interactionId: string;
}

/** Who asks posts the card itself, at once; after this, in milliseconds, anybody does. */
const ownPostMs = 3000;

type Settled = Exclude<Approvals['status'], 'pending'>;

/**
 * Approvals in the database. Every change of state is one transaction that holds the row, so that of many processes
 * exactly one settles an approval; what the change owes to the outside (messages, announcements) is written in the same
 * transaction and done afterwards, by whoever comes to it.
 */
export class ApprovalStore {
  constructor(
    private readonly database: Database,
    private readonly now: () => Date,
    /** How long an approved action may wait to begin, in milliseconds. */
    private readonly useWithinMs: number,
  ) {}

  /** Stores a request, or finds the one with its key. Throws ConflictError when that one is for another action. */
  async create(approval: NewApproval): Promise<{ id: string; created: boolean }> {
    const now = this.now();
    const at = now.toISOString();
    const id = newId('APR', now);
    return this.database.db.transaction().execute(async (trx) => {
      const inserted = await trx
        .insertInto('approvals')
        .values({
          id,
          dedup_key: approval.dedupKey,
          principal: approval.principal,
          status: 'pending',
          revision: 1,
          action_digest: approval.digest,
          request: JSON.stringify(approval.request),
          min_approvals: approval.minApprovals,
          created_at: at,
          expires_at: approval.expiresAt.toISOString(),
        })
        .onConflict((conflict) => conflict.column('dedup_key').doNothing())
        .executeTakeFirst();
      if (inserted.numInsertedOrUpdatedRows !== 1n) {
        const existing = await trx
          .selectFrom('approvals')
          .select(['id', 'action_digest'])
          .where('dedup_key', '=', approval.dedupKey)
          .executeTakeFirstOrThrow();
        if (existing.action_digest === approval.digest) return { id: existing.id, created: false };
        throw new ConflictError(
          `The idempotency key belongs to ${existing.id}, which is for another action, target or arguments. Use another key.`,
          { approval_id: existing.id },
        );
      }
      const tasks: [ApprovalTasks['kind'], Date][] = [
        ['card', new Date(now.getTime() + ownPostMs)],
        ['reminder', approval.remindAt],
        ...(approval.request.case_id === null ? [] : [['asked', now] as [ApprovalTasks['kind'], Date]]),
        ...(approval.escalateAt === undefined
          ? []
          : [['escalation', approval.escalateAt] as [ApprovalTasks['kind'], Date]]),
      ];
      for (const [kind, due] of tasks) await this.owe(trx, id, kind, due.toISOString());
      return { id, created: true };
    });
  }

  async get(id: string): Promise<ApprovalRecord | undefined> {
    return (await this.load(id))?.record;
  }

  /** Whether somebody could still decide: pending, and its time is not over. */
  async isOpen(id: string): Promise<boolean> {
    const row = await this.database.db
      .selectFrom('approvals')
      .select(['status', 'expires_at'])
      .where('id', '=', id)
      .executeTakeFirst();
    return row?.status === 'pending' && this.now().toISOString() < row.expires_at;
  }

  /** The record with the revision that its messages have to show. */
  async load(id: string): Promise<{ row: Approvals; record: ApprovalRecord } | undefined> {
    const { db } = this.database;
    const row = await db.selectFrom('approvals').selectAll().where('id', '=', id).executeTakeFirst();
    if (row === undefined) return undefined;
    const votes = await db
      .selectFrom('approval_votes')
      .selectAll()
      .where('approval_id', '=', id)
      .orderBy('seq')
      .execute();
    const card = await db
      .selectFrom('approval_tasks')
      .select(['channel', 'ts', 'permalink'])
      .where('approval_id', '=', id)
      .where('kind', '=', 'card')
      .executeTakeFirst();
    return { row, record: toRecord(row, votes, card) };
  }

  /** Oldest first; `more` counts the ones beyond `limit`. */
  async pendingOf(principal: string, limit: number): Promise<{ records: ApprovalRecord[]; more: number }> {
    const rows = await this.database.db
      .selectFrom('approvals')
      .select('id')
      .where('status', '=', 'pending')
      .where('expires_at', '>', this.now().toISOString())
      .where('principal', '=', principal)
      .orderBy('created_at')
      .orderBy('id')
      .execute();
    const records = await Promise.all(rows.slice(0, limit).map(({ id }) => this.get(id)));
    return {
      records: records.filter((record) => record?.status === 'pending') as ApprovalRecord[],
      more: Math.max(0, rows.length - limit),
    };
  }

  /** Counts one vote. Undefined for an unknown approval. */
  async vote(id: string, vote: CastVote): Promise<VoteOutcome | undefined> {
    return this.database.db.transaction().execute(async (trx) => {
      const row = await this.lock(trx, id);
      if (row === undefined) return undefined;
      const votes = await trx
        .selectFrom('approval_votes')
        .select(['user_id as userId', 'decision', 'seq'])
        .where('approval_id', '=', id)
        .orderBy('seq')
        .execute();
      const now = this.now();
      const tally = { status: row.status, expiresAt: row.expires_at, minApprovals: row.min_approvals, votes };
      const outcome = weigh(tally, vote, now);
      if (outcome.kind === 'expired') await this.settle(trx, row, 'timed_out');
      if (outcome.kind !== 'settled' && outcome.kind !== 'counted') return outcome;
      await trx
        .insertInto('approval_votes')
        .values({
          approval_id: id,
          seq: (votes.at(-1)?.seq ?? 0) + 1,
          user_id: vote.userId,
          decision: vote.decision,
          name: vote.name,
          email: vote.email,
          reason: vote.reason,
          at: now.toISOString(),
          interaction_id: vote.interactionId,
        })
        .execute();
      if (outcome.kind === 'settled') await this.settle(trx, row, outcome.status);
      else await this.show(trx, row, {});
      return outcome;
    });
  }

  /** Cancels a pending approval of this principal. False when it was settled before. Throws when there is none. */
  async cancel(id: string, principal: string, reason: string): Promise<boolean> {
    return this.database.db.transaction().execute(async (trx) => {
      const row = await this.lock(trx, id);
      if (row === undefined || row.principal !== principal) throw noApproval(id);
      if (row.status !== 'pending') return false;
      if (this.now().toISOString() >= row.expires_at) await this.settle(trx, row, 'timed_out');
      else await this.settle(trx, row, 'cancelled', { cancel_reason: reason });
      return true;
    });
  }

  /** Settles what nobody decided in time, at most `limit` at once; the ids it settled. */
  async expire(limit: number): Promise<string[]> {
    const due = await this.database.db
      .selectFrom('approvals')
      .select('id')
      .where('status', '=', 'pending')
      .where('expires_at', '<=', this.now().toISOString())
      .orderBy('expires_at')
      .limit(limit)
      .execute();
    const settled: string[] = [];
    for (const { id } of due) if (await this.expireOne(id)) settled.push(id);
    return settled;
  }

  /** True when the approval's time is over and this settled it. */
  async expireOne(id: string): Promise<boolean> {
    return this.database.db.transaction().execute(async (trx) => {
      const row = await this.lock(trx, id);
      if (row?.status !== 'pending' || this.now().toISOString() < row.expires_at) return false;
      await this.settle(trx, row, 'timed_out');
      return true;
    });
  }

  /** See ApprovalsPort.consume. */
  async consume(id: string, action: ApprovableAction, usedBy: string): Promise<void> {
    const digest = actionDigest(action);
    await this.database.db.transaction().execute(async (trx) => {
      const row = await this.lock(trx, id);
      if (row === undefined) throw noApproval(id);
      const refuse = (why: string) =>
        new ConflictError(`Approval ${id} ${why}.`, { approval_id: id, status: row.status });
      if (row.status !== 'approved') throw refuse(`is ${row.status}, which is no approval; nothing may be done`);
      if (row.action_digest !== digest)
        throw refuse('is for another action, target or arguments; ask anew for this one');
      // Who used it may ask again, also later: the action may have begun.
      if (row.used_by === usedBy) return;
      if (row.used_at !== null) throw refuse(`was used at ${row.used_at}; it serves once`);
      const now = this.now().toISOString();
      if (row.use_before === null || now >= row.use_before)
        throw refuse(`had to be used before ${row.use_before}; ask anew`);
      await trx.updateTable('approvals').set({ used_at: now, used_by: usedBy }).where('id', '=', id).execute();
    });
  }

  /** Reads the row and keeps other writers away until the transaction ends. SQLite has the lock since its begin. */
  private async lock(trx: Transaction<Tables>, id: string): Promise<Approvals | undefined> {
    let query = trx.selectFrom('approvals').selectAll().where('id', '=', id);
    if (this.database.engine === 'postgres') query = query.forUpdate();
    return query.executeTakeFirst();
  }

  /** The one place where an approval leaves `pending`. */
  private async settle(
    trx: Transaction<Tables>,
    row: Approvals,
    status: Settled,
    more: { cancel_reason?: string } = {},
  ): Promise<void> {
    const now = this.now();
    const at = now.toISOString();
    const useBefore = status === 'approved' ? new Date(now.getTime() + this.useWithinMs).toISOString() : null;
    await this.show(trx, row, { status, settled_at: at, use_before: useBefore, ...more });
    // What was not begun is no longer owed; a post that may be out there is looked for and brought up to date.
    await trx
      .updateTable('approval_tasks')
      .set({ done: 1 })
      .where('approval_id', '=', row.id)
      .where('attempts', '=', 0)
      .where('kind', 'in', ['card', 'reminder', 'escalation'])
      .where('ts', 'is', null)
      .execute();
    await this.owe(trx, row.id, 'outcome', at);
    const { resume_url: resumeUrl, case_id: caseId } = storedRequest(row);
    if (caseId != null) await this.owe(trx, row.id, 'case', at);
    if (resumeUrl != null) await this.owe(trx, row.id, 'resume', at);
  }

  /** Changes the row, and has its messages drawn anew. */
  private async show(trx: Transaction<Tables>, row: Approvals, change: Partial<Approvals>): Promise<void> {
    await trx
      .updateTable('approvals')
      .set({ ...change, revision: row.revision + 1 })
      .where('id', '=', row.id)
      .execute();
    await trx
      .updateTable('approval_tasks')
      .set({ done: 0, due_at: this.now().toISOString(), attempts: 0 })
      .where('approval_id', '=', row.id)
      .where('kind', 'in', ['card', 'escalation'])
      .where('ts', 'is not', null)
      .execute();
  }

  private async owe(trx: Transaction<Tables>, id: string, kind: ApprovalTasks['kind'], due: string): Promise<void> {
    await trx
      .insertInto('approval_tasks')
      .values({ approval_id: id, kind, due_at: due, done: 0, attempts: 0, shown_revision: 0 })
      .execute();
  }
}
