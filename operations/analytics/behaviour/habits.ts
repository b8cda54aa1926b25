import {
  type BinnedDimension,
  binnedDimensions,
  bins,
  type Decay,
  type Dimension,
  type EntityDay,
  type LevelDimension,
  levelBin,
  levelBins,
  levelDimensions,
  type NamedDimension,
  namedDimensions,
  placeOf,
  undecayed,
  weightOf,
} from './entity-day';

/** How often a value was seen: weight after decay, and on how many days in all. */
export interface Usage {
  weight: number;
  days: number;
}

export interface NamedHabit {
  total: number;
  values: Map<string, Usage>;
}

export interface BinnedHabit {
  total: number;
  weights: Float64Array;
  /** The weights spread over neighbouring bins, on first use. */
  spread: Float64Array | undefined;
}

/** What one entity usually does: decayed counts of its days. Size follows its distinct values, not its days. */
export class Habits {
  /** Days with activity, and calls on them. */
  days = 0;
  events = 0;
  eventsSquared = 0;
  lastDay = Number.NEGATIVE_INFINITY;
  readonly named = {} as Record<NamedDimension, NamedHabit>;
  readonly binned = {} as Record<BinnedDimension | LevelDimension, BinnedHabit>;

  constructor(readonly entity: string) {
    for (const dimension of namedDimensions) this.named[dimension] = { total: 0, values: new Map() };
    for (const dimension of binnedDimensions) this.binned[dimension] = emptyHabit(bins[dimension]);
    for (const dimension of levelDimensions) this.binned[dimension] = emptyHabit(levelBins);
  }

  /** Learns a day with the weight that its age leaves it in each dimension. */
  learn(day: EntityDay, decay: Decay = undecayed): void {
    const left = (dimension: Dimension) => decay[placeOf[dimension]] ?? 1;
    this.days += 1;
    this.events += day.events;
    this.eventsSquared += day.events ** 2;
    this.lastDay = Math.max(this.lastDay, day.day);
    for (const dimension of namedDimensions) {
      const counts = day.named[dimension];
      if (counts === undefined) continue;
      const habit = this.named[dimension];
      const share = left(dimension);
      for (const [value, calls] of counts) {
        const weight = share * weightOf(calls);
        const usage = habit.values.get(value);
        if (usage === undefined) habit.values.set(value, { weight, days: 1 });
        else {
          usage.weight += weight;
          usage.days += 1;
        }
        habit.total += weight;
      }
    }
    for (const dimension of binnedDimensions)
      for (const [bin, calls] of day.binned[dimension] ?? [])
        add(this.binned[dimension], bin, left(dimension) * weightOf(calls));
    add(this.binned.events, levelBin(day.events), left('events'));
    add(this.binned.moments, levelBin(day.moments), left('moments'));
  }
}

function emptyHabit(size: number): BinnedHabit {
  return { total: 0, weights: new Float64Array(size), spread: undefined };
}

function add(habit: BinnedHabit, bin: number, weight: number): void {
  habit.weights[bin] = (habit.weights[bin] ?? 0) + weight;
  habit.total += weight;
  habit.spread = undefined;
}

/**
 * How the weight of a bin reaches its neighbours. Hours spread by a circular kernel of 1.5 h, quantities by one of 0.6 of
 * a natural logarithm (2.4 bins); other bins stand alone.
 */
const kernels: Partial<Record<BinnedDimension | LevelDimension, { sigma: number; circular: boolean }>> = {
  hour: { sigma: 3, circular: true },
  events: { sigma: 2.4, circular: false },
  moments: { sigma: 2.4, circular: false },
};

/** What a single bin's weight becomes over all bins; sums to 1 but for what falls off the ends. */
const kernelOf = Object.fromEntries(
  Object.entries(kernels).map(([dimension, { sigma }]) => {
    const reach = Math.ceil(3 * sigma);
    const raw = Array.from({ length: 2 * reach + 1 }, (_, at) => Math.exp(-((at - reach) ** 2) / (2 * sigma * sigma)));
    const sum = raw.reduce((total, value) => total + value, 0);
    return [dimension, raw.map((value) => value / sum)];
  }),
);

/** The spread-out weights of a dimension. */
export function spreadOf(dimension: BinnedDimension | LevelDimension, habit: BinnedHabit): Float64Array {
  const kernel = kernels[dimension];
  if (kernel === undefined) return habit.weights;
  habit.spread ??= spread(habit.weights, kernelOf[dimension] ?? [1], kernel.circular);
  return habit.spread;
}

/** The share of a day's weight in one bin that lands in `to` when spread. */
export function spreadShare(dimension: BinnedDimension | LevelDimension, from: number, to: number): number {
  const kernel = kernelOf[dimension];
  if (kernel === undefined) return from === to ? 1 : 0;
  const reach = (kernel.length - 1) / 2;
  const size = dimension === 'hour' ? bins.hour : 0;
  let distance = Math.abs(from - to);
  if (size > 0) distance = Math.min(distance, size - distance);
  return distance > reach ? 0 : (kernel[reach + distance] ?? 0);
}

function spread(weights: Float64Array, kernel: readonly number[], circular: boolean): Float64Array {
  const result = new Float64Array(weights.length);
  const reach = (kernel.length - 1) / 2;
  for (let from = 0; from < weights.length; from += 1) {
    const weight = weights[from] ?? 0;
    if (weight === 0) continue;
    for (let at = -reach; at <= reach; at += 1) {
      let to = from + at;
      if (circular) to = (to + weights.length) % weights.length;
      if (to >= 0 && to < weights.length) result[to] = (result[to] ?? 0) + weight * (kernel[at + reach] ?? 0);
    }
  }
  return result;
}
