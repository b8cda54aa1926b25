import { backoffMs } from '../../../operations/retry';
import { cleanLine } from '../../../operations/text';
import type { Database } from '../store/database';
import { leaseBounds, newOwner } from '../store/lease';
import type { ApprovalTasks } from '../store/tables';

export type TaskKey = Pick<ApprovalTasks, 'approval_id' | 'kind'>;

/** What a task left behind. */
export interface TaskResult {
  channel?: string;
  ts?: string;
  permalink?: string | null;
  shown_revision?: number;
}

const firstPauseMs = 1000;
const longestPauseMs = 60_000;
/** What is owed at once, and is never put off for longer than a pause. The others wait for their hour. */
const prompt: readonly ApprovalTasks['kind'][] = ['card', 'outcome', 'resume', 'asked', 'case'];

/**
 * The list of what approvals owe to the outside, shared by all processes. A task is claimed for a while, done, and struck
 * off; the claim of a process that stopped runs out and the next one goes on.
 */
export class TaskLedger {
  constructor(
    private readonly database: Database,
    private readonly processName: string,
    readonly leaseMs: number,
    private readonly now: () => Date,
  ) {}

  /** Tasks that are due and free, oldest first; those of one approval when it is named. */
  async due(limit: number, approvalId?: string): Promise<TaskKey[]> {
    const { over: now, unlikely } = leaseBounds(this.now(), this.leaseMs);
    let query = this.database.db
      .selectFrom('approval_tasks')
      .select(['approval_id', 'kind'])
      .where('done', '=', 0)
      .where((where) =>
        where.or([
          where('due_at', '<=', now),
          where.and([where('kind', 'in', prompt), where('due_at', '>', this.putOffTooFar())]),
        ]),
      )
      .where((where) =>
        where.or([
          where('lease_until', 'is', null),
          where('lease_until', '<=', now),
          where('lease_until', '>', unlikely),
        ]),
      );
    if (approvalId !== undefined) query = query.where('approval_id', '=', approvalId);
    return query.orderBy('due_at').orderBy('approval_id').limit(limit).execute();
  }

  /**
   * Takes a task; undefined when somebody else was quicker. `attempts` counts this one. `early`: also before it is due, as
   * by the process that has just made it.
   */
  async claim({ approval_id: id, kind }: TaskKey, early = false): Promise<ApprovalTasks | undefined> {
    const now = this.now();
    const { over: at, unlikely } = leaseBounds(now, this.leaseMs);
    let query = this.database.db
      .updateTable('approval_tasks')
      .set((column) => ({
        lease_owner: newOwner(this.processName),
        lease_until: new Date(now.getTime() + this.leaseMs).toISOString(),
        attempts: column('attempts', '+', 1),
      }))
      .where('approval_id', '=', id)
      .where('kind', '=', kind)
      .where('done', '=', 0)
      .where((where) =>
        where.or([
          where('lease_until', 'is', null),
          where('lease_until', '<=', at),
          where('lease_until', '>', unlikely),
        ]),
      );
    if (!early)
      query = query.where((where) =>
        where.or([
          where('due_at', '<=', at),
          where.and([where('kind', 'in', prompt), where('due_at', '>', this.putOffTooFar())]),
        ]),
      );
    return query.returningAll().executeTakeFirst();
  }

  /**
   * Records a finished task. A message that was drawn at a revision the approval has left behind is due again; so is one
   * whose claim was lost meanwhile, because nobody knows which drawing came last.
   */
  async finish(task: ApprovalTasks, result: TaskResult): Promise<void> {
    const { shown_revision: shown = task.shown_revision, ...place } = result;
    await this.database.db.transaction().execute(async (trx) => {
      // Holds the approval, so that no change of it falls between the comparison and what is written.
      let approval = trx.selectFrom('approvals').select('revision').where('id', '=', task.approval_id);
      if (this.database.engine === 'postgres') approval = approval.forUpdate();
      const { revision } = await approval.executeTakeFirstOrThrow();
      const drawn = task.kind === 'card' || task.kind === 'escalation';
      const done = drawn && shown < revision ? 0 : 1;
      const mine = await trx
        .updateTable('approval_tasks')
        .set({
          ...place,
          shown_revision: shown,
          done,
          attempts: done === 1 ? task.attempts : 0,
          due_at: done === 1 ? task.due_at : this.now().toISOString(),
          lease_owner: null,
          lease_until: null,
          last_error: null,
        })
        .where('approval_id', '=', task.approval_id)
        .where('kind', '=', task.kind)
        .where('lease_owner', '=', task.lease_owner)
        .executeTakeFirst();
      if (mine.numUpdatedRows === 1n || !drawn) return;
      await trx
        .updateTable('approval_tasks')
        .set({ done: 0, due_at: this.now().toISOString() })
        .where('approval_id', '=', task.approval_id)
        .where('kind', '=', task.kind)
        .execute();
    });
  }

  /** Keeps a claim while its work goes on. */
  async renew(task: ApprovalTasks): Promise<void> {
    const until = new Date(this.now().getTime() + this.leaseMs).toISOString();
    await this.mine(task).set({ lease_until: until }).execute();
  }

  /** Keeps where a message is while its task goes on. */
  async place(task: ApprovalTasks, place: { channel: string; ts: string; permalink: string | null }): Promise<void> {
    await this.mine(task).set(place).execute();
  }

  /** Gives a task back, to be tried again after `pauseMs`, or after a pause that grows with the attempts. */
  async postpone(task: ApprovalTasks, error: string, pauseMs?: number): Promise<void> {
    const now = this.now().getTime();
    const pause =
      pauseMs ?? firstPauseMs / 2 + backoffMs(task.attempts - 1, Math.random(), firstPauseMs, longestPauseMs);
    await this.mine(task)
      .set({
        lease_owner: null,
        lease_until: null,
        due_at: new Date(now + pause).toISOString(),
        last_error: cleanLine(error, 500),
      })
      .execute();
  }

  /** Ends a task that cannot be done; the reason stays with it. */
  async drop(task: ApprovalTasks, error: string): Promise<void> {
    await this.mine(task)
      .set({ lease_owner: null, lease_until: null, done: 1, last_error: cleanLine(error, 500) })
      .execute();
  }

  /** No pause made by this clock ends later: the clock stepped back since. */
  private putOffTooFar(): string {
    return leaseBounds(this.now(), 2 * longestPauseMs).unlikely;
  }

  private mine(task: ApprovalTasks) {
    return this.database.db
      .updateTable('approval_tasks')
      .where('approval_id', '=', task.approval_id)
      .where('kind', '=', task.kind)
      .where('lease_owner', '=', task.lease_owner);
  }
}
