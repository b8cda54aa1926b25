import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { FaultBoard } from '../../../sandbox/src/faults';
import { type RunningService, startService } from '../../../sandbox/src/service';
import { buildTestMain, Program } from '../../support/bridge/processes';
import { eventually } from '../../support/bridge/running-bridge';

const token = 'simulated-bridge-token-for-tests';
const faults = new FaultBoard();
let main: Awaited<ReturnType<typeof buildTestMain>>;
let folder: string;
/** Takes JSON lines as an HTTP source of Panther does. */
let source: RunningService;
const received: Record<string, unknown>[] = [];
beforeAll(async () => {
  main = await buildTestMain();
  folder = mkdtempSync(join(tmpdir(), 'soc-audit-'));
  source = await startService(
    'source',
    0,
    async (request) => {
      if (request.headers['x-panther-secret'] !== 'simulated-source-secret') return { status: 401 };
      for (const line of request.body.toString('utf8').split('\n'))
        if (line !== '') received.push(JSON.parse(line) as Record<string, unknown>);
      return { status: 200, body: {} };
    },
    faults,
  );
});
afterAll(async () => {
  await source?.close();
  main?.remove();
  rmSync(folder, { recursive: true, force: true });
});

const environment = () => ({ SOC_BRIDGE_TOKEN: token, SOC_DATABASE_URL: `sqlite:${join(folder, 'cases.db')}` });
const run = (args: string[], more: Record<string, string> = {}) =>
  new Program(main.file, args, { cwd: folder, env: { ...environment(), ...more } });

async function callTools(url: string, calls: [string, Record<string, unknown>][]): Promise<void> {
  const client = new Client({ name: 'audit', version: '1.0.0' });
  await client.connect(
    new StreamableHTTPClientTransport(new URL(`${url}/mcp`), {
      requestInit: { headers: { authorization: `Bearer ${token}` } },
    }),
  );
  for (const [name, given] of calls) await client.callTool({ name, arguments: given });
  await client.close();
}

const exported = async (...more: string[]) => {
  const { status, stdout } = await run(['audit', 'export', ...more]).ended;
  expect(status).toBe(0);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
};

it('calls over HTTP and stdio, refusals, a clean end and a killed process are all on record, and the record holds', async () => {
  const first = run(['serve']);
  const url = await first.url();
  await callTools(url, [
    ['repeat_text', { text: 'hidden-argument', times: 1 }],
    ['delete_nothing', {}],
    ['fail_as', { way: 'permission' }],
  ]);
  const stranger = await fetch(`${url}/mcp`, {
    method: 'POST',
    headers: { authorization: 'Bearer wrong-wrong-wrong-wrong' },
  });
  expect(stranger.status).toBe(401);
  first.child.kill('SIGTERM');
  await first.ended;

  const second = run(['serve']);
  await callTools(await second.url(), [['delete_nothing', {}]]);
  second.child.kill('SIGKILL');
  await second.ended;

  const stdio = new Client({ name: 'audit', version: '1.0.0' });
  await stdio.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: [main.file, 'stdio'],
      cwd: folder,
      env: { ...environment(), PATH: process.env.PATH ?? '', SOC_TEST_MAIN: 'run' },
    }),
  );
  await stdio.callTool({ name: 'repeat_text', arguments: { text: 'a' } });
  await stdio.close();

  const closings = () => exported().then((rows) => rows.filter(({ kind }) => kind === 'closed'));
  await eventually(async () => ((await closings()).length === 2 ? true : undefined));
  const rows = await exported();
  expect(JSON.stringify(rows)).not.toMatch(/hidden-argument|simulated-bridge-token/);
  const calls = rows.filter(({ kind }) => kind === 'ended');
  expect(calls.map(({ tool, outcome, transport }) => [tool, outcome, transport])).toEqual([
    ['repeat_text', 'ok', 'http'],
    ['delete_nothing', 'error', 'http'],
    ['fail_as', 'error', 'http'],
    ['delete_nothing', 'error', 'http'],
    ['repeat_text', 'ok', 'stdio'],
  ]);
  expect(rows.filter(({ kind }) => kind === 'begun').map(({ tool }) => tool)).toEqual([
    'delete_nothing',
    'delete_nothing',
  ]);

  const verified = await run(['audit', 'verify']).ended;
  expect(verified).toMatchObject({ status: 0 });
  expect(verified.stdout).toMatch(/^\d+ entries in 3 chains: every chain holds\n$/);
  expect(await exported('--since', '2100-01-01')).toEqual([]);
  const half = String(rows[3]?.at);
  expect((await exported('--until', half)).length + (await exported('--since', half)).length).toBe(rows.length);
});

it('says where it was changed', async () => {
  const db = new DatabaseSync(join(folder, 'cases.db'));
  db.exec('drop trigger audit_entries_no_update');
  db.exec(`update audit_entries set tool = 'get_case' where kind = 'ended' and tool = 'delete_nothing'`);
  db.close();
  const { status, stdout } = await run(['audit', 'verify']).ended;
  expect(status).toBe(1);
  expect(stdout).toMatch(/✗ .* at entry \d+: its content was changed/);
  const json = JSON.parse((await run(['audit', 'verify', '--json']).ended).stdout) as { problems: object[] };
  expect(json.problems).toHaveLength(2);
});

it('is passed on whole and in order, over an outage, without the address being one of a private network by mistake', async () => {
  rmSync(join(folder, 'cases.db'), { force: true });
  const forward = {
    SOC_AUDIT_HTTP_URL: `${source.url}/http/simulated-source`,
    SOC_AUDIT_HTTP_HEADER: 'x-panther-secret',
    SOC_AUDIT_HTTP_VALUE: 'simulated-source-secret',
  };
  const refused = run(['serve'], { ...forward, LOG_LEVEL: 'warn' });
  await refused.url();
  await eventually(
    () => (/the audit trail was not passed on.*private/s.test(refused.stderr) ? true : undefined),
    10_000,
  );
  refused.child.kill('SIGTERM');
  await refused.ended;
  expect(received).toEqual([]);

  faults.add({ service: 'source', status: 503, times: 1 });
  const bridge = run(['serve'], { ...forward, SOC_ALLOW_PRIVATE_NETWORK: 'true' });
  const url = await bridge.url();
  await callTools(url, [['delete_nothing', {}]]);
  await eventually(
    () => (received.some(({ kind, tool }) => kind === 'ended' && tool === 'delete_nothing') ? true : undefined),
    30_000,
  );
  bridge.child.kill('SIGTERM');
  await bridge.ended;
  const chains = new Set(received.map(({ chain }) => chain));
  expect(chains.size).toBe(2);
  for (const chain of chains) {
    const seqs = received.filter((row) => row.chain === chain).map(({ seq }) => Number(seq));
    expect(seqs).toEqual(seqs.map((_, index) => index + 1));
  }
});
