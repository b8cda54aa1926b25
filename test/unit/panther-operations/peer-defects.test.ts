import { addAlertComment } from '../../../operations/panther/add-alert-comment';
import { assignAlerts } from '../../../operations/panther/assign-alerts';
import { disableDetection } from '../../../operations/panther/disable-detection';
import { executeSqlQuery } from '../../../operations/panther/execute-sql-query';
import { getLogTypeSchema } from '../../../operations/panther/get-log-type-schema';
import { getQueryResults } from '../../../operations/panther/get-query-results';
import { listAlertComments } from '../../../operations/panther/list-alert-comments';
import { listAlertEvents } from '../../../operations/panther/list-alert-events';
import { listAlerts } from '../../../operations/panther/list-alerts';
import { listDetections } from '../../../operations/panther/list-detections';
import { listLogSources } from '../../../operations/panther/list-log-sources';
import { searchIndicators } from '../../../operations/panther/search-indicators';
import { startAlertTriage } from '../../../operations/panther/start-alert-triage';
import { updateAlertStatus } from '../../../operations/panther/update-alert-status';
import { operations } from '../../../operations/registry';
import { failureOf } from './answering';
import { type Output, type SimulatedTenant, startSimulatedTenant } from './simulated-tenant';

/**
 * What Panther's own local MCP server is known to get wrong, version 2.3.1: each defect is a test here.
 */
let tenant: SimulatedTenant;
beforeAll(async () => {
  tenant = await startSimulatedTenant();
});
afterAll(() => tenant.close());
beforeEach(() => tenant.reset());

const table = 'panther_logs.public.aws_cloudtrail';
const bounded = "p_event_time > current_timestamp - interval '7 days'";
const query = (sql: string, more: object = {}): Promise<Output> => tenant.run(executeSqlQuery, { sql, ...more });
const sent = () => tenant.panther.requests.flatMap(({ sql }) => (sql === undefined ? [] : [sql]));
const started = () => tenant.asked().filter((name) => name === 'ExecuteDataLakeQuery').length;

describe('SQL', () => {
  test.each(["eventName = 'DELETE'", "eventName IN ('create', 'update', 'patch')", "errorMessage <> 'select'"])(
    'a literal that is a keyword stays a literal: %s',
    async (condition) => {
      const sql = `SELECT count(*) AS n FROM ${table} WHERE ${bounded} AND ${condition}`;
      expect(await query(sql)).toMatchObject({ status: 'succeeded' });
      expect(sent()).toEqual([sql]);
    },
  );

  test.each([
    ['a filter inside a comment', `SELECT * FROM ${table} -- WHERE ${bounded}`],
    ['a filter inside a literal', `SELECT 'WHERE ${bounded.replaceAll("'", "''")}' FROM ${table}`],
    ['a lower bound in 1970', `SELECT * FROM ${table} WHERE p_event_time > '1970-01-01'`],
    [
      'no upper bound on what is scanned',
      `SELECT * FROM ${table} WHERE p_event_time > current_timestamp - interval '900 days'`,
    ],
    ['an unqualified table without a filter', 'SELECT * FROM aws_cloudtrail'],
    ['a quoted table without a filter', 'SELECT * FROM "panther_logs"."public"."aws_cloudtrail"'],
    [
      'a join with one side without a filter',
      `SELECT 1 FROM ${table} a JOIN ${table} b ON a.eventID = b.eventID WHERE a.${bounded}`,
    ],
    ['a statement that deletes', `DELETE FROM ${table} WHERE ${bounded}`],
    ['two statements', `SELECT 1; DROP TABLE ${table}`],
  ])('%s is refused before anything is sent', async (_name, sql) => {
    expect(await failureOf(query(sql))).toMatchObject({ code: 'invalid_input', details: { field: 'sql' } });
    expect(tenant.asked()).toEqual([]);
  });

  test.each([
    [
      'operands the other way round',
      `SELECT count(*) AS n FROM ${table} WHERE current_timestamp() - interval '1 day' < p_event_time`,
    ],
    ['a day', `SELECT count(*) AS n FROM ${table} WHERE p_event_time::date = current_date`],
    ['a lookup table', 'SELECT * FROM panther_lookups.public.simulated_assets'],
    ['one row by its id', `SELECT * FROM ${table} WHERE p_row_id = 'x'`],
  ])('%s is a filter and not refused', async (_name, sql) => {
    const outcome = await query(sql).catch((error: { code: string; message: string }) => error);
    expect(outcome).not.toMatchObject({ code: 'invalid_input' });
  });

  test('an indicator cannot become SQL', async () => {
    const indicator = "x'); DROP TABLE y; --";
    await tenant.run(searchIndicators, { indicators: [indicator], lookback_hours: 1 });
    expect(sent()).toEqual([]);
    const variables = JSON.stringify(tenant.panther.requests.find(({ operation }) => operation?.includes('Indicator')));
    expect(variables).toBeDefined();
  });
});

