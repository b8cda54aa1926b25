/** Units of a fixed length, in milliseconds. */
export const units = {
  nanosecond: 1e-6,
  microsecond: 1e-3,
  millisecond: 1,
  second: 1000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  week: 604_800_000,
} as const;

const spellings: Record<string, string> = {};
for (const [unit, names] of Object.entries({
  nanosecond: 'ns nsec nsecs nanosec nanosecond nanoseconds',
  microsecond: 'us usec usecs microsec microsecond microseconds',
  millisecond: 'ms msec msecs millisecond milliseconds',
  second: 's sec secs second seconds',
  minute: 'm mi min mins minute minutes',
  hour: 'h hh hr hrs hour hours',
  day: 'd dd day days',
  week: 'w wk week weeks',
  month: 'mm mon mons month months',
  quarter: 'q qtr qtrs quarter quarters',
  year: 'y yy yyy yyyy yr yrs year years',
})) {
  for (const name of names.split(' ')) spellings[name] = unit;
}
const macroUnits = new Set(['second', 'minute', 'hour', 'day', 'week']);

/** The unit that a word in lower case names: every unit in an interval, seconds to weeks in a macro. */
export function unitOf(word: string, use: 'interval' | 'macro'): string | undefined {
  const unit = Object.hasOwn(spellings, word) ? spellings[word] : undefined;
  return use === 'macro' && !macroUnits.has(unit ?? '') ? undefined : unit;
}

/** Milliseconds of a macro's offset: `1d`, `90 minutes`, `3600` (seconds). Undefined when it cannot be read. */
export function macroOffset(text: string): number | undefined {
  const found = /^(\d{1,9})\s*([a-z]*)$/i.exec(text.trim());
  if (found === null) return undefined;
  const unit = found[2] === '' ? 'second' : unitOf((found[2] ?? '').toLowerCase(), 'macro');
  return unit === undefined ? undefined : Number(found[1]) * units[unit as keyof typeof units];
}

const written =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?\s*(Z|UTC|[+-]\d{2}:?\d{2})?)?$/i;

/** Milliseconds of a time as SQL literals write it, `2026-01-31` or `2026-01-31 08:00:00.000`, in UTC unless it has a zone. */
export function parseTime(text: string): number | undefined {
  const found = written.exec(text.trim());
  if (found === null) return undefined;
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '0', zone = 'Z'] = found;
  const ms = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  const date = new Date(ms);
  // Date.UTC carries 30 February over into March; such a literal is an error in the database.
  if (date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day)) return undefined;
  const shift = /^([+-])(\d{2}):?(\d{2})$/.exec(zone);
  const offset =
    shift === null ? 0 : Number(`${shift[1]}1`) * (Number(shift[2]) * 60 + Number(shift[3])) * units.minute;
  return ms + Number(`0.${fraction}`) * 1000 - offset;
}

/** Calendar months later; the 31st becomes the last day of a shorter month. */
export function addMonths(ms: number, months: number): number {
  if (months === 0) return ms;
  const date = new Date(ms);
  const first = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1);
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months + 1, 0)).getUTCDate();
  return first + (Math.min(date.getUTCDate(), last) - 1) * units.day + (ms - Math.floor(ms / units.day) * units.day);
}
