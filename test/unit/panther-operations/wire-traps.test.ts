import { OperationError } from '../../../operations/errors';
import { runOperation } from '../../../operations/operation';
import { executeSqlQuery } from '../../../operations/panther/execute-sql-query';
import { getTableSchema } from '../../../operations/panther/get-table-schema';
import { queryFailureKind } from '../../../operations/panther/query-failure';
import { closestNames } from '../../../operations/panther/table-names';
import { FaultBoard } from '../../../sandbox/src/faults';
import { type RunningService, type ServiceResponse, startService } from '../../../sandbox/src/service';
import { createTestPorts } from '../../support/ports';

/** A server that answers as the test says, for answers that a well-behaved Panther does not give. */
let service: RunningService;
let answer: (operation: string, variables: Record<string, Record<string, unknown>>) => ServiceResponse;
beforeAll(async () => {
  service = await startService(
    'panther',
    0,
    async (request) => {
      const body = JSON.parse(request.body.toString('utf8'));
      return answer(body.operationName, body.variables);
    },
    new FaultBoard(),
  );
});
afterAll(() => service.close());

const ports = () => createTestPorts({ connections: { panther: { baseUrl: service.url, token: 't' } }, speed: 20 });
const execute = (input: object) => runOperation(executeSqlQuery, ports(), { sql: 'SELECT 1', ...input });
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'none',
    (error: unknown) => (error instanceof OperationError ? error.code : 'untyped'),
  );
const ok = (data: unknown, errors?: unknown): ServiceResponse => ({ status: 200, body: { data, errors } });

function result(rows: unknown[], more: Record<string, unknown> = {}): ServiceResponse {
  return ok({
    dataLakeQuery: {
      id: 'q1',
      status: 'succeeded',
      message: '',
      results: {
        tryAgain: false,
        edges: rows.map((node) => ({ node })),
        pageInfo: { hasNextPage: false, endCursor: null },
        columnInfo: { order: ['n'] },
        stats: { bytesScanned: 1, executionTime: 2, rowCount: rows.length },
        ...more,
      },
    },
  });
}

/** Starts q1, and answers polls with the pages given by cursor. */
function pages(read: (cursor: string | undefined) => ServiceResponse): void {
  answer = (operation, variables) =>
    operation === 'ExecuteDataLakeQuery'
      ? ok({ executeDataLakeQuery: { id: 'q1' } })
      : read(variables.page?.cursor as string | undefined);
}

test('a cursor that repeats ends the reading as incomplete', async () => {
  let reads = 0;
  pages(() => {
    reads += 1;
    return result([{ n: reads }], {
      pageInfo: { hasNextPage: true, endCursor: 'again' },
      stats: { bytesScanned: 1, executionTime: 1, rowCount: 50 },
    });
  });
  expect(await execute({ max_rows: 50 })).toMatchObject({
    complete: false,
    next: null,
    cut_by: 'service',
    returned_rows: 2,
    row_count: 50,
  });
  expect(reads).toBe(2);
});

test('a promised page without a cursor is incomplete', async () => {
  pages(() => result([{ n: 1 }], { pageInfo: { hasNextPage: true, endCursor: null } }));
  expect(await execute({})).toMatchObject({ complete: false, next: null, cut_by: 'service' });
});

test('fewer rows than the promised total are incomplete', async () => {
  pages(() => result([{ n: 1 }], { stats: { bytesScanned: 1, executionTime: 1, rowCount: 9 } }));
  expect(await execute({})).toMatchObject({ complete: false, row_count: 9, returned_rows: 1, cut_by: 'service' });
});

test('more rows than were asked for are cut', async () => {
  pages(() => result(Array.from({ length: 40 }, (_, n) => ({ n }))));
  expect(await execute({ max_rows: 4 })).toMatchObject({
    complete: false,
    returned_rows: 4,
    row_count: 40,
    cut_by: 'max_rows',
  });
});

test('no page is asked for with more than 999 rows', async () => {
  const sizes = new Set<unknown>();
  answer = (operation, variables) => {
    if (operation === 'ExecuteDataLakeQuery') return ok({ executeDataLakeQuery: { id: 'q1' } });
    sizes.add(variables.page?.pageSize);
    return result([]);
  };
  for (const max_rows of [1, 998, 999, 1000, 1998, 1999, 10_000]) await execute({ max_rows });
  expect(Math.max(...[...sizes].map(Number))).toBeLessThanOrEqual(999);
});

test('partial data beside errors is kept', async () => {
  pages(() => ({
    status: 200,
    body: { ...(result([{ n: 1 }]).body as object), errors: [{ message: 'actor unknown' }] },
  }));
  expect(await execute({})).toMatchObject({ returned_rows: 1, complete: true });
});

test('data beside errors is kept with an HTTP status of failure too', async () => {
  pages(() => ({
    status: 400,
    body: { ...(result([{ n: 1 }]).body as object), errors: [{ message: 'actor unknown' }] },
  }));
  expect(await execute({})).toMatchObject({ returned_rows: 1 });
});

