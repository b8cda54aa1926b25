import { z } from 'zod';
import { defineOperation } from '../operation';
import { Deadline } from '../retry';
import { cleanLine, cleanText } from '../text';
import { PantherClient } from './client';
import { sqlName, sqlTable } from './dialect';
import { findTable } from './find-table';
import { readOffset, sliceAt } from './offset-cursor';
import { closestNames, parseTableName } from './table-names';

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
  column_contains: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe('Only columns whose name or description contains this text; case does not matter'),
  limit: z.number().int().min(1).max(2000).default(500).describe('Most columns to return, 1 to 2000; default 500'),
  cursor: z.string().max(20).optional().describe('next of an earlier call with the same filter, to go on there'),
});

const output = z.object({
  database: z.string(),
  table: z.string(),
  qualified_name: z
    .string()
    .nullable()
    .describe('As SQL names it; null for a name with characters that no table of Panther has'),
  log_type: z.string().nullable().describe('Panther log type, e.g. AWS.CloudTrail'),
  description: z.string().nullable(),
  columns: z.array(
    z.object({
      name: z.string(),
      sql_name: z.string().nullable().describe('As SQL names it, quoted where needed; null when it cannot be named'),
      type: z.string().nullable().describe("The data lake's own type name"),
      description: z.string().nullable(),
    }),
  ),
  count: z.number().int().describe('Columns in this answer'),
  total: z.number().int().describe('Columns of the table'),
  complete: z.boolean().describe('False when there are more'),
  next: z.string().nullable().describe('Give it as cursor to go on; null when complete'),
  did_you_mean: z.array(z.string()).describe('Columns that come close when nothing contains the text; else empty'),
  has_event_time: z.boolean().describe('Whether there is a p_event_time to bound queries by'),
});

export const getTableSchema = defineOperation({
  name: 'get_table_schema',
  toolset: 'panther',
  resource: 'Table',
  title: 'Get Schema',
  action: 'Get the schema of a table',
  description:
    'Returns the columns of one table of the Panther data lake with their types, in the order of the table, at most limit (default 500). An unknown name is answered with the names closest to it. The answer may be up to five minutes old.',
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
  async run(ports, { table, database, column_contains, limit, cursor }) {
    const offset = readOffset(cursor);
    const client = await PantherClient.connect(ports, new Deadline(ports, 60_000));
    const { dialect } = client.settings;
    const { name, schema } = await findTable(client, parseTableName(table, database, dialect));
    const wanted = column_contains?.toLowerCase() ?? '';
    const matching = schema.columns.filter((column) =>
      [column.name, column.description].some((text) => text?.toLowerCase().includes(wanted)),
    );
    const { items, next } = sliceAt(matching, offset, limit);
    const columns = items.map((column) => ({
      name: cleanLine(column.name, 200),
      sql_name: sqlName(column.name, dialect) ?? null,
      type: column.type == null ? null : cleanLine(column.type, 200),
      description: column.description == null ? null : cleanLine(column.description, 500),
    }));
    const names = schema.columns.map((column) => column.name);
    const near = matching.length === 0 && wanted !== '' ? closestNames(wanted, names) : [];
    return {
      database: cleanLine(name.database, 200),
      table: cleanLine(name.table, 200),
      qualified_name: sqlTable(name.database, name.table, dialect) ?? null,
      log_type: schema.logType == null ? null : cleanLine(schema.logType, 200),
      description: schema.description == null ? null : cleanText(schema.description, 2000),
      columns,
      count: columns.length,
      total: schema.columns.length,
      complete: next === null,
      next,
      did_you_mean: near.map((column) => cleanLine(column, 200)),
      has_event_time: names.some((column) => column.toLowerCase() === 'p_event_time'),
    };
  },
});