describe('queries', () => {
  test('a next page runs nothing again', async () => {
    const first = await query(`SELECT eventID FROM ${table} WHERE ${bounded} ORDER BY eventID`, { max_rows: 5 });
    const second = await tenant.run(getQueryResults, { query_id: first.query_id, cursor: first.next, max_rows: 5 });
    expect(started()).toBe(1);
    const ids = [...first.rows, ...second.rows].map(({ eventID }: Output) => eventID);
    expect(new Set(ids).size).toBe(10);
  });

  test('the total is that of the result, not of the page', async () => {
    const { row_count, returned_rows } = await query(`SELECT eventID FROM ${table} WHERE ${bounded}`, { max_rows: 3 });
    expect(returned_rows).toBe(3);
    expect(row_count).toBeGreaterThan(100);
  });

  test('a query that takes long is not cancelled, and its id is handed over', async () => {
    tenant.panther.settings.runningPolls = 200;
    const output = await query(`SELECT eventID FROM ${table} WHERE ${bounded}`, { wait_seconds: 30 });
    expect(output).toMatchObject({ status: 'running', query_id: expect.any(String), complete: false, row_count: null });
    expect(output.poll_after_seconds).toBeGreaterThan(0);
    expect(tenant.asked()).not.toContain('CancelDataLakeQuery');
  });

  test('the wait has a ceiling', async () => {
    const call = query(`SELECT 1 AS n`, { wait_seconds: 100_000 });
    expect(await failureOf(call)).toMatchObject({ code: 'invalid_input', details: { field: 'wait_seconds' } });
  });

  test('progress is told while it runs', async () => {
    tenant.panther.settings.runningPolls = 3;
    const ports = tenant.ports();
    await tenant.run(executeSqlQuery, { sql: `SELECT count(*) AS n FROM ${table} WHERE ${bounded}` }, ports);
    expect(ports.reports.length).toBeGreaterThanOrEqual(3);
  });

  test('tryAgain is obeyed', async () => {
    tenant.panther.settings.tryAgainOnce = true;
    const { rows } = await query(`SELECT count(*) AS n FROM ${table} WHERE ${bounded}`);
    expect(rows[0].n).toBeGreaterThan(0);
  });

  test('429 is waited for as long as it asks, and the query runs once', async () => {
    tenant.faults.add({ service: 'panther', status: 429, headers: { 'retry-after': '7' }, body: {}, times: 1 });
    const ports = tenant.ports();
    await tenant.run(executeSqlQuery, { sql: `SELECT 1 AS n FROM ${table} WHERE ${bounded} LIMIT 1` }, ports);
    expect(ports.waits).toContain(7000);
    expect(sent()).toHaveLength(1);
  });

  test('a reset after the query was accepted does not run it twice', async () => {
    tenant.faults.add({ service: 'panther', bodyContains: 'executeDataLakeQuery', reset: 'after', times: 1 });
    await query(`SELECT count(*) AS n FROM ${table} WHERE ${bounded}`);
    expect(sent()).toHaveLength(1);
  });
});

