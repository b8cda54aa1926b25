import { normaliseSql } from './normalise-sql';

const token = /'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|[\p{L}\p{N}_$]+|\S/gu;
const afterTables = new Set(
  'where group having qualify order limit offset fetch union intersect except minus window select'.split(' '),
);

/**
 * Whether the SQL means the same whatever the default database is: each table is named with database and schema, or is a
 * WITH of the statement. Answers no for whatever it does not follow, so a yes can be relied on and a no says little.
 */
export function namesEveryDatabase(sql: string): boolean {
  const tokens = (normaliseSql(sql).match(token) ?? []).map((text) => text.toLowerCase());
  const withNames = new Set(tokens.filter((_, index) => tokens[index + 1] === 'as' && tokens[index + 2] === '('));
  /** For each parenthesis that is open: whether this is its list of tables. */
  const inTables = [false];
  let tableComes = false;
  for (let at = 0; at < tokens.length; at += 1) {
    const text = tokens[at] ?? '';
    if (tableComes && text !== 'lateral') {
      tableComes = false;
      if (text === '(' && (tokens[at + 1] === 'select' || tokens[at + 1] === 'with')) inTables.push(false);
      else if (text === 'flatten' || (text === 'table' && tokens[at + 2] === 'flatten')) continue;
      else {
        let parts = 1;
        for (; tokens[at + 1] === '.'; at += 2) parts += 1;
        if (parts !== 3 && !(parts === 1 && withNames.has(text))) return false;
        if (tokens[at + 1] === '(') return false;
      }
    } else if (text === '(') inTables.push(false);
    else if (text === ')') inTables.pop();
    else if (text === 'from' || text === 'join') tableComes = inTables[inTables.length - 1] = true;
    else if (afterTables.has(text)) inTables[inTables.length - 1] = false;
    else if (text === ',' && inTables.at(-1)) tableComes = true;
  }
  return !tableComes;
}
