import { OperationError } from '../../../operations/errors';
import { executeSqlQuery } from '../../../operations/panther/execute-sql-query';
import { getQueryResults } from '../../../operations/panther/get-query-results';
import { untilTrue } from '../../support/eventually';
import { rowsInLake, startTenant, type Tenant } from './tenant';

const when = "p_event_time >= '2026-05-01' AND p_event_time < '2026-05-03'";
const sql = `SELECT p_row_id FROM panther_logs.public.aws_cloudtrail WHERE ${when} ORDER BY p_event_time`;

let tenant: Tenant;
beforeAll(async () => {
  tenant = await startTenant();
});
afterAll(() => tenant.close());
beforeEach(() => {
  tenant.panther.reset();
  tenant.faults.clear();
});

const execute = (input: object) => tenant.run(executeSqlQuery, { sql, ...input });
const results = (input: object, ports = tenant.ports()) => tenant.run(getQueryResults, input, ports);
const ids = (output: Record<string, unknown>) => (output.rows as { p_row_id: string }[]).map((row) => row.p_row_id);

async function failure(input: object, ports = tenant.ports()) {
  const error = await results(input, ports).then(
    (output) => {
      throw new Error(`no failure: ${JSON.stringify(output).slice(0, 200)}`);
    },
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof OperationError)) throw error;
  return error.toShape();
}

test('rows come by the id, with the totals of execute_sql_query, and nothing runs again', async () => {
  const first = await execute({ max_rows: 10 });
  const again = await results({ query_id: first.query_id, max_rows: 10, label: 'again' });
  expect(again).toMatchObject({
    query_id: first.query_id,
    label: 'again',
    status: 'succeeded',
    rows: first.rows as unknown[],
    row_count: rowsInLake,
    bytes_scanned: first.bytes_scanned,
    execution_time_ms: first.execution_time_ms,
    reused: true,
    sql,
  });
  expect(tenant.started()).toHaveLength(1);
});

test.each([
  ['the page size of the first call', [50, 50, 1_000, 200]],
  ['other sizes in every call', [100, 7, 1, 300, 1_000]],
  ['single rows, then the rest', [1, 1, 1, 10_000]],
])('going on by next gives each row once and in order: %s', async (_name, sizes) => {
  const first = await execute({ max_rows: sizes[0] });
  const got = ids(first);
  let next = first.next;
  for (const max_rows of sizes.slice(1)) {
    if (next === null) break;
    const page = await results({ query_id: first.query_id, cursor: next, max_rows });
    expect(page.row_count).toBe(rowsInLake);
    expect(page.complete).toBe(page.next === null);
    got.push(...ids(page));
    next = page.next;
  }
  expect(next).toBeNull();
  const all = ids(await execute({ max_rows: 10_000 }));
  expect(got).toEqual(all);
  expect(new Set(got).size).toBe(rowsInLake);
});

test('a page that was cut by its size in characters goes on with the row it ended before', async () => {
  const wide = `SELECT p_row_id, repeat('x', 4000) AS filler FROM panther_logs.public.aws_cloudtrail WHERE ${when} ORDER BY p_event_time LIMIT 500`;
  const first = await execute({ sql: wide, max_rows: 999, wait_seconds: 300 });
  expect(first).toMatchObject({ cut_by: 'characters', row_count: 500 });
  const got = ids(first);
  for (let next = first.next; next !== null; ) {
    const page = await results({ query_id: first.query_id, cursor: next, max_rows: 999, wait_seconds: 300 });
    got.push(...ids(page));
    next = page.next;
  }
  expect(got).toHaveLength(500);
  expect(new Set(got).size).toBe(500);
});

describe('a query that still runs', () => {
  async function running() {
    tenant.panther.settings.runningPolls = 12;
    return execute({ wait_seconds: 10 });
  }

  test('is waited for, and comes to its rows by the id that was handed back', async () => {
    const started = await running();
    expect(started.status).toBe('running');
    const ports = tenant.ports();
    const ended = await results({ query_id: started.query_id, max_rows: 5 }, ports);
    expect(ended).toMatchObject({ status: 'succeeded', returned_rows: 5, row_count: rowsInLake });
    expect(ports.reports.some(({ message, total }) => message.includes('is running') && total === 45)).toBe(true);
    expect(tenant.started()).toHaveLength(1);
  });

  test('is told as running when the wait was too short, as often as one asks', async () => {
    tenant.panther.settings.runningPolls = 1000;
    const started = await execute({ wait_seconds: 10 });
    for (let turn = 0; turn < 2; turn += 1) {
      expect(await results({ query_id: started.query_id, wait_seconds: 10 })).toMatchObject({
        status: 'running',
        complete: false,
        row_count: null,
        next: null,
        hint: expect.stringContaining(String(started.query_id)),
      });
    }
    expect(tenant.started()).toHaveLength(1);
  });

  test('is left running when the caller goes away', async () => {
    tenant.panther.settings.runningPolls = 1000;
    const started = await execute({ wait_seconds: 10 });
    const abort = new AbortController();
    const ports = tenant.ports({ signal: abort.signal });
    const failing = failure({ query_id: started.query_id }, ports);
    // It waits for the query once it has asked a second time.
    await untilTrue(() => ports.requests.length > 2);
    abort.abort();
    expect(await failing).toMatchObject({ code: 'cancelled', details: { cancelled_upstream: false } });
    expect(tenant.panther.requests.some(({ operation }) => operation === 'CancelDataLakeQuery')).toBe(false);
  });
});

