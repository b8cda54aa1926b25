import { stripHidden } from '../text';

/**
 * A value as one SQL string literal, whoever wrote it. Quotes and backslashes are both doubled: Snowflake reads a
 * backslash in quotes as an escape, standard SQL does not, and in either reading the literal ends at our own quote.
 * Control and invisible characters are dropped first. This is the only way values enter our queries.
 */
export function sqlText(value: string): string {
  return `'${stripHidden(value)
    .replace(/[\n\t]/g, ' ')
    .replace(/\\/g, '\\\\')
    .replace(/'/g, "''")}'`;
}

/** A non-empty list of literals for `IN (...)`, sorted and without repeats, so that equal sets give equal SQL. */
export function sqlList(values: readonly string[]): string {
  return [...new Set(values)].sort().map(sqlText).join(', ');
}

/** A time as a literal in the form of p_event_time, which is UTC without a zone. */
export function sqlTime(iso: string): string {
  return sqlText(iso.replace('T', ' ').replace('Z', ''));
}
