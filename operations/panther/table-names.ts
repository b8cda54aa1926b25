/**
 * Names in the data lake. Panther's catalogue speaks of databases and tables; SQL puts a schema between them, `public`
 * on Snowflake. Both spellings of a database, with and without the schema, are in use.
 */
export interface TableName {
  database: string;
  table: string;
}

const schema = 'public';

/** `panther_logs` and `panther_logs.public` name the same database. */
export function databaseKey(database: string): string {
  const name = unquote(database.trim());
  return (name.endsWith(`.${schema}`) ? name.slice(0, -schema.length - 1) : name).toLowerCase();
}

/** How SQL names a table of the catalogue. */
export function qualifiedName(database: string, table: string): string {
  return database.includes('.') ? `${database}.${table}` : `${database}.${schema}.${table}`;
}

/** Reads `table`, `db.table`, `public.table` and `db.schema.table`, quoted or not; what it names wins over `database`. */
export function parseTableName(table: string, database: string): TableName {
  const parts = table.trim().split('.').map(unquote);
  const name = parts[parts.length - 1] ?? '';
  const before = parts.slice(0, -1);
  if (before.length === 0 || (before.length === 1 && before[0]?.toLowerCase() === schema)) {
    return { database: unquote(database.trim()), table: name };
  }
  const owner = before.length > 1 && before[before.length - 1]?.toLowerCase() === schema ? before.slice(0, -1) : before;
  return { database: owner.join('.'), table: name };
}

function unquote(part: string): string {
  const text = part.trim();
  return /^(["`])[\s\S]*\1$/.test(text) && text.length > 1 ? text.slice(1, -1) : text;
}

/**
 * The names most like `wanted`, best first, at most three: by edit distance, or because one holds the other. Empty when
 * nothing comes close. For "did you mean".
 */
export function closestNames(wanted: string, names: readonly string[]): string[] {
  const target = wanted.toLowerCase();
  return names
    .map((name) => ({ name, distance: likeness(target, name.toLowerCase()) }))
    .filter(({ distance }) => distance <= Math.max(2, target.length / 3))
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, 3)
    .map(({ name }) => name);
}

function likeness(a: string, b: string): number {
  if (a === b) return 0;
  if (a.length >= 4 && (b.includes(a) || (b.length >= 4 && a.includes(b)))) return 1;
  return editDistance(a.slice(0, 120), b.slice(0, 120));
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const swap = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(swap, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    previous = row;
  }
  return previous[b.length] ?? 0;
}
