import { addMonths, parseTime, unitOf, units } from './time-units';

/** What a constant expression over time comes to. Times are milliseconds since 1970 in UTC. */
export type TimeValue =
  | { kind: 'time'; ms: number }
  | { kind: 'span'; months: number; ms: number }
  | { kind: 'number'; value: number }
  | { kind: 'text'; text: string };

/** Types that hold a point in time. */
export const timeTypes = new Set([
  'timestamp',
  'timestamp_ntz',
  'timestamp_ltz',
  'timestamp_tz',
  'timestampntz',
  'timestampltz',
  'timestamptz',
  'datetime',
]);

/** Milliseconds since 1970 of a time, or of a text that spells one. */
export function asTime(value: TimeValue | undefined): number | undefined {
  if (value?.kind === 'time') return value.ms;
  return value?.kind === 'text' ? parseTime(value.text) : undefined;
}

/** A value cast to a type by name in lower case; undefined for a type that holds no time. */
export function converted(value: TimeValue, type: string): TimeValue | undefined {
  const time = asTime(value);
  if (time === undefined) return undefined;
  if (type === 'date') return { kind: 'time', ms: startOf(time, units.day) };
  return timeTypes.has(type) ? { kind: 'time', ms: time } : undefined;
}

/** The start of the unit of `unit` milliseconds that a time lies in. */
export function startOf(ms: number, unit: number): number {
  return Math.floor(ms / unit) * unit;
}

/** As DATE_TRUNC to a unit by its name. */
export function truncated(ms: number, unit: string): number {
  const date = new Date(ms);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  if (unit === 'year') return Date.UTC(year, 0, 1);
  if (unit === 'quarter') return Date.UTC(year, month - (month % 3), 1);
  if (unit === 'month') return Date.UTC(year, month, 1);
  // Weeks begin on Monday unless the account says otherwise, and then at most six days earlier; 1970 began on a Thursday.
  if (unit === 'week') return startOf(ms - 4 * units.day, units.week) + 4 * units.day;
  return startOf(ms, units[unit as keyof typeof units] ?? 1);
}

/** From here on a number is seconds for Databricks, and may be a finer unit for Snowflake. */
export const secondsUpTo = 31_536_000_000;

/** Seconds, milliseconds and finer units told apart by size. */
export function fromEpoch(value: number): number {
  const size = Math.abs(value);
  if (size < secondsUpTo) return value * 1000;
  if (size < 31_536_000_000_000) return value;
  return size < 31_536_000_000_000_000 ? value / 1000 : value / 1_000_000;
}

/** So many of a unit; not a number of milliseconds for a unit that is not known. */
export function spanOf(unit: string, count: number): TimeValue {
  const months = { month: 1, quarter: 3, year: 12 }[unit];
  if (months !== undefined) return { kind: 'span', months: months * count, ms: 0 };
  return { kind: 'span', months: 0, ms: count * (units[unit as keyof typeof units] ?? Number.NaN) };
}

/** What an interval's text says: `7 days`, `1 day, 2 hours`. */
export function spanText(text: string): TimeValue | undefined {
  let total: TimeValue | undefined;
  for (const part of text.split(',')) {
    const found = /^\s*([+-]?\d+)\s*([a-z]+)\s*$/i.exec(part);
    const unit = unitOf(found?.[2]?.toLowerCase() ?? '', 'interval');
    if (found === null || unit === undefined) return undefined;
    const span = spanOf(unit, Number(found[1]));
    total = total === undefined ? span : added(total, span, 1);
  }
  return total;
}

/** The value with a minus before it; a time has none. */
export function negative(value: TimeValue): TimeValue | undefined {
  if (value.kind === 'number') return { kind: 'number', value: -value.value };
  return value.kind === 'span' ? { kind: 'span', months: -value.months, ms: -value.ms } : undefined;
}

/** The sum, or with `sign` -1 the difference; undefined for what cannot be added. */
export function added(left: TimeValue, right: TimeValue | undefined, sign: 1 | -1): TimeValue | undefined {
  if (right === undefined) return undefined;
  if (left.kind === 'number' && right.kind === 'number')
    return { kind: 'number', value: left.value + sign * right.value };
  if (left.kind === 'span' && right.kind === 'span') {
    return { kind: 'span', months: left.months + sign * right.months, ms: left.ms + sign * right.ms };
  }
  if (left.kind === 'span' && sign === 1 && right.kind === 'time') return added(right, left, 1);
  if (left.kind !== 'time') return undefined;
  // A number beside a date counts days.
  if (right.kind === 'number') return { kind: 'time', ms: left.ms + sign * right.value * units.day };
  if (right.kind !== 'span') return undefined;
  return { kind: 'time', ms: addMonths(left.ms, sign * right.months) + sign * right.ms };
}
