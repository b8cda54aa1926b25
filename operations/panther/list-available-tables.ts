import { z } from 'zod';
import { InvalidInputError } from '../errors';
import { defineOperation } from '../operation';
import { Deadline } from '../retry';
import { cleanLine } from '../text';
import { matchDatabase, readDatabases, readTablePage, tableNames } from './catalogue';
import { PantherClient } from './client';
import { sqlTable } from './dialect';
import { unknownName } from './find-table';
import { closestNames } from './table-names';

const input = z.object({
  database: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe('Only this database, e.g. panther_logs; all databases unless given'),
  name_contains: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe('Only tables whose name, display name or log type contains this text; case does not matter'),
  limit: z.number().int().min(1).max(1000).default(100).describe('Most tables to return, 1 to 1000; default 100'),
  cursor: z.string().max(4000).optional().describe('next of an earlier call with the same filters, to go on there'),
});

const table = z.object({
  database: z.string(),
  name: z.string(),
  qualified_name: z
    .string()
    .nullable()
    .describe('As SQL names it; null for a name with characters that no table of Panther has'),
  display_name: z.string().nullable(),
  description: z.string().nullable(),
  log_type: z.string().nullable().describe('Panther log type, e.g. AWS.CloudTrail'),
});

const output = z.object({
  tables: z.array(table),
  count: z.number().int().describe('Tables in this answer'),
  complete: z.boolean().describe('False when there are more'),
  next: z.string().nullable().describe('Give it as cursor to go on; null when there is nothing to go on with'),
  did_you_mean: z
    .array(z.string())
    .describe('Names that come close when no table of the database contains the text; else empty'),
});

export const listAvailableTables = defineOperation({
  name: 'list_available_tables',
  toolset: 'panther',
  resource: 'Table',
  title: 'Get Many',
  action: 'Get many tables',
  description:
    'Lists the tables and views of the Panther data lake from its catalogue, of one database or of all, at most limit (default 100). Tables that the role of the token may not read are not listed. Use qualified_name in SQL.',
  effect: 'read',
  idempotent: true,
  services: ['panther'],
  permissions: ['DataAnalyticsRead'],
  runs: 'anywhere',
  input,
  output,
  example: { database: 'panther_logs' },
  varies: ['next'],
  echoOnError: ['database'],
  list: 'tables',
  async run(ports, { database, name_contains, limit, cursor }) {
    const client = await PantherClient.connect(ports, new Deadline(ports, 60_000));
    const databases = await wantedDatabases(client, database);
    const wanted = name_contains?.toLowerCase();
    const tables: z.infer<typeof table>[] = [];
    const seen = new Set<string>();
    let position: Position | undefined = cursor === undefined ? startOf(databases, 0) : parsePosition(cursor);
    let isWhole = position?.isWhole !== false;
    if (position !== undefined && position.after !== null)
      seen.add(`${databases.indexOf(position.database)}:${position.after}`);

    while (position !== undefined) {
      const { database: current, after, skip }: Position = position;
      const index = databases.indexOf(current);
      if (index === -1)
        throw new InvalidInputError('cursor', `is for a database that is not listed now; start again without it`);
      const page = await readTablePage(client, current, after ?? undefined);
      for (const [offset, node] of page.tables.entries()) {
        const matches =
          wanted === undefined ||
          [node.name, node.displayName, node.logType].some((text) => text?.toLowerCase().includes(wanted));
        if (offset < skip || !matches) continue;
        if (tables.length === limit) return answer(tables, { database: current, after, skip: offset, isWhole }, []);
        tables.push({
          database: cleanLine(current, 200),
          name: cleanLine(node.name, 200),
          qualified_name: sqlTable(current, node.name, client.settings.dialect) ?? null,
          display_name: node.displayName == null ? null : cleanLine(node.displayName, 300),
          description: node.description == null ? null : cleanLine(node.description, 500),
          log_type: node.logType == null ? null : cleanLine(node.logType, 200),
        });
      }
      const again = page.next !== undefined && seen.has(`${index}:${page.next}`);
      // A cursor seen before would lead in circles. What is behind it stays unread, and so does what has no cursor.
      if (again || page.cut) isWhole = false;
      const goesOn = page.next !== undefined && !again;
      if (goesOn) seen.add(`${index}:${page.next}`);
      position = goesOn
        ? { database: current, after: page.next ?? null, skip: 0, isWhole }
        : startOf(databases, index + 1);
    }
    const near = await closeTo(client, databases, wanted, cursor === undefined && tables.length === 0);
    return { ...answer(tables, undefined, near), complete: isWhole };
  },
});

/** Where to go on: in which database, after which of Panther's cursors, and how many tables of that page are done. */
interface Position {
  database: string;
  after: string | null;
  skip: number;
  /** False when something before it could not be read, so that the end is not called complete. */
  isWhole: boolean;
}

const positionSchema = z.tuple([z.string(), z.string().nullable(), z.number().int().min(0), z.boolean()]);

function startOf(databases: readonly string[], index: number): Position | undefined {
  const database = databases[index];
  return database === undefined ? undefined : { database, after: null, skip: 0, isWhole: true };
}

function parsePosition(cursor: string): Position {
  let value: unknown;
  try {
    value = JSON.parse(cursor);
  } catch {
    value = undefined;
  }
  const position = positionSchema.safeParse(value);
  if (!position.success) throw new InvalidInputError('cursor', 'is not a next value of this operation');
  const [database, after, skip, isWhole] = position.data;
  return { database, after, skip, isWhole };
}

function answer(
  tables: z.infer<typeof table>[],
  rest: Position | undefined,
  near: readonly string[],
): z.infer<typeof output> {
  return {
    tables,
    count: tables.length,
    complete: rest === undefined,
    next: rest === undefined ? null : JSON.stringify([rest.database, rest.after, rest.skip, rest.isWhole]),
    did_you_mean: near.map((name) => cleanLine(name, 300)),
  };
}

/** For a filter that found nothing: what it may have meant. */
async function closeTo(
  client: PantherClient,
  databases: readonly string[],
  wanted: string | undefined,
  foundNothing: boolean,
): Promise<string[]> {
  if (wanted === undefined || !foundNothing) return [];
  const names = new Set<string>();
  for (const database of databases) for (const { name } of await tableNames(client, database)) names.add(name);
  return closestNames(wanted, [...names]);
}

async function wantedDatabases(client: PantherClient, database: string | undefined): Promise<string[]> {
  const databases = (await readDatabases(client)).map(({ name }) => name);
  if (database === undefined) return databases;
  const match = matchDatabase(database, databases, client.settings.dialect);
  if (match === undefined) throw unknownName('database', database, databases);
  return [match];
}
