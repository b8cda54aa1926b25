import {
  binnedDimensions,
  type Dimension,
  dimensions,
  type EntityDay,
  levelBin,
  levelDimensions,
  namedDimensions,
  weightOf,
} from './entity-day';
import { type Habits, spreadOf, spreadShare } from './habits';
import type { Population } from './population';

export const binnedAndLevels = [...binnedDimensions, ...levelDimensions] as const;

/**
 * How many observations the habits of everybody count for beside one's own. Few for what people have few of (places,
 * tools), more for what has many values.
 */
const smoothing: Record<Dimension, number> = {
  action: 10,
  pair: 5,
  place: 0.5,
  agent: 1,
  region: 1,
  error: 5,
  hour: 8,
  weekday: 5,
  burst: 10,
  gap: 10,
  events: 5,
  moments: 5,
};
const poolPrior = 2;
/** In place of a peer's number: the entity itself. */
const itself = -1;

/** Mean log-likelihood of a day, by dimension in the order of `dimensions`: natural logarithms; 0 where nothing was recorded. */
export type Likelihood = Float64Array;

/** How likely one day is under one's own habits, those of each peer, and the peers on average. */
export interface Comparison {
  own: Likelihood;
  mean: Likelihood;
  peers: { entity: string; likelihood: Likelihood }[];
  /** Dimensions that the day has. */
  present: boolean[];
}

const at = Object.fromEntries(dimensions.map((dimension, index) => [dimension, index])) as Record<Dimension, number>;

/**
 * Compares a day with habits. `learnt` is the weight with which own habits hold this very day: it is taken out first, so
 * that a day of the past is judged as if it had not happened yet. Costs one look-up for each value and peer.
 */
export function compare(
  day: EntityDay,
  own: Habits,
  peers: readonly Habits[],
  population: Population,
  learnt = 0,
): Comparison {
  const result: Comparison = {
    own: new Float64Array(dimensions.length),
    mean: new Float64Array(dimensions.length),
    peers: peers.map(({ entity }) => ({ entity, likelihood: new Float64Array(dimensions.length) })),
    present: dimensions.map(() => false),
  };
  for (const dimension of namedDimensions) {
    const counts = day.named[dimension];
    if (counts === undefined || counts.size === 0) continue;
    const values: Value[] = [];
    let learntTotal = 0;
    for (const [value, calls] of counts) {
      const weight = weightOf(calls);
      values.push({ value, weight, learnt: learnt * weight });
      learntTotal += learnt * weight;
    }
    const pool = population.pools[dimension];
    const prior = (value: Value) =>
      (Math.max(0, (pool.weights.get(value.value) ?? 0) - value.learnt) + poolPrior / (pool.weights.size + 1)) /
      (Math.max(0, pool.total - learntTotal) + poolPrior);
    const owned = own.named[dimension].values;
    const theirs = peers.map((habits) => habits.named[dimension].values);
    fill(result, dimension, values, learntTotal, prior, own, peers, (peer, { value }) => {
      const usage = (peer === itself ? owned : theirs[peer])?.get(value);
      return usage === undefined ? 0 : usage.weight;
    });
  }
  for (const dimension of binnedAndLevels) {
    const counts = binsOf(day, dimension);
    if (counts.length === 0) continue;
    const isLevel = dimension === 'events' || dimension === 'moments';
    const weights = counts.map(([bin, calls]) => ({ bin, weight: isLevel ? 1 : weightOf(calls) }));
    const learntTotal = learnt * weights.reduce((sum, { weight }) => sum + weight, 0);
    const values = weights.map(({ bin, weight }) => ({
      bin,
      weight,
      learnt:
        learnt === 0
          ? 0
          : weights.reduce((sum, from) => sum + learnt * from.weight * spreadShare(dimension, from.bin, bin), 0),
    }));
    const pool = population.pooledBins[dimension];
    const pooled = spreadOf(dimension, pool);
    const prior = (value: Bin) =>
      (Math.max(0, (pooled[value.bin] ?? 0) - value.learnt) + poolPrior / pooled.length) /
      (Math.max(0, pool.total - learntTotal) + poolPrior);
    const owned = spreadOf(dimension, own.binned[dimension]);
    const theirs = peers.map((habits) => spreadOf(dimension, habits.binned[dimension]));
    fill(
      result,
      dimension,
      values,
      learntTotal,
      prior,
      own,
      peers,
      (peer, { bin }) => (peer === itself ? owned : theirs[peer])?.[bin] ?? 0,
    );
  }
  return result;
}

interface Value {
  value: string;
  weight: number;
  learnt: number;
}

interface Bin {
  bin: number;
  weight: number;
  learnt: number;
}

function binsOf(day: EntityDay, dimension: (typeof binnedAndLevels)[number]): readonly (readonly [number, number])[] {
  if (dimension === 'events' || dimension === 'moments') return [[levelBin(day[dimension]), 1]];
  return day.binned[dimension] ?? [];
}

function totalOf(habits: Habits, dimension: Dimension): number {
  return dimension in habits.named
    ? habits.named[dimension as keyof Habits['named']].total
    : habits.binned[dimension as keyof Habits['binned']].total;
}

function fill<V extends { weight: number; learnt: number }>(
  result: Comparison,
  dimension: Dimension,
  values: readonly V[],
  learntTotal: number,
  priorOf: (value: V) => number,
  own: Habits,
  peers: readonly Habits[],
  /** Weight of a value in the habits of a peer by its place in the list, or of `itself`. */
  seen: (peer: number, value: V) => number,
): void {
  const index = at[dimension];
  const strength = smoothing[dimension];
  result.present[index] = true;
  const ownTotal = Math.max(0, totalOf(own, dimension) - learntTotal) + strength;
  const totals = Float64Array.from(peers, (peer) => totalOf(peer, dimension) + strength);
  const logTotals = totals.map(Math.log);
  const sums = new Float64Array(peers.length);
  let sum = 0;
  let ownSum = 0;
  let meanSum = 0;
  for (const value of values) {
    const prior = strength * priorOf(value);
    const { weight } = value;
    sum += weight;
    ownSum += weight * Math.log((Math.max(0, seen(itself, value) - value.learnt) + prior) / ownTotal);
    const logPrior = Math.log(prior);
    let mean = 0;
    for (let peer = 0; peer < sums.length; peer += 1) {
      const times = seen(peer, value);
      mean += (times + prior) / (totals[peer] ?? 1);
      // Most peers never had it, and the logarithm of the prior is the same for all of them.
      const log = times === 0 ? logPrior : Math.log(times + prior);
      sums[peer] = (sums[peer] ?? 0) + weight * (log - (logTotals[peer] ?? 0));
    }
    if (peers.length > 0) meanSum += weight * Math.log(mean / peers.length);
  }
  result.own[index] = ownSum / sum;
  if (peers.length > 0) result.mean[index] = meanSum / sum;
  for (const [peer, { likelihood }] of result.peers.entries()) likelihood[index] = (sums[peer] ?? 0) / sum;
}
