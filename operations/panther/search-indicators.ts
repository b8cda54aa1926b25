import { z } from 'zod';
import { defineOperation } from '../operation';
import { Deadline } from '../retry';
import { cleanLine, cleanText } from '../text';
import { PantherClient } from './client';
import { indicatorTypes, longestIndicator, mostIndicators, readIndicators } from './indicators';
import { whileQueryRuns } from './query-life-cycle';
import { queryOutput, queryOutputVaries, shapeOutcome, waitInput } from './query-output';
import { awaitRows } from './query-results';
import { readSearchWindow, searchWindowInput } from './search-window';
import { startIndicatorSearch } from './start-search';

const name = z.string().min(1).max(200);

const input = z.object({
  indicators: z
    // Longer ones are cleaned first and then refused by their index.
    .array(z.string().max(longestIndicator * 4))
    .min(1)
    .max(mostIndicators * 10)
    .describe(
      `What to look for, 1 to ${mostIndicators} texts of at most ${longestIndicator} characters: addresses, domains, hashes, user names, ARNs. Defanged ones (evil[.]example) are put back; duplicates are dropped`,
    ),
  indicator_type: z
    .enum(indicatorTypes)
    .default('AutoDetectType')
    .describe(
      "What the indicators are, by Panther's names; default AutoDetectType. p_any_... looks into that column only; TextSearch finds parts of words and costs most",
    ),
  ...searchWindowInput,
  databases: z.array(name).max(20).optional().describe('Only these databases, e.g. panther_logs; all unless given'),
  tables: z.array(name).max(100).optional().describe('Only these tables, e.g. aws_cloudtrail; all unless given'),
  ...waitInput,
});

export const searchIndicators = defineOperation({
  name: 'search_indicators',
  toolset: 'panther',
  resource: 'Search',
  title: 'Search Indicators',
  action: 'Search for indicators',
  description:
    'Searches all log types of the Panther data lake for indicators (addresses, domains, hashes, users, ARNs) in a time window, by default the last 24 hours. Panther writes the SQL. Waits up to wait_seconds (default 45); a search that takes longer is no error: status is running, and get_query_results goes on with its query_id. Returns at most max_rows rows (default 100). Every call starts a search of its own and is billed by what it scans.',
  effect: 'read',
  idempotent: true,
  services: ['panther'],
  permissions: ['DataAnalyticsRead'],
  runs: 'anywhere',
  input,
  output: z.object({
    indicators: z.array(z.string()).describe('What was searched for'),
    indicator_type: z.enum(indicatorTypes),
    start_time: z.string(),
    end_time: z.string(),
    sql: z.string().nullable().describe('The SQL that Panther wrote; null when it does not say'),
    ...queryOutput,
  }),
  example: { indicators: ['192.0.2.66'], indicator_type: 'p_any_ip_addresses', lookback_hours: 720, max_rows: 5 },
  varies: [...queryOutputVaries, 'start_time', 'end_time', 'sql'],
  echoOnError: ['label', 'indicators'],
  list: 'rows',
  async run(ports, asked) {
    const { indicator_type: type, databases, tables, max_rows, wait_seconds, label } = asked;
    const indicators = readIndicators(asked.indicators, type);
    const client = await PantherClient.connect(ports, new Deadline(ports, wait_seconds * 1000));
    const window = readSearchWindow(ports.now(), asked, client.settings);
    const id = await startIndicatorSearch(client, { indicators, type, window, databases, tables });
    ports.log.info('search started', { query_id: id });
    ports.progress(`Search ${id} was started`, 0, wait_seconds);
    const outcome = await whileQueryRuns(client, id, () => awaitRows(client, id, max_rows));
    return {
      indicators: indicators.map((indicator) => cleanLine(indicator, longestIndicator)),
      indicator_type: type,
      start_time: window.start.toISOString(),
      end_time: window.end.toISOString(),
      sql: outcome.sql === null ? null : cleanText(outcome.sql),
      ...shapeOutcome(client, { id, label, reused: false }, outcome),
    };
  },
});
