import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as LegacyStdioTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { buildTestMain, Program } from '../../support/bridge/processes';
import { eventually } from '../../support/bridge/running-bridge';

let main: Awaited<ReturnType<typeof buildTestMain>>;
let folder: string;
beforeAll(async () => {
  main = await buildTestMain();
  folder = mkdtempSync(join(tmpdir(), 'soc-bridge-'));
});
afterAll(() => {
  main?.remove();
  rmSync(folder, { recursive: true, force: true });
});

const run = (args: string[], env: Record<string, string> = {}) => new Program(main.file, args, { cwd: folder, env });

/** One line on stderr that starts with the program's name, nothing on stdout, status 1. */
async function failsWith(program: Program, text: RegExp): Promise<void> {
  const { status, stdout, stderr } = await program.ended;
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(stderr).toMatch(text);
}

describe('soc-bridge', () => {
  it('explains itself', async () => {
    const { status, stdout } = await run(['--help']).ended;
    expect(status).toBe(0);
    for (const word of [
      'serve',
      'stdio',
      'tools',
      'cases',
      'SOC_BRIDGE_TOKEN',
      'SOC_DATABASE_URL',
      'PANTHER_API_URL',
    ]) {
      expect(stdout).toContain(word);
    }
    expect((await run(['--version']).ended).stdout).toBe('0.0.0-test\n');
  });

  it('lists its tools', async () => {
    expect((await run(['tools']).ended).stdout).toMatch(
      /^ {2}repeat_text +cases +read +\d+ Repeat a text\n {2}delete_nothing +cases +destructive/,
    );
    const tools = JSON.parse((await run(['tools', '--json']).ended).stdout) as { input_schema: object }[];
    expect(tools[0]?.input_schema).toMatchObject({ type: 'object', additionalProperties: false });
  });

  it('prints the manifest of the Slack app as YAML, from the bundle that is shipped', async () => {
    const { status, stdout, stderr } = await run(['slack', 'manifest', '--all', '--socket-mode']).ended;
    expect({ status, stderr }).toEqual({ status: 0, stderr: expect.stringContaining('SLACK_APP_TOKEN') });
    expect(stdout).toMatch(/^display_information:\n {2}name: SOC Bridge\n/);
    expect(stdout).toContain('socket_mode_enabled: true');
  });

  it('says in one line what keeps it from starting', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as AddressInfo;
    try {
      await Promise.all([
        failsWith(run(['serve'], { SOC_BRIDGE_PORT: String(port) }), new RegExp(`^soc-bridge: Port ${port} is in use`)),
        failsWith(run(['serve'], { SOC_BRIDGE_PORT: 'x' }), /^soc-bridge: SOC_BRIDGE_PORT is not a whole number/),
        failsWith(
          run(['serve'], { SOC_BRIDGE_HOST: '0.0.0.0' }),
          /^soc-bridge: The bridge does not listen beyond loopback without authentication/,
        ),
        failsWith(
          run(['serve'], { SOC_DATABASE_URL: 'postgres://u:hidden@127.0.0.1:1/x' }),
          /^soc-bridge: The database postgres:\/\/u@127.0.0.1:1\/x cannot be used: .*ECONNREFUSED/,
        ),
        failsWith(
          run(['serve'], { SOC_DATABASE_URL: 'sqlite:/no/such/folder/x.db' }),
          /^soc-bridge: The database sqlite:\/no\/such\/folder\/x.db cannot be used: unable to open/,
        ),
        failsWith(run(['cases', 'list'], { SOC_DATABASE_URL: 'sqlite:none.db' }), /There is no database none.db/),
      ]);
    } finally {
      taken.close();
    }
  });

  it('serves: one ready line on stdout, JSON logs on stderr, and status 0 when asked to stop', async () => {
    const program = run(['serve'], { SOC_DATABASE_URL: 'sqlite:serve.db' });
    const url = await program.url();
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ ok: true });
    const opened = await fetch(`${url}/alerts`, { method: 'POST', body: '{"id":"shown"}' });
    const { case_id } = (await opened.json()) as { case_id: string };
    await eventually(async () => {
      const record = (await (await fetch(`${url}/cases/${case_id}`)).json()) as { status: string };
      return record.status === 'needs_review' ? true : undefined;
    });

    const env = { SOC_DATABASE_URL: 'sqlite:serve.db' };
    const list = await run(['cases', 'list', '--status', 'needs_review'], env).ended;
    expect(list.stdout).toMatch(new RegExp(`^${case_id} .* needs_review +HIGH +true_positive`));
    const shown = await run(['cases', 'show', case_id], env).ended;
    expect(shown.stdout).toMatch(/Outcome +true_positive \(probability 0\.93\)/);
    expect(shown.stdout).toContain('Events (chain intact)');
    const json = await run(['cases', 'show', case_id, '--json'], env).ended;
    expect(JSON.parse(json.stdout)).toMatchObject({ id: case_id, status: 'needs_review' });
    await failsWith(run(['cases', 'show', 'INV-NONE'], env), /There is no case INV-NONE/);
    const page = await run(['cases', 'report', case_id, '--format', 'html', '--out', 'case.html'], env).ended;
    expect(page).toMatchObject({ status: 0, stdout: '' });
    expect(readFileSync(join(folder, 'case.html'), 'utf8')).toContain(`Incident report ${case_id}`);

    const whole = await run(['cases', 'verify'], env).ended;
    expect(whole).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^1 case, \d+ events: every chain holds\n$/),
    });
    const absent = await run(['cases', 'verify', 'INV-NONE'], env).ended;
    expect(absent.status).toBe(1);
    const database = new DatabaseSync(join(folder, 'serve.db'));
    database.exec('drop trigger investigation_events_no_update');
    database.exec("update investigation_events set summary = 'nothing happened' where seq = 2");
    database.close();
    const tampered = await run(['cases', 'verify', '--json'], env).ended;
    expect(tampered.status).toBe(1);
    expect(JSON.parse(tampered.stdout)).toEqual([{ case_id, first_broken_event: 2 }]);

    const ended = await program.stop('SIGTERM');
    expect(ended).toMatchObject({ status: 0, stdout: `${JSON.stringify({ ready: true, url })}\n` });
    for (const line of ended.stderr.trimEnd().split('\n')) expect(JSON.parse(line)).toHaveProperty('level');
  });
});

