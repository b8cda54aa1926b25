import { type Item, isGroup, isOp, isWord, splitByComma } from './sql-tokens';

const CLAUSES =
  'FROM WHERE GROUP HAVING QUALIFY ORDER LIMIT OFFSET FETCH UNION INTERSECT EXCEPT MINUS INTO WINDOW'.split(' ');

/** Words that can stand at the end of an expression and are no alias. */
const NO_ALIAS = 'NULL TRUE FALSE END ALL DISTINCT'.split(' ');

/** Words after which a word belongs to the expression, so it is no alias either. */
const BINDS_NEXT =
  'AND OR NOT IN IS LIKE ILIKE RLIKE REGEXP BETWEEN CASE WHEN THEN ELSE OVER FROM INTERVAL ESCAPE'.split(' ');

/**
 * Names for the unnamed expressions of the select lists in `items` (this level only): Snowflake calls such a column
 * by its upper-cased text, e.g. `COUNT(*)`. Gives the alias by the index of the item before which it must be inserted.
 * Bare columns, stars and aliased expressions get none.
 */
export function unnamedColumns(items: readonly Item[], sql: string): Map<number, string> {
  const names = new Map<number, string>();
  for (let i = 0; i < items.length; i += 1) {
    if (!isWord(items[i], 'SELECT')) continue;
    let from = i + 1;
    while (isWord(items[from], 'DISTINCT', 'ALL')) from += 1;
    if (isWord(items[from], 'TOP')) from += 2;
    let to = from;
    while (to < items.length && !(isWord(items[to], ...CLAUSES) && !isWord(items[to - 1], 'WITHIN'))) to += 1;
    let end = from;
    for (const part of splitByComma(items.slice(from, to))) {
      end += part.length;
      if (needsName(part)) names.set(end, expressionText(part, sql));
      end += 1;
    }
    i = to - 1;
  }
  return names;
}

function needsName(part: readonly Item[]): boolean {
  const last = part.at(-1);
  const before = part.at(-2);
  if (!last || isOp(part[0], '*') || part.some((item, i) => isOp(item, '*') && isOp(part[i - 1], '.'))) return false;
  if (last.kind !== 'word' && last.kind !== 'quoted') return true;
  if (isWord(last, ...NO_ALIAS)) return true;
  if (!before) return false;
  if (isWord(before, 'AS')) return false;
  // A dotted chain of names is a bare column; a name after any other operator (`:`, `::`, `+`) belongs to the expression.
  if (isOp(before, '.'))
    return part.some((item, i) => (i % 2 === 1 ? !isOp(item, '.') : item.kind !== 'word' && item.kind !== 'quoted'));
  if (!isGroup(before) && before.kind === 'op') return true;
  return isWord(before, ...BINDS_NEXT);
}

/** The text of an expression as Snowflake names a column after it: upper case outside strings, white space collapsed. */
function expressionText(part: readonly Item[], sql: string): string {
  return sql
    .slice(part[0]?.start ?? 0, part.at(-1)?.end ?? 0)
    .replace(/'(?:[^'\\]|''|\\.)*'|[^']+/gs, (run) => (run.startsWith("'") ? run : run.toUpperCase()))
    .replace(/\s+/g, ' ');
}
