import { type Operation, runOperation } from '../../../operations/operation';
import { getSampleLogEvents } from '../../../operations/panther/get-sample-log-events';
import { getTableSchema } from '../../../operations/panther/get-table-schema';
import { listAvailableTables } from '../../../operations/panther/list-available-tables';
import { listDatabases } from '../../../operations/panther/list-databases';
import { listLogTypeSchemas } from '../../../operations/panther/list-log-type-schemas';
import { FaultBoard } from '../../../sandbox/src/faults';
import { type RunningService, type ServiceResponse, startService } from '../../../sandbox/src/service';
import { createTestPorts } from '../../support/ports';
import { failureOf } from './answering';
import type { Output } from './simulated-tenant';

/** A catalogue as the test says; every test has a tenant of its own, so that nothing remembered is shared. */
let service: RunningService;
let asked: string[];
let sent: string[];
let answer: (operation: string, input: Output) => unknown;

beforeEach(async () => {
  asked = [];
  sent = [];
  service = await startService(
    'panther',
    0,
    async (request): Promise<ServiceResponse> => {
      const { operationName, variables } = JSON.parse(request.body.toString('utf8'));
      asked.push(operationName);
      if (variables?.input?.sql !== undefined) sent.push(variables.input.sql);
      const data = answer(operationName, variables?.input ?? variables ?? {});
      return data instanceof Error
        ? { status: 200, body: { data: null, errors: [{ message: data.message, extensions: { code: data.name } }] } }
        : { status: 200, body: { data } };
    },
    new FaultBoard(),
  );
});
afterEach(() => service.close());

interface Host {
  token?: string;
  defaults?: Record<string, string>;
  now?: () => Date;
}
/** By the wall clock, which all hosts of a test share. */
const run = (
  operation: unknown,
  input: object,
  { token = 'a', defaults, now = () => new Date() }: Host = {},
): Promise<Output> =>
  runOperation(
    operation as Operation,
    createTestPorts({ connections: { panther: { baseUrl: service.url, token, defaults } }, speed: 20, now }),
    input,
  );

const databases = { dataLakeDatabases: [{ name: 'panther_logs', description: null }] };
const tables = (names: readonly string[], pageInfo: object = { hasNextPage: false }) => ({
  dataLakeDatabaseTables: { edges: names.map((name) => ({ node: { name, logType: name } })), pageInfo },
});
const schemaOf = (name: string, columns: readonly string[] = ['p_event_time']) => ({
  dataLakeDatabaseTable: { name, columns: columns.map((column) => ({ name: column, type: 'VARCHAR' })) },
});
const refusal = (message: string, code = 'INTERNAL_SERVER_ERROR'): Error =>
  Object.assign(new Error(message), { name: code });

describe('pages of tables', () => {
  test('with a cursor that repeats end, and are not called complete', async () => {
    answer = (operation) =>
      operation === 'ListDatabases' ? databases : tables(['a', 'b'], { hasNextPage: true, endCursor: 'again' });
    const list = await run(listAvailableTables, {});
    expect(list).toMatchObject({ complete: false, next: null });
    expect(asked.filter((name) => name === 'ListTables')).toHaveLength(2);
  });

  test('that promise more without a cursor are not called complete', async () => {
    answer = (operation) => (operation === 'ListDatabases' ? databases : tables(['a'], { hasNextPage: true }));
    expect(await run(listAvailableTables, {})).toMatchObject({ count: 1, complete: false, next: null });
  });

  test('with a cursor that repeats are not read twice by a call that goes on, and the end is not called complete', async () => {
    answer = (operation) =>
      operation === 'ListDatabases'
        ? { dataLakeDatabases: [{ name: 'panther_logs' }, { name: 'panther_views' }] }
        : tables(['a', 'b', 'c'], { hasNextPage: true, endCursor: 'again' });
    const names: string[] = [];
    let next: string | undefined;
    let last: Output = {};
    for (let call = 0; call < 20 && next !== null; call += 1) {
      last = await run(listAvailableTables, { limit: 2, cursor: next });
      names.push(...last.tables.map((table: Output) => `${table.database}.${table.name}`));
      next = last.next;
    }
    // Each page once and once more, which is how a circle is noticed.
    expect(names).toHaveLength(12);
    expect(last).toMatchObject({ complete: false, next: null });
  });

  test('with a cursor that repeats end for suggestions too', async () => {
    answer = (operation) => {
      if (operation === 'ListDatabases') return databases;
      if (operation === 'GetTable') return refusal('unknown');
      return tables(['aws_alb'], { hasNextPage: true, endCursor: 'again' });
    };
    const error = await failureOf(run(getTableSchema, { table: 'aws_allb' }));
    expect(error.message).toContain('Did you mean panther_logs.public.aws_alb?');
    expect(asked.filter((name) => name === 'ListTables')).toHaveLength(2);
  });

  test('of schemas with a cursor that leads nowhere end as incomplete', async () => {
    const node = { name: 'A.B', isArchived: false, isManaged: true, revision: 1 };
    answer = () => ({ schemas: { edges: [{ node }], pageInfo: { hasNextPage: true, endCursor: 'again' } } });
    expect(await run(listLogTypeSchemas, {})).toMatchObject({ complete: false, next: null });
    expect(asked).toHaveLength(2);
  });
});

