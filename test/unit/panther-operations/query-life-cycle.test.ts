import { runOperation } from '../../../operations/operation';
import { executeSqlQuery } from '../../../operations/panther/execute-sql-query';
import { getQueryResults } from '../../../operations/panther/get-query-results';
import { FaultBoard } from '../../../sandbox/src/faults';
import { type RunningService, type ServiceResponse, startService } from '../../../sandbox/src/service';
import { createTestPorts } from '../../support/ports';

/** Waiting, poll by poll, on a clock that only waits move. */
let service: RunningService;
let polls: number;
let answer: (poll: number, page: Record<string, unknown>) => ServiceResponse;
beforeAll(async () => {
  service = await startService(
    'panther',
    0,
    async (request) => {
      const { operationName, variables } = JSON.parse(request.body.toString('utf8'));
      if (operationName === 'ExecuteDataLakeQuery') return ok({ executeDataLakeQuery: { id: 'q1' } });
      polls += 1;
      return answer(polls, variables.page);
    },
    new FaultBoard(),
  );
});
afterAll(() => service.close());
beforeEach(() => {
  polls = 0;
});

const ok = (data: unknown, errors?: unknown): ServiceResponse => ({ status: 200, body: { data, errors } });
const query = (status: string, more: object = {}) =>
  ok({
    dataLakeQuery: { id: 'q1', sql: 'SELECT 1', status, startedAt: '2026-05-01T00:00:00Z', results: null, ...more },
  });
const results = (more: object = {}) => ({
  results: {
    tryAgain: false,
    edges: [{ node: { n: 1 } }],
    pageInfo: { hasNextPage: false, endCursor: null },
    columnInfo: { order: ['n'] },
    stats: { bytesScanned: 7, executionTime: 8, rowCount: 1 },
    ...more,
  },
});

function host() {
  const start = Date.parse('2026-05-01T00:01:00Z');
  const ports = createTestPorts({ connections: { panther: { baseUrl: service.url, token: 't' } } });
  ports.sleep = async (ms) => void ports.waits.push(ms);
  ports.now = () => new Date(start + ports.waits.reduce((sum, ms) => sum + ms, 0));
  return ports;
}
const execute = (input: object = {}, ports = host()) =>
  runOperation(executeSqlQuery, ports, { sql: 'SELECT 1', ...input });
const read = (input: object = {}, ports = host()) => runOperation(getQueryResults, ports, { query_id: 'q1', ...input });

test('the delays between polls grow, and the last one is cut so that the end is still seen', async () => {
  answer = () => query('running');
  const ports = host();
  const output = await execute({ wait_seconds: 30 }, ports);
  expect(output).toMatchObject({ status: 'running', poll_after_seconds: 5, started_at: '2026-05-01T00:00:00.000Z' });
  const waited = ports.waits;
  for (const [index, ms] of waited.slice(1, -1).entries()) {
    expect(ms).toBeGreaterThanOrEqual(waited[index] ?? 0);
    expect(ms).toBeLessThanOrEqual(5000);
  }
  expect(waited.reduce((sum, ms) => sum + ms, 0)).toBeCloseTo(29_700, -1);
  expect(waited.at(-1)).toBeLessThan(waited.at(-2) ?? 0);
  expect(polls).toBe(waited.length + 1);
});

test('a query that ends in the last moment is seen', async () => {
  const ports = host();
  answer = (poll) => (poll <= 5 ? query('running') : query('succeeded', results()));
  // Polls at 0, 0.3, 0.75, 1.425 and 2.4375 s; the sixth is cut from 3.956 to 2.7 s.
  expect(await execute({ wait_seconds: 3 }, ports)).toMatchObject({ status: 'succeeded', returned_rows: 1 });
  expect(polls).toBe(6);
});

test('progress tells the seconds waited and the seconds there are', async () => {
  answer = (poll) => (poll <= 8 ? query('running') : query('succeeded', results()));
  const ports = host();
  await execute({ wait_seconds: 60 }, ports);
  const told = ports.reports.filter(({ message }) => message.includes('is running'));
  expect(told).toHaveLength(8);
  expect(told.every(({ total }) => total === 60)).toBe(true);
  expect(told.at(-1)?.done).toBeGreaterThan(told[0]?.done ?? 0);
});

