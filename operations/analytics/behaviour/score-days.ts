import shipped from './anomaly-weights.json';
import type { BehaviourDay } from './behaviour-rows';
import { type Dimension, dimensions } from './entity-day';
import { type Fact, factTerms, judged, type Refusals } from './fact-terms';
import { Habits } from './habits';
import { type Comparison, compare } from './likelihood';
import { type NaiveRatios, naiveRatios } from './naive-ratios';
import { type Calibration, calibrate } from './ordinary';
import { Population } from './population';
import { type AnomalyWeights, type RawScore, weigh } from './weights';

/** Less past than this says nothing about habits. */
export const fewestActiveDays = 8;
export const fewestEvents = 20;
/** Ordinary days of each entity that tell its usual level and the tenant's quantiles; the latest ones. */
const usualDays = 10;
/** In a large population there are ordinary days enough with fewer of each. */
const usualDaysOfMany = 4;
const many = 500;
/** Beyond the peers by habit, those whose habits fit the day. */
const alikeDayCount = 6;

export const anomalyWeights: AnomalyWeights = {
  ...shipped.weights,
  peers: { ...shipped.weights.peers, ...judged.dimensions },
};

/** What has no weight is not compared. */
const weighed: ReadonlySet<Dimension> = new Set(
  dimensions.filter((dimension) => anomalyWeights.closest[dimension] || anomalyWeights.peers[dimension]),
);

/** A day that was judged. */
export interface ScoredDay {
  day: BehaviourDay;
  own: Habits;
  score: number;
  raw: RawScore;
  facts: Partial<Record<Fact, number>>;
  /** Mean score of the entity's own ordinary days, and what is taken off for it. */
  usual: { days: number; mean: number; taken: number };
  /** Without peers: how much less usual the day is for itself than its ordinary days. */
  alone: number;
  peers: number;
  naive: NaiveRatios;
  refusals: Refusals;
}

export interface UnscoredDay {
  day: BehaviourDay;
  /** Undefined for an entity without any past. */
  own: Habits | undefined;
  facts: Partial<Record<Fact, number>>;
  naive: NaiveRatios;
}

export interface ScoredWindow {
  population: Population;
  scored: ScoredDay[];
  /** Entities with too little past; stated, never guessed. */
  insufficient: UnscoredDay[];
  calibration: Calibration;
  /** Entities that were active in the window. */
  active: number;
}

/**
 * Judges the days of the window by the past before it. `days` are of one entity type, in any order; those numbered
 * `-windowDays` and later are the window. The result has one entry for each entity and day of the window; equal input gives
 * equal output, whatever its order.
 */
export function scoreDays(days: readonly BehaviourDay[], windowDays: number): ScoredWindow {
  const population = new Population(-windowDays, anomalyWeights.half_life_days);
  const past = new Map<string, BehaviourDay[]>();
  const window: BehaviourDay[] = [];
  const total = { denied: 0, events: 0 };
  // One order for all: sums of floating point depend on it.
  for (const day of [...days].sort(byEntityAndDay)) {
    if (day.day >= -windowDays) {
      window.push(day);
      continue;
    }
    population.learn(day);
    const known = past.get(day.entity);
    if (known === undefined) past.set(day.entity, [day]);
    else known.push(day);
    total.denied += day.denied;
    total.events += day.events;
  }
  population.finish();

  const result: ScoredWindow = { population, scored: [], insufficient: [], calibration: calibrate([]), active: 0 };
  const ordinary: number[] = [];
  const byEntity = new Map<string, BehaviourDay[]>();
  for (const day of window) byEntity.set(day.entity, [...(byEntity.get(day.entity) ?? []), day]);
  result.active = byEntity.size;
  for (const habits of population.entities()) {
    if (!isSufficient(habits)) continue;
    const known = past.get(habits.entity) ?? [];
    const refusals = { own: sumOf(known), all: total };
    const judge = new EntityJudge(habits, population, known, refusals);
    ordinary.push(...judge.ordinary);
    for (const day of byEntity.get(habits.entity) ?? []) result.scored.push(judge.day(day));
    byEntity.delete(habits.entity);
  }
  for (const list of byEntity.values())
    for (const day of list) {
      const own = population.of(day.entity);
      const refusals = { own: sumOf(past.get(day.entity) ?? []), all: total };
      result.insufficient.push({
        day,
        own,
        facts: factTerms(day, own, population, refusals),
        naive: naiveRatios(day, own ?? new Habits(day.entity)),
      });
    }
  result.calibration = calibrate(ordinary);
  return result;
}

