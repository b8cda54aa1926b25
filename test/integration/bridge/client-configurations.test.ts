import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as LegacyStdioTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as LegacyHttpTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { officialTools } from '../../../scripts/stack/official-tools.mjs';
import { buildTestMain, Program } from '../../support/bridge/processes';
import { testToken } from '../../support/bridge/running-bridge';

/**
 * What docs/clients.md offers to paste, run as it stands there: only the address, the token and the place of the program are
 * put in, as the client named in the heading would resolve them. The bridge is the real program.
 */

const page = readFileSync(resolve(__dirname, '../../../docs/clients.md'), 'utf8');
const official = officialTools();

interface Entry {
  type?: string;
  url?: string;
  headers?: Record<string, string>;
  command?: string;
  args?: string[];
  env?: Record<string, string>;
}

/** Every JSON block below a heading. */
function blocks(heading: string): Record<string, unknown>[] {
  const section = page.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? '';
  return [...section.matchAll(/```json\n([\s\S]*?)```/g)].map((match) => JSON.parse(match[1] ?? '') as never);
}

/** How each client writes a variable in its file. */
const variables: Record<string, RegExp> = {
  'Claude Code': /\$\{SOC_BRIDGE_TOKEN\}/g,
  'Claude Desktop': /(?<!\w)SOC_BRIDGE_TOKEN(?!\w)/g,
  Cursor: /\$\{env:SOC_BRIDGE_TOKEN\}/g,
  'VS Code': /\$\{input:soc-token\}/g,
};

const shown = Object.keys(variables).flatMap((client) =>
  blocks(client).map((block, index): [string, number, Record<string, unknown>] => [client, index, block]),
);

let program: Awaited<ReturnType<typeof buildTestMain>>;
let served: Program;
let url: string;
let folder: string;

beforeAll(async () => {
  program = await buildTestMain('bridge/src/main.ts');
  folder = mkdtempSync(join(tmpdir(), 'soc-clients-'));
  served = new Program(program.file, ['serve'], { cwd: folder, env: { SOC_BRIDGE_TOKEN: testToken } });
  url = await served.url();
});
afterAll(async () => {
  await served?.stop();
  program?.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** The one server of a block, as the client resolves it on this machine. */
function entryOf(client: string, block: Record<string, unknown>): Entry {
  const servers = (block.mcpServers ?? block.servers) as Record<string, Entry>;
  const text = JSON.stringify(servers.soc)
    .replace(variables[client] ?? /$^/, testToken)
    .replace(/https:\/\/soc\.example\.com|http:\/\/127\.0\.0\.1:3333/, url);
  const entry = JSON.parse(text) as Entry;
  if (entry.command === undefined) return entry;
  expect(entry.command).toBe('soc-bridge');
  // Nobody's keychain is asked here; that it gives what it keeps is a test of its own.
  const { SOC_CREDENTIALS: _, ...env } = entry.env ?? {};
  const database = `sqlite:${join(folder, `${Math.random()}.db`)}`;
  return {
    ...entry,
    command: process.execPath,
    args: [program.file, ...(entry.args ?? [])],
    env: { ...env, SOC_DATABASE_URL: database, XDG_CACHE_HOME: folder },
  };
}

it('every client of the page is checked, and each block has one server', () => {
  expect(shown.map(([client]) => client)).toEqual([
    'Claude Code',
    'Claude Code',
    'Claude Desktop',
    'Claude Desktop',
    'Cursor',
    'VS Code',
  ]);
  for (const [, , block] of shown) expect(Object.keys((block.mcpServers ?? block.servers) as object)).toEqual(['soc']);
  // What VS Code asks for is what its server uses.
  const [vsCode] = blocks('VS Code') as { inputs?: { id: string; password: boolean }[] }[];
  expect(vsCode?.inputs).toEqual([expect.objectContaining({ id: 'soc-token', password: true })]);
});

describe.each(shown)('%s, block %i', (name, _index, block) => {
  it('connects the SDK client of the 2.x line', async () => {
    const entry = entryOf(name, block);
    const client = new Client({ name: 'test', version: '1.0.0' });
    await client.connect(
      entry.url === undefined
        ? new StdioClientTransport({ command: entry.command ?? '', args: entry.args, env: entry.env, stderr: 'ignore' })
        : new StreamableHTTPClientTransport(new URL(entry.url), { requestInit: { headers: entry.headers } }),
    );
    expect((await client.listTools()).tools.map((tool) => tool.name)).toContain('investigate_alert');
    const found = await client.callTool({ name: 'list_cases', arguments: {} });
    expect(found.structuredContent).toMatchObject({ cases: [] });
    await client.close();
  });

  it('connects the SDK client of the 1.x line', async () => {
    const entry = entryOf(name, block);
    const client = new LegacyClient({ name: 'test', version: '1.0.0' });
    await client.connect(
      entry.url === undefined
        ? new LegacyStdioTransport({ command: entry.command ?? '', args: entry.args, env: entry.env, stderr: 'ignore' })
        : new LegacyHttpTransport(new URL(entry.url), { requestInit: { headers: entry.headers } }),
    );
    const found = await client.callTool({ name: 'list_cases', arguments: {} });
    expect(found.structuredContent).toMatchObject({ cases: [] });
    await client.close();
  });

  (official ? it : it.skip)('connects the official Inspector, which reads the file itself', async () => {
    const entry = entryOf(name, block);
    const file = join(folder, `${name.replace(' ', '-')}-${Math.random()}.json`);
    // The Inspector wants the type; the clients of these blocks tell it by `url` or `command`.
    const type = entry.type ?? (entry.url === undefined ? 'stdio' : 'http');
    writeFileSync(file, JSON.stringify({ mcpServers: { soc: { ...entry, type } } }));
    const { status, stdout, stderr } = await inspect(file, ['--method', 'tools/list']);
    expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
    const { tools } = JSON.parse(stdout) as { tools: { name: string }[] };
    expect(tools.map((tool) => tool.name)).toContain('investigate_alert');
  });
});

(official ? it : it.skip)('the official Inspector finds the definitions of all tools portable', async () => {
  const file = join(folder, 'strict.json');
  const entry = { type: 'http', url: `${url}/mcp?toolsets=all`, headers: { Authorization: `Bearer ${testToken}` } };
  writeFileSync(file, JSON.stringify({ mcpServers: { soc: entry } }));
  const { status, stderr } = await inspect(file, ['--method', 'tools/list', '--strict']);
  expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
});

function inspect(file: string, args: string[]): Promise<{ status: number | null; stdout: string; stderr: string }> {
  const command = [official?.inspector ?? '', '--cli', '--config', file, '--server', 'soc', ...args];
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, command, {
      cwd: folder,
      env: { PATH: process.env.PATH, HOME: folder, MCP_INSPECTOR_SECRET_STORE: 'memory' },
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    child.once('error', failed);
    child.once('close', (status) => done({ status, stdout, stderr }));
  });
}
