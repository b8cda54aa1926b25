import {
  type Decay,
  decayAfter,
  type EntityDay,
  type HalfLives,
  type NamedDimension,
  namedDimensions,
} from './entity-day';
import { type BinnedHabit, Habits, spreadOf } from './habits';
import { binnedAndLevels } from './likelihood';

/** How usual the values of a dimension are among all entities together. */
interface Pool {
  total: number;
  weights: Map<string, number>;
}

/** Somebody who has a value, and the square root of its share of what they do. */
interface Owner {
  habits: Habits;
  index: number;
  root: number;
}

/** Of this many peers all are compared; of more, those most alike. */
const groupSize = 16;
/** What so many entities share tells nobody apart, so it does not count for being alike. */
const commonShare = 0.25;
const mostOwners = 400;
const comparedBy: NamedDimension[] = ['action', 'place', 'agent', 'error'];

/** The habits of all entities of one kind in one tenant, as of one day. */
export class Population {
  private readonly byEntity = new Map<string, Habits>();
  readonly pools = {} as Record<NamedDimension, Pool>;
  readonly pooledBins = {} as Record<(typeof binnedAndLevels)[number], BinnedHabit>;
  private owners: Record<NamedDimension, Map<string, Owner[]>> | undefined;
  /** Room to add up in; all 0 between two uses. */
  private likeness: Float64Array | undefined;

  /** `asOf` is the day before which everything was learnt, in days since 1970. */
  constructor(
    readonly asOf: number,
    readonly halfLives: HalfLives,
  ) {
    for (const dimension of namedDimensions) this.pools[dimension] = { total: 0, weights: new Map() };
  }

  /** Days at or after `asOf` are not of the past, and are refused. */
  learn(day: EntityDay): void {
    if (day.day >= this.asOf) throw new RangeError(`day ${day.day} is not before ${this.asOf}`);
    const found = this.byEntity.get(day.entity);
    const habits = found ?? new Habits(day.entity);
    if (found === undefined) this.byEntity.set(day.entity, habits);
    habits.learn(day, this.decayOf(day));
  }

  /** What the day's age leaves of it. */
  decayOf(day: EntityDay): Decay {
    return decayAfter(this.asOf - day.day, this.halfLives);
  }

  /** Sums up what was learnt; call once, after the last day. */
  finish(): this {
    for (const habits of this.byEntity.values()) {
      for (const dimension of namedDimensions) {
        const { total, values } = habits.named[dimension];
        const pool = this.pools[dimension];
        pool.total += total;
        for (const [value, { weight }] of values) pool.weights.set(value, (pool.weights.get(value) ?? 0) + weight);
      }
    }
    for (const dimension of binnedAndLevels) {
      let pool: BinnedHabit | undefined;
      for (const { binned } of this.byEntity.values()) {
        const { weights, total } = binned[dimension];
        pool ??= { total: 0, weights: new Float64Array(weights.length), spread: undefined };
        pool.total += total;
        for (let bin = 0; bin < weights.length; bin += 1)
          pool.weights[bin] = (pool.weights[bin] ?? 0) + (weights[bin] ?? 0);
      }
      this.pooledBins[dimension] = pool ?? { total: 0, weights: new Float64Array(1), spread: undefined };
      spreadOf(dimension, this.pooledBins[dimension]);
    }
    return this;
  }

  get size(): number {
    return this.byEntity.size;
  }

  entities(): IterableIterator<Habits> {
    return this.byEntity.values();
  }

  of(entity: string): Habits | undefined {
    return this.byEntity.get(entity);
  }

  /** How many entities have ever had a value. */
  users(dimension: NamedDimension, value: string): number {
    return this.ownersOf(dimension, value).length;
  }

  private ownersOf(dimension: NamedDimension, value: string): Owner[] {
    if (this.owners === undefined) {
      const owners = Object.fromEntries(namedDimensions.map((own) => [own, new Map<string, Owner[]>()])) as Record<
        NamedDimension,
        Map<string, Owner[]>
      >;
      let index = 0;
      for (const habits of this.byEntity.values()) {
        for (const own of namedDimensions) {
          const { total, values } = habits.named[own];
          for (const [one, { weight }] of values) {
            const list = owners[own].get(one);
            const owner = { habits, index, root: Math.sqrt(weight / total) };
            if (list === undefined) owners[own].set(one, [owner]);
            else list.push(owner);
          }
        }
        index += 1;
      }
      this.owners = owners;
    }
    return this.owners[dimension].get(value) ?? [];
  }

  /**
   * The peers of an entity, found from the data: everybody else in a small population; in a larger one those whose actions,
   * places, tools and failures are most alike, where what few have counts most (cosine over inverse frequency).
   */
  peersOf(entity: string): Habits[] {
    const own = this.byEntity.get(entity);
    if (this.byEntity.size <= groupSize + 1) return [...this.byEntity.values()].filter((habits) => habits !== own);
    if (own === undefined) return [];
    const shares = comparedBy.flatMap((dimension) => {
      const { total, values } = own.named[dimension];
      return [...values].map(([value, { weight }]) => [dimension, value, weight / total] as const);
    });
    return this.mostAlike(shares, own, groupSize);
  }

  /** Entities whose habits fit what was done on one day, whoever did it; beyond the peers, in a large population. */
  alikeDay(day: EntityDay, own: Habits | undefined, count: number): Habits[] {
    if (this.byEntity.size <= groupSize + 1) return [];
    const shares = comparedBy.flatMap((dimension) =>
      [...(day.named[dimension] ?? [])].map(([value, calls]) => [dimension, value, calls] as const),
    );
    return this.mostAlike(shares, own, count);
  }

  /**
   * By the rarest values first, until enough owners were looked at: what few have decides, and a large population stays
   * affordable.
   */
  private mostAlike(
    shares: readonly (readonly [NamedDimension, string, number])[],
    own: Habits | undefined,
    count: number,
  ): Habits[] {
    const size = this.byEntity.size;
    const rare = shares
      .map(([dimension, value, share]) => ({ owners: this.ownersOf(dimension, value), root: Math.sqrt(share) }))
      .filter(({ owners }) => owners.length > 0 && owners.length <= commonShare * size)
      .sort((a, b) => a.owners.length - b.owners.length);
    this.likeness ??= new Float64Array(size);
    const found = new Map<number, Habits>();
    let looked = 0;
    for (const { owners, root } of rare) {
      if (looked >= mostOwners) break;
      looked += owners.length;
      const rarity = Math.log(size / owners.length) ** 2;
      for (const { habits, index, root: theirs } of owners) {
        if (habits === own) continue;
        if (this.likeness[index] === 0) found.set(index, habits);
        this.likeness[index] = (this.likeness[index] ?? 0) + rarity * root * theirs;
      }
    }
    const result = [...found]
      .map(([index, habits]) => ({ habits, likeness: this.likeness?.[index] ?? 0 }))
      .sort((a, b) => b.likeness - a.likeness || (a.habits.entity < b.habits.entity ? -1 : 1))
      .slice(0, count)
      .map(({ habits }) => habits);
    for (const index of found.keys()) this.likeness[index] = 0;
    return result;
  }
}