test.each([
  ['UNAUTHENTICATED', 'unauthenticated'],
  ['FORBIDDEN', 'missing_permission'],
  ['NOT_FOUND', 'not_found_or_no_access'],
  ['BAD_USER_INPUT', 'invalid_input'],
  ['TOO_MANY_REQUESTS', 'rate_limited'],
  ['INTERNAL_SERVER_ERROR', 'unavailable'],
  ['GRAPHQL_VALIDATION_FAILED', 'bad_response'],
  [undefined, 'bad_response'],
])('GraphQL code %s is %s, with 200 and with 400', async (code, expected) => {
  for (const status of [200, 400]) {
    pages(() => ({ status, body: { data: null, errors: [{ message: 'no', extensions: code && { code } }] } }));
    expect(await codeOf(execute({}))).toBe(expected);
  }
});

test.each([
  ['nothing', { status: 200, body: '' }, 'bad_response'],
  ['cut JSON', { status: 200, body: '{"data":{"dataLake' }, 'bad_response'],
  ['a list', { status: 200, body: [] }, 'bad_response'],
  ['null', { status: 200, body: 'null' }, 'bad_response'],
  ['errors that are no list', { status: 200, body: { errors: 'boom' } }, 'bad_response'],
  ['errors of null', { status: 200, body: { data: null, errors: [null] } }, 'bad_response'],
  ['data of another shape', { status: 200, body: { data: { dataLakeQuery: { id: 1 } } } }, 'bad_response'],
  ['204', { status: 204 }, 'bad_response'],
  ['404 as HTML', { status: 404, body: '<html>not here</html>' }, 'not_found_or_no_access'],
  ['500 as JSON', { status: 500, body: { message: 'broken' } }, 'unavailable'],
  ['500 as HTML', { status: 500, body: '<html>broken</html>' }, 'unavailable'],
])('%s is a typed failure', async (_name, response: ServiceResponse, expected) => {
  pages(() => response);
  expect(await codeOf(execute({}))).toBe(expected);
});

test('column names and keys that are hostile do not reach prototypes', async () => {
  pages(() => ({
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(result([{ n: 1 }]).body).replace(
      '{"n":1}',
      '{"__proto__":{"polluted":true},"constructor":2,"n":1}',
    ),
  }));
  const output = await execute({});
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  expect(output.rows[0]).toMatchObject({ n: 1 });
});

test('a table that the catalogue has keeps the error Panther gave', async () => {
  answer = (operation) => {
    if (operation === 'ListDatabases') return ok({ dataLakeDatabases: [{ name: 'panther_logs', description: null }] });
    if (operation === 'ListTables') {
      return ok({ dataLakeDatabaseTables: { edges: [{ node: { name: 't' } }], pageInfo: { hasNextPage: false } } });
    }
    return ok(null, [{ message: 'warehouse is asleep' }]);
  };
  const error = await runOperation(getTableSchema, ports(), { table: 't' }).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'bad_response', message: expect.stringContaining('warehouse is asleep') });
});

test.each([
  ["SQL compilation error:\nObject 'PANTHER_LOGS.PUBLIC.X' does not exist or not authorized.", 'missing_table'],
  ["SQL compilation error:\ninvalid identifier 'FOO'", 'bad_identifier'],
  ["SQL compilation error:\ninvalid identifier 'CANCELLED'", 'bad_identifier'],
  ["SQL compilation error:\ninvalid identifier 'TIMEOUT'", 'bad_identifier'],
  ['SQL compilation error:\nUnknown function NO_SUCH', 'syntax'],
  ["Numeric value 'abc' is not recognized", 'bad_value'],
  ["Timestamp 'yesterday' is not recognized", 'bad_value'],
  ['[CAST_INVALID_INPUT] The value of the type "STRING" cannot be cast', 'bad_value'],
  ['Statement reached its statement or warehouse timeout of 3,600 second(s) and was canceled.', 'timed_out'],
  ["SQL compilation error: syntax error line 1 at position 7 unexpected 'FROM'.", 'syntax'],
  ['result size exceeded', 'too_large'],
  ['SQL execution canceled', 'cancelled'],
  ['[TABLE_OR_VIEW_NOT_FOUND] The table or view `x` cannot be found.', 'missing_table'],
  ['[UNRESOLVED_COLUMN.WITH_SUGGESTION] A column with name `x` cannot be resolved.', 'bad_identifier'],
  ['[PARSE_SYNTAX_ERROR] Syntax error at or near', 'syntax'],
  ['the warehouse went away', 'other'],
  ['', 'other'],
])('%j is a failure of the kind %s', (text, kind) => {
  expect(queryFailureKind(text)).toBe(kind);
});

test('"did you mean" offers what is close and nothing else', () => {
  const names = ['aws_cloudtrail', 'aws_vpcflow', 'okta_systemlog', 'gitlab_audit'];
  expect(closestNames('aws_cloudtrial', names)).toEqual(['aws_cloudtrail']);
  expect(closestNames('cloudtrail', names)).toEqual(['aws_cloudtrail']);
  expect(closestNames('zzzzzzzzzz', names)).toEqual([]);
});
