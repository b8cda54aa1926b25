import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildTestMain, Program } from '../../support/bridge/processes';
import { startTenant, type Tenant, token } from '../../unit/panther-operations/tenant';

let main: Awaited<ReturnType<typeof buildTestMain>>;
let tenant: Tenant;
let folder: string;
beforeAll(async () => {
  [main, tenant] = await Promise.all([buildTestMain(), startTenant()]);
});
afterAll(async () => {
  main?.remove();
  await tenant?.close();
});
beforeEach(() => {
  tenant.panther.reset();
  tenant.faults.clear();
  folder = mkdtempSync(join(tmpdir(), 'soc-sql-run-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const run = (args: string[], stdin?: string) => {
  const program = new Program(main.file, ['sql', ...args], {
    cwd: folder,
    env: { PANTHER_API_URL: tenant.url, PANTHER_API_TOKEN: token, SOC_ALLOW_PRIVATE_NETWORK: 'true' },
  });
  program.child.stdin?.end(stdin ?? '');
  return program;
};
const rowsOf = (count: number) => `SELECT seq4() AS n, '=b' AS text FROM TABLE(GENERATOR(ROWCOUNT => ${count}))`;
const read = (name: string) => readFileSync(join(folder, name), 'utf8');
const numbers = (ndjson: string) =>
  ndjson
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { n: number }).n);
const upTo = (count: number) => Array.from({ length: count }, (_, n) => n);

test('writes every row to a file that appears when it is complete, for its owner only', async () => {
  writeFileSync(join(folder, 'q.sql'), `\ufeff${rowsOf(2_500)}\n`);
  const { status, stdout, stderr } = await run(['run', 'q.sql', '--output', 'rows.ndjson']).ended;
  expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
  expect(stderr).toMatch(/^soc-bridge: 2500 rows in rows\.ndjson \(0\.1 MB\), query [0-9a-f-]{36}\n$/);
  expect(numbers(read('rows.ndjson'))).toEqual(upTo(2_500));
  expect(statSync(join(folder, 'rows.ndjson')).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder).sort()).toEqual(['q.sql', 'rows.ndjson']);
});

test('reads standard input and writes standard output', async () => {
  const { status, stdout } = await run(['run', '-'], rowsOf(1_200)).ended;
  expect(status).toBe(0);
  expect(numbers(stdout)).toEqual(upTo(1_200));
  const csv = await run(['run', '-', '--format', 'csv'], rowsOf(2)).ended;
  expect(csv.stdout).toBe("n,text\r\n0,'=b\r\n1,'=b\r\n");
});

test('takes the format from the name of the file', async () => {
  await run(['run', '-', '--output', 'rows.csv'], rowsOf(1)).ended;
  expect(read('rows.csv')).toBe("n,text\r\n0,'=b\r\n");
});

test('does not overwrite a file without --force, and then has not run anything', async () => {
  writeFileSync(join(folder, 'rows.csv'), 'kept');
  const refused = await run(['run', '-', '--output', 'rows.csv'], rowsOf(1)).ended;
  expect(refused).toMatchObject({ status: 1, stdout: '' });
  expect(refused.stderr).toBe('soc-bridge: rows.csv exists; --force overwrites it.\n');
  expect(read('rows.csv')).toBe('kept');
  expect(tenant.started()).toEqual([]);
  expect((await run(['run', '-', '--output', 'rows.csv', '--force'], rowsOf(1)).ended).status).toBe(0);
  expect(read('rows.csv')).toContain('n,text');
});

test.each([
  [['--output', 'none/rows.csv'], /none\/rows\.csv cannot be written \(ENOENT\)/],
  [['--output', '/dev/null', '--force'], /is not a file/],
  [['--max-rows', '0'], /whole number/],
  [['--max-rows', '999999999'], /max_rows/],
  [['--format', 'xlsx'], /Allowed choices are ndjson, csv/],
])('%j is refused before anything runs', async (flags, text) => {
  const { status, stderr } = await run(['run', '-', ...flags], rowsOf(1)).ended;
  expect(status).toBe(1);
  expect(stderr).toMatch(text);
  expect(tenant.started()).toEqual([]);
  expect(readdirSync(folder)).toEqual([]);
});

test('a query that the guard refuses or Panther fails is one line and leaves no file', async () => {
  const guarded = await run(['run', '-', '--output', 'x.csv'], 'DELETE FROM panther_logs.public.aws_cloudtrail').ended;
  expect(guarded.status).toBe(1);
  expect(guarded.stderr.trimEnd().split('\n')).toHaveLength(1);
  const failed = await run(['run', '-', '--output', 'x.csv'], 'SELECT nothing_like_it').ended;
  expect(failed.status).toBe(1);
  expect(failed.stderr).toMatch(/^soc-bridge: .*[0-9a-f-]{36}/);
  expect(readdirSync(folder)).toEqual([]);
});

test('a limit that was asked for is done, one that was not is incomplete; the rest can be read on', async () => {
  const asked = await run(['run', '-', '--max-rows', '10'], rowsOf(30)).ended;
  expect(asked).toMatchObject({ status: 0 });
  expect(asked.stderr).toMatch(/incomplete: the limit of rows was reached, the result has 30 rows/);
  const id = /query ([0-9a-f-]{36})/.exec(asked.stderr)?.[1] ?? '';
  const whole = await run(['results', id]).ended;
  expect(numbers(whole.stdout)).toEqual(upTo(30));
  expect(tenant.started()).toHaveLength(1);
});

test('an interrupt cancels the query upstream, keeps no file and ends with 130', async () => {
  tenant.panther.settings.runningPolls = 100_000;
  const program = run(['run', '-', '--output', 'rows.ndjson'], rowsOf(10));
  while (!tenant.panther.requests.some(({ operation }) => operation === 'GetDataLakeQuery'))
    await new Promise((resolve) => setTimeout(resolve, 20));
  const { status, stderr } = await program.stop('SIGINT');
  expect(status).toBe(130);
  expect(stderr).toMatch(/Interrupted; nothing was kept\. Query [0-9a-f-]{36} was cancelled\./);
  expect(tenant.panther.requests.some(({ operation }) => operation === 'CancelDataLakeQuery')).toBe(true);
  expect(existsSync(join(folder, 'rows.ndjson'))).toBe(false);
  expect(readdirSync(folder)).toEqual([]);
});

test('rows that do not come in time leave a part under another name, and status 3', async () => {
  tenant.faults.add({ service: 'panther', bodyContains: '"cursor":"', delayMs: 60_000, times: 5 });
  const { status, stderr } = await run(['run', '-', '--output', 'rows.ndjson', '--wait', '8'], rowsOf(3_000)).ended;
  expect(status).toBe(3);
  expect(stderr).toMatch(
    /999 rows in rows\.ndjson\.[0-9a-f]{8}\.part .*incomplete: the time was up, the result has 3000 rows/,
  );
  const [part = ''] = readdirSync(folder);
  expect(part).toMatch(/\.part$/);
  expect(numbers(read(part))).toEqual(upTo(999));
});

test('a reader that leaves is no failure', async () => {
  const program = run(['run', '-'], rowsOf(100_000));
  program.child.stdout?.once('data', () => program.child.stdout?.destroy());
  expect((await program.ended).status).toBe(0);
});
