import { normaliseSql } from './normalise-sql';
import { nameParts } from './table-names';

const token = /'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|[\p{L}_][\p{L}\p{N}_$]*|\S/gu;
const isName = (text: string | undefined): boolean => text !== undefined && /^["`\p{L}_]/u.test(text);
const notAnAlias = new Set(
  'where group having qualify order limit offset fetch union intersect except minus window on using join inner left right full cross natural as select'.split(
    ' ',
  ),
);
const mostTables = 5;

/**
 * The tables that stand behind FROM and JOIN, as they are spelled, each once, at most five; WITH names left out. For hints
 * only: it follows what people write and no grammar, so it may name what is no table and miss one.
 */
export function namedTables(sql: string): string[] {
  const tokens = normaliseSql(sql).match(token) ?? [];
  const lower = tokens.map((text) => text.toLowerCase());
  const withNames = new Set(lower.filter((_, at) => lower[at + 1] === 'as' && lower[at + 2] === '('));
  const found = new Map<string, string>();
  for (let at = 0; at < tokens.length && found.size < mostTables; at += 1) {
    if (lower[at] !== 'from' && lower[at] !== 'join') continue;
    for (let begin = at + 1; isName(tokens[begin]) && found.size < mostTables; ) {
      let end = begin;
      while (tokens[end + 1] === '.' && isName(tokens[end + 2])) end += 2;
      const name = tokens.slice(begin, end + 1).join('');
      if (tokens[end + 1] === '(' || lower[begin] === 'lateral') break;
      const key = nameParts(name).join('.').toLowerCase();
      if (!withNames.has(key)) found.set(key, name);
      if (lower[end + 1] === 'as') end += 1;
      if (isName(tokens[end + 1]) && !notAnAlias.has(lower[end + 1] ?? '')) end += 1;
      if (tokens[end + 1] !== ',') break;
      begin = end + 2;
    }
  }
  return [...found.values()];
}
