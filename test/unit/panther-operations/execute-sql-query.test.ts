import { OperationError } from '../../../operations/errors';
import { executeSqlQuery } from '../../../operations/panther/execute-sql-query';
import type { HttpRequest } from '../../../operations/ports';
import { untilTrue } from '../../support/eventually';
import { withoutAnswerTo } from '../../support/ports';
import { rowsInLake, startTenant, type Tenant } from './tenant';

const when = "p_event_time >= '2026-05-01' AND p_event_time < '2026-05-03'";
const sql = `SELECT eventName, p_row_id FROM panther_logs.public.aws_cloudtrail WHERE ${when} ORDER BY p_event_time`;

let tenant: Tenant;
beforeAll(async () => {
  tenant = await startTenant();
});
afterAll(() => tenant.close());
beforeEach(() => {
  tenant.panther.reset();
  tenant.faults.clear();
});

/** What a call fails with, as it travels. */
async function failure(input: Record<string, unknown>, ports = tenant.ports()) {
  const error = await tenant.run(executeSqlQuery, input, ports).then(
    (output) => {
      throw new Error(`no failure: ${JSON.stringify(output).slice(0, 200)}`);
    },
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof OperationError)) throw error;
  return error.toShape();
}

describe('a result', () => {
  test('carries its rows, the true total and what was left out', async () => {
    const output = await tenant.run(executeSqlQuery, { sql, max_rows: 10, label: 'first ten' });
    expect(output).toMatchObject({
      status: 'succeeded',
      label: 'first ten',
      columns: ['eventName', 'p_row_id'],
      returned_rows: 10,
      row_count: rowsInLake,
      complete: false,
      cut_by: 'max_rows',
      next: expect.any(String),
    });
    expect(output.rows).toHaveLength(10);
    expect(output.bytes_scanned).toBeGreaterThan(0);
  });

  test('is read over several pages, each row once and in order', async () => {
    const output = await tenant.run(executeSqlQuery, { sql, max_rows: 10_000 });
    expect(output).toMatchObject({ returned_rows: rowsInLake, row_count: rowsInLake, complete: true, next: null });
    const ids = (output.rows as { p_row_id: string }[]).map((row) => row.p_row_id);
    expect(new Set(ids).size).toBe(rowsInLake);
    expect(tenant.started()).toHaveLength(1);
  });

  test('that ends exactly at max_rows is complete', async () => {
    const output = await tenant.run(executeSqlQuery, { sql: `${sql} LIMIT 7`, max_rows: 7 });
    expect(output).toMatchObject({ returned_rows: 7, complete: true, next: null, cut_by: null });
  });

  test('holds no hidden characters and no secrets', async () => {
    const output = await tenant.run(executeSqlQuery, {
      sql: `SELECT userAgent FROM panther_logs.public.aws_cloudtrail WHERE userAgent LIKE '%evil%' AND ${when}`,
    });
    expect(output.rows).toEqual([{ userAgent: 'evil <!channel> password=[redacted secret]' }]);
  });

  test('is bounded in characters and says so', async () => {
    const output = await tenant.run(executeSqlQuery, {
      sql: `SELECT repeat('x', 4000) AS filler, p_row_id FROM panther_logs.public.aws_cloudtrail WHERE ${when} LIMIT 280`,
      max_rows: 300,
    });
    expect(JSON.stringify(output.rows).length).toBeLessThan(1_010_000);
    expect(output).toMatchObject({ complete: false, cut_by: 'characters', row_count: 280 });
    expect(output.returned_rows).toBeLessThan(280);
  });

  test('that says tryAgain is asked for again', async () => {
    tenant.panther.settings.tryAgainOnce = true;
    const output = await tenant.run(executeSqlQuery, { sql, max_rows: 5 });
    expect(output).toMatchObject({ returned_rows: 5 });
    expect(tenant.started()).toHaveLength(1);
  });

  test('is empty for a query without rows', async () => {
    const output = await tenant.run(executeSqlQuery, { sql: sql.replace(' ORDER', ' AND false ORDER') });
    expect(output).toMatchObject({ rows: [], returned_rows: 0, row_count: 0, complete: true });
  });

  test('is waited for with growing delays and progress reports', async () => {
    tenant.panther.settings.runningPolls = 4;
    const ports = tenant.ports();
    await tenant.run(executeSqlQuery, { sql, max_rows: 1 }, ports);
    const waits = ports.reports.filter(({ message }) => message.includes('running'));
    expect(waits).toHaveLength(4);
    expect(waits[0]).toMatchObject({ total: 45 });
    expect(ports.waits).toEqual([300, 450, 675, 1012.5]);
  });
});

