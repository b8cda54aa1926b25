import { z } from 'zod';
import { BadResponseError, InvalidInputError } from '../errors';
import { defineOperation } from '../operation';
import { Deadline } from '../retry';
import { cleanLine } from '../text';
import { databaseNames, findDatabase, tableNames } from './catalogue';
import { PantherClient } from './client';
import { newestRows, sqlTable } from './dialect';
import { type FoundTable, findTable, unknownName } from './find-table';
import { whileQueryRuns } from './query-life-cycle';
import { obtainQuery } from './query-memory';
import { queryOutput, queryOutputVaries, shapeOutcome, waitInput } from './query-output';
import { awaitRows } from './query-results';
import { checkSql } from './sql/guard';
import { parseTableName, type TableName } from './table-names';

const input = z.object({
  log_type: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe('Log type, e.g. AWS.CloudTrail; case does not matter. Give this or table'),
  table: z
    .string()
    .min(1)
    .max(500)
    .optional()
    .describe(
      'Table name, e.g. aws_cloudtrail, or qualified: panther_logs.public.aws_cloudtrail. Give this or log_type',
    ),
  database: z
    .string()
    .min(1)
    .max(200)
    .default('panther_logs')
    .describe('Database of the table; default panther_logs. A qualified table name wins over it.'),
  limit: z.number().int().min(1).max(100).default(10).describe('Most events to return, 1 to 100; default 10'),
  lookback_hours: z
    .number()
    .int()
    .min(1)
    .max(87_600)
    .default(24)
    .describe(
      'Hours back from now to look for events, default 24. More costs more; at most the longest window that the connection allows',
    ),
  wait_seconds: waitInput.wait_seconds,
  label: waitInput.label,
});

export const getSampleLogEvents = defineOperation({
  name: 'get_sample_log_events',
  toolset: 'panther',
  resource: 'Table',
  title: 'Get Sample Events',
  action: 'Get sample events of a table',
  description:
    'Returns the newest events of one log type or table of the Panther data lake with all their columns, to see what they look like: at most limit (default 10) from the last lookback_hours (default 24). Says which SQL ran. A table without p_event_time, such as a lookup table, gives any of its rows. Scanning is billed by the data lake.',
  effect: 'read',
  idempotent: true,
  services: ['panther'],
  permissions: ['DataAnalyticsRead'],
  runs: 'anywhere',
  input,
  output: z.object({
    database: z.string(),
    table: z.string(),
    log_type: z.string().nullable(),
    sql: z.string().describe('The SQL that ran'),
    lookback_hours: z.number().int().nullable().describe('Null for a table without p_event_time'),
    ...queryOutput,
    note: z.string().nullable().describe('What to do when there are no events; else null'),
  }),
  example: { log_type: 'Okta.SystemLog', limit: 3, lookback_hours: 48 },
  varies: queryOutputVaries,
  echoOnError: ['log_type', 'table', 'database', 'label'],
  list: 'rows',
  async run(ports, { log_type, table, database, limit, lookback_hours, wait_seconds, label }) {
    if ((log_type === undefined) === (table === undefined)) {
      throw new InvalidInputError(log_type === undefined ? 'table' : 'log_type', 'give either log_type or table');
    }
    const client = await PantherClient.connect(ports, new Deadline(ports, wait_seconds * 1000));
    const { maxWindowDays, dialect } = client.settings;
    if (lookback_hours > maxWindowDays * 24) {
      throw new InvalidInputError(
        'lookback_hours',
        `is more than the ${maxWindowDays} days that one query may read here; the connection's longest window is a setting`,
      );
    }
    const asked =
      table === undefined
        ? await tableOfLogType(client, log_type ?? '', database)
        : parseTableName(table, database, dialect);
    const { name, schema } = await findTable(client, asked);
    const hasTime = schema.columns.some((column) => column.name.toLowerCase() === 'p_event_time');
    const hours = hasTime ? lookback_hours : undefined;
    const sql = newestRows(allowedName({ name, schema }, dialect), hours, limit, dialect);
    refuseBarredDatabase(sql, name, client, ports.now());
    const query = await obtainQuery(client, sql, 'panther_logs', true);
    const outcome = await whileQueryRuns(client, query.id, () => awaitRows(client, query.id, limit), !query.reused);
    const isEmpty = outcome.state === 'succeeded' && outcome.rows.length === 0;
    return {
      database: cleanLine(name.database, 200),
      table: cleanLine(name.table, 200),
      log_type: schema.logType == null ? null : cleanLine(schema.logType, 200),
      sql,
      lookback_hours: hours ?? null,
      ...shapeOutcome(client, { id: query.id, label, reused: query.reused }, outcome),
      note: isEmpty ? nothingFound(hours) : null,
    };
  },
});

function nothingFound(hours: number | undefined): string {
  return hours === undefined
    ? 'The table has no rows that this token may read.'
    : `No event in the last ${hours} hours. A larger lookback_hours looks further back; list_log_sources shows whether the source still sends.`;
}

/** The catalogue may show databases that SQL may not read here; no other way leads into them. */
function refuseBarredDatabase(sql: string, { database }: TableName, { settings }: PantherClient, now: Date): void {
  const problems = checkSql(sql, { database: 'panther_logs', settings, now });
  if (!problems.some(({ rule }) => rule === 'database')) return;
  throw new InvalidInputError(
    'database',
    `${cleanLine(database, 200)} is not among the databases of Panther or of the settings; have it added to the credential's list of databases`,
  );
}

/** Only a name that is in the catalogue, and is a name, goes into SQL. */
function allowedName({ name }: FoundTable, dialect: PantherClient['settings']['dialect']): string {
  const sqlName = sqlTable(name.database, name.table, dialect);
  if (sqlName !== undefined) return sqlName;
  throw new BadResponseError(
    'Panther',
    `its catalogue calls a table "${cleanLine(`${name.database}.${name.table}`, 200)}", which is not a name that is put into SQL`,
  );
}

/** The table of a database that holds a log type, by the catalogue. Throws NotFoundOrNoAccessError with log types like it. */
async function tableOfLogType(client: PantherClient, logType: string, database: string): Promise<TableName> {
  const owner = await findDatabase(client, database);
  if (owner === undefined) throw unknownName('database', database, await databaseNames(client));
  const tables = await tableNames(client, owner);
  const wanted = logType.trim().toLowerCase();
  const found = tables.find((table) => table.logType?.toLowerCase() === wanted);
  if (found !== undefined) return { database: owner, table: found.name };
  const types = tables.flatMap((table) => (table.logType ? [table.logType] : []));
  throw unknownName('log type', logType, [...new Set(types)]);
}
