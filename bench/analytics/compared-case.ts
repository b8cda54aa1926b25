import type { EntityDay, HalfLives } from '../../operations/analytics/behaviour/entity-day';
import { Habits } from '../../operations/analytics/behaviour/habits';
import { type Comparison, compare } from '../../operations/analytics/behaviour/likelihood';
import { Population } from '../../operations/analytics/behaviour/population';
import type { Case, Tenant } from './behaviour-data';
import { asOfSeason } from './clock-season';

/** A case with everything that weights are applied to. */
export interface ComparedCase {
  of: Case;
  day: EntityDay;
  day_comparison: Comparison;
  /** Ordinary days of the user, each judged as if it had not happened yet. */
  usual: Comparison[];
  ownDays: number;
  population: Population;
  own: Habits;
}

/** Ordinary days that tell a user's usual level; more change it little. */
export const usualDays = 20;

/**
 * Compares the case's day with the habits of the baseline. Only the past counts: nothing at or after the day is learnt, be
 * it the user's or anybody's, so that the day of a team-mate cannot be found in that team-mate's own habits.
 */
export function compareCase(one: Case, tenant: Tenant, halfLives: HalfLives): ComparedCase {
  const actual = tenant.users.get(one.actor)?.find(({ day }) => day === one.day);
  if (actual === undefined) throw new Error(`${one.tenant}: there is no day ${one.day} of ${one.actor}`);
  // Whose day it is stays hidden from here on.
  const day: EntityDay = { ...actual, entity: one.user };
  const population = new Population(Math.min(one.baselineTo, one.day), halfLives);
  const ownDays: EntityDay[] = [];
  for (const [user, days] of tenant.users)
    for (const recorded of days) {
      if (recorded.day < one.baselineFrom || recorded.day >= population.asOf) continue;
      const past = asOfSeason(recorded, one.day);
      population.learn(past);
      if (user === one.user) ownDays.push(past);
    }
  population.finish();
  const own = population.of(one.user) ?? new Habits(one.user);
  const peers = population.peersOf(one.user);
  return {
    of: one,
    day,
    day_comparison: compare(day, own, peers, population),
    usual: ownDays.slice(-usualDays).map((past) => compare(past, own, peers, population, population.decayOf(past))),
    ownDays: ownDays.length,
    population,
    own,
  };
}
