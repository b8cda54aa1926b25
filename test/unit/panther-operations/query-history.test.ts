import { OperationError } from '../../../operations/errors';
import { cancelQuery } from '../../../operations/panther/cancel-query';
import { executeSqlQuery } from '../../../operations/panther/execute-sql-query';
import { listQueries } from '../../../operations/panther/list-queries';
import type { QueryRecord } from '../../../operations/panther/query-shape';
import { USERS } from '../../../sandbox/src/panther/directory';
import { startTenant, type Tenant } from './tenant';

const when = "p_event_time >= '2026-05-01' AND p_event_time < '2026-05-03'";
const from = `FROM panther_logs.public.aws_cloudtrail WHERE ${when}`;

let tenant: Tenant;
beforeAll(async () => {
  tenant = await startTenant();
});
afterAll(() => tenant.close());
beforeEach(() => {
  tenant.panther.reset();
  tenant.faults.clear();
});

const list = async (input: object = {}) =>
  (await tenant.run(listQueries, input)) as {
    queries: QueryRecord[];
    count: number;
    complete: boolean;
    next: string | null;
  };
const cancel = (query_id: unknown, ports = tenant.ports()) => tenant.run(cancelQuery, { query_id }, ports);
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'none',
    (error: unknown) => (error instanceof OperationError ? error.toShape() : error),
  );
const sent = (operation: string) => tenant.panther.requests.filter((request) => request.operation === operation).length;

/** A scheduled query, one of a person, a failed one and two of our own, in this order. */
async function history() {
  const { queries } = tenant.panther;
  await queries.start(`SELECT 1 ${from}`, 'panther_logs', { isScheduled: true, name: 'Nightly count' }).done;
  await queries.start(`SELECT 2 ${from}`, 'panther_logs', { issuedBy: USERS[0] }).done;
  await queries.start(`SELECT nosuch ${from}`, 'panther_logs').done;
  await queries.start(`SELECT 'password=hunter2hunter2\u200b' ${from}`, 'panther_logs').done;
  tenant.panther.settings.runningPolls = 1000;
  queries.start(`SELECT 5 ${from}`, 'panther_logs');
  tenant.panther.settings.runningPolls = 0;
  for (const query of (await list()).queries) if (query.status === 'running') await list();
}

describe('list_queries', () => {
  beforeEach(async () => {
    tenant.panther.settings.runningPolls = 0;
    await history();
  });

  test('shows who ran what, newest first, with times and why it failed', async () => {
    const { queries, count, complete, next } = await list();
    expect({ count, complete, next }).toEqual({ count: 5, complete: true, next: null });
    expect(queries.map(({ status }) => status)).toEqual(['running', 'succeeded', 'failed', 'succeeded', 'succeeded']);
    expect(queries[0]).toMatchObject({ completed_at: null, duration_seconds: null, scheduled: false });
    expect(queries[1]?.sql).toContain("'password=[redacted secret]'");
    expect(queries[2]?.message).toContain('invalid identifier');
    expect(queries[3]?.issued_by).toMatchObject({ type: 'user', id: USERS[0]?.id });
    expect(queries[3]?.issued_by?.name).toContain(USERS[0]?.familyName);
    expect(queries[1]?.issued_by).toMatchObject({ type: 'token', name: 'simulated SOC token' });
    expect(queries[4]).toMatchObject({ scheduled: true, name: 'Nightly count', duration_seconds: expect.any(Number) });
  });

  test.each([
    [{ status: ['failed'] }, ['nosuch']],
    [{ status: ['running', 'failed'] }, ['5', 'nosuch']],
    [{ scheduled: true }, ['1']],
    [{ contains: 'select 2 from' }, []],
    [{ contains: 'SELECT 2 FROM' }, ['2']],
    [{ issued_by: [USERS[0]?.id] }, ['2']],
    [{ issued_by: ['nobody'] }, []],
    [{ started_after: '2100-01-01' }, []],
    [{ started_before: '2020-01-01T00:00' }, []],
    [{ started_after: '2020-01-01', contains: 'nosuch' }, ['nosuch']],
  ])('%j', async (filter, expected) => {
    const { queries } = await list(filter);
    expect(queries.map(({ sql }) => /SELECT (\S+)/.exec(sql)?.[1])).toEqual(expected);
  });

  test.each([1, 2, 3])('pages of %i give each query once', async (limit) => {
    const ids: string[] = [];
    let cursor: string | null = null;
    do {
      const page = await list({ limit, ...(cursor !== null && { cursor }) });
      expect(page.complete).toBe(page.next === null);
      ids.push(...page.queries.map(({ id }) => id));
      cursor = page.next;
    } while (cursor !== null);
    expect(ids).toHaveLength(5);
    expect(new Set(ids).size).toBe(5);
  });

  test('a cursor of other filters is refused before anything is sent', async () => {
    const { next } = await list({ limit: 1 });
    const before = tenant.panther.requests.length;
    expect(await codeOf(list({ limit: 1, status: ['failed'], cursor: next }))).toMatchObject({
      code: 'invalid_input',
      details: { field: 'cursor' },
    });
    expect(tenant.panther.requests).toHaveLength(before);
  });

  test.each([
    [{ started_after: 'yesterday' }, 'started_after'],
    [{ started_after: '2026-02-01', started_before: '2026-01-01' }, 'started_after'],
  ])('%j is refused', async (input, field) => {
    expect(await codeOf(list(input))).toMatchObject({ code: 'invalid_input', details: { field } });
  });
});

describe('cancel_query', () => {
  test('stops a running query and says what it was', async () => {
    tenant.panther.settings.runningPolls = 1000;
    const { query_id } = await tenant.run(executeSqlQuery, { sql: `SELECT 1 ${from}`, wait_seconds: 10 });
    const output = await cancel(query_id);
    expect(output).toMatchObject({ query_id, cancelled: true, status_before: 'running', status: 'cancelled' });
    expect(output.query).toMatchObject({ id: query_id, issued_by: { type: 'token' } });
  });

  test('twice is once', async () => {
    tenant.panther.settings.runningPolls = 1000;
    const { id } = tenant.panther.queries.start(`SELECT 1 ${from}`, 'panther_logs');
    await cancel(id);
    expect(await cancel(id)).toMatchObject({ cancelled: false, status_before: 'cancelled', status: 'cancelled' });
    expect(sent('CancelDataLakeQuery')).toBe(1);
  });

  test('leaves a query that has ended alone', async () => {
    tenant.panther.settings.runningPolls = 0;
    const query = tenant.panther.queries.start(`SELECT 1 ${from}`, 'panther_logs');
    await query.done;
    expect(await cancel(query.id)).toMatchObject({ cancelled: false, status_before: 'succeeded', status: 'succeeded' });
    expect(sent('CancelDataLakeQuery')).toBe(0);
  });

  test('an answer that is lost is made up for', async () => {
    tenant.panther.settings.runningPolls = 1000;
    const { id } = tenant.panther.queries.start(`SELECT 1 ${from}`, 'panther_logs');
    tenant.faults.add({ service: 'panther', bodyContains: 'CancelDataLakeQuery', reset: 'after' });
    expect(await cancel(id)).toMatchObject({ cancelled: true, status: 'cancelled' });
  });

  test('an unknown id is told', async () => {
    expect(await codeOf(cancel('b0c5f5a0-0000-4000-8000-000000000000'))).toMatchObject({
      code: 'not_found_or_no_access',
    });
  });
});
