import type { Transaction } from 'kysely';
import type {
  HuntFinding,
  HuntRun,
  HuntRunRecord,
  HuntSchedulePort,
  HuntState,
} from '../../../operations/analytics/schedule/hunt-schedule-port';
import { CancelledError, ConflictError } from '../../../operations/errors';
import { newId } from '../store/case-id';
import type { Database } from '../store/database';
import { type LeaseSettings, newOwner, whileHolding } from '../store/lease';
import { SharedLease } from '../store/shared-lease';
import type { Tables } from '../store/tables';

const leaseName = 'scheduled-hunts';
/** Runs that are kept to look back at: three months of one every four hours. */
const keptRunsMs = 92 * 24 * 3_600_000;

/** Hunts on schedule in the database. One run at a time holds the lease, and every write checks that it still does. */
export class HuntStore {
  constructor(
    private readonly database: Database,
    private readonly processName: string,
    private readonly settings: LeaseSettings,
  ) {}

  port(signal: AbortSignal): HuntSchedulePort {
    return {
      states: () => this.states(),
      lastRun: () => this.lastRun(),
      exclusively: (work) => this.exclusively(work, signal),
    };
  }

  private async states(): Promise<HuntState[]> {
    return this.database.db.selectFrom('hunt_states').selectAll().orderBy('hunt').execute();
  }

  private async lastRun(): Promise<HuntRunRecord | undefined> {
    return this.database.db
      .selectFrom('hunt_runs')
      .selectAll()
      .orderBy('started_at', 'desc')
      .orderBy('id', 'desc')
      .limit(1)
      .executeTakeFirst();
  }

  private async exclusively<T>(work: (run: HuntRun) => Promise<T>, signal: AbortSignal): Promise<T | undefined> {
    const { leaseMs, now } = this.settings;
    const owner = newOwner(this.processName);
    const lease = new SharedLease(this.database.db, leaseName, owner, leaseMs, now);
    if (signal.aborted) throw new CancelledError('The run of the hunts');
    if (!(await lease.take())) return undefined;
    try {
      return await whileHolding(
        leaseMs,
        () => lease.take(),
        async () => work(await this.begin(owner)),
      );
    } finally {
      await lease.release();
    }
  }

  private async begin(owner: string): Promise<HuntRun> {
    const previous = await this.lastRun();
    const states = new Map((await this.states()).map((state) => [state.hunt, state]));
    const now = this.settings.now();
    const run: HuntRunRecord = {
      id: newId('HUN', now),
      started_at: now.toISOString(),
      finished_at: null,
      missed_runs: 0,
      opened_cases: 0,
      unfinished_hunts: 0,
    };
    const oldest = new Date(now.getTime() - keptRunsMs).toISOString();
    await this.write(owner, async (trx) => {
      await trx.deleteFrom('hunt_runs').where('started_at', '<', oldest).execute();
      await trx.insertInto('hunt_runs').values(run).execute();
    });
    return {
      id: run.id,
      started_at: run.started_at,
      previous,
      states,
      findings: (hunt, since) => this.findings(hunt, since),
      keepFinding: (finding) => this.write(owner, (trx) => keepFinding(trx, finding)),
      keepState: (state) => this.write(owner, (trx) => keepState(trx, state)),
      finish: async (result) => {
        const finished = { ...run, ...result, finished_at: this.settings.now().toISOString() };
        await this.write(owner, async (trx) => {
          await trx.updateTable('hunt_runs').set(finished).where('id', '=', run.id).execute();
        });
        return finished;
      },
    };
  }

  private async findings(hunt: string, since: string): Promise<HuntFinding[]> {
    return this.database.db
      .selectFrom('hunt_findings')
      .selectAll()
      .where('hunt', '=', hunt)
      .where('last_at', '>=', since)
      .orderBy('anchor_at')
      .orderBy('alert_id')
      .execute();
  }

  /** One transaction in which the lease is still this run's. Throws ConflictError when another run has taken over. */
  private async write(owner: string, work: (trx: Transaction<Tables>) => Promise<void>): Promise<void> {
    await this.database.db.transaction().execute(async (trx) => {
      let query = trx.selectFrom('leases').select('owner').where('name', '=', leaseName);
      if (this.database.engine === 'postgres') query = query.forUpdate();
      const held = await query.executeTakeFirst();
      if (held?.owner !== owner)
        throw new ConflictError(
          'Another run of the scheduled hunts has taken over, because this one was silent too long.',
        );
      await work(trx);
    });
  }
}

async function keepFinding(trx: Transaction<Tables>, finding: HuntFinding): Promise<void> {
  const { alert_id: _, ...change } = finding;
  await trx
    .insertInto('hunt_findings')
    .values(finding)
    .onConflict((conflict) => conflict.column('alert_id').doUpdateSet(change))
    .execute();
}

async function keepState(trx: Transaction<Tables>, state: HuntState): Promise<void> {
  const { hunt: _, ...change } = state;
  await trx
    .insertInto('hunt_states')
    .values(state)
    .onConflict((conflict) => conflict.column('hunt').doUpdateSet(change))
    .execute();
}
