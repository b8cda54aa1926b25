import type { BehaviourDay } from './behaviour-rows';
import type { NamedDimension } from './entity-day';
import type { Habits } from './habits';
import type { Population } from './population';

/** Evidence that is no habit, or that the labelled histories behind the fitted weights do not have. */
export const facts = [
  'denied',
  'new_to_all_actions',
  'new_to_all_places',
  'new_to_all_agents',
  'root',
  'without_mfa',
  'failed_sign_ins',
] as const;
export type Fact = (typeof facts)[number];

/** What the past holds of refusals: for an entity, and for everybody. */
export interface Refusals {
  own: { denied: number; events: number };
  all: { denied: number; events: number };
}

/**
 * Weights by judgement, in the units of the fitted ones (log-odds): nobody has labelled CloudTrail to fit them on. Each is
 * capped, so that no single fact outweighs habits that fit.
 */
export const judged = {
  /** Dimensions that the histories lack; against the peers on average. */
  dimensions: { agent: 0.4, region: 0.3, error: 0.3 },
  denied: { weight: 0.6, most: 2.5 },
  new_to_all_actions: { weight: 0.5, most: 1.5 },
  new_to_all_places: { weight: 1.2, most: 1.2 },
  new_to_all_agents: { weight: 0.8, most: 0.8 },
  root: { weight: 2, most: 2 },
  without_mfa: { weight: 1.2, most: 1.2 },
  failed_sign_ins: { weight: 0.5, most: 1.2 },
} as const;

const newDimensions = {
  new_to_all_actions: 'action',
  new_to_all_places: 'place',
  new_to_all_agents: 'agent',
} as const satisfies Partial<Record<Fact, NamedDimension>>;

/** The terms of the facts that a day has, none of them negative. `own` may hold the day: `learntDays` is then 1. */
export function factTerms(
  day: BehaviourDay,
  own: Habits | undefined,
  population: Population,
  refusals: Refusals,
  learntDays: 0 | 1 = 0,
): Partial<Record<Fact, number>> {
  const terms: Partial<Record<Fact, number>> = {};
  const add = (fact: Fact, amount: number) => {
    if (amount > 0) terms[fact] = Math.min(judged[fact].most, judged[fact].weight * amount);
  };
  add('denied', Math.log1p(refusalSurprise(day, refusals)));
  for (const [fact, dimension] of Object.entries(newDimensions) as [keyof typeof newDimensions, NamedDimension][]) {
    const count = newToAll(day, dimension, own, population, learntDays).length;
    add(fact, fact === 'new_to_all_actions' ? Math.log1p(count) : count > 0 ? 1 : 0);
  }
  add('root', day.root > 0 ? 1 : 0);
  add('without_mfa', day.withoutMfa > 0 ? 1 : 0);
  add('failed_sign_ins', day.failedSignIns >= 3 ? Math.log1p(day.failedSignIns) : 0);
  return terms;
}

/** How far the refusals exceed those to expect: Poisson deviance over the smoothed rate; 0 when they do not. */
export function refusalSurprise(day: BehaviourDay, { own, all }: Refusals): number {
  const expected = day.events * expectedRefusals({ own, all });
  if (day.denied <= expected) return 0;
  return day.denied * Math.log(day.denied / expected) - (day.denied - expected);
}

/** The share of calls to expect refused: the own past, smoothed by 50 calls of everybody's. */
export function expectedRefusals({ own, all }: Refusals): number {
  const rate = (all.denied + 0.5) / (all.events + 50);
  return (own.denied + 50 * rate) / (own.events + 50);
}

/** The day's values that nobody had before. */
export function newToAll(
  day: BehaviourDay,
  dimension: NamedDimension,
  own: Habits | undefined,
  population: Population,
  learntDays: 0 | 1 = 0,
): string[] {
  return [...(day.named[dimension]?.keys() ?? [])].filter((value) => {
    const users = population.users(dimension, value);
    if (learntDays === 0) return users === 0;
    return users <= 1 && (own?.named[dimension].values.get(value)?.days ?? 0) <= 1;
  });
}
