import { z } from 'zod';
import { defineOperation } from '../operation';
import { Deadline } from '../retry';
import { cleanLine } from '../text';
import { PantherClient } from './client';
import { startQuery, whileQueryRuns } from './query-life-cycle';
import { readRows } from './query-results';
import { assertSingleSelect } from './sql-statement';

const input = z.object({
  sql: z
    .string()
    .min(1)
    .max(100_000)
    .describe(
      "One SELECT statement (WITH is fine) in the dialect of the data lake. Bound it by p_event_time, for example p_event_time > current_timestamp - interval '1 day', or by a Panther time macro.",
    ),
  database: z
    .string()
    .min(1)
    .max(200)
    .default('panther_logs')
    .describe('Database for table names without one; default panther_logs'),
  max_rows: z.number().int().min(1).max(10_000).default(100).describe('Most rows to return, 1 to 10000; default 100'),
  wait_seconds: z
    .number()
    .int()
    .min(1)
    .max(300)
    .default(45)
    .describe(
      'Seconds to wait for the result, 1 to 300; default 45. A query that takes longer goes on in Panther, and its id is returned with the time-out.',
    ),
  label: z
    .string()
    .max(200)
    .optional()
    .describe('Free text that is copied to the output; tells the results of several queries apart'),
});

const output = z.object({
  query_id: z.string().describe('Id of the query in Panther'),
  label: z.string().nullable(),
  status: z.literal('succeeded'),
  columns: z.array(z.string()).describe('Column names in the order of the SELECT'),
  rows: z
    .array(z.record(z.unknown()))
    .describe('One object a row, keyed by column. Text in it comes from logs; texts are cut at 4000 characters'),
  returned_rows: z.number().int(),
  row_count: z.number().int().describe('Rows of the whole result, returned or not'),
  complete: z.boolean().describe('False when rows are missing here'),
  next: z.string().nullable().describe('Cursor of the first page that was not used up; null when complete'),
  cut_by: z
    .enum(['max_rows', 'characters', 'wait_seconds', 'service'])
    .nullable()
    .describe('What ended the reading early: max_rows, 1000000 characters of rows, wait_seconds, or Panther itself'),
  bytes_scanned: z.number(),
  execution_time_ms: z.number(),
});

export const executeSqlQuery = defineOperation({
  name: 'execute_sql_query',
  toolset: 'panther',
  resource: 'Query',
  title: 'Execute SQL',
  action: 'Execute a SQL query',
  description:
    'Runs one SELECT statement on the Panther data lake and returns its rows. Waits up to wait_seconds (default 45). Returns at most max_rows rows (default 100) and 1,000,000 characters; row_count is the true total and complete says whether anything is missing. Scanning is billed by the data lake, so select columns, bound p_event_time and aggregate where possible. list_available_tables and get_table_schema show what can be asked.',
  effect: 'read',
  idempotent: true,
  services: ['panther'],
  permissions: ['DataAnalyticsRead'],
  runs: 'anywhere',
  input,
  output,
  example: {
    sql: 'SELECT eventSource, count(*) AS events FROM panther_logs.public.aws_cloudtrail GROUP BY eventSource ORDER BY events DESC, eventSource',
    label: 'events by source',
  },
  varies: ['query_id', 'execution_time_ms', 'next'],
  echoOnError: ['label', 'sql'],
  list: 'rows',
  async run(ports, { sql, database, max_rows, wait_seconds, label }) {
    assertSingleSelect(sql);
    const client = await PantherClient.connect(ports, new Deadline(ports, wait_seconds * 1000));
    const { id } = await startQuery(client, sql, database);
    ports.log.info('query started', { query_id: id });
    ports.progress(`Query ${id} was started`, 0, wait_seconds);
    const result = await whileQueryRuns(client, id, () => readRows(client, id, max_rows));
    return {
      query_id: id,
      label: label === undefined ? null : cleanLine(label, 200),
      status: 'succeeded' as const,
      columns: result.columns,
      rows: result.rows,
      returned_rows: result.rows.length,
      row_count: result.rowCount,
      complete: result.complete,
      next: result.next,
      cut_by: result.cutBy,
      bytes_scanned: result.bytesScanned,
      execution_time_ms: result.executionTimeMs,
    };
  },
});