describe('refusals', () => {
  test('an id that Panther does not know', async () => {
    const error = await failure({ query_id: 'b0c5f5a0-0000-4000-8000-000000000000' });
    expect(error).toMatchObject({ code: 'not_found_or_no_access' });
    expect(error.message).toContain('list_queries');
  });

  test('a cursor of another query is refused before anything is sent', async () => {
    const one = await execute({ max_rows: 10 });
    const other = await execute({ sql: `${sql} DESC`, max_rows: 10 });
    const ports = tenant.ports();
    const error = await failure({ query_id: other.query_id, cursor: one.next }, ports);
    expect(error).toMatchObject({ code: 'invalid_input', details: { field: 'cursor' } });
    expect(error.message).toContain('another query');
    expect(ports.requests).toHaveLength(0);
  });

  test('text that is no cursor is refused before anything is sent', async () => {
    const ports = tenant.ports();
    expect(await failure({ query_id: 'q', cursor: 'page 2' }, ports)).toMatchObject({
      code: 'invalid_input',
      details: { field: 'cursor' },
    });
    expect(ports.requests).toHaveLength(0);
  });

  test('an expired cursor names the cursor and the way out', async () => {
    const first = await execute({ max_rows: 10 });
    tenant.panther.settings.cursorsExpired = true;
    const error = await failure({ query_id: first.query_id, cursor: first.next });
    expect(error).toMatchObject({ code: 'invalid_input', details: { field: 'cursor', query_id: first.query_id } });
    expect(error.message).toContain('Leave the cursor out');
    expect(await results({ query_id: first.query_id, max_rows: 10 })).toMatchObject({ returned_rows: 10 });
  });

  test('an unknown id with a well-formed cursor is an unknown id', async () => {
    const first = await execute({ max_rows: 10 });
    tenant.panther.reset();
    expect(await failure({ query_id: first.query_id, cursor: first.next })).toMatchObject({
      code: 'not_found_or_no_access',
    });
  });

  test.each([
    ['missing_table', `SELECT * FROM panther_logs.public.aws_cloudtrial WHERE ${when}`],
    ['bad_identifier', `SELECT nosuch FROM panther_logs.public.aws_cloudtrail WHERE ${when}`],
  ])('a failed query is classified: %s', async (kind, text) => {
    const { id } = tenant.panther.queries.start(text, 'panther_logs');
    expect(await failure({ query_id: id })).toMatchObject({ code: 'query_failed', details: { kind, query_id: id } });
  });

  test('a cancelled query is told as cancelled', async () => {
    tenant.panther.settings.runningPolls = 1000;
    const { query_id } = await execute({ wait_seconds: 10 });
    await fetch(`${tenant.url}/public/graphql`, {
      method: 'POST',
      headers: { 'x-api-key': 'simulated-panther-token', 'content-type': 'application/json' },
      body: JSON.stringify({ query: `mutation { cancelDataLakeQuery(input: {id: "${query_id}"}) { id } }` }),
    });
    expect(await failure({ query_id })).toMatchObject({ code: 'query_failed', details: { kind: 'cancelled' } });
  });

  test('a 204, HTML and 403 in either shape are typed, and keep the id', async () => {
    const { query_id } = await execute({ max_rows: 1 });
    const cases = [
      [{ status: 204 }, 'bad_response'],
      [{ status: 200, body: '<html>gateway</html>' }, 'bad_response'],
      [{ status: 403, body: { error: 'forbidden' } }, 'missing_permission'],
      [{ status: 403, body: { message: 'denied' } }, 'missing_permission'],
    ] as const;
    for (const [fault, code] of cases) {
      tenant.faults.add({ service: 'panther', ...fault });
      expect(await failure({ query_id })).toMatchObject({ code, details: { query_id } });
    }
  });
});

test('the SQL of somebody else comes without what is hidden in it', async () => {
  const { id } = tenant.panther.queries.start(`SELECT 1 AS "n\u202e" -- password=hunter2hunter2`, 'panther_logs');
  const output = await results({ query_id: id });
  expect(output.sql).toBe('SELECT 1 AS "n" -- password=[redacted secret]');
});
