import type { z } from 'zod';
import { remembered } from './catalogue-cache';
import type { PantherClient, Purpose } from './client';
import {
  getTable,
  getTableAnswer,
  listDatabases,
  listDatabasesAnswer,
  listTables,
  listTablesAnswer,
  type TableNode,
} from './query-documents';
import { databaseKey, nameParts, type TableName } from './table-names';
import type { SqlDialect } from './tenant-settings';

const toList: Purpose = { permission: 'DataAnalyticsRead', what: 'to list the tables of the data lake' };
const toDescribe: Purpose = { permission: 'DataAnalyticsRead', what: 'to read the schema of a table' };

/** mcp-panther asks for 100 tables a page, so as many are accepted. */
const tablesPerPage = 100;
/** Tables of one database that are read for "did you mean". */
const mostTables = 5_000;

export type DatabaseNode = z.infer<typeof listDatabasesAnswer>['dataLakeDatabases'][number];
export type TableSchema = z.infer<typeof getTableAnswer>['dataLakeDatabaseTable'];

/** Every database, without its tables: asking for both at once returns the whole catalogue. */
export async function readDatabases(client: PantherClient): Promise<DatabaseNode[]> {
  const { data } = await client.read(listDatabases, {}, listDatabasesAnswer, toList);
  return data.dataLakeDatabases;
}

/** Names of the databases, remembered for a while. */
export function databaseNames(client: PantherClient, fresh = false): Promise<readonly string[]> {
  const read = async (): Promise<string[]> => (await readDatabases(client)).map(({ name }) => name);
  return remembered(client, ['databases'], read, fresh);
}

/** The catalogue's own spelling of a database; undefined when it has none by that name, which is asked anew. */
export async function findDatabase(client: PantherClient, wanted: string): Promise<string | undefined> {
  const { dialect } = client.settings;
  const known = matchDatabase(wanted, await databaseNames(client), dialect);
  return known ?? matchDatabase(wanted, await databaseNames(client, true), dialect);
}

/**
 * The catalogue's own spelling of a database; undefined when it has none by that name. On Databricks a schema alone names
 * the database when only one catalogue has it.
 */
export function matchDatabase(wanted: string, databases: readonly string[], dialect: SqlDialect): string | undefined {
  const key = databaseKey(wanted, dialect);
  const same =
    databases.find((name) => name === wanted) ?? databases.find((name) => databaseKey(name, dialect) === key);
  if (same !== undefined || dialect !== 'databricks') return same;
  const ending = databases.filter((name) => nameParts(name).pop()?.toLowerCase() === key);
  return ending.length === 1 ? ending[0] : undefined;
}

export interface TablePage {
  tables: TableNode[];
  next: string | undefined;
  /** Panther promises more and gives no cursor for it. */
  cut: boolean;
}

/** One page of a database's tables. */
export async function readTablePage(client: PantherClient, database: string, cursor?: string): Promise<TablePage> {
  const { data } = await client.read(
    listTables,
    { input: { databaseName: database, pageSize: tablesPerPage, cursor } },
    listTablesAnswer,
    toList,
  );
  const { edges, pageInfo } = data.dataLakeDatabaseTables;
  return {
    tables: edges.map(({ node }) => node),
    next: pageInfo.hasNextPage ? (pageInfo.endCursor ?? undefined) : undefined,
    cut: pageInfo.hasNextPage && pageInfo.endCursor == null,
  };
}

/** Names and log types of the tables of a database, at most 5,000, remembered for a while. */
export function tableNames(
  client: PantherClient,
  database: string,
  fresh = false,
): Promise<readonly Pick<TableNode, 'name' | 'logType'>[]> {
  const read = async (): Promise<Pick<TableNode, 'name' | 'logType'>[]> => {
    const tables: Pick<TableNode, 'name' | 'logType'>[] = [];
    const seen = new Set<string>();
    for (let cursor: string | undefined; tables.length < mostTables; ) {
      const page = await readTablePage(client, database, cursor);
      for (const { name, logType } of page.tables) tables.push({ name, logType });
      if (page.next === undefined || seen.has(page.next)) break;
      seen.add(page.next);
      cursor = page.next;
    }
    return tables.slice(0, mostTables);
  };
  return remembered(client, ['tables', database], read, fresh);
}

/** One table with its columns, by the catalogue's own names; remembered for a while. */
export function readTableSchema(client: PantherClient, { database, table }: TableName): Promise<TableSchema> {
  return remembered(client, ['table', database, table], async () => {
    const input = { databaseName: database, tableName: table };
    const { data } = await client.read(getTable, { input }, getTableAnswer, toDescribe);
    return data.dataLakeDatabaseTable;
  });
}
