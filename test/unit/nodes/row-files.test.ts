import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { parametersOf } from '../../../nodes-host/parameters';
import { runItems } from '../../../nodes-host/run-items';
import { startTenant, type Tenant, token } from '../panther-operations/tenant';
import { type Execution, execution } from './execution';

let tenant: Tenant;
beforeAll(async () => {
  tenant = await startTenant();
});
afterAll(() => tenant.close());
beforeEach(() => tenant.panther.reset());

/** Rows `{ n, text }` from the stand-in, 999 a page. */
const rowsOf = (count: number, text = "'=b'") =>
  `SELECT seq4() AS n, ${text} AS text FROM TABLE(GENERATOR(ROWCOUNT => ${count}))`;

/** n8n's binary storage, as its helper is: bytes in, a reference out. */
function withStorage(run: Execution): { context: IExecuteFunctions; stored: Buffer[] } {
  const stored: Buffer[] = [];
  Object.assign(run.context.helpers, {
    prepareBinaryData: async (data: Buffer, fileName: string, mimeType: string) => {
      expect(Buffer.isBuffer(data)).toBe(true);
      stored.push(data);
      return { id: `memory:${stored.length}`, data: 'memory', fileName, mimeType };
    },
  });
  return { context: run.context, stored };
}

async function run(sql: string, options: Record<string, unknown>, more: Record<string, unknown> = {}) {
  const { context, stored } = withStorage(
    execution({
      items: [{ json: {} }],
      parameters: { resource: 'query', operation: 'executeSqlQuery', sql, options, ...more },
      credentials: { pantherApi: { apiUrl: tenant.url, apiToken: token } },
    }),
  );
  const items = await runItems(context, 'panther', false);
  return { items, stored };
}
const facts = (items: INodeExecutionData[]) => items.map(({ json }) => json);

test('all rows go into one file, with the facts of the result beside it', async () => {
  const { items, stored } = await run(rowsOf(1_000), {
    outputAs: 'ndjsonFile',
    maxRows: 1,
    waitSeconds: 60,
    label: 'mine',
  });
  expect(String(stored[0])).toBe(Array.from({ length: 1_000 }, (_, n) => `{"n":${n},"text":"=b"}\n`).join(''));
  const [item] = items;
  expect(item?.json).toEqual({
    query_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    label: 'mine',
    format: 'ndjson',
    file_name: `panther-${item?.json.query_id}.ndjson`,
    rows: 1_000,
    returned_rows: 1_000,
    row_count: 1_000,
    columns: ['n', 'text'],
    complete: true,
    next: null,
    cut_by: null,
    bytes: stored[0]?.length,
    bytes_scanned: 0,
    execution_time_ms: expect.any(Number),
    left_out_columns: [],
    part: 1,
    parts: 1,
  });
  expect(item?.binary?.data).toMatchObject({
    id: 'memory:1',
    fileName: item?.json.file_name,
    mimeType: 'application/x-ndjson',
  });
  expect(item?.pairedItem).toEqual({ item: 0 });
});

test('CSV is guarded, and its limit is that of the file', async () => {
  const { items, stored } = await run(rowsOf(3), { outputAs: 'csvFile', fileMaxRows: 2 });
  expect(String(stored[0])).toBe("n,text\r\n0,'=b\r\n1,'=b\r\n");
  expect(facts(items)).toMatchObject([{ returned_rows: 2, row_count: 3, complete: false, cut_by: 'max_rows' }]);
  expect(items[0]?.json.next).toEqual(expect.any(String));
});

test('a large file comes in parts that can each be read alone and together hold every row', async () => {
  const { items, stored } = await run(rowsOf(5_000, `'${'x'.repeat(700)}'`), { outputAs: 'csvFile', filePartSize: 1 });
  expect(stored.length).toBeGreaterThan(2);
  for (const part of stored) {
    expect(part.length).toBeLessThanOrEqual(1024 * 1024);
    expect(String(part.subarray(0, 8))).toBe('n,text\r\n');
  }
  const lines = stored.flatMap((part) => String(part).trimEnd().split('\r\n').slice(1));
  expect(lines.map((line) => Number(line.split(',')[0]))).toEqual(Array.from({ length: 5_000 }, (_, n) => n));
  expect(facts(items).map(({ part, parts }) => [part, parts])).toEqual(stored.map((_, n) => [n + 1, stored.length]));
  expect(facts(items).reduce((sum, { rows }) => sum + Number(rows), 0)).toBe(5_000);
  expect(new Set(facts(items).map(({ file_name }) => file_name)).size).toBe(stored.length);
  for (const item of items) expect(item.pairedItem).toEqual({ item: 0 });
});

test('an empty result is a file too', async () => {
  const { items, stored } = await run('SELECT 1 AS n WHERE 1 = 0', { outputAs: 'csvFile' });
  expect(stored.map(String)).toEqual(['n\r\n']);
  expect(facts(items)).toMatchObject([{ rows: 0, complete: true, parts: 1 }]);
});

test.each([
  [{ splitIntoItems: true }, 2],
  [{ outputAs: 'splitItems' }, 2],
  [{ outputAs: 'splitItems', splitIntoItems: false }, 2],
  [{ outputAs: 'oneItem', splitIntoItems: true }, 1],
  [{}, 1],
])('%j gives %i items and no file', async (options, count) => {
  const { items, stored } = await run(rowsOf(2), options);
  expect(items).toHaveLength(count);
  expect(stored).toEqual([]);
});

test('results of an earlier query go into a file by its id, from where another call ended', async () => {
  const { items } = await run(rowsOf(5), { outputAs: 'ndjsonFile', fileMaxRows: 3 });
  const { query_id: queryId, next: cursor } = items[0]?.json ?? {};
  const { stored } = await run('', { outputAs: 'ndjsonFile', cursor }, { operation: 'getQueryResults', queryId });
  expect(stored.map(String)).toEqual(['{"n":3,"text":"=b"}\n{"n":4,"text":"=b"}\n']);
  expect(tenant.started()).toHaveLength(1);
});

test.each([
  [{ outputAs: 'xlsx' }, /Output As/],
  [{ outputAs: 'constructor' }, /Output As/],
  [{ outputAs: 'csvFile', filePartSize: 4096 }, /File Part Size/],
  [{ outputAs: 'csvFile', fileMaxRows: 0 }, /File Max Rows: Number must/],
  [{ outputAs: 'csvFile', fileWaitSeconds: 'long' }, /File Wait Seconds/],
])('%j is refused, and nothing is started', async (options, message) => {
  await expect(run(rowsOf(1), options)).rejects.toThrow(message);
  expect(tenant.started()).toEqual([]);
});

test('only operations with such rows offer it', () => {
  const offering = parametersOf('panther')
    .filter(({ options }) => options?.some((entry) => 'name' in entry && entry.name === 'outputAs'))
    .flatMap(({ displayOptions }) => displayOptions?.show?.operation ?? []);
  expect([...new Set(offering)].sort()).toEqual(['executeSqlQuery', 'getQueryResults']);
});

test('a storage that is full ends the node with an error', async () => {
  const full = execution({
    items: [{ json: {} }],
    parameters: {
      resource: 'query',
      operation: 'executeSqlQuery',
      sql: rowsOf(5),
      options: { outputAs: 'ndjsonFile' },
    },
    credentials: { pantherApi: { apiUrl: tenant.url, apiToken: token } },
  });
  Object.assign(full.context.helpers, {
    prepareBinaryData: async () => {
      throw new Error('no space left');
    },
  });
  await expect(runItems(full.context, 'panther', false)).rejects.toThrow();
});
