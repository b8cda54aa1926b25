import { BadResponseError, MissingPermissionError, NotFoundOrNoAccessError, UnavailableError } from '../errors';
import { cleanLine } from '../text';
import { databaseNames, matchDatabase, readTableSchema, type TableSchema, tableNames } from './catalogue';
import type { PantherClient } from './client';
import { sqlTable } from './dialect';
import { closestNames, type TableName } from './table-names';

export interface FoundTable {
  /** As the catalogue spells it. */
  name: TableName;
  schema: TableSchema;
}

/**
 * A table of the catalogue with its columns, whatever spelling it was asked for in. Throws NotFoundOrNoAccessError with the
 * names that come closest.
 */
export async function findTable(client: PantherClient, asked: TableName): Promise<FoundTable> {
  try {
    return named(asked, await readTableSchema(client, asked));
  } catch (error) {
    return lookAgain(client, asked, error);
  }
}

/**
 * Panther has no documented code for a table it does not know, nor for one that the role of the token may not read, so the
 * catalogue decides: another spelling of the same table is read, an unknown one is refused with its neighbours, and for a
 * table that is there the first error stands.
 */
async function lookAgain(client: PantherClient, asked: TableName, error: unknown): Promise<FoundTable> {
  const mayBeUnknown =
    error instanceof NotFoundOrNoAccessError ||
    error instanceof MissingPermissionError ||
    (error instanceof BadResponseError && error.details.graphql_code !== 'GRAPHQL_VALIDATION_FAILED') ||
    (error instanceof UnavailableError && error.details.graphql_code !== undefined);
  if (!mayBeUnknown) throw error;
  const { dialect } = client.settings;
  const databases = await databaseNames(client);
  const database = matchDatabase(asked.database, databases, dialect);
  if (database === undefined) throw unknownName('database', asked.database, databases);
  const tables = (await tableNames(client, database)).map(({ name }) => name);
  const wanted = asked.table.toLowerCase();
  const table = tables.find((name) => name === asked.table) ?? tables.find((name) => name.toLowerCase() === wanted);
  if (table === undefined) {
    throw unknownName('table', asked.table, tables, (name) => sqlTable(database, name, dialect) ?? name);
  }
  const name = { database, table };
  // The catalogue can be read, so the permission is there: what is missing is access to this one table.
  if (error instanceof MissingPermissionError) throw barredFromTable(name);
  if (table === asked.table && database === asked.database) throw error;
  return named(name, await readTableSchema(client, name));
}

/** An answer about another table than the one that was asked for must not be taken for it. */
function named(name: TableName, schema: TableSchema): FoundTable {
  if (schema.name.toLowerCase() !== name.table.toLowerCase()) {
    throw new BadResponseError(
      'Panther',
      `asked for the table ${cleanLine(name.table, 200)}, it described ${cleanLine(schema.name, 200)}`,
    );
  }
  return { name: { database: name.database, table: schema.name }, schema };
}

function barredFromTable({ database, table }: TableName): NotFoundOrNoAccessError {
  return new NotFoundOrNoAccessError(
    'Panther',
    `table ${cleanLine(`${database}.${table}`, 300)} for this token`,
    'The token may query the data lake, but the role it has seems to be limited to other log types.',
  );
}

/** The refusal of a name that is not in the catalogue, with up to three that come closest. */
export function unknownName(
  kind: 'database' | 'table' | 'log type' | 'log type schema',
  wanted: string,
  names: readonly string[],
  spell: (name: string) => string = (name) => name,
): NotFoundOrNoAccessError {
  const near = closestNames(wanted, names).map((name) => cleanLine(spell(name), 300));
  const some = names.slice(0, 20).map((name) => cleanLine(name, 100));
  const hint =
    near.length > 0
      ? `Did you mean ${near.join(', ')}?`
      : names.length === 0
        ? `It shows no ${kind} at all; the role of the token may be limited to other log types.`
        : kind === 'database'
          ? `It has ${some.join(', ')}.`
          : `${kind === 'log type schema' ? 'list_log_type_schemas' : 'list_available_tables'} shows what there is.`;
  return new NotFoundOrNoAccessError('Panther', `${kind} ${cleanLine(wanted, 200)}`, hint);
}
