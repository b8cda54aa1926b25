import { executeSqlQuery } from '../../../operations/panther/execute-sql-query';
import { namedTables } from '../../../operations/panther/named-tables';
import { type Answering, failureOf, startAnswering } from './answering';
import { type SimulatedTenant, startSimulatedTenant } from './simulated-tenant';

const since = "p_occurs_since('1 day')";

describe('over the simulated tenant', () => {
  let tenant: SimulatedTenant;
  beforeAll(async () => {
    tenant = await startSimulatedTenant();
  });
  afterAll(() => tenant.close());
  beforeEach(() => tenant.reset());

  const failing = (sql: string, ports = tenant.ports()) =>
    failureOf(tenant.run(executeSqlQuery, { sql, wait_seconds: 60 }, ports));

  test.each([
    [`SELECT p_row_id FROM aws_cloudtrial WHERE ${since}`, 'panther_logs.public.aws_cloudtrail'],
    [`SELECT p_row_id FROM panther_logs.public.okta_systemlogs WHERE ${since}`, 'panther_logs.public.okta_systemlog'],
    // The right name in the wrong database.
    [`SELECT p_row_id FROM panther_views.public.okta_systemlog WHERE ${since}`, 'panther_logs.public.okta_systemlog'],
    [`SELECT eventNam FROM aws_cloudtrail WHERE ${since}`, 'eventName'],
    [`SELECT t.eventSorce FROM aws_cloudtrail AS t WHERE ${since}`, 'eventSource'],
    [`SELECT userIdentity.arn FROM aws_cloudtrail WHERE ${since}`, 'userIdentity:arn'],
    [`SELECT t.userIdentity.sessionContext.x FROM aws_cloudtrail t WHERE ${since}`, 't.userIdentity:sessionContext.x'],
  ])('%s leads to %s', async (sql, name) => {
    const error = await failing(sql);
    expect(error).toMatchObject({ code: 'query_failed' });
    expect(error.message).toMatch(/^The data lake could not run the query: "SQL compilation error/);
    expect(error.message).toContain('Did you mean ');
    expect(String(error.details.did_you_mean).split(', ')).toContain(name);
  });

  test.each([
    `SELECT p_row_id FROM zzzzzzzzzzzzzzzzzz WHERE ${since}`,
    `SELECT zzzzzzzzzzzzzzzzzz FROM aws_cloudtrail WHERE ${since}`,
    // The column is there; the alias is what is wrong.
    `SELECT x.eventName FROM aws_cloudtrail t WHERE ${since}`,
  ])('%s leads to nothing', async (sql) => {
    const error = await failing(sql);
    expect(error.message).not.toContain('Did you mean');
    expect(error.details.did_you_mean).toBeUndefined();
  });

  test('the same mistake asks the catalogue once', async () => {
    const sql = (n: number) => `SELECT ${n} FROM aws_cloudtrial WHERE ${since}`;
    const ports = tenant.ports();
    await failing(sql(1), ports);
    tenant.panther.requests.length = 0;
    expect((await failing(sql(2), ports)).details.did_you_mean).toContain('aws_cloudtrail');
    expect(tenant.asked().filter((name) => name.startsWith('List') && name !== 'ListDataLakeQueries')).toEqual([]);
  });
});

describe('whatever goes wrong with the catalogue, the error of the query stays', () => {
  let server: Answering;
  // One for each test: what one answers of the catalogue is remembered for a while.
  beforeEach(async () => {
    server = await startAnswering();
  });
  afterEach(() => server.close());

  const text = "SQL compilation error:\nObject 'PANTHER_LOGS.PUBLIC.X' does not exist or not authorized.";
  const fails = (catalogue: () => { status: number; body: unknown }, ports = server.ports()) => {
    server.answer = ({ body }) => {
      const { operationName } = JSON.parse(body) as { operationName: string };
      if (operationName === 'ExecuteDataLakeQuery')
        return { status: 200, body: { data: { executeDataLakeQuery: { id: 'q1' } } } };
      if (operationName === 'GetDataLakeQuery')
        return {
          status: 200,
          body: { data: { dataLakeQuery: { id: 'q1', status: 'failed', message: text, sql: 'x' } } },
        };
      return catalogue();
    };
    return failureOf(server.run(executeSqlQuery, { sql: `SELECT a FROM x WHERE ${since}`, reuse: false }, ports));
  };

  test.each([
    ['refused', { status: 403, body: { error: 'forbidden' } }],
    ['broken', { status: 500, body: 'oops' }],
    ['slow and busy', { status: 503, body: 'later' }],
    ['of another shape', { status: 200, body: { data: { dataLakeDatabases: 7 } } }],
  ])('%s', async (_name, catalogue) => {
    const ports = server.ports();
    const error = await fails(() => catalogue, ports);
    expect(error).toMatchObject({ code: 'query_failed', details: { kind: 'missing_table', query_id: 'q1' } });
    expect(error.message).not.toContain('Did you mean');
    // The look into the catalogue has two seconds, and the poll before it waits once.
    expect(ports.waits.reduce((sum, ms) => sum + ms, 0)).toBeLessThan(2_000 + 1_000);
  });

  test('hostile names are cleaned, and what is no name is not suggested', async () => {
    const names = ['x\u202e\u0007', 'x; DROP TABLE y --', 'xy"', 'xz'];
    const error = await fails(() => ({
      status: 200,
      body: {
        data: {
          dataLakeDatabases: [{ name: 'panther_logs' }],
          dataLakeDatabaseTables: {
            edges: names.map((name) => ({ node: { name } })),
            pageInfo: { hasNextPage: true, endCursor: 'always the same' },
          },
        },
      },
    }));
    expect(error.details.did_you_mean).toBe('panther_logs.public.xz');
  });
});

test.each([
  ['SELECT 1', []],
  ['SELECT a FROM t', ['t']],
  ['select a from db.public."T" x join `a b`.c on true', ['db.public."T"', '`a b`.c']],
  ['SELECT a FROM t1 a, t2 AS b, t3 WHERE x IN (SELECT y FROM t4)', ['t1', 't2', 't3', 't4']],
  ["SELECT 'from x' /* from y */ FROM z -- from w", ['z']],
  ['WITH w AS (SELECT * FROM t) SELECT * FROM w, lateral flatten(input => w.a)', ['t']],
  ['SELECT * FROM TABLE(FLATTEN(x))', []],
  ['SELECT * FROM a JOIN b JOIN c JOIN d JOIN e JOIN f', ['a', 'b', 'c', 'd', 'e']],
])('the tables of %s', (sql, tables) => {
  expect(namedTables(sql)).toEqual(tables);
});
