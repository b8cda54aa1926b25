import { OperationError } from '../../../operations/errors';
import { type Operation, streamOperation } from '../../../operations/operation';
import { streamQueryResults, streamSqlQuery } from '../../../operations/panther/row-streams';
import type { RowPage, RowStream, RowsEnd } from '../../../operations/row-stream';
import { FaultBoard } from '../../../sandbox/src/faults';
import { type RunningService, type ServiceResponse, startService } from '../../../sandbox/src/service';
import { untilTrue } from '../../support/eventually';
import { createTestPorts, withoutAnswerTo } from '../../support/ports';
import { rowsInLake, startTenant, type Tenant } from './tenant';

const bySql = { name: 'by_sql', stream: streamSqlQuery } as unknown as Operation;
const byId = { name: 'by_id', stream: streamQueryResults } as unknown as Operation;

async function collect(stream: RowStream): Promise<{ pages: RowPage[]; end: RowsEnd }> {
  const pages: RowPage[] = [];
  for (;;) {
    const step = await stream.next();
    if (step.done) return { pages, end: step.value };
    pages.push(step.value);
  }
}
const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => {
      throw new Error('nothing failed');
    },
    (error: unknown) => {
      if (error instanceof OperationError) return error.toShape();
      throw error;
    },
  );

