import type { Kysely } from 'kysely';
import { type LeaseSettings, leaseEnd, newOwner, Turn, whileHolding } from './lease';
import type { Tables } from './tables';

type Claim = { kind: 'mine' } | { kind: 'done'; result: string } | { kind: 'held' };

/** Finished stages are answered from the table; unfinished ones have one worker at a time, found dead by its lease. */
export class StageLedger {
  constructor(
    private readonly db: Kysely<Tables>,
    private readonly processName: string,
    private readonly settings: LeaseSettings,
  ) {}

  /** See CasesPort.stage. `touch` is called with every heartbeat. A failed compute frees the stage and is thrown on. */
  async run<T>(
    caseId: string,
    stage: string,
    compute: () => Promise<T>,
    touch: () => Promise<void>,
    signal?: AbortSignal,
  ): Promise<T> {
    const owner = newOwner(this.processName);
    const turn = new Turn(`Stage ${stage} of case ${caseId}`, this.settings.maxWaitMs, signal);
    for (;;) {
      const claim = await this.claim(caseId, stage, owner);
      if (claim.kind === 'done') return JSON.parse(claim.result) as T;
      if (claim.kind === 'held') {
        await turn.wait();
        continue;
      }
      const result = await this.compute(caseId, stage, owner, compute, touch);
      // Not stored: the lease ran out and somebody else took over; the loop answers with what they store.
      if (await this.finish(caseId, stage, owner, result)) return JSON.parse(result) as T;
    }
  }

  private async compute<T>(
    caseId: string,
    stage: string,
    owner: string,
    compute: () => Promise<T>,
    touch: () => Promise<void>,
  ): Promise<string> {
    const renew = async () => {
      await this.mine(caseId, stage, owner)
        .set({ lease_until: leaseEnd(this.settings) })
        .execute();
      await touch();
    };
    try {
      const result = await whileHolding(this.settings.leaseMs, renew, compute);
      return JSON.stringify(result ?? null);
    } catch (error) {
      // When even this fails, the lease runs out by itself; the caller needs the first error.
      await this.mine(caseId, stage, owner)
        .set({ state: 'failed', finished_at: this.settings.now().toISOString() })
        .execute()
        .catch(() => {});
      throw error;
    }
  }

  private async claim(caseId: string, stage: string, owner: string): Promise<Claim> {
    const now = this.settings.now().toISOString();
    const inserted = await this.db
      .insertInto('stages')
      .values({
        case_id: caseId,
        stage,
        state: 'running',
        owner,
        lease_until: leaseEnd(this.settings),
        attempts: 1,
        result: null,
        started_at: now,
        finished_at: null,
      })
      .onConflict((conflict) => conflict.columns(['case_id', 'stage']).doNothing())
      .executeTakeFirst();
    if (inserted.numInsertedOrUpdatedRows === 1n) return { kind: 'mine' };

    const row = await this.db
      .selectFrom('stages')
      .select(['state', 'owner', 'lease_until', 'result'])
      .where('case_id', '=', caseId)
      .where('stage', '=', stage)
      .executeTakeFirst();
    if (row === undefined) return { kind: 'held' };
    if (row.state === 'done') return { kind: 'done', result: row.result ?? 'null' };
    if (row.state === 'running' && row.lease_until > now) return { kind: 'held' };

    const taken = await this.db
      .updateTable('stages')
      .set((column) => ({
        state: 'running' as const,
        owner,
        lease_until: leaseEnd(this.settings),
        attempts: column('attempts', '+', 1),
        started_at: now,
        finished_at: null,
      }))
      .where('case_id', '=', caseId)
      .where('stage', '=', stage)
      .where('state', '=', row.state)
      .where('owner', '=', row.owner)
      .where('lease_until', '=', row.lease_until)
      .executeTakeFirst();
    return { kind: taken.numUpdatedRows === 1n ? 'mine' : 'held' };
  }

  private async finish(caseId: string, stage: string, owner: string, result: string): Promise<boolean> {
    const stored = await this.mine(caseId, stage, owner)
      .set({ state: 'done', result, finished_at: this.settings.now().toISOString() })
      .executeTakeFirst();
    return stored.numUpdatedRows === 1n;
  }

  private mine(caseId: string, stage: string, owner: string) {
    return this.db
      .updateTable('stages')
      .where('case_id', '=', caseId)
      .where('stage', '=', stage)
      .where('owner', '=', owner)
      .where('state', '=', 'running');
  }
}
