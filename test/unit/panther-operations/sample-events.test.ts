import { getLogTypeSchema } from '../../../operations/panther/get-log-type-schema';
import { getSampleLogEvents } from '../../../operations/panther/get-sample-log-events';
import { getTableSchema } from '../../../operations/panther/get-table-schema';
import { listAvailableTables } from '../../../operations/panther/list-available-tables';
import { listDatabases } from '../../../operations/panther/list-databases';
import { listLogTypeSchemas } from '../../../operations/panther/list-log-type-schemas';
import { failureOf } from './answering';
import { type Output, type SimulatedTenant, startSimulatedTenant } from './simulated-tenant';

let tenant: SimulatedTenant;
beforeAll(async () => {
  tenant = await startSimulatedTenant();
});
afterAll(() => tenant.close());
beforeEach(() => tenant.reset());

describe('get_sample_log_events', () => {
  const sample = (input: object): Promise<Output> => tenant.run(getSampleLogEvents, { wait_seconds: 300, ...input });

  test.each([
    [{ log_type: 'Okta.SystemLog' }, 'panther_logs.public.okta_systemlog'],
    [{ log_type: 'okta.systemlog' }, 'panther_logs.public.okta_systemlog'],
    [{ table: 'gitlab_audit' }, 'panther_logs.public.gitlab_audit'],
    [{ table: 'PANTHER_LOGS.PUBLIC.GITLAB_AUDIT' }, 'panther_logs.public.gitlab_audit'],
    [{ table: 'all_logs', database: 'panther_views' }, 'panther_views.public.all_logs'],
  ])('%j gives the newest events of %s, and the SQL', async (input, name) => {
    const found = await sample({ ...input, limit: 4, lookback_hours: 40 });
    expect(found).toMatchObject({ status: 'succeeded', returned_rows: 4, lookback_hours: 40, note: null });
    expect(found.sql).toBe(
      `SELECT * FROM ${name} WHERE p_event_time >= current_timestamp - interval '40 hours' AND p_event_time <= current_timestamp ORDER BY p_event_time DESC LIMIT 4`,
    );
    const times = found.rows.map((row: Output) => Date.parse(row.p_event_time));
    expect(times).toEqual([...times].sort((a, b) => b - a));
  });

  test('a table without p_event_time is read without a time', async () => {
    const found = await sample({ table: 'panther_lookups.public.simulated_assets', limit: 2 });
    expect(found).toMatchObject({ returned_rows: 2, lookback_hours: null });
    expect(found.sql).toBe('SELECT * FROM panther_lookups.public.simulated_assets LIMIT 2');
  });

  test('no events are no failure, and it is said what to do', async () => {
    const found = await sample({ log_type: 'AWS.VPCFlow' });
    expect(found).toMatchObject({ rows: [], complete: true, note: expect.stringContaining('larger lookback_hours') });
  });

  test.each([
    [{}, 'invalid_input', 'either log_type or table'],
    [{ log_type: 'A', table: 'b' }, 'invalid_input', 'either log_type or table'],
    [{ log_type: 'Okta.SystemLog', lookback_hours: 93 * 24 }, 'invalid_input', '92 days'],
    [{ log_type: 'Okta.SystemLog', limit: 101 }, 'invalid_input', 'limit'],
    [{ log_type: 'Okta.SystemLogs' }, 'not_found_or_no_access', 'Did you mean Okta.SystemLog?'],
    [{ table: 'okta_systemlogs' }, 'not_found_or_no_access', 'Did you mean panther_logs.public.okta_systemlog?'],
    [{ table: 'okta_systemlog', database: 'panther_log' }, 'not_found_or_no_access', 'Did you mean panther_logs'],
    [{ table: 'okta_systemlog; SELECT 1' }, 'not_found_or_no_access', 'no table okta_systemlog; SELECT 1'],
    [{ table: '"; DROP TABLE x --' }, 'not_found_or_no_access', 'no table'],
  ])('%j is refused, and nothing is run', async (input, code, text) => {
    const error = await failureOf(sample(input));
    expect(error.code).toBe(code);
    expect(error.message).toContain(text);
    expect(tenant.asked()).not.toContain('ExecuteDataLakeQuery');
  });
});

describe("what the token's role may not read", () => {
  beforeEach(() => {
    tenant.panther.settings.deniedLogTypes = ['Box.Event'];
  });

  test('is not listed', async () => {
    const { tables } = await tenant.run(listAvailableTables, { database: 'panther_logs' });
    expect(tables.map((table: Output) => table.name)).not.toContain('box_event');
  });

  test.each([getTableSchema, getSampleLogEvents])('has no columns and no events', async (operation) => {
    const error = await failureOf(tenant.run(operation, { table: 'box_event' }));
    expect(error).toMatchObject({ code: 'not_found_or_no_access' });
    expect(error.message).toContain('or the credential may not see it');
  });
});

describe('list_databases', () => {
  test('lists them with descriptions, filtered and bounded', async () => {
    const all = await tenant.run(listDatabases, {});
    expect(all.databases.map((database: Output) => database.name)).toEqual(
      expect.arrayContaining(['panther_logs', 'panther_lookups', 'panther_monitor', 'panther_views']),
    );
    expect(all).toMatchObject({ complete: true, next: null, did_you_mean: [] });
    expect(await tenant.run(listDatabases, { limit: 2 })).toMatchObject({ count: 2, complete: false });
    expect((await tenant.run(listDatabases, { name_contains: 'LOOKUP' })).databases).toHaveLength(1);
    expect(await tenant.run(listDatabases, { name_contains: 'panther_lugs' })).toMatchObject({
      count: 0,
      complete: true,
      did_you_mean: expect.arrayContaining(['panther_logs']),
    });
  });
});

