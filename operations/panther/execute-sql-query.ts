import { z } from 'zod';
import { QueryFailedError } from '../errors';
import { defineOperation } from '../operation';
import { Deadline } from '../retry';
import { PantherClient } from './client';
import { whileQueryRuns } from './query-life-cycle';
import { type Obtained, obtainQuery } from './query-memory';
import { queryOutput, queryOutputVaries, shapeOutcome, waitInput } from './query-output';
import { awaitRows, type RowsOutcome } from './query-results';
import { streamSqlQuery } from './row-streams';
import { assertAllowedSql } from './sql/guard';
import { suggestNames } from './suggestions';

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
  ...waitInput,
  reuse: z
    .boolean()
    .default(true)
    .describe(
      'Whether the same SQL may be answered by a query that this credential has running, or has run in the last five minutes (the cache time is a setting of the connection); default true. False runs it again, and bills it again',
    ),
});

export const executeSqlQuery = defineOperation({
  name: 'execute_sql_query',
  toolset: 'panther',
  resource: 'Query',
  title: 'Execute SQL',
  action: 'Execute a SQL query',
  description:
    'Runs one SELECT statement on the Panther data lake and returns its rows. Waits up to wait_seconds (default 45); a query that takes longer is no error: status is running, and get_query_results goes on with its query_id. The same SQL within the cache time (default 5 minutes) is answered by the query that ran (reused, age_seconds). Returns at most max_rows rows (default 100) and 1,000,000 characters; row_count is the true total, complete says whether anything is missing, and next continues. Scanning is billed by the data lake, so select columns, bound p_event_time and aggregate where possible. list_available_tables and get_table_schema show what can be asked; explain_query checks SQL without running it.',
  effect: 'read',
  idempotent: true,
  services: ['panther'],
  permissions: ['DataAnalyticsRead'],
  runs: 'anywhere',
  input,
  output: z.object(queryOutput),
  example: {
    sql: "SELECT eventSource, count(*) AS events FROM panther_logs.public.aws_cloudtrail WHERE p_occurs_since('90 days') GROUP BY eventSource ORDER BY events DESC, eventSource",
    label: 'events by source',
  },
  varies: queryOutputVaries,
  echoOnError: ['label', 'sql'],
  list: 'rows',
  stream: streamSqlQuery,
  async run(ports, { sql, database, max_rows, wait_seconds, label, reuse }) {
    const client = await PantherClient.connect(ports, new Deadline(ports, wait_seconds * 1000));
    assertAllowedSql(sql, { database, settings: client.settings, now: ports.now() });
    const { query, outcome } = await runToRows(client, { sql, database, reuse }, max_rows);
    return shapeOutcome(client, { id: query.id, label, reused: query.reused }, outcome);
  },
});

/** A query for the SQL and what waiting for it came to. One that was found and then ended badly is run anew, once. */
async function runToRows(
  client: PantherClient,
  { sql, database, reuse }: { sql: string; database: string; reuse: boolean },
  maxRows: number,
): Promise<{ query: Obtained; outcome: RowsOutcome }> {
  const query = await obtainQuery(client, sql, database, reuse);
  const { id, reused } = query;
  client.ports.log.info(reused ? 'query found' : 'query started', { query_id: id });
  client.ports.progress(
    `Query ${id} was ${reused ? 'found' : 'started'}`,
    0,
    Math.round(client.deadline.totalMs / 1000),
  );
  try {
    return { query, outcome: await whileQueryRuns(client, id, () => awaitRows(client, id, maxRows), !reused) };
  } catch (error) {
    const ended = error instanceof QueryFailedError || (!reused && client.ports.signal.aborted);
    if (ended) await query.forget();
    if (!(error instanceof QueryFailedError && error.kind === 'cancelled' && reused)) {
      await suggestNames(client, error, sql, database);
      throw error;
    }
    return runToRows(client, { sql, database, reuse: false }, maxRows);
  }
}