test('the age of a result is counted from its start', async () => {
  answer = () => query('succeeded', results());
  expect(await execute()).toMatchObject({ age_seconds: 60, started_at: '2026-05-01T00:00:00.000Z' });
});

test.each([
  ['succeeded without results', query('succeeded')],
  ['succeeded with tryAgain', query('succeeded', results({ tryAgain: true, edges: [] }))],
  ['a status nobody has heard of', query('queued')],
])('%s is asked for again', async (_name, first) => {
  answer = (poll) => (poll === 1 ? first : query('succeeded', results()));
  expect(await execute()).toMatchObject({ status: 'succeeded', returned_rows: 1 });
  expect(polls).toBe(2);
});

test.each([
  ['no code', undefined, 'bad_response'],
  ['BAD_USER_INPUT', 'BAD_USER_INPUT', 'invalid_input'],
  ['INTERNAL_SERVER_ERROR', 'INTERNAL_SERVER_ERROR', 'unavailable'],
])(
  'rows that Panther refuses beside a query that succeeded are an error and no endless wait: %s',
  async (_n, code, expected) => {
    answer = () => ({
      status: 200,
      body: {
        data: { dataLakeQuery: { id: 'q1', status: 'succeeded', results: null } },
        errors: [{ message: 'pageSize must be at most 999', ...(code && { extensions: { code } }) }],
      },
    });
    await expect(execute()).rejects.toMatchObject({ code: expected, details: { query_id: 'q1' } });
    expect(polls).toBe(1);
  },
);

test.each([
  ['no code', undefined],
  ['INTERNAL_SERVER_ERROR', 'INTERNAL_SERVER_ERROR'],
  ['NOT_FOUND', 'NOT_FOUND'],
])('an id that Panther does not know is told so with %s', async (_name, code) => {
  answer = () => ({
    status: 200,
    body: { data: null, errors: [{ message: 'query not found: q1', ...(code && { extensions: { code } }) }] },
  });
  await expect(read()).rejects.toMatchObject({
    code: 'not_found_or_no_access',
    message: expect.stringContaining('query q1'),
  });
});

test('a fault of the service is not taken for an unknown id', async () => {
  answer = () => ({
    status: 200,
    body: { data: null, errors: [{ message: 'warehouse is asleep', extensions: { code: 'INTERNAL_SERVER_ERROR' } }] },
  });
  await expect(read()).rejects.toMatchObject({ code: 'unavailable' });
});

test.each([
  ['without a code', undefined],
  ['as BAD_USER_INPUT', 'BAD_USER_INPUT'],
  ['as INTERNAL_SERVER_ERROR', 'INTERNAL_SERVER_ERROR'],
])('a cursor that Panther refuses %s is told apart by reading the query without it', async (_name, code) => {
  answer = (_poll, page) =>
    page.cursor === 'stale'
      ? { status: 200, body: { data: null, errors: [{ message: 'boom', ...(code && { extensions: { code } }) }] } }
      : query('succeeded', results({ pageInfo: { hasNextPage: true, endCursor: 'stale' } }));
  const first = await read({ max_rows: 1 });
  await expect(read({ cursor: first.next })).rejects.toMatchObject({
    code: 'invalid_input',
    details: { field: 'cursor', query_id: 'q1' },
  });
});

test('a page is asked for again with the size that its cursor came with', async () => {
  const pages: unknown[] = [];
  answer = (_poll, page) => {
    pages.push(page);
    return query(
      'succeeded',
      results({
        pageInfo: { hasNextPage: true, endCursor: 'c2' },
        stats: { bytesScanned: 0, executionTime: 0, rowCount: 9 },
      }),
    );
  };
  const first = await read({ max_rows: 1 });
  await read({ cursor: first.next, max_rows: 1 });
  expect(pages).toEqual([{ pageSize: 100 }, { pageSize: 100, cursor: 'c2' }]);
});

test('time that runs out over an answer leaves what the last answer said', async () => {
  const ports = host();
  answer = () => query('running');
  const { http } = ports;
  let late = 0;
  ports.http = async (request) => {
    if (polls >= 3) {
      late += 60_000;
      ports.waits.push(60_000);
    }
    return http(request);
  };
  expect(await execute({ wait_seconds: 20 }, ports)).toMatchObject({ status: 'running' });
  expect(late).toBeGreaterThan(0);
});