describe('soc-bridge stdio', () => {
  const parameters = () => ({
    command: process.execPath,
    args: [main.file, 'stdio'],
    cwd: folder,
    env: { SOC_TEST_MAIN: 'run', SOC_DATABASE_URL: 'sqlite:stdio.db', LOG_LEVEL: 'debug', SOC_TOOLSETS: 'all' },
    stderr: 'ignore' as const,
  });

  it('serves the current protocol', async () => {
    const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode: { pin: '2026-07-28' } } });
    await client.connect(new StdioClientTransport(parameters()));
    expect((await client.listTools()).tools).toHaveLength(5);
    const answer = await client.callTool({ name: 'repeat_text', arguments: { text: 'x', times: 3 } });
    expect(answer.structuredContent).toMatchObject({ text: 'xxx', note: null });
    await client.close();
  });

  it('serves the one before, with progress and cancelling', async () => {
    const client = new LegacyClient({ name: 'test', version: '1' });
    await client.connect(new LegacyStdioTransport(parameters()));
    const messages: (string | undefined)[] = [];
    const answer = await client.callTool(
      { name: 'wait_with_progress', arguments: { steps: 2, step_ms: 10 } },
      undefined,
      { onprogress: ({ message }) => messages.push(message) },
    );
    expect(answer.structuredContent).toMatchObject({ steps: 2 });
    expect(messages).toContain('Step 1');
    const call = client.callTool({ name: 'wait_with_progress', arguments: { steps: 1, step_ms: 20_000 } }, undefined, {
      signal: AbortSignal.timeout(200),
    });
    await expect(call).rejects.toThrow();
    expect((await client.callTool({ name: 'repeat_text', arguments: { text: 'y' } })).isError).toBeFalsy();
    await client.close();
  });

  it('writes nothing but messages to stdout, and ends by itself when stdin closes', async () => {
    const program = run(['stdio'], { SOC_DATABASE_URL: 'sqlite:stdio.db', LOG_LEVEL: 'trace' });
    const request = (id: number, method: string, params: object) =>
      program.child.stdin?.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
    request(1, 'initialize', {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'test', version: '1' },
    });
    program.child.stdin?.write('{"jsonrpc":"2.0","method":"notifications/initialized"}\n');
    request(2, 'tools/call', { name: 'fail_as', arguments: { way: 'bug' } });
    program.child.stdin?.write('this is not JSON\n');
    request(4, 'tools/call', { name: 'no_such_tool', arguments: {} });
    request(3, 'tools/call', { name: 'repeat_text', arguments: { text: 'z' } });
    await eventually(() => (program.stdout.includes('"id":3') ? true : undefined));
    program.child.stdin?.end();
    const ended = await program.endedWithin(90_000);
    expect(ended).toMatchObject({ status: 0 });
    for (const line of program.stdout.trimEnd().split('\n')) expect(JSON.parse(line)).toHaveProperty('jsonrpc', '2.0');
    expect(program.stderr).toContain('secret-internal-detail');
    expect(program.stdout).toMatch(/"message":"Tool no_such_tool not found\. tools\/list names the usual ones/);
    const trail = await run(['audit', 'export'], { SOC_DATABASE_URL: 'sqlite:stdio.db' }).ended;
    expect(trail.stdout).toMatch(/"kind":"refused".*"proof":"stdio".*"outcome":"unknown_tool"/);
  });

  it('ends with a word to the person when a message is longer than any, and takes nothing half', async () => {
    const program = run(['stdio'], { SOC_DATABASE_URL: 'sqlite:stdio.db' });
    const part = 'x'.repeat(1024 * 1024);
    program.child.stdin?.on('error', () => {});
    program.child.stdin?.write('{"jsonrpc":"2.0","id":1,"method":"ping","params":{"_meta":{"a":"');
    for (let mebibytes = 0; mebibytes < 11; mebibytes += 1) program.child.stdin?.write(part);
    // The other end of stdin stays open.
    const ended = await program.endedWithin(90_000);
    expect(ended).toMatchObject({ status: 1, stdout: '' });
    expect(ended?.stderr).toMatch(/^soc-bridge: The client sent a message of more than 10 MiB/m);
  });

  it('ends when nobody takes its answers any more, though stdin stays open', async () => {
    const program = run(['stdio'], { SOC_DATABASE_URL: 'sqlite:stdio.db' });
    program.child.stdout?.destroy();
    const ping = () => program.child.stdin?.write('{"jsonrpc":"2.0","id":1,"method":"ping"}\n');
    program.child.stdin?.on('error', () => {});
    const asking = setInterval(ping, 50);
    try {
      expect(await program.endedWithin(90_000)).toMatchObject({ status: 0 });
    } finally {
      clearInterval(asking);
    }
  });
});
