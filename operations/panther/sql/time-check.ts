import type { Problems } from './problem';
import type { Relation } from './relation';
import type { Bound } from './time-bound';
import { units } from './time-units';
import type { TokenList } from './token-list';

/** What a query is held to. */
export interface QueryLimits {
  now: number;
  maxWindowDays: number;
}

/** The end of the year 9999: no database counts further, and a time behind it may come out as any other. */
const lastTime = 253_402_300_800_000;

/** Reports a table whose time is not bounded, or over too long. `qualify`: the column's name alone could be another table's. */
export function checkTime(
  list: TokenList,
  problems: Problems,
  limits: QueryLimits,
  relation: Relation,
  qualify: boolean,
  bound: Bound,
): void {
  if (bound.byId) return;
  const { now, maxWindowDays } = limits;
  const token = list.at(relation.index);
  if (token === undefined) return;
  const table = `table ${relation.source.slice(0, 100)}${relation.alias === undefined ? '' : ` (alias ${relation.alias.slice(0, 60)})`}`;
  const qualifier = relation.alias ?? (qualify ? relation.source : undefined);
  const column = qualifier === undefined ? 'p_event_time' : `${qualifier.slice(0, 100)}.p_event_time`;
  const days = Math.min(7, maxWindowDays);
  const span = list.reading.name === 'databricks' ? `${days} days` : `'${days} ${days === 1 ? 'day' : 'days'}'`;
  const fix = `add ${column} > current_timestamp - interval ${span} for ${table}`;
  const end = token.offset + relation.source.length;
  const add = (rule: 'time-filter' | 'time-window', message: string) =>
    problems.add(rule, token.offset, end, message, fix);
  if (bound.lower === undefined || Number.isNaN(bound.lower)) {
    const why = bound.unclear?.message ?? (bound.upper === undefined ? undefined : 'it has an end and no start');
    add('time-filter', `${table} is read without a bound on p_event_time${why === undefined ? '' : `: ${why}`}`);
    return;
  }
  if (bound.lower > lastTime) {
    add('time-filter', `${table} is read from a time after the year 9999, which cannot be relied on`);
    return;
  }
  const until = Math.min(bound.upper ?? now, Math.max(now, bound.lower));
  const window = (until - bound.lower) / units.day;
  if (window <= maxWindowDays) return;
  const shown = Number.isFinite(window) ? window.toFixed(1).replace(/\.0$/, '') : 'unlimited';
  add('time-window', `${table} is read over ${shown} days; at most ${maxWindowDays} are allowed`);
}
