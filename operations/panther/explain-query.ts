import { z } from 'zod';
import { InvalidInputError, QueryFailedError, queryFailures } from '../errors';
import { defineOperation } from '../operation';
import { Deadline } from '../retry';
import { cleanLine } from '../text';
import { PantherClient } from './client';
import { mayHavePragma, withoutTrailingSemicolon } from './normalise-sql';
import { queryFailureKind } from './query-failure';
import { startQuery, whileQueryRuns } from './query-life-cycle';
import { type Row, readRows } from './query-results';
import { assertAllowedSql } from './sql/guard';
import { namesMeant } from './suggestions';

const waitSeconds = 60;
const mostPlanRows = 500;

/** What the text of a statement is to blame for; anything else says nothing about it. */
const faultsOfSql = new Set(['missing_table', 'bad_identifier', 'bad_value', 'syntax']);

export const explainQuery = defineOperation({
  name: 'explain_query',
  toolset: 'panther',
  resource: 'Query',
  title: 'Explain',
  action: 'Explain a query',
  description:
    'Checks one SELECT statement without running it: the data lake compiles it (EXPLAIN) and scans nothing. Returns valid with the plan, or not valid with what is wrong (missing_table, bad_identifier, bad_value, syntax) and names that come close. Known to hold for data lakes on Snowflake; on Databricks the answer may differ. Statements with a pragma are refused, because Panther would run them.',
  effect: 'read',
  idempotent: true,
  services: ['panther'],
  permissions: ['DataAnalyticsRead'],
  runs: 'anywhere',
  input: z.object({
    sql: z.string().min(1).max(100_000).describe('One SELECT statement, as for execute_sql_query'),
    database: z
      .string()
      .min(1)
      .max(200)
      .default('panther_logs')
      .describe('Database for table names without one; default panther_logs'),
  }),
  output: z.object({
    valid: z.boolean(),
    kind: z.enum(queryFailures).nullable().describe('What is wrong; null when valid'),
    message: z.string().nullable().describe('What the data lake says is wrong; null when valid'),
    did_you_mean: z.array(z.string()).describe('Tables or columns whose names come close to one that is unknown'),
    plan: z.array(z.record(z.unknown())).describe('Rows of the plan, at most 500; empty when not valid'),
    plan_complete: z.boolean().describe('False when the plan has more rows'),
    note: z.string().nullable().describe('What to keep in mind about this answer; null when nothing'),
    query_id: z.string().describe('Id under which Panther compiled it'),
  }),
  example: {
    sql: "SELECT eventName, count(*) FROM panther_logs.public.aws_cloudtrail WHERE p_event_time BETWEEN '2026-01-01' AND '2026-01-02' GROUP BY eventName",
  },
  varies: ['query_id'],
  echoOnError: ['sql'],
  list: 'plan',
  async run(ports, { sql, database }) {
    if (mayHavePragma(sql)) {
      throw new InvalidInputError(
        'sql',
        'has a pragma; Panther would ignore EXPLAIN then and run the statement. Leave the pragma out',
      );
    }
    const client = await PantherClient.connect(ports, new Deadline(ports, waitSeconds * 1000));
    assertAllowedSql(sql, { database, settings: client.settings, now: ports.now() });
    const isDatabricks = client.settings.dialect === 'databricks';
    const note = isDatabricks
      ? 'This data lake runs on Databricks, where EXPLAIN may leave faults out that show only when the statement runs.'
      : null;
    const { id } = await startQuery(client, `EXPLAIN ${withoutTrailingSemicolon(sql)}`, database);
    const shared = { query_id: cleanLine(id, 200), note };
    try {
      const { rows, complete } = await whileQueryRuns(client, id, () => readRows(client, id, mostPlanRows));
      const fault = isDatabricks ? faultInPlan(rows) : undefined;
      if (fault !== undefined) {
        const kind = queryFailureKind(fault);
        const didYouMean = await namesMeant(client, kind, fault, sql, database);
        return {
          ...shared,
          valid: false,
          kind,
          message: fault,
          did_you_mean: didYouMean,
          plan: [],
          plan_complete: true,
        };
      }
      return {
        ...shared,
        valid: true,
        kind: null,
        message: null,
        did_you_mean: [],
        plan: rows,
        plan_complete: complete,
      };
    } catch (error) {
      if (!(error instanceof QueryFailedError) || !faultsOfSql.has(error.kind)) throw error;
      const text = String(error.details.text ?? '');
      return {
        ...shared,
        valid: false,
        kind: error.kind,
        message: cleanLine(text, 500) || 'no reason given',
        did_you_mean: await namesMeant(client, error.kind, text, sql, database),
        plan: [],
        plan_complete: true,
      };
    }
  },
});

/** Spark's EXPLAIN succeeds for a statement that cannot be planned, and puts the fault where the plan belongs. */
function faultInPlan(rows: readonly Row[]): string | undefined {
  const text = rows
    .slice(0, 5)
    .flatMap((row) => Object.values(row))
    .find((value) => typeof value === 'string' && /AnalysisException|Error occurred during query planning/.test(value));
  return text === undefined ? undefined : cleanLine(String(text), 500);
}
