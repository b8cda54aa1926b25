import { z } from 'zod';
import { InvalidInputError } from '../errors';
import { defineOperation } from '../operation';
import { executeSqlQuery } from '../panther/execute-sql-query';
import { queryOutput, queryOutputVaries, waitInput } from '../panther/query-output';
import { huntNamed, hunts } from './hunts';
import { huntSql } from './hunts/hunt';

const { label: _, ...wait } = waitInput;

export const runHunt = defineOperation({
  name: 'run_hunt',
  toolset: 'analytics',
  resource: 'Hunt',
  title: 'Run',
  action: 'Run a hunt',
  description:
    'Runs one of the threat hunts of list_hunts over a window of CloudTrail, or of the log of Okta, Google or Azure (default: the last 24 hours) and returns its findings as rows: who, what, when. A finding is a reason to look, never a verdict: noise tells what daily work looks the same. Parameters are whole numbers within bounds; nothing from outside is put into the SQL. A query that takes longer than wait_seconds is no error: get_query_results goes on with its query_id.',
  effect: 'read',
  idempotent: true,
  services: ['panther'],
  permissions: ['DataAnalyticsRead'],
  runs: 'anywhere',
  input: z.object({
    hunt: z.string().min(1).max(64).describe('Name of the hunt, as list_hunts tells it'),
    window_hours: z
      .number()
      .int()
      .min(1)
      .max(24 * 30)
      .default(24)
      .describe('Length of the window in hours; default 24'),
    end_time: z.string().datetime({ offset: true }).optional().describe('End of the window, ISO 8601; default now'),
    parameters: z.record(z.number()).default({}).describe('Parameters of the hunt by name; default: its own'),
    ...wait,
  }),
  output: z.object({
    hunt: z.string(),
    title: z.string(),
    techniques: z.array(z.string()),
    noise: z.string(),
    from: z.string(),
    to: z.string(),
    ...queryOutput,
  }),
  example: { hunt: 'log_tampering', window_hours: 720 },
  varies: [...queryOutputVaries, 'from', 'to'],
  list: 'rows',
  async run(ports, { hunt: name, window_hours, end_time, parameters, ...rest }) {
    const hunt = huntNamed(name);
    if (hunt === undefined)
      throw new InvalidInputError('hunt', `is none of ${hunts.map((one) => one.name).join(', ')}`);
    // A whole minute, so that the same hunt twice within it is one query.
    const end = end_time === undefined ? Math.ceil(ports.now().getTime() / 60_000) * 60_000 : Date.parse(end_time);
    const window = {
      from: new Date(end - window_hours * 3_600_000).toISOString(),
      to: new Date(end).toISOString(),
    };
    const sql = huntSql(hunt, window, parameters);
    const { title, techniques, noise } = hunt;
    const found = await executeSqlQuery.run(ports, {
      ...rest,
      sql,
      database: 'panther_logs',
      label: name,
      reuse: true,
    });
    return { hunt: name, title, techniques: [...techniques], noise, ...window, ...found };
  },
});
