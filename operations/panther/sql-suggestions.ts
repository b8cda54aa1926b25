import { CancelledError, OperationError, type QueryFailure } from '../errors';
import { cleanLine } from '../text';
import { databaseNames, matchDatabase, readTableSchema, tableNames } from './catalogue';
import type { PantherClient } from './client';
import { sqlTable } from './dialect';
import { closestNames, nameParts, parseTableName, type TableName } from './table-names';

const mostTables = 5;
const part = '(?:"[^"]+"|`[^`]+`|[\\p{L}_][\\p{L}\\p{N}_$]*)';
const tableAfter = new RegExp(`\\b(?:from|join)\\s+(${part}(?:\\.${part})*)`, 'giu');
/** What stands in quotes in the data lake's text: the name that it does not know. */
const quotedName = /'([^'\n]{1,500})'|`([^\n]{1,500}?)`(?!\.)/;

/**
 * Names that come close to the one the data lake does not know, at most three: tables for a missing table, columns of the
 * statement's tables for a bad identifier. Best effort: empty when nothing comes close or the catalogue cannot be read.
 */
export async function namesMeant(
  client: PantherClient,
  kind: QueryFailure,
  text: string,
  sql: string,
  database: string,
): Promise<string[]> {
  const match = quotedName.exec(text);
  const unknown = match?.[1] ?? match?.[2];
  if (unknown === undefined) return [];
  try {
    if (kind === 'missing_table') return await tablesLike(client, unknown, database);
    if (kind === 'bad_identifier') return await columnsLike(client, unknown, sql, database);
    return [];
  } catch (error) {
    if (error instanceof CancelledError || !(error instanceof OperationError)) throw error;
    return [];
  }
}

async function tablesLike(client: PantherClient, unknown: string, database: string): Promise<string[]> {
  const { dialect } = client.settings;
  const asked = parseTableName(unknown, database, dialect);
  const known = matchDatabase(asked.database, await databaseNames(client), dialect);
  if (known === undefined) return [];
  const names = (await tableNames(client, known)).map(({ name }) => name);
  return closestNames(asked.table, names).map((name) => cleanLine(sqlTable(known, name, dialect) ?? name, 300));
}

async function columnsLike(client: PantherClient, unknown: string, sql: string, database: string): Promise<string[]> {
  const wanted = nameParts(unknown).pop() ?? unknown;
  const columns = new Set<string>();
  for (const table of tablesIn(client, sql, database)) {
    // A WITH of the statement looks like a table and is none.
    const schema = await readTableSchema(client, table).catch((error: unknown) => {
      if (error instanceof CancelledError || !(error instanceof OperationError)) throw error;
      return undefined;
    });
    for (const { name } of schema?.columns ?? []) columns.add(name);
  }
  return closestNames(wanted, [...columns]).map((name) => cleanLine(name, 200));
}

function tablesIn(client: PantherClient, sql: string, database: string): TableName[] {
  const names = new Set([...sql.matchAll(tableAfter)].map(([, name]) => name ?? ''));
  return [...names].slice(0, mostTables).map((name) => parseTableName(name, database, client.settings.dialect));
}
