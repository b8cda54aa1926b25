import { BadResponseError, MissingPermissionError, NotFoundOrNoAccessError, UnavailableError } from '../errors';
import { cleanLine } from '../text';
import { databaseNames, findDatabase, readTableSchema, type TableSchema, tableNames } from './catalogue';
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
  // The database's name goes into SQL too, so it is the catalogue's and not the caller's.
  const database = await findDatabase(client, asked.database);
  if (database === undefined) throw unknownName('database', asked.database, await databaseNames(client));
  const name = { database, table: asked.table };
  let schema: TableSchema;
  try {
    schema = await readTableSchema(client, name);
  } catch (error) {
    return lookAgain(client, name, error);
  }
  return named(name, schema);
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
  const { database, table: wanted } = asked;
  const spelled = (tables: readonly { name: string }[]): string | undefined =>
    tables.find(({ name }) => name === wanted)?.name ??
    tables.find(({ name }) => name.toLowerCase() === wanted.toLowerCase())?.name;
  let tables = await tableNames(client, database);
  // What is remembered says otherwise than Panther just did: it may have changed.
  if (spelled(tables) === wanted) tables = await tableNames(client, database, true);
  const table = spelled(tables);
  if (table === undefined) {
    const names = [...new Set(tables.map(({ name }) => name))];
    throw unknownName('table', wanted, names, (name) => sqlTable(database, name, client.settings.dialect) ?? name);
  }
  const name = { database, table };
  // The catalogue can be read, so the permission is there: what is missing is access to this one table.
  if (error instanceof MissingPermissionError) throw barredFromTable(name);
  if (table === wanted) throw error;
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
