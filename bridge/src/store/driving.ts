import { newId } from './case-id';
import { type CaseStore, drivenStatuses } from './case-store';

/** Which cases wait for a driver, and who may drive: what the reconciler and the background runs need of the store. */
export class Driving {
  constructor(private readonly store: CaseStore) {}

  /** Unsettled cases nobody drives, oldest first. */
  async stuck(limit: number): Promise<string[]> {
    const now = this.store.settings.now().toISOString();
    const rows = await this.store.database.db
      .selectFrom('security_investigations')
      .select('id')
      .where('status', 'in', drivenStatuses)
      .where((where) => where.or([where('lease_until', 'is', null), where('lease_until', '<=', now)]))
      .where((where) => where.or([where('next_attempt_at', 'is', null), where('next_attempt_at', '<=', now)]))
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
    const at = now.toISOString();
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
          where('lease_until', '<=', at),
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

  async lastError(caseId: string): Promise<string | null> {
    const row = await this.store.database.db
      .selectFrom('security_investigations')
      .select('last_error')
      .where('id', '=', caseId)
      .executeTakeFirst();
    return row?.last_error ?? null;
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