describe('literals', () => {
  test("reach Panther as written, reserved words included: verb = 'delete' stays a text", async () => {
    const wanted = `SELECT count(*) AS n FROM panther_logs.public.aws_cloudtrail WHERE ${when} AND eventName IN ('CreateAccessKey', 'delete', 'update') -- 'x'`;
    const output = await tenant.run(executeSqlQuery, { sql: wanted });
    expect(tenant.started()).toEqual([wanted]);
    expect(output.rows).toEqual([{ n: 400 }]);
  });
});

describe('a query that fails in the data lake', () => {
  test.each([
    ['missing_table', `SELECT * FROM panther_logs.public.aws_cloudtrial WHERE ${when}`, /list_available_tables/],
    ['bad_identifier', `SELECT nosuch FROM panther_logs.public.aws_cloudtrail WHERE ${when}`, /get_table_schema/],
    ['syntax', `SELECT eventName, count(*) FROM panther_logs.public.aws_cloudtrail WHERE ${when}`, /Correct the SQL/],
  ])('is told as %s', async (kind, text, next) => {
    const error = await failure({ sql: text });
    expect(error).toMatchObject({ code: 'query_failed', details: { kind, query_id: expect.any(String) } });
    expect(error.message).toMatch(next);
  });

  test('is told as too_large when the result exceeds the limit', async () => {
    tenant.panther.settings.maxResultBytes = 10;
    expect(await failure({ sql })).toMatchObject({ code: 'query_failed', details: { kind: 'too_large' } });
  });

  test('is told as cancelled when somebody else stopped it', async () => {
    tenant.panther.settings.runningPolls = 100;
    const failing = failure({ sql });
    await untilTrue(() => tenant.panther.requests.length >= 2);
    const id = (JSON.parse(tenant.panther.requests[1]?.body ?? '{}') as { variables: { id: string } }).variables.id;
    await fetch(`${tenant.url}/public/graphql`, {
      method: 'POST',
      headers: { 'x-api-key': 'simulated-panther-token', 'content-type': 'application/json' },
      body: JSON.stringify({ query: `mutation { cancelDataLakeQuery(input: {id: "${id}"}) { id } }` }),
    });
    expect(await failing).toMatchObject({ code: 'query_failed', details: { kind: 'cancelled', query_id: id } });
  });
});

describe('only one reading statement is accepted', () => {
  test.each(['DELETE FROM t', 'SELECT 1; DROP TABLE t', 'WITH a AS (SELECT 1) DELETE FROM t', ''])(
    '%j is refused before anything is sent',
    async (text) => {
      expect(await failure({ sql: text })).toMatchObject({ code: 'invalid_input', details: { field: 'sql' } });
      expect(tenant.panther.requests).toHaveLength(0);
    },
  );
});

