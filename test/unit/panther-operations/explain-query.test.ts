import { OperationError } from '../../../operations/errors';
import { runOperation } from '../../../operations/operation';
import { explainQuery } from '../../../operations/panther/explain-query';
import { FaultBoard } from '../../../sandbox/src/faults';
import { startService } from '../../../sandbox/src/service';
import { createTestPorts } from '../../support/ports';
import { startTenant, type Tenant } from './tenant';

const when = "p_event_time >= '2026-05-01' AND p_event_time < '2026-05-03'";

let tenant: Tenant;
beforeAll(async () => {
  tenant = await startTenant();
});
afterAll(() => tenant.close());
beforeEach(() => {
  tenant.panther.reset();
  tenant.faults.clear();
});

const explain = (sql: string, more: object = {}, ports = tenant.ports()) =>
  tenant.run(explainQuery, { sql, ...more }, ports);
const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'none',
    (error: unknown) => (error instanceof OperationError ? error.toShape() : error),
  );

test('a statement that compiles is valid, with its plan, and was not run', async () => {
  const output = await explain(`SELECT eventName FROM panther_logs.public.aws_cloudtrail WHERE ${when};  -- end`);
  expect(output).toMatchObject({ valid: true, kind: null, message: null, did_you_mean: [], note: null });
  expect((output.plan as unknown[]).length).toBeGreaterThan(0);
  expect(tenant.started()).toEqual([`EXPLAIN SELECT eventName FROM panther_logs.public.aws_cloudtrail WHERE ${when}`]);
});

test('a table that is missing comes with tables whose names come close', async () => {
  expect(await explain(`SELECT * FROM panther_logs.public.aws_cloudtrial WHERE ${when}`)).toMatchObject({
    valid: false,
    kind: 'missing_table',
    message: expect.stringContaining('AWS_CLOUDTRIAL'),
    did_you_mean: ['panther_logs.public.aws_cloudtrail'],
    plan: [],
  });
});

test('a column that is missing comes with columns of the table', async () => {
  const output = await explain(`SELECT eventNam FROM panther_logs.public.aws_cloudtrail WHERE ${when}`);
  expect(output).toMatchObject({ valid: false, kind: 'bad_identifier' });
  expect(output.did_you_mean).toContain('eventName');
});

test('what only the data lake can see is told', async () => {
  expect(
    await explain(`SELECT eventName, count(*) FROM panther_logs.public.aws_cloudtrail WHERE ${when}`),
  ).toMatchObject({
    valid: false,
    kind: 'syntax',
    did_you_mean: [],
  });
});

test('names are not looked for when the catalogue cannot be read, and the rest is told', async () => {
  tenant.faults.add({ service: 'panther', bodyContains: 'ListDatabases', status: 403, body: { error: 'forbidden' } });
  expect(
    await explain(
      `SELECT * FROM panther_logs.public.aws_cloudtrial WHERE ${when}`,
      {},
      tenant.ports({ token: undefined }),
    ),
  ).toMatchObject({ valid: false, kind: 'missing_table' });
});

test.each([
  '-- pragma: pantherflow\nSELECT 1',
  '-- pragma: template\nSELECT 1',
  'SELECT 1 /* pragma: pantherflow */',
  '/*\npragma: pantherflow */ SELECT 1',
  '--PRAGMA:pantherflow\nSELECT 1',
])('%j is refused before anything is sent, because Panther would run it', async (sql) => {
  for (const defaults of [undefined, { pragmas: 'template,pantherflow' }]) {
    expect(await failureOf(explain(sql, {}, tenant.ports({ defaults })))).toMatchObject({
      code: 'invalid_input',
      details: { field: 'sql' },
    });
  }
  expect(tenant.panther.requests).toHaveLength(0);
});

test.each(['DELETE FROM t', 'SELECT 1; DROP TABLE t', 'EXPLAIN SELECT 1', ''])('%j is refused', async (sql) => {
  expect(await failureOf(explain(sql))).toMatchObject({ code: 'invalid_input', details: { field: 'sql' } });
  expect(tenant.panther.requests).toHaveLength(0);
});

test('what says nothing about the statement is an error and no verdict', async () => {
  tenant.panther.settings.maxResultBytes = 1;
  expect(await failureOf(explain(`SELECT 1 FROM panther_logs.public.aws_cloudtrail WHERE ${when}`))).toMatchObject({
    code: 'query_failed',
    details: { kind: 'too_large' },
  });
});

test('on Databricks a fault inside the plan is a fault, and the answer says that it may differ', async () => {
  const fault =
    'Error occurred during query planning: [TABLE_OR_VIEW_NOT_FOUND] The table or view `logs`.`t` cannot be found';
  const service = await startService(
    'panther',
    0,
    async (request) => {
      const { operationName } = JSON.parse(request.body.toString('utf8'));
      if (operationName === 'ExecuteDataLakeQuery') {
        return { status: 200, body: { data: { executeDataLakeQuery: { id: 'q1' } } } };
      }
      if (operationName !== 'GetDataLakeQuery') return { status: 403, body: { error: 'forbidden' } };
      const results = {
        tryAgain: false,
        edges: [{ node: { plan: fault } }],
        pageInfo: { hasNextPage: false, endCursor: null },
        columnInfo: { order: ['plan'] },
        stats: { bytesScanned: 0, executionTime: 1, rowCount: 1 },
      };
      return { status: 200, body: { data: { dataLakeQuery: { id: 'q1', status: 'succeeded', results } } } };
    },
    new FaultBoard(),
  );
  const connection = { baseUrl: service.url, token: 't', defaults: { dialect: 'databricks' } };
  const ports = createTestPorts({ connections: { panther: connection }, speed: 20 });
  expect(await runOperation(explainQuery, ports, { sql: 'SELECT 1' })).toMatchObject({
    valid: false,
    kind: 'missing_table',
    note: expect.stringContaining('Databricks'),
  });
  await service.close();
});