const hostile = [
  'x; DROP TABLE users',
  'x" UNION SELECT * FROM panther_audit --',
  "x' OR '1'='1",
  'x`; SELECT 1',
  'x\u202e\u0007\u001b[31m',
  'x/**/y',
  'x--y',
  'public.other',
  'x\ny',
];

describe.each(['snowflake', 'databricks'])('a hostile name in the catalogue, on %s', (dialect) => {
  const host = { defaults: { dialect } };

  test.each(hostile)('%j never reaches SQL as that of a table', async (name) => {
    answer = (operation) => {
      if (operation === 'ListDatabases') return databases;
      if (operation === 'ListTables') return tables([name]);
      if (operation === 'GetTable') return schemaOf(name);
      return refusal('nothing should be run');
    };
    const { tables: listed } = await run(listAvailableTables, {}, host);
    expect(listed[0].qualified_name).toBeNull();
    expect(JSON.stringify(listed)).not.toMatch(/\\u202e|\\u0007|\\u001b|[\u202e\u0007\u001b]/);
    await failureOf(run(getSampleLogEvents, { log_type: name.slice(0, 200) }, host));
    expect(sent).toEqual([]);
  });

  test.each(hostile.filter((name) => name !== 'public.other'))(
    '%j never reaches SQL as that of a database',
    async (name) => {
      answer = (operation) => {
        if (operation === 'ListDatabases') return { dataLakeDatabases: [{ name }] };
        if (operation === 'ListTables') return tables(['t']);
        if (operation === 'GetTable') return schemaOf('t');
        return refusal('nothing should be run');
      };
      await failureOf(run(getSampleLogEvents, { log_type: 't', database: name }, host));
      expect(sent).toEqual([]);
      expect((await run(listDatabases, {}, host)).databases[0].name).not.toMatch(/[\u202e\u0007\u001b\n]/);
    },
  );

  test('a hostile column is shown cleaned, without a name for SQL', async () => {
    answer = (operation) =>
      operation === 'ListDatabases' ? databases : schemaOf('t', ['a"b', 'fine', 'x\u202ey', 'p_event_time']);
    const { columns } = await run(getTableSchema, { table: 't' }, host);
    expect(columns.map((column: Output) => column.sql_name)).toEqual([null, 'fine', null, 'p_event_time']);
    expect(columns[2].name).toBe('xy');
  });
});

test('an answer about another table is refused', async () => {
  answer = (operation) => (operation === 'ListDatabases' ? databases : schemaOf('secrets'));
  const error = await failureOf(run(getTableSchema, { table: 'harmless' }));
  expect(error).toMatchObject({ code: 'bad_response' });
  expect(error.message).toContain('it described secrets');
});

