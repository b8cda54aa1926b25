import { QueryFailedError, type QueryFailure } from '../errors';
import { Deadline } from '../retry';
import { cleanLine } from '../text';
import { databaseNames, matchDatabase, readTableSchema, type TableSchema, tableNames } from './catalogue';
import type { PantherClient } from './client';
import { sqlName, sqlTable } from './dialect';
import { namedTables } from './named-tables';
import { closestNames, nameParts, parseTableName } from './table-names';

/** A failed query has made somebody wait already. */
const mostMs = 2_000;
const mostNames = 3;

/** The part of a failed query that hints are made from. */
interface Failed {
  sql: string;
  /** Default database of the query's table names. */
  database: string;
  /** The data lake's own text. */
  text: string;
}

/**
 * Names of the catalogue that a failed query may have meant, at most three: tables for a missing table, columns of the
 * query's tables for a bad identifier; as SQL names them. `text` is what the data lake said. Best effort in two seconds: empty when
 * nothing comes close or the catalogue cannot be read. Never throws.
 */
export async function namesMeant(
  client: PantherClient,
  kind: QueryFailure,
  text: string,
  sql: string,
  database: string,
): Promise<string[]> {
  const find = kind === 'missing_table' ? tablesMeant : kind === 'bad_identifier' ? columnsMeant : undefined;
  if (find === undefined || client.ports.signal.aborted) return [];
  const found = new Set<string>();
  try {
    const brief = client.over(client.ports, new Deadline(client.ports, mostMs));
    await find(brief, { sql, database, text }, found);
  } catch {
    client.ports.log.debug('not all names that a failed query may have meant could be looked for', { kind });
  }
  return [...found].slice(0, mostNames).map((name) => cleanLine(name, 300));
}

/**
 * Adds "did you mean" to the error of a query that failed over a name, in its text and as `did_you_mean` in its details. Any
 * other error stays as it is. Never throws.
 */
export async function suggestNames(
  client: PantherClient,
  error: unknown,
  sql: string,
  database: string,
): Promise<void> {
  if (!(error instanceof QueryFailedError)) return;
  const names = await namesMeant(client, error.kind, String(error.details.text ?? ''), sql, database);
  if (names.length === 0) return;
  error.message = `${error.message} Did you mean ${names.join(', ')}?`;
  Object.assign(error.details, { did_you_mean: names.join(', ') });
}

async function tablesMeant(client: PantherClient, { sql, database, text }: Failed, found: Set<string>): Promise<void> {
  const { dialect } = client.settings;
  const asked = namedTables(sql).map((name) => parseTableName(name, database, dialect));
  const told = text.toLowerCase();
  const mentioned = asked.filter(({ table }) => told.includes(table.toLowerCase()));
  const databases = await databaseNames(client);
  for (const { database: owner, table } of mentioned.length > 0 ? mentioned : asked) {
    const match = matchDatabase(owner, databases, dialect);
    const near = match === undefined ? closestNames(owner, databases) : [match];
    for (const name of near) for (const like of await tablesLike(client, name, table)) found.add(like);
    // The right name in the wrong database.
    for (const name of databases) {
      if (found.size > 0) break;
      for (const like of await tablesLike(client, name, table, true)) found.add(like);
    }
  }
}

/** Tables of a database whose names come close, as SQL names them. */
async function tablesLike(client: PantherClient, database: string, table: string, sameName = false): Promise<string[]> {
  const names = (await tableNames(client, database)).map(({ name }) => name);
  const wanted = table.toLowerCase();
  const same = names.filter((name) => name.toLowerCase() === wanted);
  const near = same.length > 0 || sameName ? same : closestNames(table, names);
  return near.flatMap((name) => sqlTable(database, name, client.settings.dialect) ?? []);
}

/** What Snowflake and Databricks call the column that they do not know. */
const unknownColumn = [/invalid identifier '([^'\n]{1,300})'/i, /with name ((?:`[^`\n]{1,200}`\.?){1,6})/i] as const;

async function columnsMeant(client: PantherClient, failed: Failed, found: Set<string>): Promise<void> {
  const given = unknownColumn.map((pattern) => pattern.exec(failed.text)?.[1]).find((name) => name !== undefined);
  if (given === undefined) return;
  const schemas = await schemasOf(client, failed);
  const columns = schemas.flatMap((schema) => schema.columns);
  const parts = nameParts(asWritten(given, failed.sql));
  const path = pathIntoColumn(parts, columns, client);
  if (path !== undefined) {
    found.add(path);
    return;
  }
  const wanted = parts[parts.length - 1] ?? '';
  const same = columns.find(({ name }) => name.toLowerCase() === wanted.toLowerCase());
  // The column is there: then its quotes were wrong, or the alias in front of it, about which nothing is known here.
  if (same !== undefined && !given.includes('"')) return;
  const near = same === undefined ? closestNames(wanted, [...new Set(columns.map(({ name }) => name))]) : [same.name];
  for (const name of near) {
    const spelled = sqlName(name, client.settings.dialect);
    if (spelled !== undefined) found.add(spelled);
  }
}

async function schemasOf(client: PantherClient, { sql, database }: Failed): Promise<TableSchema[]> {
  const { dialect } = client.settings;
  const databases = await databaseNames(client);
  const reads = namedTables(sql).map(async (name) => {
    const asked = parseTableName(name, database, dialect);
    const owner = matchDatabase(asked.database, databases, dialect) ?? asked.database;
    // A name that is no table of the catalogue has no columns to offer; the others still have.
    return readTableSchema(client, { database: owner, table: asked.table }).catch(() => undefined);
  });
  return (await Promise.all(reads)).filter((schema) => schema !== undefined);
}

/** Snowflake tells names in upper case; paths into JSON depend on case, so the query's own spelling is taken. */
function asWritten(name: string, sql: string): string {
  const at = sql.toLowerCase().indexOf(name.toLowerCase());
  return at === -1 ? name : sql.slice(at, at + name.length);
}

/** `userIdentity.arn` where `userIdentity` holds JSON: Snowflake takes the first dot for that of a table. */
function pathIntoColumn(
  parts: readonly string[],
  columns: TableSchema['columns'],
  client: PantherClient,
): string | undefined {
  if (client.settings.dialect !== 'snowflake') return undefined;
  for (const [at, part] of parts.slice(0, -1).entries()) {
    const column = columns.find(({ name }) => name.toLowerCase() === part.toLowerCase());
    if (!/variant|object/i.test(column?.type ?? '')) continue;
    const names = [...parts.slice(0, at), column?.name ?? '', ...parts.slice(at + 1)];
    if (!names.every((name) => sqlName(name, 'snowflake') === name)) return undefined;
    return `${names.slice(0, at + 1).join('.')}:${names.slice(at + 1).join('.')}`;
  }
  return undefined;
}
