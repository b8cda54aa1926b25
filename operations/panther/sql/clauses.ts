import type { Problems } from './problem';
import { report } from './statement';
import type { Range, TokenList } from './token-list';

/** Clauses in the order in which they may stand; those in one row may stand either way round. */
const order = [
  ['select'],
  ['from'],
  ['where'],
  ['start', 'connect'],
  ['group'],
  ['having'],
  ['qualify', 'window'],
  ['cluster', 'distribute', 'sort', 'order'],
  ['limit', 'offset', 'fetch'],
];
const rank = new Map(order.flatMap((words, index) => words.map((word) => [word, index] as const)));
/** The clauses of a block by their first word. Undefined, and reported, when they are not in order. */
export function clausesOf(list: TokenList, { from, to }: Range, problems: Problems): Map<string, Range> | undefined {
  const refuse = (rule: 'read-only' | 'structure', at: number, message: string, fix: string) => {
    const token = list.at(at);
    if (token !== undefined) report(problems, rule, token, message, fix);
    return undefined;
  };
  const clauses = new Map<string, Range>();
  let name = 'select';
  let start = from + 1;
  for (const at of list.level({ from: from + 1, to })) {
    const word = clauseWord(list, at);
    if (word === undefined) continue;
    if (word === 'into' || word === 'for') {
      return refuse('read-only', at, `${word.toUpperCase()} makes this more than a read`, 'leave it out');
    }
    if (word === name || clauses.has(word) || (rank.get(word) ?? 0) < (rank.get(name) ?? 0)) {
      const message =
        clauses.has(word) || word === name
          ? `a second ${word.toUpperCase()}`
          : `${word.toUpperCase()} after ${name.toUpperCase()}`;
      return refuse(
        'structure',
        at,
        `${message} in one SELECT cannot be read for certain`,
        'quote a name that is called so',
      );
    }
    clauses.set(name, { from: start, to: at });
    name = word;
    start = at + 1;
  }
  clauses.set(name, { from: start, to });
  return clauses;
}

function clauseWord(list: TokenList, at: number): string | undefined {
  const word = list.keyword(at);
  if (word === undefined) return undefined;
  const next = list.keyword(at + 1);
  switch (word) {
    case 'from':
      return isDistinctFrom(list, at) ? undefined : word;
    case 'where':
    case 'having':
    case 'qualify':
    case 'into':
      return word;
    case 'group':
    case 'order':
    case 'cluster':
    case 'distribute':
    case 'sort':
    case 'connect':
      return next === 'by' ? word : undefined;
    case 'start':
      return next === 'with' ? word : undefined;
    case 'window':
      return list.isName(at + 1) && list.keyword(at + 2) === 'as' && list.isSymbol(at + 3, '(') ? word : undefined;
    case 'limit':
    case 'offset':
      return list.at(at + 1)?.kind === 'number' || next === 'null' || next === 'all' ? word : undefined;
    case 'fetch':
      return next === 'first' || next === 'next' ? word : undefined;
    case 'for':
      return next === 'update' || next === 'share' || next === 'no' || next === 'key' ? word : undefined;
    default:
      return undefined;
  }
}

/** `a IS NOT DISTINCT FROM b` */
export function isDistinctFrom(list: TokenList, at: number): boolean {
  if (list.keyword(at - 1) !== 'distinct') return false;
  const before = list.keyword(at - 2);
  return before === 'is' || (before === 'not' && list.keyword(at - 3) === 'is');
}

/**
 * What the SELECT list calls its expressions: a name at the end of an item that is more than that name or a path, and a name
 * behind AS anywhere (`* REPLACE (x AS y)`).
 */
export function selectAliases(list: TokenList, range: Range | undefined): ReadonlySet<string> {
  const aliases = new Set<string>();
  for (const { from, to } of range === undefined ? [] : list.split(range)) {
    const last = to - 1;
    if (last > from && list.isName(last) && !list.isSymbol(last - 1, '.') && !list.isSymbol(last - 1, ':'))
      aliases.add(list.canonical(last));
  }
  for (let at = range?.from ?? 0; at < (range?.to ?? 0); at += 1)
    if (list.keyword(at) === 'as' && list.isName(at + 1)) aliases.add(list.canonical(at + 1));
  return aliases;
}
