import { impliedSchema } from './dialect';
import type { SqlDialect } from './tenant-settings';

/**
 * Names in the data lake. Panther's catalogue speaks of databases and tables; SQL puts a schema between them, `public`
 * on Snowflake. Both spellings of a database, with and without the schema, are in use there.
 */
export interface TableName {
  database: string;
  table: string;
}

/** What two spellings of one database have in common: `panther_logs` and `panther_logs.public` on Snowflake. */
export function databaseKey(database: string, dialect: SqlDialect): string {
  const parts = nameParts(database).map((part) => part.toLowerCase());
  const schema = impliedSchema(dialect);
  return (parts.length > 1 && parts[parts.length - 1] === schema ? parts.slice(0, -1) : parts).join('.');
}

/**
 * Reads `table`, `db.table`, `public.table` and `db.schema.table`, each part quoted or not; what it names wins over
 * `database`. On Databricks everything before the table is the database: `catalogue.schema`.
 */
export function parseTableName(table: string, database: string, dialect: SqlDialect): TableName {
  const parts = nameParts(table);
  const name = parts[parts.length - 1] ?? '';
  const before = parts.slice(0, -1);
  const schema = impliedSchema(dialect);
  const endsInSchema = schema !== undefined && before[before.length - 1]?.toLowerCase() === schema;
  const owner = endsInSchema ? before.slice(0, -1) : before;
  return { database: (owner.length === 0 ? nameParts(database) : owner).join('.'), table: name };
}

/** The parts of a dotted name without their quotes; a dot inside quotes belongs to the name. */
export function nameParts(name: string): string[] {
  const parts = name.trim().match(/(?:"(?:[^"]|"")*"|`(?:[^`]|``)*`|[^.])+/g) ?? [''];
  return parts.map(unquote);
}

function unquote(part: string): string {
  const text = part.trim();
  const quote = text.charAt(0);
  if (text.length < 2 || !/^(["`])[\s\S]*\1$/.test(text)) return text;
  return text
    .slice(1, -1)
    .split(quote + quote)
    .join(quote);
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