describe('alerts', () => {
  test('a list hides no alert because it has no events', async () => {
    await tenant.run(listAlerts, {});
    const [request] = tenant.panther.requests;
    expect(JSON.stringify(request)).not.toContain('event-count-min');
  });

  test('events are not capped at ten, and pages go on', async () => {
    const { alerts } = await tenant.run(listAlerts, { limit: 200 });
    const most = alerts.reduce((a: Output, b: Output) => (a.event_count >= b.event_count ? a : b));
    const first = await tenant.run(listAlertEvents, { alert_id: most.id, limit: 1000 });
    expect(first.count).toBe(most.event_count);
  });

  test('comments have pages and a format', async () => {
    for (const body of ['<b>one</b>', 'two', 'three']) {
      await tenant.run(addAlertComment, {
        alert_id: tenant.alertId,
        body,
        format: body === 'two' ? 'plain_text' : 'html',
      });
    }
    const page = await tenant.run(listAlertComments, { alert_id: tenant.alertId, limit: 2 });
    expect(page).toMatchObject({ count: 2, complete: false, next: expect.any(String) });
    const rest = await tenant.run(listAlertComments, { alert_id: tenant.alertId, limit: 2, cursor: page.next });
    expect(rest).toMatchObject({ count: 1, complete: true });
  });

  test('a change that fails for one of several is no success', async () => {
    const call = tenant.run(updateAlertStatus, { alert_ids: [tenant.alertId, 'f'.repeat(32)], status: 'TRIAGED' });
    const outcome = await call.then(
      (output) => ({ output, error: undefined }),
      (error: unknown) => ({ output: undefined, error }),
    );
    // Either is honest: an error that names the unknown one, or an answer that says what was not done.
    if (outcome.output === undefined) expect(String(outcome.error)).toContain('f'.repeat(32));
    else expect(outcome.output.complete).toBe(false);
  });

  test('an assignee can be taken off again', async () => {
    const { results } = await tenant.run(assignAlerts, { alert_ids: [tenant.alertId], unassign: true });
    expect(results).toHaveLength(1);
  });

  test('starting a triage is no read: it costs credits', () => {
    expect(startAlertTriage.effect).toBe('write');
  });
});

describe('the rest', () => {
  test('log sources in trouble are shown, and first', async () => {
    const { sources } = await tenant.run(listLogSources, {});
    expect(sources[0].health).toBe('unhealthy');
    expect(sources.map(({ health }: Output) => health)).toContain('healthy');
  });

  test('no secret of a log source gets out', async () => {
    expect(JSON.stringify(await tenant.run(listLogSources, {}))).not.toMatch(/bearer|hmac|auth_?(?:secret|password)/i);
  });

  test('a schema is found by its exact name only', async () => {
    const failure = await failureOf(tenant.run(getLogTypeSchema, { name: 'AWS.Cloud' }));
    expect(failure.code).toBe('not_found_or_no_access');
    expect(failure.message).toContain('AWS.CloudTrail');
  });

  test('a filter of names is applied before the limit, not after', async () => {
    const { detections, count } = await tenant.run(listDetections, { name_contains: 'snapshot', limit: 1 });
    expect(count).toBe(1);
    expect(detections[0].name.toLowerCase()).toContain('snapshot');
  });

  test('switching a detection off shows first what it would do', async () => {
    const output = await tenant.run(disableDetection, { detection_id: 'AWS.EC2.SnapshotCreated', type: 'rule' });
    expect(output).toMatchObject({ dry_run: true });
    expect(tenant.panther.requests.map(({ method }) => method)).not.toContain('PUT');
  });

  test('no read claims to be one and changes something', () => {
    const changing = /^(?:add|assign|cancel|disable|set|start|update)_/;
    for (const { name, effect, toolset } of operations) {
      if (toolset === 'panther')
        expect({ name, reads: effect === 'read' }).toEqual({ name, reads: !changing.test(name) });
    }
  });
});
