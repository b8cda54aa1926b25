import { stripHidden } from '../text';
import type { SqlDialect } from './tenant-settings';

/** The schema that SQL puts between database and table; Databricks names have none of its own. */
const schemaOf: Record<SqlDialect, string | undefined> = { snowflake: 'public', databricks: undefined };

const plainName = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** No quotes, no white space, no two hyphens in a row: nothing that could end the quoting or start a comment. */
const quotableName = /^[\p{L}\p{N}_$]+(?:-[\p{L}\p{N}_$]+)*$/u;

/**
 * One part of a name as SQL writes it: plain where that is possible, because Snowflake keeps Panther's names in upper case
 * and the catalogue shows them in lower case, so that quoting would make them another name. Else quoted. Undefined for text
 * that no table or column of Panther is named: such a name is not made into SQL at all.
 */
export function sqlName(name: string, dialect: SqlDialect): string | undefined {
  if (plainName.test(name)) return name;
  if (name.length > 255 || !quotableName.test(name) || stripHidden(name) !== name) return undefined;
  return dialect === 'databricks' ? `\`${name}\`` : `"${name}"`;
}

/**
 * How SQL names a table of the catalogue: `database.public.table` on Snowflake; on Databricks the catalogue's own names, with
 * back-ticks where needed. `database` may hold its schema already. Undefined when a part cannot be a name, see sqlName.
 */
export function sqlTable(database: string, table: string, dialect: SqlDialect): string | undefined {
  const parts = database.split('.');
  const schema = schemaOf[dialect];
  if (schema !== undefined && parts.length === 1) parts.push(schema);
  const names = [...parts, table].map((part) => sqlName(part, dialect));
  return names.includes(undefined) ? undefined : names.join('.');
}

/** The schema that a database of this dialect may be spelled with, in lower case. */
export function impliedSchema(dialect: SqlDialect): string | undefined {
  return schemaOf[dialect];
}

/** `p_event_time` within the last `hours` (a whole number) by the data lake's own clock. */
export function inLastHours(hours: number, dialect: SqlDialect): string {
  const now = dialect === 'databricks' ? 'current_timestamp()' : 'current_timestamp';
  const span = dialect === 'databricks' ? `INTERVAL ${hours} HOURS` : `interval '${hours} hours'`;
  return `p_event_time >= ${now} - ${span} AND p_event_time <= ${now}`;
}

/** The newest rows of a table, at most `limit`; `hours` is undefined for a table without p_event_time. */
export function newestRows(table: string, hours: number | undefined, limit: number, dialect: SqlDialect): string {
  const window = hours === undefined ? '' : ` WHERE ${inLastHours(hours, dialect)} ORDER BY p_event_time DESC`;
  return `SELECT * FROM ${table}${window} LIMIT ${limit}`;
}
