import type { Kysely } from 'kysely';
import { InvalidInputError } from '../../../operations/errors';
import { type LeaseSettings, leaseEnd, newOwner, Turn, whileHolding } from './lease';
import type { Tables } from './tables';

type Claim = { kind: 'fresh' } | { kind: 'left_over' } | { kind: 'done'; result: string } | { kind: 'held' };

/**
 * Outbound effects, claimed by insert before they happen. A claim whose owner stopped (crash, or a failure after which
 * nobody knows whether the service acted) is looked for with `recover` before it is performed again.
 */
export class EffectLedger {
  constructor(
    private readonly db: Kysely<Tables>,
    private readonly processName: string,
    private readonly settings: LeaseSettings,
  ) {}

  /** See CasesPort.effect. A failed perform leaves the claim to be recovered by the next caller, and is thrown on. */
  async run<T>(
    key: string,
    perform: () => Promise<T>,
    recover: () => Promise<T | undefined>,
    touch: () => Promise<void>,
    signal?: AbortSignal,
  ): Promise<{ result: T; performed: boolean }> {
    const owner = newOwner(this.processName);
    const turn = new Turn(`Effect ${key}`, this.settings.maxWaitMs, signal);
    for (;;) {
      const claim = await this.claim(key, owner, turn);
      if (claim.kind === 'done') return { result: JSON.parse(claim.result) as T, performed: false };
      if (claim.kind === 'held') {
        await turn.wait();
        continue;
      }
      const { result, performed } = await this.act(key, owner, claim.kind === 'left_over', perform, recover, touch);
      if (await this.finish(key, owner, result)) return { result: JSON.parse(result) as T, performed };
    }
  }

  private async act<T>(
    key: string,
    owner: string,
    leftOver: boolean,
    perform: () => Promise<T>,
    recover: () => Promise<T | undefined>,
    touch: () => Promise<void>,
  ): Promise<{ result: string; performed: boolean }> {
    const renew = async () => {
      await this.mine(key, owner)
        .set({ lease_until: leaseEnd(this.settings) })
        .execute();
      await touch();
    };
    const work = async () => {
      const found = leftOver ? await recover() : undefined;
      if (found !== undefined) return { result: JSON.stringify(found), performed: false };
      return { result: JSON.stringify((await perform()) ?? null), performed: true };
    };
    try {
      return await whileHolding(this.settings.leaseMs, renew, work);
    } catch (error) {
      // When even this fails, the lease runs out by itself; the caller needs the first error.
      await this.mine(key, owner)
        .set({ lease_until: this.settings.now().toISOString() })
        .execute()
        .catch(() => {});
      throw error;
    }
  }

  private async claim(key: string, owner: string, turn: Turn): Promise<Claim> {
    const now = this.settings.now().toISOString();
    const inserted = await this.db
      .insertInto('effects')
      .values({
        key,
        case_id: caseOfEffect(key),
        state: 'claimed',
        owner,
        lease_until: leaseEnd(this.settings),
        attempts: 1,
        result: null,
        claimed_at: now,
        done_at: null,
      })
      .onConflict((conflict) => conflict.column('key').doNothing())
      .executeTakeFirst();
    if (inserted.numInsertedOrUpdatedRows === 1n) return { kind: 'fresh' };

    const row = await this.db
      .selectFrom('effects')
      .select(['state', 'owner', 'lease_until', 'result'])
      .where('key', '=', key)
      .executeTakeFirst();
    if (row === undefined) return { kind: 'held' };
    if (row.state === 'done') return { kind: 'done', result: row.result ?? 'null' };
    if (!turn.isDead(row, this.settings)) return { kind: 'held' };

    const taken = await this.db
      .updateTable('effects')
      .set((column) => ({ owner, lease_until: leaseEnd(this.settings), attempts: column('attempts', '+', 1) }))
      .where('key', '=', key)
      .where('state', '=', 'claimed')
      .where('owner', '=', row.owner)
      .where('lease_until', '=', row.lease_until)
      .executeTakeFirst();
    return { kind: taken.numUpdatedRows === 1n ? 'left_over' : 'held' };
  }

  private async finish(key: string, owner: string, result: string): Promise<boolean> {
    const stored = await this.mine(key, owner)
      .set({ state: 'done', result, done_at: this.settings.now().toISOString() })
      .executeTakeFirst();
    return stored.numUpdatedRows === 1n;
  }

  private mine(key: string, owner: string) {
    return this.db
      .updateTable('effects')
      .where('key', '=', key)
      .where('owner', '=', owner)
      .where('state', '=', 'claimed');
  }
}

/** The case an effect belongs to: the first part of `investigation:stage:effect:target`. Throws InvalidInputError. */
export function caseOfEffect(key: string): string {
  const [caseId, stage, effect] = key.split(':');
  if (!caseId || !stage || !effect) {
    throw new InvalidInputError('key', `"${key}" is not of the form investigation:stage:effect:target`);
  }
  return caseId;
}
