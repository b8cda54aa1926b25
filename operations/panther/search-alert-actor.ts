import { z } from 'zod';
import { defineOperation } from '../operation';
import { Deadline } from '../retry';
import { cleanLine, cleanText } from '../text';
import { alertIdOf } from './alert-address';
import { PantherClient } from './client';
import { alertIdInput } from './get-alert';
import { whileQueryRuns } from './query-life-cycle';
import { queryOutput, queryOutputVaries, shapeOutcome, waitInput } from './query-output';
import { awaitRows } from './query-results';
import { startActorSearch } from './start-search';

export const searchAlertActor = defineOperation({
  name: 'search_alert_actor',
  toolset: 'panther',
  resource: 'Search',
  title: 'Search Alert Actor',
  action: 'Search for what the actor of an alert did',
  description:
    "Runs Panther's own search for what the actor of an alert did, at most limit rows (default 25). Panther documents neither which rows it chooses nor their columns: they are passed on as they come, cleaned, so look at columns before relying on one. Waits up to wait_seconds (default 45), then status is running and get_query_results goes on. Not every tenant offers this search. Every call starts a search of its own and is billed by what it scans.",
  effect: 'read',
  idempotent: true,
  services: ['panther'],
  permissions: ['DataAnalyticsRead'],
  runs: 'anywhere',
  input: z.object({
    alert_id: alertIdInput,
    limit: z.number().int().min(1).max(100).default(25).describe('Most rows to return, 1 to 100; default 25'),
    wait_seconds: waitInput.wait_seconds,
    label: waitInput.label,
  }),
  output: z.object({
    alert_id: z.string(),
    sql: z.string().nullable().describe('The SQL that Panther wrote; null when it does not say'),
    ...queryOutput,
  }),
  example: { alert_id: '$alert_id', limit: 5 },
  varies: queryOutputVaries,
  echoOnError: ['alert_id', 'label'],
  list: 'rows',
  async run(ports, { alert_id, limit, wait_seconds, label }) {
    const client = await PantherClient.connect(ports, new Deadline(ports, wait_seconds * 1000));
    const alertId = alertIdOf(alert_id, client.endpoints);
    const id = await startActorSearch(client, alertId, limit);
    ports.log.info('search started', { query_id: id });
    ports.progress(`Search ${id} was started`, 0, wait_seconds);
    const outcome = await whileQueryRuns(client, id, () => awaitRows(client, id, limit));
    return {
      alert_id: cleanLine(alertId, 500),
      sql: outcome.sql === null ? null : cleanText(outcome.sql),
      ...shapeOutcome(client, { id, label, reused: false }, outcome),
    };
  },
});
