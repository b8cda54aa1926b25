import { z } from 'zod';
import { BadResponseError, NotFoundOrNoAccessError, UnavailableError } from '../errors';
import { defineOperation } from '../operation';
import { Deadline } from '../retry';
import { cleanLine, cleanText } from '../text';
import { matchDatabase, readDatabases, readTableNames } from './catalogue';
import { PantherClient } from './client';
import { getTable, getTableAnswer } from './query-documents';
import { closestNames, parseTableName, qualifiedName, type TableName } from './table-names';

const input = z.object({
  table: z
    .string()
    .min(1)
    .max(500)
    .describe('Table name, e.g. aws_cloudtrail, or qualified: panther_logs.public.aws_cloudtrail'),
  database: z
    .string()
    .min(1)
    .max(200)
    .default('panther_logs')
    .describe('Database of the table; default panther_logs. A qualified table name wins over it.'),
});

const output = z.object({
  database: z.string(),
  table: z.string(),
  qualified_name: z.string().describe('As SQL names it'),
  log_type: z.string().nullable().describe('Panther log type, e.g. AWS.CloudTrail'),
  description: z.string().nullable(),
  columns: z.array(
    z.object({
      name: z.string(),
      type: z.string().nullable().describe("The data lake's own type name"),
      description: z.string().nullable(),
    }),
  ),
  count: z.number().int().describe('Number of columns'),
  has_event_time: z.boolean().describe('Whether there is a p_event_time to bound queries by'),
});

export const getTableSchema = defineOperation({
  name: 'get_table_schema',
  toolset: 'panther',
  resource: 'Table',
  title: 'Get Schema',
  action: 'Get the schema of a table',
  description:
    'Returns the columns of one table of the Panther data lake with their types, in the order of the table. An unknown name is answered with the names closest to it.',
  effect: 'read',
  idempotent: true,
  services: ['panther'],
  permissions: ['DataAnalyticsRead'],
  runs: 'anywhere',
  input,
  output,
  example: { table: 'panther_logs.public.aws_cloudtrail' },
  echoOnError: ['table', 'database'],
  list: 'columns',
  async run(ports, { table, database }) {
    const client = await PantherClient.connect(ports, new Deadline(ports, 60_000));
    const asked = parseTableName(table, database);
    const found = await readSchema(client, asked).catch((error: unknown) => lookAgain(client, asked, error));
    const { name, node } = found;
    return {
      database: cleanLine(name.database, 200),
      table: cleanLine(node.name, 200),
      qualified_name: cleanLine(qualifiedName(name.database, node.name), 500),
      log_type: node.logType == null ? null : cleanLine(node.logType, 200),
      description: node.description == null ? null : cleanText(node.description, 2000),
      columns: node.columns.map((column) => ({
        name: cleanLine(column.name, 200),
        type: column.type == null ? null : cleanLine(column.type, 200),
        description: column.description == null ? null : cleanLine(column.description, 500),
      })),
      count: node.columns.length,
      has_event_time: node.columns.some((column) => column.name.toLowerCase() === 'p_event_time'),
    };
  },
});

type TableSchema = z.infer<typeof getTableAnswer>['dataLakeDatabaseTable'];

async function readSchema(client: PantherClient, name: TableName): Promise<{ name: TableName; node: TableSchema }> {
  const { data } = await client.read(
    getTable,
    { input: { databaseName: name.database, tableName: name.table } },
    getTableAnswer,
    { permission: 'DataAnalyticsRead', what: 'to read the schema of a table' },
  );
  return { name, node: data.dataLakeDatabaseTable };
}

/**
 * Panther has no documented code for a table it does not know, so the catalogue decides: another spelling of the same
 * table is read, an unknown one is refused with its neighbours, and for a table that is there the first error stands.
 */
async function lookAgain(
  client: PantherClient,
  asked: TableName,
  error: unknown,
): Promise<{ name: TableName; node: TableSchema }> {
  const mayBeUnknown =
    error instanceof NotFoundOrNoAccessError ||
    (error instanceof BadResponseError && error.details.graphql_code !== 'GRAPHQL_VALIDATION_FAILED') ||
    (error instanceof UnavailableError && error.details.graphql_code !== undefined);
  if (!mayBeUnknown) throw error;
  const databases = await readDatabases(client);
  const database = matchDatabase(asked.database, databases);
  if (database === undefined) throw unknown('database', asked.database, databases);
  const tables = await readTableNames(client, database);
  const table = tables.find((name) => name === asked.table) ?? sameButForCase(asked.table, tables);
  if (table === undefined) {
    throw unknown('table', asked.table, tables, (name) => qualifiedName(database, name));
  }
  if (table === asked.table && database === asked.database) throw error;
  return readSchema(client, { database, table });
}

function sameButForCase(wanted: string, names: readonly string[]): string | undefined {
  return names.find((name) => name.toLowerCase() === wanted.toLowerCase());
}

function unknown(
  kind: 'database' | 'table',
  wanted: string,
  names: readonly string[],
  spell: (name: string) => string = (name) => name,
): NotFoundOrNoAccessError {
  const near = closestNames(wanted, names).map((name) => cleanLine(spell(name), 300));
  const hint = near.length > 0 ? `Did you mean ${near.join(', ')}?` : 'list_available_tables shows what there is.';
  return new NotFoundOrNoAccessError('Panther', `${kind} ${cleanLine(wanted, 200)}`, hint);
}
