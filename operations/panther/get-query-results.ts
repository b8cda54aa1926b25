import { z } from 'zod';
import { defineOperation } from '../operation';
import { Deadline } from '../retry';
import { cleanText } from '../text';
import { PantherClient } from './client';
import { whileQueryRuns } from './query-life-cycle';
import { queryOutput, queryOutputVaries, shapeOutcome, waitInput } from './query-output';
import { awaitRows, startOf } from './query-results';
import { streamQueryResults } from './row-streams';

export const getQueryResults = defineOperation({
  name: 'get_query_results',
  toolset: 'panther',
  resource: 'Query',
  title: 'Get Results',
  action: 'Get the results of a query',
  description:
    'Returns rows of a query that was started before, by its id: nothing runs again and nothing is billed for scanning. Waits up to wait_seconds (default 45) while the query runs; status is running when that was not enough. Returns at most max_rows rows (default 100) and 1,000,000 characters; next continues behind the last row. Works for queries of execute_sql_query, of the console and of schedules, while Panther keeps their results.',
  effect: 'read',
  idempotent: true,
  services: ['panther'],
  permissions: ['DataAnalyticsRead'],
  runs: 'anywhere',
  input: z.object({
    query_id: z
      .string()
      .trim()
      .min(1)
      .max(200)
      .describe('Id of the query, e.g. from execute_sql_query or list_queries'),
    cursor: z
      .string()
      .max(20_000)
      .optional()
      .describe('The next of an earlier answer for the same query; default: from the first row'),
    ...waitInput,
  }),
  output: z.object({
    ...queryOutput,
    sql: z.string().nullable().describe('The SQL that ran, cut at 4000 characters; null when Panther does not say'),
  }),
  example: { query_id: '$query_id', max_rows: 5 },
  varies: queryOutputVaries,
  echoOnError: ['label', 'query_id'],
  list: 'rows',
  stream: streamQueryResults,
  async run(ports, { query_id: id, cursor, max_rows, wait_seconds, label }) {
    // An empty cursor is what a form sends for none.
    const from = cursor?.trim() || undefined;
    startOf(id, max_rows, from);
    const client = await PantherClient.connect(ports, new Deadline(ports, wait_seconds * 1000));
    // Somebody else started it, so it is left running when this call ends early.
    const outcome = await whileQueryRuns(client, id, () => awaitRows(client, id, max_rows, from), false);
    const { sql } = outcome;
    return { ...shapeOutcome(client, { id, label, reused: true }, outcome), sql: sql === null ? null : cleanText(sql) };
  },
});