describe('time and cancelling', () => {
  test('a query that outlives wait_seconds is no error: it keeps running, and what to do next is said', async () => {
    tenant.panther.settings.runningPolls = 1000;
    const output = await tenant.run(executeSqlQuery, { sql, wait_seconds: 10, label: 'slow' });
    expect(output).toMatchObject({
      status: 'running',
      label: 'slow',
      query_id: expect.any(String),
      rows: [],
      columns: [],
      returned_rows: 0,
      row_count: null,
      complete: false,
      next: null,
      cut_by: 'wait_seconds',
      bytes_scanned: null,
      execution_time_ms: null,
      poll_after_seconds: expect.any(Number),
      reused: false,
    });
    expect(output.hint).toContain(`get_query_results with query_id ${output.query_id}`);
    expect(output.poll_after_seconds).toBeGreaterThanOrEqual(1);
    expect(tenant.panther.requests.some(({ operation }) => operation === 'CancelDataLakeQuery')).toBe(false);
  });

  test('an abort cancels the query at Panther', async () => {
    tenant.panther.settings.runningPolls = 1000;
    const abort = new AbortController();
    const ports = tenant.ports({ signal: abort.signal });
    const failing = failure({ sql }, ports);
    await untilTrue(() => ports.reports.some(({ message }) => message.includes('is running')));
    abort.abort();
    const error = await failing;
    expect(error).toMatchObject({ code: 'cancelled', details: { cancelled_upstream: true } });
    const cancels = tenant.panther.requests.filter(({ operation }) => operation === 'CancelDataLakeQuery');
    expect(cancels).toHaveLength(1);
    expect(cancels[0]?.body).toContain(String(error.details.query_id));
  });

  test('an abort while the query is being started still cancels it', async () => {
    tenant.panther.settings.runningPolls = 1000;
    tenant.faults.add({ service: 'panther', bodyContains: 'ExecuteDataLakeQuery', delayMs: 300 });
    const abort = new AbortController();
    const ports = tenant.ports({ signal: abort.signal });
    const failing = failure({ sql }, ports);
    await untilTrue(() => ports.requests.length === 1);
    abort.abort();
    expect(await failing).toMatchObject({ code: 'cancelled', details: { cancelled_upstream: true } });
    expect(tenant.started()).toHaveLength(1);
  });

  test('an abort before the call sends nothing', async () => {
    expect(await failure({ sql }, tenant.ports({ signal: AbortSignal.abort() }))).toMatchObject({ code: 'cancelled' });
    expect(tenant.panther.requests).toHaveLength(0);
  });
});

