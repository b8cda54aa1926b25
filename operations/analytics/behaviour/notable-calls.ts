import { cleanLine } from '../../text';
import { incidentsWith, weighCall } from '../calls/score-calls';
import type { BehaviourDay } from './behaviour-rows';
import type { Habits } from './habits';
import type { Population } from './population';

export interface NotableCall {
  action: string;
  calls: number;
  refused: number;
  /** Active days of the entity's past on which it made the call. */
  days_before: number;
  /** Other entities that made it in the past. */
  others: number;
  /** Public incidents in which the call was seen. */
  incidents: number;
}

const most = 5;
/** What an entity does on every fourth day and is let do is no news. */
const usualShare = 0.25;

/**
 * The calls of a day to look at first: by how seldom the entity makes them, public incidents, and refusals. What it usually
 * makes is left out unless it was refused. At most five.
 */
export function notableCalls(day: BehaviourDay, own: Habits | undefined, population: Population): NotableCall[] {
  const refusals = refusedCalls(day);
  const pool = population.pools.action;
  const habit = own?.named.action;
  return [...(day.named.action ?? [])]
    .map(([action, calls]) => {
      const usage = habit?.values.get(action);
      const prior = ((pool.weights.get(action) ?? 0) + 0.5) / (pool.total + 1);
      const share = ((usage?.weight ?? 0) + 5 * prior) / ((habit?.total ?? 0) + 5);
      const refused = refusals.get(action) ?? 0;
      const incidents = incidentsWith(action);
      const days = usage?.days ?? 0;
      return {
        weight: weighCall({
          rarity: -Math.log(share),
          wild: Math.log1p(incidents),
          refused: refused > 0 ? 1 : 0,
          sameAround: 0,
        }),
        usual: refused === 0 && days >= usualShare * (own?.days ?? 1) && days > 0,
        call: {
          action: cleanLine(action, 160),
          calls,
          refused,
          days_before: days,
          others: Math.max(0, population.users('action', action) - (days > 0 ? 1 : 0)),
          incidents,
        },
      };
    })
    .filter(({ usual }) => !usual)
    .sort((a, b) => b.weight - a.weight || (a.call.action < b.call.action ? -1 : 1))
    .slice(0, most)
    .map(({ call }) => call);
}

/** Refused calls by action; the refusals come as `AccessDenied on iam:CreateUser`. */
function refusedCalls(day: BehaviourDay): Map<string, number> {
  const refusals = new Map<string, number>();
  for (const [error, calls] of day.named.error ?? []) {
    const [code = '', action] = error.split(' on ', 2);
    if (action !== undefined && /AccessDenied|Unauthorized/.test(code))
      refusals.set(action, (refusals.get(action) ?? 0) + calls);
  }
  return refusals;
}
