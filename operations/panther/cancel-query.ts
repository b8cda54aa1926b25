import { z } from 'zod';
import { defineOperation } from '../operation';
import { Deadline } from '../retry';
import { PantherClient } from './client';
import { readQueryFacts, stopQuery } from './query-life-cycle';
import { queryRecord, shapeQuery } from './query-shape';

const waitMs = 30_000;
const firstLookMs = 300;
const slowestLookMs = 2_000;
/** A query that takes longer than this to stop is reported as it is. */
const stoppingMs = 10_000;

export const cancelQuery = defineOperation({
  name: 'cancel_query',
  toolset: 'panther',
  resource: 'Query',
  title: 'Cancel',
  action: 'Cancel a query',
  description:
    'Stops a query of the data lake by its id, whoever started it, and says what its status was and is. A query that has ended is left as it is: its rows stay readable. What it has scanned is billed all the same.',
  effect: 'write',
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
  }),
  output: z.object({
    query_id: z.string(),
    cancelled: z.boolean().describe('True when this call stopped it'),
    status_before: z.string().describe('running, succeeded, failed or cancelled'),
    status: z.string().describe('The same after the call; running when Panther had not stopped it within 10 s'),
    query: queryRecord,
  }),
  example: { query_id: '$query_id' },
  varies: ['query_id', 'query.id', 'query.started_at', 'query.completed_at'],
  echoOnError: ['query_id'],
  async run(ports, { query_id: id }) {
    const client = await PantherClient.connect(ports, new Deadline(ports, waitMs));
    const before = shapeQuery(await readQueryFacts(client, id));
    if (before.status !== 'running') {
      return { query_id: id, cancelled: false, status_before: before.status, status: before.status, query: before };
    }
    await stopQuery(client, id);
    let after = shapeQuery(await readQueryFacts(client, id));
    let delay = firstLookMs;
    for (let waited = 0; after.status === 'running' && waited < stoppingMs; waited += delay) {
      delay = Math.min(delay * 1.5, slowestLookMs);
      if (!(await client.deadline.wait(delay))) break;
      after = shapeQuery(await readQueryFacts(client, id));
    }
    return {
      query_id: id,
      cancelled: after.status === 'cancelled',
      status_before: before.status,
      status: after.status,
      query: after,
    };
  },
});