describe('over the stand-in', () => {
  let tenant: Tenant;
  beforeAll(async () => {
    tenant = await startTenant();
  });
  afterAll(() => tenant.close());
  beforeEach(() => {
    tenant.panther.reset();
    tenant.faults.clear();
  });

  const sql =
    "SELECT eventID, userAgent FROM panther_logs.public.aws_cloudtrail WHERE p_event_time BETWEEN '2026-05-01' AND '2026-05-02' ORDER BY p_event_time";
  const many = 'SELECT seq4() AS n FROM TABLE(GENERATOR(ROWCOUNT => 5000))';

  test('gives every row once, in order and cleaned, in pages of 999, and tells what it was', async () => {
    const ports = tenant.ports();
    const { pages, end } = await collect(streamOperation(bySql, ports, { sql }));
    expect(pages.map(({ rows, done, total }) => [rows.length, done, total])).toEqual([
      [999, 999, rowsInLake],
      [rowsInLake - 999, rowsInLake, rowsInLake],
    ]);
    const rows = pages.flatMap((page) => page.rows);
    expect(rows.map(({ eventID }) => eventID)).toEqual(Array.from({ length: rowsInLake }, (_, n) => `simulated-${n}`));
    expect(rows[0]?.userAgent).toBe('evil <!channel> password=[redacted secret]');
    expect(end).toMatchObject({
      rows: rowsInLake,
      row_count: rowsInLake,
      columns: ['eventID', 'userAgent'],
      complete: true,
      next: null,
      cut_by: null,
      bytes_scanned: expect.any(Number),
    });
    expect(ports.reports.at(-1)).toMatchObject({ done: rowsInLake, total: rowsInLake });
    expect(tenant.started()).toEqual([sql]);
  });

  test('reads a query again by its id without running it again', async () => {
    const { end } = await collect(streamOperation(bySql, tenant.ports(), { sql: many }));
    const again = await collect(streamOperation(byId, tenant.ports(), { query_id: end.query_id }));
    expect(again.end).toEqual(end);
    expect(again.pages.flatMap(({ rows }) => rows.map(({ n }) => n))).toEqual(
      Array.from({ length: 5000 }, (_, n) => n),
    );
    expect(tenant.started()).toHaveLength(1);
  });

  test.each([1, 998, 999, 1000, 1998, 4999])('stops at %i rows and says so', async (max_rows) => {
    const { pages, end } = await collect(streamOperation(bySql, tenant.ports(), { sql: many, max_rows }));
    expect(pages.flatMap(({ rows }) => rows)).toHaveLength(max_rows);
    expect(end).toMatchObject({ rows: max_rows, row_count: 5000, complete: false, cut_by: 'max_rows' });
  });

  test.each([1, 500, 999, 1500])('goes on behind the last of %i rows', async (max_rows) => {
    const first = await collect(streamOperation(bySql, tenant.ports(), { sql: many, max_rows }));
    const { query_id, next } = first.end;
    const { pages, end } = await collect(streamOperation(byId, tenant.ports(), { query_id, cursor: next }));
    expect(pages.flatMap(({ rows }) => rows.map(({ n }) => n))).toEqual(
      Array.from({ length: 5000 - max_rows }, (_, n) => n + max_rows),
    );
    expect(end).toMatchObject({ rows: 5000 - max_rows, row_count: 5000, complete: true });
  });

  test('a limit of just the rows there are is complete', async () => {
    const { end } = await collect(streamOperation(bySql, tenant.ports(), { sql: many, max_rows: 5000 }));
    expect(end).toMatchObject({ rows: 5000, complete: true, next: null });
  });

  test('reads no more than one page ahead of a consumer that takes its time, and nothing after it left', async () => {
    const ports = tenant.ports();
    const stream = streamOperation(bySql, ports, { sql: many });
    const reads = () =>
      ports.requests.filter(({ body }) => body?.includes('GetDataLakeQuery') && body.includes('cursor')).length;
    await stream.next();
    await untilTrue(() => reads() > 0);
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(reads()).toBe(1);
    await stream.next();
    await untilTrue(() => reads() > 1);
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(reads()).toBe(2);
    await stream.return({} as RowsEnd);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(reads()).toBe(2);
    // The query had ended by itself, so leaving is no reason to cancel it.
    expect(ports.requests.some(({ body }) => body?.includes('cancelDataLakeQuery'))).toBe(false);
  });

  test('goes on where it was when the service is away for a while, without a row twice', async () => {
    const ports = tenant.ports();
    const stream = streamOperation(bySql, ports, { sql: many });
    const first = await stream.next();
    await new Promise((resolve) => setTimeout(resolve, 50));
    tenant.faults.add({ service: 'panther', status: 503, body: 'away', times: 12 });
    const { pages, end } = await collect(stream);
    const rows = [...((first.value as RowPage).rows ?? []), ...pages.flatMap((page) => page.rows)];
    expect(rows.map(({ n }) => n)).toEqual(Array.from({ length: 5000 }, (_, n) => n));
    expect(end.complete).toBe(true);
    expect(ports.logged.some(({ message }) => /asking for it again/.test(message))).toBe(true);
  });

  test('an abort cancels a running query upstream and ends the stream', async () => {
    tenant.panther.settings.runningPolls = 1_000;
    const abort = new AbortController();
    const ports = tenant.ports({ signal: abort.signal });
    const failure = failureOf(collect(streamOperation(bySql, ports, { sql: many })));
    await untilTrue(() => ports.requests.filter(({ body }) => body?.includes('GetDataLakeQuery')).length > 1);
    abort.abort();
    expect(await failure).toMatchObject({
      code: 'cancelled',
      details: { cancelled_upstream: true, query_id: expect.any(String) },
    });
  });

  test('an abort of reading somebody else’s query leaves that query alone', async () => {
    tenant.panther.settings.runningPolls = 1_000;
    const abort = new AbortController();
    const started = streamOperation(bySql, tenant.ports(), { sql: many, wait_seconds: 1 });
    const { details } = await failureOf(collect(started));
    const ports = tenant.ports({ signal: abort.signal });
    const failure = failureOf(collect(streamOperation(byId, ports, { query_id: details.query_id })));
    await untilTrue(() => ports.requests.filter(({ body }) => body?.includes('GetDataLakeQuery')).length > 1);
    abort.abort();
    expect(await failure).toMatchObject({ code: 'cancelled', details: { query_id: details.query_id } });
    expect(ports.requests.some(({ body }) => body?.includes('cancelDataLakeQuery'))).toBe(false);
  });

  test('a deadline before the first page leaves with the id of the query', async () => {
    tenant.panther.settings.runningPolls = 1_000;
    expect(
      await failureOf(collect(streamOperation(bySql, tenant.ports(), { sql: many, wait_seconds: 2 }))),
    ).toMatchObject({
      code: 'timeout',
      details: { query_id: expect.any(String) },
    });
  });

  test.each([
    [{ sql: many, max_rows: 10_000_001 }, 'max_rows'],
    [{ sql: many, max_rows: 0 }, 'max_rows'],
    [{ sql: many, wait_seconds: 0 }, 'wait_seconds'],
    [{ sql: '' }, 'sql'],
    [{ sql: many, rows: 1 }, 'rows'],
  ])('refuses %j before anything is sent', (input, field) => {
    const ports = tenant.ports();
    expect(() => streamOperation(bySql, ports, input)).toThrow(
      expect.objectContaining({ code: 'invalid_input', field }),
    );
    expect(ports.requests).toEqual([]);
  });

  test('what the guard refuses is not started', async () => {
    const failure = await failureOf(collect(streamOperation(bySql, tenant.ports(), { sql: 'DROP TABLE x' })));
    expect(failure).toMatchObject({ code: 'invalid_input', details: { field: 'sql' } });
    expect(tenant.started()).toEqual([]);
  });
});