test('a table that is listed and refused is put down to the role, not to the permission', async () => {
  answer = (operation) => {
    if (operation === 'ListDatabases') return databases;
    return operation === 'ListTables' ? tables(['okta_systemlog']) : refusal('no', 'FORBIDDEN');
  };
  const error = await failureOf(run(getTableSchema, { table: 'okta_systemlog' }));
  expect(error).toMatchObject({ code: 'not_found_or_no_access' });
  expect(error.message).toContain('limited to other log types');
});

test('on Databricks a schema alone names its database, unless two catalogues have it', async () => {
  let names = ['main.panther_logs', 'main.panther_views'];
  answer = (operation) =>
    operation === 'ListDatabases' ? { dataLakeDatabases: names.map((name) => ({ name })) } : schemaOf('aws_alb');
  const host = { defaults: { dialect: 'databricks' } };
  expect(await run(getTableSchema, { table: 'aws_alb' }, host)).toMatchObject({
    database: 'main.panther_logs',
    qualified_name: 'main.panther_logs.aws_alb',
  });
  names = ['main.panther_logs', 'other.panther_logs'];
  const error = await failureOf(run(getTableSchema, { table: 'aws_alb' }, { ...host, token: 'b' }));
  expect(error.message).toContain('main.panther_logs, other.panther_logs');
});

describe('what is remembered', () => {
  beforeEach(() => {
    answer = (operation) => (operation === 'ListDatabases' ? databases : schemaOf('t'));
  });
  const schema = (host: Host) => run(getTableSchema, { table: 't' }, host);

  test('serves the same token again', async () => {
    await schema({});
    await schema({});
    expect(asked).toEqual(['ListDatabases', 'GetTable']);
  });

  test('is never given to another token of the tenant', async () => {
    await schema({ token: 'one' });
    answer = () => refusal('no', 'FORBIDDEN');
    expect(await failureOf(schema({ token: 'two' }))).toMatchObject({ code: 'missing_permission' });
  });

  test('is forgotten after five minutes, and when the clock was set back', async () => {
    const at = (ms: number) => () => new Date(Date.parse('2026-05-01T00:00:00Z') + ms);
    await schema({ now: at(0) });
    await schema({ now: at(299_000) });
    expect(asked).toHaveLength(2);
    await schema({ now: at(301_000) });
    expect(asked).toHaveLength(4);
    await schema({ now: at(-1_000) });
    expect(asked).toHaveLength(6);
  });

  test('is nothing when the owner has switched caching off', async () => {
    for (let turn = 0; turn < 2; turn += 1) await schema({ defaults: { cache_seconds: '0' } });
    expect(asked).toHaveLength(4);
  });

  test('is not shared between dialects', async () => {
    await schema({});
    await schema({ defaults: { dialect: 'databricks' } });
    expect(asked).toHaveLength(4);
  });

  test('is no failure', async () => {
    answer = () => refusal('asleep');
    await failureOf(schema({}));
    answer = (operation) => (operation === 'ListDatabases' ? databases : schemaOf('t'));
    expect(await schema({})).toMatchObject({ table: 't' });
  });
});

describe('a database that SQL may not read here', () => {
  const elsewhere = (): void => {
    answer = (operation) => {
      if (operation === 'ListDatabases') return { dataLakeDatabases: [{ name: 'finance' }] };
      if (operation === 'ListTables') return tables(['payroll']);
      if (operation === 'GetTable') return schemaOf('payroll', ['iban']);
      return refusal('nothing should be run');
    };
  };

  test('gives no sample events either', async () => {
    elsewhere();
    const error = await failureOf(run(getSampleLogEvents, { table: 'finance.public.payroll' }));
    expect(error).toMatchObject({ code: 'invalid_input', details: { field: 'database' } });
    expect(error.message).toContain('finance');
    expect(sent).toEqual([]);
  });

  test('gives them once the settings name it', async () => {
    elsewhere();
    await failureOf(
      run(getSampleLogEvents, { table: 'finance.public.payroll' }, { defaults: { databases: 'finance' } }),
    );
    expect(sent).toEqual(['SELECT * FROM finance.public.payroll LIMIT 10']);
  });
});
