import type { Transaction } from 'kysely';
import type { Database } from './database';
import { type LeaseSettings, leaseEnd, newOwner, Turn, whileHolding } from './lease';
import type { Tables } from './tables';
import { Together } from './together';

type Claim = { kind: 'mine' } | { kind: 'done'; result: string } | { kind: 'held' };

interface Work {
  caseId: string;
  stage: string;
  owner: string;
}

/** In one order everywhere, so that two processes do not wait for each other's rows. */
async function oneByOne<T extends Work, R>(works: readonly T[], write: (work: T) => Promise<R>): Promise<R[]> {
  const order = works
    .map((work, place) => ({ work, place, key: `${work.caseId} ${work.stage}` }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.place - b.place));
  const results = new Array<R>(works.length);
  for (const { work, place } of order) results[place] = await write(work);
  return results;
}

/** Finished stages are answered from the table; unfinished ones have one worker at a time, found dead by its lease. */
export class StageLedger {
  private readonly claims: Together<Work & { turn: Turn }, Claim>;
  private readonly ends: Together<Work & { result: string }, boolean>;

  constructor(
    private readonly database: Database,
    private readonly processName: string,
    private readonly settings: LeaseSettings,
  ) {
    // Stages of one case run beside each other, and those of several cases: begun and ended together, they are few commits.
    this.claims = new Together(database, (trx, works) => oneByOne(works, (work) => this.claim(trx, work)));
    this.ends = new Together(database, (trx, works) => oneByOne(works, (work) => this.finish(trx, work)));
  }

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
      const claim = await this.claims.add({ caseId, stage, owner, turn });
      if (claim.kind === 'done') return JSON.parse(claim.result) as T;
      if (claim.kind === 'held') {
        await turn.wait();
        continue;
      }
      const result = await this.compute(caseId, stage, owner, compute, touch);
      // Not stored: the lease ran out and somebody else took over; the loop answers with what they store.
      if (await this.ends.add({ caseId, stage, owner, result })) return JSON.parse(result) as T;
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
      await this.mine(this.database.db, { caseId, stage, owner })
        .set({ lease_until: leaseEnd(this.settings) })
        .execute();
      await touch();
    };
    try {
      const result = await whileHolding(this.settings.leaseMs, renew, compute);
      return JSON.stringify(result ?? null);
    } catch (error) {
      // When even this fails, the lease runs out by itself; the caller needs the first error.
      await this.mine(this.database.db, { caseId, stage, owner })
        .set({ state: 'failed', finished_at: this.settings.now().toISOString() })
        .execute()
        .catch(() => {});
      throw error;
    }
  }

  private async claim(trx: Transaction<Tables>, { caseId, stage, owner, turn }: Work & { turn: Turn }): Promise<Claim> {
    const now = this.settings.now().toISOString();
    const inserted = await trx
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

    const row = await trx
      .selectFrom('stages')
      .select(['state', 'owner', 'lease_until', 'result'])
      .where('case_id', '=', caseId)
      .where('stage', '=', stage)
      .executeTakeFirst();
    if (row === undefined) return { kind: 'held' };
    if (row.state === 'done') return { kind: 'done', result: row.result ?? 'null' };
    if (row.state === 'running' && !turn.isDead(row, this.settings)) return { kind: 'held' };

    const taken = await trx
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

  private async finish(trx: Transaction<Tables>, work: Work & { result: string }): Promise<boolean> {
    const stored = await this.mine(trx, work)
      .set({ state: 'done', result: work.result, finished_at: this.settings.now().toISOString() })
      .executeTakeFirst();
    return stored.numUpdatedRows === 1n;
  }

  private mine(connection: Pick<Transaction<Tables>, 'updateTable'>, { caseId, stage, owner }: Work) {
    return connection
      .updateTable('stages')
      .where('case_id', '=', caseId)
      .where('stage', '=', stage)
      .where('owner', '=', owner)
      .where('state', '=', 'running');
  }
}
