import { OperationError } from '../../../operations/errors';
import { getTableSchema } from '../../../operations/panther/get-table-schema';
import { listAvailableTables } from '../../../operations/panther/list-available-tables';
import { startTenant, type Tenant } from './tenant';

interface TableList {
  tables: { database: string; name: string; qualified_name: string; log_type: string | null }[];
  count: number;
  complete: boolean;
  next: string | null;
}

let tenant: Tenant;
beforeAll(async () => {
  tenant = await startTenant();
});
afterAll(() => tenant.close());
beforeEach(() => {
  tenant.panther.reset();
  tenant.faults.clear();
});

const list = async (input: unknown) => (await tenant.run(listAvailableTables, input)) as unknown as TableList;

async function failure(operation: unknown, input: Record<string, unknown>) {
  const error = await tenant.run(operation, input).catch((thrown: unknown) => thrown);
  if (!(error instanceof OperationError)) throw new Error('no typed failure');
  return error.toShape();
}

describe('list_available_tables', () => {
  test('lists every database with names that SQL understands', async () => {
    const all = await list({});
    expect(all.complete).toBe(true);
    expect(all.tables.map((table) => table.qualified_name)).toEqual(
      expect.arrayContaining(['panther_logs.public.aws_cloudtrail', 'panther_rule_matches.public.aws_cloudtrail']),
    );
    expect(all.count).toBe(all.tables.length);
  });

  test.each(['panther_logs', 'panther_logs.public', 'PANTHER_LOGS'])('%s names the same database', async (database) => {
    const tables = await list({ database });
    expect(tables.count).toBeGreaterThan(0);
    expect(tables.tables.every((table) => table.database === 'panther_logs')).toBe(true);
  });

  test('read in pieces of any size gives the same tables, each once', async () => {
    const all = await list({});
    for (const limit of [1, 2, 3, 1000]) {
      const names: string[] = [];
      let cursor: string | undefined;
      do {
        const part = await list({ limit, cursor });
        expect(part.count).toBeLessThanOrEqual(limit);
        expect(part.complete).toBe(part.next === null);
        names.push(...part.tables.map((table) => table.qualified_name));
        cursor = part.next ?? undefined;
      } while (cursor !== undefined);
      expect(names).toEqual(all.tables.map((table) => table.qualified_name));
    }
  });

  test('filters by name, display name or log type without regard to case', async () => {
    const found = await list({ name_contains: 'AWS.cloudtrail' });
    expect(found.count).toBeGreaterThan(0);
    expect(
      found.tables.every((table) => /cloudtrail/i.test(table.name) || /cloudtrail/i.test(table.log_type ?? '')),
    ).toBe(true);
    expect(await list({ name_contains: 'no such table' })).toMatchObject({ count: 0, complete: true });
  });

  test('an unknown database is not found, with what comes close', async () => {
    const error = await failure(listAvailableTables, { database: 'panther_log' });
    expect(error).toMatchObject({ code: 'not_found_or_no_access' });
    expect(error.message).toContain('Did you mean panther_logs');
  });

  test.each(['nonsense', '["panther_logs"]', '["gone", null, 0]'])('the cursor %s is refused', async (cursor) => {
    expect(await failure(listAvailableTables, { cursor })).toMatchObject({
      code: 'invalid_input',
      details: { field: 'cursor' },
    });
  });

  test('reads are repeated after a lost connection', async () => {
    tenant.faults.add({ service: 'panther', bodyContains: 'ListTables', reset: 'after' });
    expect((await list({ database: 'panther_logs' })).count).toBeGreaterThan(0);
  });
});

describe('get_table_schema', () => {
  test.each([
    { table: 'aws_cloudtrail' },
    { table: 'panther_logs.public.aws_cloudtrail', database: 'panther_views' },
    { table: '"panther_logs"."public"."aws_cloudtrail"' },
    { table: 'public.aws_cloudtrail' },
    { table: 'AWS_CLOUDTRAIL' },
  ])('%j leads to the table', async (input) => {
    const schema = await tenant.run(getTableSchema, input);
    expect(schema).toMatchObject({
      database: 'panther_logs',
      table: 'aws_cloudtrail',
      qualified_name: 'panther_logs.public.aws_cloudtrail',
      log_type: 'AWS.CloudTrail',
      has_event_time: true,
    });
    expect(schema.count).toBe((schema.columns as unknown[]).length);
  });

  test('its columns are those a query returns', async () => {
    const { columns } = (await tenant.run(getTableSchema, getTableSchema.example)) as unknown as {
      columns: { name: string; type: string | null }[];
    };
    const names = columns.map((column) => column.name);
    expect(names).toEqual(expect.arrayContaining(['eventName', 'userIdentity', 'p_event_time', 'p_any_ip_addresses']));
    expect(columns.every((column) => column.type !== null)).toBe(true);
  });

  test('an unknown table is not found, with what comes close', async () => {
    const error = await failure(getTableSchema, { table: 'aws_cloudtrial' });
    expect(error).toMatchObject({ code: 'not_found_or_no_access' });
    expect(error.message).toContain('Did you mean panther_logs.public.aws_cloudtrail');
  });

  test('an unknown database is not found, with what comes close', async () => {
    const error = await failure(getTableSchema, { table: 'panther_log.public.aws_cloudtrail' });
    expect(error).toMatchObject({ code: 'not_found_or_no_access' });
    expect(error.message).toContain('panther_logs');
  });

  test('errors come with any HTTP status', async () => {
    tenant.panther.settings.graphqlErrorStatus = 500;
    expect(await failure(getTableSchema, { table: 'aws_cloudtrial' })).toMatchObject({
      code: 'not_found_or_no_access',
    });
  });

  test('a failing service stays a failing service', async () => {
    tenant.faults.add({ service: 'panther', bodyContains: 'GetTable', status: 500, body: 'oops' });
    expect(await failure(getTableSchema, { table: 'gitlab_production' })).toMatchObject({ code: 'unavailable' });
  });
});
