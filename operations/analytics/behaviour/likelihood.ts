import {
  binnedDimensions,
  type Decay,
  type Dimension,
  dimensions,
  type EntityDay,
  levelBin,
  levelDimensions,
  namedDimensions,
  placeOf,
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
  place: 0.1,
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
/**
 * How many more they count for with each further value that somebody had (Witten and Bell): who often works from elsewhere
 * will do so again, and who never did has not.
 */
const smoothingOfEach: Partial<Record<Dimension, number>> = { place: 0.2 };
const poolPrior = 2;
const everyDimension: ReadonlySet<Dimension> = new Set(dimensions);
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

/**
 * Compares a day with habits. `decay` is given when own habits hold this very day, with that weight: it is taken out first, so
 * that a day of the past is judged as if it had not happened yet. Dimensions that are not `wanted` are left out, as if the day did
 * not have them. Costs one look-up for each value and peer.
 */
export function compare(
  day: EntityDay,
  own: Habits,
  peers: readonly Habits[],
  population: Population,
  decay?: Decay,
  wanted: ReadonlySet<Dimension> = everyDimension,
): Comparison {
  const result: Comparison = {
    own: new Float64Array(dimensions.length),
    mean: new Float64Array(dimensions.length),
    peers: peers.map(({ entity }) => ({ entity, likelihood: new Float64Array(dimensions.length) })),
    present: dimensions.map(() => false),
  };
  for (const dimension of namedDimensions) {
    const counts = day.named[dimension];
    if (counts === undefined || counts.size === 0 || !wanted.has(dimension)) continue;
    const values: Value[] = [];
    const learnt = decay?.[placeOf[dimension]] ?? 0;
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
    const learntAlone = decay === undefined ? 0 : values.filter(({ value }) => owned.get(value)?.days === 1).length;
    fill(
      result,
      dimension,
      values,
      { total: learntTotal, alone: learntAlone },
      prior,
      own,
      peers,
      (peer, { value }) => {
        const usage = (peer === itself ? owned : theirs[peer])?.get(value);
        return usage === undefined ? 0 : usage.weight;
      },
    );
  }
  for (const dimension of binnedAndLevels) {
    if (!wanted.has(dimension)) continue;
    const counts = binsOf(day, dimension);
    if (counts.length === 0) continue;
    const learnt = decay?.[placeOf[dimension]] ?? 0;
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
      { total: learntTotal, alone: 0 },
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

/** How many observations the habits of everybody count for beside somebody's own; `less` values are left out of account. */
function strengthOf(habits: Habits, dimension: Dimension, less = 0): number {
  const each = smoothingOfEach[dimension];
  if (each === undefined || !(dimension in habits.named)) return smoothing[dimension];
  const { size } = habits.named[dimension as keyof Habits['named']].values;
  return smoothing[dimension] + each * Math.max(0, size - less - 1);
}

function fill<V extends { weight: number; learnt: number }>(
  result: Comparison,
  dimension: Dimension,
  values: readonly V[],
  /** What own habits hold of this very day: weight in all, and values that they have from no other day. */
  learnt: { total: number; alone: number },
  priorOf: (value: V) => number,
  own: Habits,
  peers: readonly Habits[],
  /** Weight of a value in the habits of a peer by its place in the list, or of `itself`. */
  seen: (peer: number, value: V) => number,
): void {
  const index = placeOf[dimension];
  result.present[index] = true;
  const ownStrength = strengthOf(own, dimension, learnt.alone);
  const ownTotal = Math.max(0, totalOf(own, dimension) - learnt.total) + ownStrength;
  const strengths = Float64Array.from(peers, (peer) => strengthOf(peer, dimension));
  const totals = Float64Array.from(peers, (peer, at) => totalOf(peer, dimension) + (strengths[at] ?? 0));
  const logTotals = totals.map(Math.log);
  /** Of the share that somebody has of the prior, who never had a value. */
  const logUnseen = strengths.map((strength, at) => Math.log(strength) - (logTotals[at] ?? 0));
  const sums = new Float64Array(peers.length);
  let sum = 0;
  let ownSum = 0;
  let meanSum = 0;
  for (const value of values) {
    const prior = priorOf(value);
    const { weight } = value;
    sum += weight;
    ownSum += weight * Math.log((Math.max(0, seen(itself, value) - value.learnt) + ownStrength * prior) / ownTotal);
    const logPrior = Math.log(prior);
    let mean = 0;
    for (let peer = 0; peer < sums.length; peer += 1) {
      const times = seen(peer, value);
      const share = times + (strengths[peer] ?? 0) * prior;
      mean += share / (totals[peer] ?? 1);
      // Most peers never had it, and logarithms take the time.
      const log = times === 0 ? logPrior + (logUnseen[peer] ?? 0) : Math.log(share) - (logTotals[peer] ?? 0);
      sums[peer] = (sums[peer] ?? 0) + weight * log;
    }
    if (peers.length > 0) meanSum += weight * Math.log(mean / peers.length);
  }
  result.own[index] = ownSum / sum;
  if (peers.length > 0) result.mean[index] = meanSum / sum;
  for (const [peer, { likelihood }] of result.peers.entries()) likelihood[index] = (sums[peer] ?? 0) / sum;
}
