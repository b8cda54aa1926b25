import type { Problems } from './problem';
import { macroOffset, parseTime } from './time-units';
import { timeOf } from './time-value';
import type { Range, TokenList } from './token-list';

const forms: Record<string, { times: number; offset: 'first' | 'second' | 'none' }> = {
  p_occurs_since: { times: 0, offset: 'first' },
  p_occurs_between: { times: 2, offset: 'none' },
  p_occurs_around: { times: 1, offset: 'second' },
  p_occurs_after: { times: 1, offset: 'none' },
  p_occurs_before: { times: 1, offset: 'none' },
};

export function isTimeMacro(name: string): boolean {
  return Object.hasOwn(forms, name);
}

/** What a time macro says; a bound that cannot be worked out is undefined. */
export interface MacroBound {
  /** As the database compares it; empty when the macro names none. */
  alias: string[];
  column: string;
  lower: number | undefined;
  upper: number | undefined;
  /** Whether all of its times could be worked out. */
  known: boolean;
}

/** Reads the macro whose name stands at `range.from` and whose brackets end the range; undefined when none does. */
export function readMacro(list: TokenList, range: Range, now: number): MacroBound | undefined {
  const name = list.keyword(range.from) ?? '';
  const form = isTimeMacro(name) ? forms[name] : undefined;
  if (form === undefined || !list.isSymbol(range.from + 1, '(') || list.after(range.from + 1) !== range.to)
    return undefined;
  const args = list.split(list.inside(range.from + 1));
  const own = form.times + (form.offset === 'none' ? 0 : 1);
  const alias = nameOf(list, args[own]);
  const column = nameOf(list, args[own + 1]);
  if (alias === undefined || column === undefined || args.length < own || args.length > own + 2) return undefined;
  const [first, second] = args;
  const bound = { alias: alias === '' ? [] : [alias], column: column || 'P_EVENT_TIME' };
  const offset =
    form.offset === 'none' ? undefined : macroOffset(textOf(list, form.offset === 'first' ? first : second));
  const [from, to] = [macroTime(list, first, now), macroTime(list, second, now)];
  const given = (lower: number | undefined, upper: number | undefined, known: boolean) => ({
    ...bound,
    lower,
    upper,
    known,
  });
  switch (name) {
    case 'p_occurs_since':
      return given(offset === undefined ? undefined : now - offset, undefined, offset !== undefined);
    case 'p_occurs_between':
      return given(from, to, from !== undefined && to !== undefined);
    case 'p_occurs_around':
      if (from === undefined || offset === undefined) return given(undefined, undefined, false);
      return given(from - offset, from + offset, true);
    case 'p_occurs_after':
      return given(from, undefined, from !== undefined);
    default:
      return given(undefined, from, from !== undefined);
  }
}

/**
 * Panther pastes a macro's arguments into the SQL that runs, so the alias and the column have to be plain names, and the
 * times must not hold a query. Reports one that is not so. `at` is the index of the macro's name.
 */
export function checkMacro(list: TokenList, at: number, problems: Problems): void {
  const name = list.at(at)?.text ?? '';
  const form = forms[name];
  const token = list.at(at);
  if (form === undefined || token === undefined) return;
  const args = list.split(list.inside(at + 1));
  const own = form.times + (form.offset === 'none' ? 0 : 1);
  if (args.length < own || args.length > own + 2 || args.slice(0, own).some(({ from, to }) => from === to)) {
    const usage = [...Array<string>(form.times).fill('time'), ...(form.offset === 'none' ? [] : ['offset'])].join(', ');
    problems.add(
      'macro',
      token.offset,
      token.end,
      `${name} takes (${usage}[, alias[, column]])`,
      'write the arguments in this order',
    );
    return;
  }
  for (const arg of args.slice(own)) {
    if (nameOf(list, arg) !== undefined) continue;
    const first = list.at(arg.from) ?? token;
    problems.add(
      'macro',
      first.offset,
      first.end,
      `the alias and the column of ${name} have to be plain names`,
      'write a name, or nothing between the commas',
    );
  }
}

/** The canonical name of an argument, empty when the argument is absent or empty; undefined for anything but a name. */
function nameOf(list: TokenList, arg: Range | undefined): string | undefined {
  if (arg === undefined || arg.from === arg.to) return '';
  if (arg.to !== arg.from + 1) return undefined;
  if (list.isName(arg.from)) return list.canonical(arg.from);
  const text = list.literal(arg.from);
  return text !== undefined && /^[A-Za-z_][A-Za-z0-9_]*$/.test(text) ? text.toUpperCase() : undefined;
}

function textOf(list: TokenList, arg: Range | undefined): string {
  if (arg === undefined) return '';
  const literal = arg.to === arg.from + 1 ? list.literal(arg.from) : undefined;
  return literal ?? list.source(arg);
}

/** A macro's time may stand without quotes: `2026-01-31`. */
function macroTime(list: TokenList, arg: Range | undefined, now: number): number | undefined {
  if (arg === undefined) return undefined;
  return parseTime(textOf(list, arg)) ?? timeOf(list, arg, now);
}