describe('faults on the way', () => {
  const executing = { service: 'panther', bodyContains: 'ExecuteDataLakeQuery' };
  const polling = { service: 'panther', bodyContains: 'GetDataLakeQuery' };

  test('a connection lost after Panther accepted the query does not run it twice', async () => {
    tenant.faults.add({ ...executing, reset: 'after' });
    const output = await tenant.run(executeSqlQuery, { sql, max_rows: 3 });
    expect(output).toMatchObject({ returned_rows: 3 });
    expect(tenant.started()).toHaveLength(1);
  });

  test('the query found again is the one of this text', async () => {
    await tenant.run(executeSqlQuery, { sql: 'SELECT 1 AS other', max_rows: 1 });
    tenant.faults.add({ ...executing, reset: 'after' });
    const output = await tenant.run(executeSqlQuery, { sql: 'SELECT 2 AS wanted', max_rows: 1 });
    expect(output.rows).toEqual([{ wanted: 2 }]);
    expect(tenant.started()).toEqual(['SELECT 1 AS other', 'SELECT 2 AS wanted']);
  });

  test('a connection lost before Panther saw the query is answered by running it', async () => {
    tenant.faults.add({ ...executing, reset: 'before' });
    const output = await tenant.run(executeSqlQuery, { sql, max_rows: 3 });
    expect(output).toMatchObject({ returned_rows: 3 });
    expect(tenant.started()).toHaveLength(1);
  });

  test('a lost answer whose query cannot be looked up is an unknown outcome, and nothing is repeated', async () => {
    tenant.faults.add({ ...executing, reset: 'after' });
    tenant.faults.add({ service: 'panther', bodyContains: 'ListDataLakeQueries', reset: 'before', times: 99 });
    const error = await failure({ sql, wait_seconds: 30 });
    expect(error).toMatchObject({ code: 'unavailable', details: { outcome: 'unknown' } });
    expect(tenant.started()).toHaveLength(1);
  });

  test('429 is waited out as long as Panther asks, for mutations too', async () => {
    tenant.faults.add({ ...executing, status: 429, headers: { 'retry-after': '1' }, body: { message: 'slow down' } });
    const ports = tenant.ports();
    const started = ports.now().getTime();
    await tenant.run(executeSqlQuery, { sql, max_rows: 1 }, ports);
    expect(ports.now().getTime() - started).toBeGreaterThanOrEqual(1000);
    expect(tenant.started()).toHaveLength(1);
  });

  test('429 that outlasts the deadline is rate_limited with the wait', async () => {
    tenant.faults.add({ ...executing, status: 429, headers: { 'retry-after': '120' } });
    expect(await failure({ sql, wait_seconds: 20 })).toMatchObject({
      code: 'rate_limited',
      details: { retry_after_seconds: 120 },
    });
  });

  test('HTML from a load balancer while polling is read over', async () => {
    tenant.faults.add({ ...polling, status: 502, body: '<html><h1>502 Bad Gateway</h1></html>', times: 2 });
    expect(await tenant.run(executeSqlQuery, { sql, max_rows: 1 })).toMatchObject({ returned_rows: 1 });
  });

  test('a connection cut while polling is read over', async () => {
    tenant.faults.add({ ...polling, reset: 'after', times: 2 });
    expect(await tenant.run(executeSqlQuery, { sql, max_rows: 1 })).toMatchObject({ returned_rows: 1 });
    expect(tenant.started()).toHaveLength(1);
  });

  test('a 502 for the mutation is looked up before it is repeated', async () => {
    tenant.faults.add({ ...executing, status: 502, body: '<html>502</html>' });
    await tenant.run(executeSqlQuery, { sql, max_rows: 1 });
    expect(tenant.panther.requests.some(({ operation }) => operation === 'ListDataLakeQueries')).toBe(true);
    expect(tenant.started()).toHaveLength(1);
  });

  test('a page that is not from the API at all is a bad response', async () => {
    tenant.faults.add({ service: 'panther', status: 200, body: '<!doctype html><title>Panther</title>', times: 99 });
    expect(await failure({ sql, wait_seconds: 30 })).toMatchObject({ code: 'bad_response' });
  });

  test('a hanging poll ends with the deadline and the query id', async () => {
    const isPoll = ({ body }: HttpRequest) => body?.includes('GetDataLakeQuery') === true;
    expect(await failure({ sql, wait_seconds: 10 }, withoutAnswerTo(isPoll, tenant.ports()))).toMatchObject({
      code: 'timeout',
      details: { query_id: expect.any(String) },
    });
  });

  test('a failure after the start carries the query id', async () => {
    tenant.faults.add({ ...polling, status: 403, body: { message: 'denied' } });
    expect(await failure({ sql })).toMatchObject({
      code: 'missing_permission',
      details: { query_id: expect.any(String) },
    });
  });
});

describe('refusals', () => {
  test('a wrong token is unauthenticated', async () => {
    expect(await failure({ sql }, tenant.ports({ token: 'wrong' }))).toMatchObject({ code: 'unauthenticated' });
  });

  test('a token without the permission is refused by its name', async () => {
    tenant.panther.settings.permissions = [];
    expect(await failure({ sql })).toMatchObject({
      code: 'missing_permission',
      details: { permission: 'DataAnalyticsRead' },
    });
  });

  test('403 in either shape is the same error', async () => {
    for (const body of [{ error: 'forbidden' }, { message: 'denied' }, 'Forbidden']) {
      tenant.faults.add({ service: 'panther', status: 403, body });
      expect(await failure({ sql })).toMatchObject({ code: 'missing_permission' });
    }
  });
});

test('the token goes only to the origin of the connection', async () => {
  const ports = tenant.ports();
  tenant.faults.add({
    service: 'panther',
    bodyContains: 'GetDataLakeQuery',
    status: 307,
    headers: { location: 'http://127.0.0.1:1/public/graphql' },
  });
  expect(await failure({ sql }, ports)).toMatchObject({ code: 'bad_response' });
  expect(ports.requests.every(({ url }) => url.startsWith(tenant.url))).toBe(true);
});

test('the example works as it is documented', async () => {
  const output = await tenant.run(executeSqlQuery, executeSqlQuery.example);
  expect(output).toMatchObject({ label: 'events by source', columns: ['eventSource', 'events'], complete: true });
});
