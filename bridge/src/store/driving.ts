import type { CaseEvent } from '../../../operations/cases';
import { newId } from './case-id';
import { type CaseStore, drivenStatuses } from './case-store';
import { skewMs } from './lease';

/** No failed run waits longer before the next, in milliseconds. */
const longestPauseMs = 1_200_000;

/** Which cases wait for a driver, and who may drive: what the reconciler and the background runs need of the store. */
export class Driving {
  /** `longestLeaseMs`: no lease of a case is longer, in milliseconds. */
  constructor(
    private readonly store: CaseStore,
    private readonly longestLeaseMs = 86_400_000,
  ) {}

  /**
   * A lease or a pause is over at its end; and when it ends later than any made by this clock, because the clock stepped back since.
   * Whoever still drives such a case loses nothing: the ledgers give each step to one of them.
   */
  private bounds(longestMs: number, now: Date): { over: string; unlikely: string } {
    return { over: now.toISOString(), unlikely: new Date(now.getTime() + longestMs + skewMs).toISOString() };
  }

  /** Unsettled cases nobody drives, oldest first. */
  async stuck(limit: number): Promise<string[]> {
    const now = this.store.settings.now();
    const lease = this.bounds(this.longestLeaseMs, now);
    const pause = this.bounds(longestPauseMs, now);
    const rows = await this.store.database.db
      .selectFrom('security_investigations')
      .select('id')
      .where('status', 'in', drivenStatuses)
      .where((where) =>
        where.or([
          where('lease_until', 'is', null),
          where('lease_until', '<=', lease.over),
          where('lease_until', '>', lease.unlikely),
        ]),
      )
      .where((where) =>
        where.or([
          where('next_attempt_at', 'is', null),
          where('next_attempt_at', '<=', pause.over),
          where('next_attempt_at', '>', pause.unlikely),
        ]),
      )
      .orderBy('opened_at')
      .orderBy('id')
      .limit(limit)
      .execute();
    return rows.map(({ id }) => id);
  }

  /**
   * Takes the case for this process when nobody drives it, or when this process opened it (`own`). Resolves to the
   * number of runs begun so far, this one included; undefined when somebody else has it or it is settled.
   */
  async claim(caseId: string, own: boolean): Promise<number | undefined> {
    const now = this.store.settings.now();
    const lease = this.bounds(this.longestLeaseMs, now);
    const claimed = await this.store.database.db
      .updateTable('security_investigations')
      .set((column) => ({
        lease_owner: this.store.processName,
        lease_until: this.until(now),
        attempts: column('attempts', '+', 1),
      }))
      .where('id', '=', caseId)
      .where('status', 'in', drivenStatuses)
      .where((where) =>
        where.or([
          where('lease_until', 'is', null),
          where('lease_until', '<=', lease.over),
          where('lease_until', '>', lease.unlikely),
          ...(own ? [where('lease_owner', '=', this.store.processName)] : []),
        ]),
      )
      .returning('attempts')
      .executeTakeFirst();
    return claimed?.attempts;
  }

  /** Keeps a claimed case; false when it is no longer ours. */
  async renew(caseId: string): Promise<boolean> {
    const until = this.until(this.store.settings.now());
    const renewed = await this.store.database.db
      .updateTable('security_investigations')
      .set({ lease_until: until })
      .where('id', '=', caseId)
      .where('lease_owner', '=', this.store.processName)
      .executeTakeFirst();
    return renewed.numUpdatedRows === 1n;
  }

  /**
   * Gives a case back: at once free, or not before `retryAt`. `error` is kept for people. `uncounted` takes the begun
   * run off the count: it was interrupted by us and says nothing about the case.
   */
  async release(caseId: string, outcome: { error?: string; retryAt?: Date; uncounted?: boolean }): Promise<void> {
    await this.store.database.db
      .updateTable('security_investigations')
      .set((column) => ({
        attempts: outcome.uncounted ? column('attempts', '-', 1) : column.ref('attempts'),
        lease_owner: null,
        lease_until: null,
        next_attempt_at: outcome.retryAt?.toISOString() ?? null,
        last_error: outcome.error ?? null,
      }))
      .where('id', '=', caseId)
      .where('lease_owner', '=', this.store.processName)
      .execute();
  }

  /** Gives back what this process holds and has not begun, so that others can go on at once. */
  async releaseAll(): Promise<void> {
    await this.store.database.db
      .updateTable('security_investigations')
      .set({ lease_owner: null, lease_until: null })
      .where('lease_owner', '=', this.store.processName)
      .where('status', 'in', drivenStatuses)
      .execute();
  }

  async lastError(caseId: string): Promise<string | null> {
    const row = await this.store.database.db
      .selectFrom('security_investigations')
      .select('last_error')
      .where('id', '=', caseId)
      .executeTakeFirst();
    return row?.last_error ?? null;
  }

  /**
   * Has a case investigated from the beginning: what its earlier run found out is asked again, what it did (messages,
   * effects) is not done again. One that is being investigated goes on; one nobody has begun is free to be begun. Resolves
   * to what it came to.
   */
  async reopen(caseId: string, event: CaseEvent): Promise<'reopened' | 'freed' | 'running' | 'waiting' | 'closed'> {
    const { db } = this.store.database;
    const row = await db
      .selectFrom('security_investigations')
      .select(['status', 'lease_until'])
      .where('id', '=', caseId)
      .executeTakeFirst();
    if (row === undefined || row.status === 'closed') return 'closed';
    if (row.status === 'awaiting_approval') return 'waiting';
    const free = { lease_owner: null, lease_until: null, next_attempt_at: null, last_error: null, attempts: 0 };
    if (row.status === 'investigating') {
      const held = row.lease_until !== null && row.lease_until > this.store.settings.now().toISOString();
      if (!held) await db.updateTable('security_investigations').set(free).where('id', '=', caseId).execute();
      return held ? 'running' : 'freed';
    }
    if (row.status === 'opened') {
      await db
        .updateTable('security_investigations')
        .set(free)
        .where('id', '=', caseId)
        .where('status', '=', 'opened')
        .execute();
      return 'freed';
    }
    await this.store.change(caseId, { status: 'opened' }, event, 0, async (trx) => {
      await trx
        .deleteFrom('stages')
        .where('case_id', '=', caseId)
        .where('stage', 'like', 'investigate:%')
        .where('stage', '!=', 'investigate:scope')
        .execute();
      // It is no longer given up; that it was stands in its events.
      await trx.deleteFrom('dead_letters').where('case_id', '=', caseId).execute();
      await trx.updateTable('security_investigations').set(free).where('id', '=', caseId).execute();
    });
    return 'reopened';
  }

  /** Ends the tries: a row in `dead_letters`, and the case failed with the reason. */
  async bury(caseId: string, attempts: number, reason: string): Promise<void> {
    const now = this.store.settings.now();
    await this.store.change(
      caseId,
      { status: 'failed', reason },
      { type: 'dead_lettered', summary: `Given up after ${attempts} tries: ${reason}` },
      0,
      async (trx) => {
        await trx
          .insertInto('dead_letters')
          .values({ id: newId('DLQ', now), case_id: caseId, reason, attempts, at: now.toISOString() })
          .execute();
      },
    );
  }

  private until(now: Date): string {
    return new Date(now.getTime() + this.store.settings.leaseMs).toISOString();
  }
}