/** Judges days of one entity whose past is long enough. */
class EntityJudge {
  readonly ordinary: number[];
  private readonly peers: readonly Habits[];
  private readonly usualMean: number;
  private readonly usualCount: number;
  private readonly usualOwn: Float64Array;

  constructor(
    private readonly own: Habits,
    private readonly population: Population,
    known: readonly BehaviourDay[],
    private readonly refusals: Refusals,
  ) {
    this.peers = population.peersOf(own.entity);
    this.usualOwn = new Float64Array(dimensions.length);
    const latest = known.slice(population.size > many ? -usualDaysOfMany : -usualDays);
    const comparisons = latest.map((day) =>
      compare(day, own, this.peers, population, population.decayOf(day), weighed),
    );
    for (const { own: likelihood } of comparisons)
      for (const [index, value] of likelihood.entries())
        this.usualOwn[index] = (this.usualOwn[index] ?? 0) + value / comparisons.length;
    const habits = comparisons.map((comparison) => this.fromHabits(comparison).score);
    this.usualCount = habits.length;
    this.usualMean = habits.length === 0 ? 0 : habits.reduce((sum, score) => sum + score, 0) / habits.length;
    this.ordinary = latest.map((day, index) => {
      const facts = factTerms(day, own, population, withoutDay(this.refusals, day), 1);
      return (habits[index] ?? 0) - this.taken() + sum(facts);
    });
  }

  day(day: BehaviourDay): ScoredDay {
    const alike = this.population.alikeDay(day, this.own, alikeDayCount);
    const peers = [...this.peers, ...alike.filter((habits) => !this.peers.includes(habits))];
    const { raw, alone, score } = this.fromHabits(compare(day, this.own, peers, this.population, undefined, weighed));
    const facts = factTerms(day, this.own, this.population, this.refusals);
    return {
      day,
      own: this.own,
      raw,
      alone,
      facts,
      score: score - this.taken() + sum(facts),
      usual: { days: this.usualCount, mean: this.usualMean, taken: this.taken() },
      peers: peers.length,
      naive: naiveRatios(day, this.own),
      refusals: this.refusals,
    };
  }

  private taken(): number {
    return anomalyWeights.usual * (this.usualMean - anomalyWeights.intercept);
  }

  private fromHabits(comparison: Comparison): { raw: RawScore; alone: number; score: number } {
    const raw = weigh(comparison, anomalyWeights);
    const alone = raw.closest === null ? this.lessUsual(comparison) : 0;
    return { raw, alone, score: raw.score + alone };
  }

  /** Where nobody else is there to compare with: own likelihood against that of the entity's ordinary days. */
  private lessUsual(comparison: Comparison): number {
    let total = 0;
    for (const [index, dimension] of dimensions.entries()) {
      if (!comparison.present[index]) continue;
      const weight = ((anomalyWeights.closest[dimension] ?? 0) + (anomalyWeights.peers[dimension] ?? 0)) / 2;
      total += weight * ((this.usualOwn[index] ?? 0) - (comparison.own[index] ?? 0));
    }
    return total;
  }
}

export function isSufficient(habits: Habits): boolean {
  return habits.days >= fewestActiveDays && habits.events >= fewestEvents;
}

function withoutDay({ own, all }: Refusals, day: BehaviourDay): Refusals {
  const less = (of: { denied: number; events: number }) => ({
    denied: Math.max(0, of.denied - day.denied),
    events: Math.max(0, of.events - day.events),
  });
  return { own: less(own), all: less(all) };
}

function sumOf(days: readonly BehaviourDay[]): { denied: number; events: number } {
  return {
    denied: days.reduce((total, day) => total + day.denied, 0),
    events: days.reduce((total, day) => total + day.events, 0),
  };
}

function sum(terms: Partial<Record<string, number>>): number {
  return Object.values(terms).reduce<number>((total, term) => total + (term ?? 0), 0);
}

function byEntityAndDay(a: BehaviourDay, b: BehaviourDay): number {
  if (a.entity !== b.entity) return a.entity < b.entity ? -1 : 1;
  return a.day - b.day;
}
