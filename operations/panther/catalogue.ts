import type { PantherClient, Purpose } from './client';
import { listDatabases, listDatabasesAnswer, listTables, listTablesAnswer, type TableNode } from './query-documents';
import { databaseKey } from './table-names';

const toList: Purpose = { permission: 'DataAnalyticsRead', what: 'to list the tables of the data lake' };

/** mcp-panther asks for 100 tables a page, so as many are accepted. */
export const tablesPerPage = 100;

/** Every database, without its tables: asking for both at once returns the whole catalogue. */
export async function readDatabases(client: PantherClient): Promise<string[]> {
  const { data } = await client.read(listDatabases, {}, listDatabasesAnswer, toList);
  return data.dataLakeDatabases.map(({ name }) => name);
}

/** The catalogue's own spelling of a database; undefined when it has none by that name. */
export function matchDatabase(wanted: string, databases: readonly string[]): string | undefined {
  return (
    databases.find((name) => name === wanted) ?? databases.find((name) => databaseKey(name) === databaseKey(wanted))
  );
}

export interface TablePage {
  tables: TableNode[];
  next: string | undefined;
}

/** One page of a database's tables. A page that promises more without a cursor counts as the last. */
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
  };
}

/** Names of all tables of a database, at most `most`. */
export async function readTableNames(client: PantherClient, database: string, most = 5_000): Promise<string[]> {
  const names: string[] = [];
  const seen = new Set<string>();
  for (let cursor: string | undefined; names.length < most; ) {
    const page = await readTablePage(client, database, cursor);
    for (const table of page.tables) names.push(table.name);
    if (page.next === undefined || seen.has(page.next)) break;
    seen.add(page.next);
    cursor = page.next;
  }
  return names;
}