describe('get_table_schema and list_available_tables', () => {
  test('columns are filtered, and read in pieces each once', async () => {
    const whole = await tenant.run(getTableSchema, { table: 'aws_cloudtrail' });
    const names: string[] = [];
    let cursor: string | undefined;
    do {
      const part = await tenant.run(getTableSchema, { table: 'aws_cloudtrail', limit: 7, cursor });
      expect(part).toMatchObject({ total: whole.total, complete: part.next === null });
      names.push(...part.columns.map((column: Output) => column.name));
      cursor = part.next ?? undefined;
    } while (cursor !== undefined);
    expect(names).toEqual(whole.columns.map((column: Output) => column.name));
    const some = await tenant.run(getTableSchema, { table: 'aws_cloudtrail', column_contains: 'P_ANY' });
    expect(some.columns.length).toBeGreaterThan(3);
    expect(some.columns.every((column: Output) => column.name.startsWith('p_any'))).toBe(true);
  });

  test('a filter that finds nothing says what comes close', async () => {
    const columns = await tenant.run(getTableSchema, { table: 'aws_cloudtrail', column_contains: 'evntName' });
    expect(columns).toMatchObject({ count: 0, complete: true, did_you_mean: ['eventName'] });
    const tables = await tenant.run(listAvailableTables, { name_contains: 'okta_sistemlog' });
    expect(tables).toMatchObject({ count: 0, complete: true, did_you_mean: ['okta_systemlog'] });
  });

  test.each(['x', '-1', '1.5', '99999999999'])('the cursor %s is refused', async (cursor) => {
    expect(await failureOf(tenant.run(getTableSchema, { table: 'aws_cloudtrail', cursor }))).toMatchObject({
      code: 'invalid_input',
      details: { field: 'cursor' },
    });
  });
});

describe('log type schemas', () => {
  const list = (input: object): Promise<Output> => tenant.run(listLogTypeSchemas, input);
  const namesOf = (output: Output): string[] => output.schemas.map((schema: Output) => schema.name);

  test('are filtered by name and description, never by field names', async () => {
    // Every CloudTrail-like spec has a field of this name, and Panther's own filter would match it.
    expect(namesOf(await list({ contains: 'eventName' }))).toEqual([]);
    expect(namesOf(await list({ contains: 'okta' }))).toEqual(['Okta.SystemLog']);
    expect(await list({ contains: 'okta.sistemlog' })).toMatchObject({ count: 0, did_you_mean: ['Okta.SystemLog'] });
  });

  test('by use, owner and archive', async () => {
    expect(namesOf(await list({ in_use: true, managed: true }))).toEqual([
      'AWS.CloudTrail',
      'AWS.VPCFlow',
      'GitLab.Audit',
      'Okta.SystemLog',
    ]);
    expect(namesOf(await list({ managed: false, archived: true }))).toEqual(['Custom.SimulatedProxy']);
  });

  test('in pieces each once, in order', async () => {
    const whole = namesOf(await list({}));
    const names: string[] = [];
    let cursor: string | undefined;
    do {
      const part = await list({ limit: 8, cursor });
      names.push(...namesOf(part));
      cursor = part.next ?? undefined;
    } while (cursor !== undefined);
    expect(names).toEqual(whole);
    expect(whole.length).toBeGreaterThan(25);
  });

  test('one with its spec, in any case of its name, cut behind a line', async () => {
    const schema = await tenant.run(getLogTypeSchema, { name: 'aws.cloudtrail' });
    expect(schema).toMatchObject({ name: 'AWS.CloudTrail', spec_format: 'yaml', complete: true, managed: true });
    expect(schema.spec).toContain('- name: eventName');
    const cut = await tenant.run(getLogTypeSchema, { name: 'AWS.CloudTrail', max_characters: 500 });
    expect(cut).toMatchObject({ complete: false, spec_characters: schema.spec.length });
    expect(schema.spec.startsWith(cut.spec)).toBe(true);
    expect(cut.spec).toMatch(/\n$/);
    expect(cut.spec.length).toBeLessThanOrEqual(500);
  });

  test('a part of a name is no name: the closest are named', async () => {
    const error = await failureOf(tenant.run(getLogTypeSchema, { name: 'AWS.CloudTrial' }));
    expect(error).toMatchObject({ code: 'not_found_or_no_access' });
    expect(error.message).toContain('Did you mean AWS.CloudTrail?');
    expect((await failureOf(tenant.run(getLogTypeSchema, { name: 'AWS' }))).code).toBe('not_found_or_no_access');
  });

  test('need the permission for log sources, which is named', async () => {
    tenant.panther.settings.permissions = ['DataAnalyticsRead'];
    expect(await failureOf(list({}))).toMatchObject({
      code: 'missing_permission',
      details: { permission: 'LogSourceRead' },
    });
  });

  test('a tenant without them is told by the name of the feature', async () => {
    tenant.faults.add({
      service: 'panther',
      bodyContains: 'ListSchemas',
      status: 400,
      body: { errors: [{ message: 'Cannot query field', extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }] },
    });
    expect(await failureOf(list({}))).toMatchObject({
      code: 'not_found_or_no_access',
      details: { feature: 'log type schemas' },
    });
  });
});