describe('with answers that a well-behaved Panther does not give', () => {
  let service: RunningService;
  let asked: unknown[] = [];
  let answer: (cursor: string | undefined) => { rows: unknown[]; next?: string | null; more?: boolean; total?: number };
  beforeAll(async () => {
    service = await startService(
      'panther',
      0,
      async (request): Promise<ServiceResponse> => {
        const { variables } = JSON.parse(request.body.toString('utf8'));
        asked.push(variables.page?.cursor);
        const { rows, next, more = next !== undefined, total = rows.length } = answer(variables.page?.cursor);
        return {
          status: 200,
          body: {
            data: {
              dataLakeQuery: {
                id: 'q1',
                status: 'succeeded',
                results: {
                  edges: rows.map((node) => ({ node })),
                  pageInfo: { hasNextPage: more, endCursor: next ?? null },
                  columnInfo: { order: ['n\u200b'] },
                  stats: { bytesScanned: 1, executionTime: 2, rowCount: total },
                },
              },
            },
          },
        };
      },
      new FaultBoard(),
    );
  });
  afterAll(() => service.close());
  const ports = (speed = 20, now?: () => Date) =>
    createTestPorts({ connections: { panther: { baseUrl: service.url, token: 't' } }, speed, now });
  const stream = (input = {}) => streamOperation(byId, ports(), { query_id: 'q1', ...input });

  test('a cursor that repeats is refused with the id of the query', async () => {
    answer = (cursor) => ({ rows: [{ n: 1 }], next: cursor === 'b' ? 'a' : cursor === 'a' ? 'b' : 'a', total: 9 });
    expect(await failureOf(collect(stream()))).toMatchObject({ code: 'bad_response', details: { query_id: 'q1' } });
  });

  test('page after page without rows ends', async () => {
    let reads = 0;
    answer = () => {
      reads += 1;
      return { rows: [], next: `c${reads}` };
    };
    expect(await failureOf(collect(stream()))).toMatchObject({ code: 'bad_response' });
    expect(reads).toBeLessThan(110);
  });

  test('a promised page without a cursor, and fewer rows than promised, are incomplete', async () => {
    answer = () => ({ rows: [{ n: 1 }], next: null, more: true });
    expect((await collect(stream())).end).toMatchObject({ complete: false, cut_by: 'service', next: null });
    answer = () => ({ rows: [{ n: 1 }], total: 7 });
    expect((await collect(stream())).end).toMatchObject({ complete: false, cut_by: 'service', row_count: 7 });
  });

  test('a deadline in the middle ends early and says where to go on', async () => {
    let time = Date.now();
    answer = (cursor) => {
      // Each page takes a second of the ten.
      time += 1000;
      return { rows: [{ n: 1 }], next: `${Number(cursor ?? 0) + 1}`, total: 1_000_000 };
    };
    const host = ports(20, () => new Date(time));
    const { end } = await collect(streamOperation(byId, host, { query_id: 'q1', wait_seconds: 10 }));
    expect(end).toMatchObject({ complete: false, cut_by: 'wait_seconds' });
    asked = [];
    const on = await streamOperation(byId, ports(), { query_id: 'q1', cursor: end.next ?? '' }).next();
    expect(asked[0]).toBe(String(end.rows));
    expect(on.value).toMatchObject({ done: 1, total: 1_000_000 });
  });

  test('a page that does not come before the deadline ends early too', async () => {
    answer = (cursor) => ({ rows: [{ n: 1 }], next: `${cursor ?? ''}n`, total: 9 });
    let hold = false;
    const host = withoutAnswerTo(() => hold, ports());
    const open = streamOperation(byId, host, { query_id: 'q1', wait_seconds: 10 });
    await open.next();
    // The page after the first is read ahead.
    await untilTrue(() => host.requests.length > 1);
    hold = true;
    await open.next();
    expect((await open.next()).value).toMatchObject({ rows: 2, complete: false, cut_by: 'wait_seconds' });
  });

  test('more rows than a page may have are not given out past the limit', async () => {
    answer = () => ({ rows: Array.from({ length: 3_000 }, (_, n) => ({ n })), total: 3_000 });
    const { pages, end } = await collect(stream({ max_rows: 1_200 }));
    expect(pages.flatMap(({ rows }) => rows)).toHaveLength(1_200);
    expect(end).toMatchObject({ complete: false, cut_by: 'max_rows', columns: ['n'] });
  });

  test('an empty result is one page without rows', async () => {
    answer = () => ({ rows: [] });
    const { pages, end } = await collect(stream());
    expect(pages).toMatchObject([{ rows: [], done: 0 }]);
    expect(end).toMatchObject({ rows: 0, complete: true });
  });
});
