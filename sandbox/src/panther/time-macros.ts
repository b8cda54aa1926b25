import { type Item, isGroup, splitByComma, stringValue, type Token } from './sql-tokens';

/** A time macro that cannot be expanded; the text goes to the caller as the query's failure. */
export class TimeMacroError extends Error {}

const UNIT_SECONDS: Record<string, number> = {};
for (const [seconds, names] of [
  [1, 's sec secs second seconds'],
  [60, 'm min mins minute minutes'],
  [3600, 'h hr hrs hour hours'],
  [86_400, 'd day days'],
  [604_800, 'w wk wks week weeks'],
] as const) {
  for (const name of names.split(' ')) UNIT_SECONDS[name] = seconds;
}

/** Seconds in an offset such as `'90 m'`, `1h`, `'2 weeks'` or a bare number of seconds; undefined when it is none. */
export function offsetSeconds(text: string): number | undefined {
  const match = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/i.exec(text);
  if (!match) return undefined;
  const unit = (match[2] ?? '').toLowerCase();
  const factor = unit === '' ? 1 : UNIT_SECONDS[unit];
  return factor === undefined ? undefined : Number(match[1]) * factor;
}

/** What a macro call stands for: `column` compared with bounds that are offsets from now or from an expression. */
export interface TimeRange {
  /** Name of the time column, and the alias of its table if one was given. */
  column: string;
  alias?: string;
  lower?: TimeBound;
  upper?: TimeBound;
}

export interface TimeBound {
  /** Undefined means the time of the query. */
  from?: Item[];
  shiftSeconds: number;
}

/** How many arguments stand before `[, alias[, column]]`. */
const LEADING: Record<string, number> = {
  p_occurs_since: 1,
  p_occurs_between: 2,
  p_occurs_around: 2,
  p_occurs_after: 1,
  p_occurs_before: 1,
};

/** True for the name of one of Panther's time filters. */
export function isTimeMacro(name: string): boolean {
  return name.toLowerCase() in LEADING;
}

/**
 * Reads a call of one of Panther's time filters. Panther expands them before any SQL parser sees the text, so an
 * offset may be unquoted (`90m`), the alias may be left empty (`'1 h', , p_parse_time`) and either may be quoted.
 * Both bounds of `between` and `around` are inclusive.
 */
export function readTimeMacro(name: string, args: readonly Item[], sql: string): TimeRange {
  const macro = name.toLowerCase();
  const parts = splitByComma(args);
  const leading = LEADING[macro] ?? 1;
  const [first, second] = parts;
  if (parts.length < leading || parts.length > leading + 2 || !first?.length || (leading === 2 && !second?.length)) {
    throw new TimeMacroError(`${macro}: expected ${leading} to ${leading + 2} arguments, got ${parts.length}`);
  }
  const alias = nameText(parts[leading], sql);
  const range: TimeRange = { column: nameText(parts[leading + 1], sql) ?? 'p_event_time', ...(alias && { alias }) };
  const at = (from: Item[], shiftSeconds = 0): TimeBound => ({ from, shiftSeconds });
  switch (macro) {
    case 'p_occurs_since':
      return { ...range, lower: { shiftSeconds: -offset(macro, first, sql) } };
    case 'p_occurs_between':
      return { ...range, lower: at(first), upper: at(second ?? []) };
    case 'p_occurs_around': {
      const width = offset(macro, second ?? [], sql);
      return { ...range, lower: at(first, -width), upper: at(first, width) };
    }
    case 'p_occurs_after':
      return { ...range, lower: at(first) };
    default:
      return { ...range, upper: at(first) };
  }
}

function offset(macro: string, items: readonly Item[], sql: string): number {
  const text = sourceText(items, sql);
  const seconds = offsetSeconds(text);
  if (seconds === undefined)
    throw new TimeMacroError(`${macro}: '${text}' is not a time offset such as '1 d' or '90 m'`);
  return seconds;
}

function nameText(items: readonly Item[] | undefined, sql: string): string | undefined {
  if (!items?.length) return undefined;
  return sourceText(items, sql) || undefined;
}

/** The value of a lone string literal, else the source text as written. */
function sourceText(items: readonly Item[], sql: string): string {
  const [only] = items;
  if (items.length === 1 && only && !isGroup(only) && only.kind === 'string') return stringValue(only as Token).trim();
  return sql.slice(items[0]?.start ?? 0, items.at(-1)?.end ?? 0).trim();
}
