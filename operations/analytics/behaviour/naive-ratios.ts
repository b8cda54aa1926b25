import type { EntityDay } from './entity-day';
import type { Habits } from './habits';

/**
 * The ratios that guides to behaviour analytics propose, shown beside the score for those who know them. They compare with
 * nobody else, and rank little better than chance when a colleague takes over an account (docs/benchmarks.md).
 */
export interface NaiveRatios {
  /** Share of the day's distinct actions that the entity never made before, 0 to 1. */
  never_seen_share: number;
  /** Calls of the day over the mean of an active day; null without a past. */
  volume_ratio: number | null;
  /** The same in standard deviations; null with fewer than two days or when all were alike. */
  volume_z: number | null;
}

export function naiveRatios(day: EntityDay, own: Habits): NaiveRatios {
  const actions = [...(day.named.action?.keys() ?? [])];
  const unseen = actions.filter((action) => !own.named.action.values.has(action)).length;
  const mean = own.days === 0 ? 0 : own.events / own.days;
  const variance = own.days < 2 ? 0 : Math.max(0, own.eventsSquared / own.days - mean ** 2);
  return {
    never_seen_share: actions.length === 0 ? 0 : unseen / actions.length,
    volume_ratio: own.days === 0 ? null : day.events / mean,
    volume_z: variance <= 1e-9 ? null : (day.events - mean) / Math.sqrt(variance),
  };
}
