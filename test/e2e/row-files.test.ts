import { callWorkflow, type WorkflowNode } from '../support/run-in-node';
import { SocStack } from '../support/soc-stack';

/** Large results as files, through a real n8n and back out of its binary storage. */
jest.setTimeout(300_000);

let stack: SocStack;
beforeAll(async () => {
  stack = await SocStack.start('row-files');
});
afterAll(async () => {
  await stack?.stop();
});

const count = 20_000;
/** About 0.8 kB a row. */
const sql = `SELECT seq4() AS n, '=1+1' AS formula, '${'x'.repeat(750)}' AS text FROM TABLE(GENERATOR(ROWCOUNT => ${count}))`;

const panther = (options: Record<string, unknown>): WorkflowNode => ({
  name: 'Panther',
  type: 'n8n-nodes-soc.pantherSiem',
  typeVersion: 1,
  position: [200, 0],
  credentials: { pantherApi: { id: 'soc-panther', name: 'Panther' } },
  parameters: { resource: 'query', operation: 'executeSqlQuery', sql, options },
});

/** Runs a chain of nodes behind a webhook that answers with what the last one gives. */
async function answerOf(path: string, respond: Record<string, unknown>, ...nodes: WorkflowNode[]): Promise<Response> {
  return (await callWorkflow(stack, path, nodes, { respond })).response;
}

it('gives all rows as one NDJSON file, which n8n stores and hands out', async () => {
  const response = await answerOf(
    'rows-ndjson',
    { responseData: 'firstEntryBinary', responseBinaryPropertyName: 'data' },
    panther({ outputAs: 'ndjsonFile', filePartSize: 64 }),
  );
  expect(response.headers.get('content-type')).toContain('application/x-ndjson');
  const lines = (await response.text()).trimEnd().split('\n');
  expect(lines.map((line) => (JSON.parse(line) as { n: number }).n)).toEqual(
    Array.from({ length: count }, (_, n) => n),
  );
});

it('gives a large file in parts, with the facts of the result in every item', async () => {
  const response = await answerOf('rows-parts', { responseData: 'allEntries' }, panther({ outputAs: 'csvFile' }));
  const items = (await response.json()) as Record<string, unknown>[];
  expect(items.length).toBeGreaterThan(1);
  expect(items.map(({ part, parts }) => [part, parts])).toEqual(items.map((_, index) => [index + 1, items.length]));
  expect(items.reduce((sum, { rows }) => sum + Number(rows), 0)).toBe(count);
  for (const item of items) {
    expect(item).toMatchObject({ format: 'csv', complete: true, returned_rows: count, row_count: count });
    expect(item.bytes).toBeLessThanOrEqual(8 * 1024 * 1024);
  }
});

it('gives parts that n8n’s own node reads, row for row', async () => {
  const response = await answerOf(
    'rows-extracted',
    { responseData: 'allEntries' },
    panther({ outputAs: 'csvFile' }),
    {
      id: '3',
      name: 'Extract',
      type: 'n8n-nodes-base.extractFromFile',
      typeVersion: 1,
      position: [400, 0],
      parameters: { operation: 'csv', binaryPropertyName: 'data', options: {} },
    },
    {
      id: '4',
      name: 'Count',
      type: 'n8n-nodes-base.summarize',
      typeVersion: 1.1,
      position: [600, 0],
      parameters: {
        fieldsToSummarize: {
          values: [
            { aggregation: 'countUnique', field: 'n' },
            { aggregation: 'countUnique', field: 'formula' },
            { aggregation: 'max', field: 'formula' },
          ],
        },
        options: {},
      },
    },
  );
  const [counted] = (await response.json()) as Record<string, unknown>[];
  expect(counted).toMatchObject({ unique_count_n: count, unique_count_formula: 1 });
});

it('is one item or one a row when that is chosen, and nothing changes for a stored Split Into Items', async () => {
  const few = (options: Record<string, unknown>) => panther({ ...options, maxRows: 3 });
  const lengths = [];
  for (const [path, options] of [
    ['rows-one', { outputAs: 'oneItem' }],
    ['rows-split', { outputAs: 'splitItems' }],
    ['rows-stored', { splitIntoItems: true }],
  ] as const) {
    const response = await answerOf(path, { responseData: 'allEntries' }, few(options));
    lengths.push(((await response.json()) as unknown[]).length);
  }
  expect(lengths).toEqual([1, 3, 3]);
});
