import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { officialTools } from '../../../scripts/stack/official-tools.mjs';

/** The bundle for desktop clients as it is released: packed and unpacked by the official tool, started as a client starts it. */
jest.setTimeout(180_000);

const run = promisify(execFile);
const root = resolve(__dirname, '../../..');
const official = officialTools();

let folder: string;
let unpacked: string;
beforeAll(async () => {
  if (official === undefined) return;
  folder = mkdtempSync(join(tmpdir(), 'soc-bundle-'));
  unpacked = join(folder, 'unpacked');
  const file = join(folder, 'soc-bridge.mcpb');
  await run(process.execPath, [join(root, 'scripts/mcpb.mjs'), '--out', file], { cwd: root });
  await run(process.execPath, [official.mcpb, 'unpack', file, unpacked]);
});
afterAll(() => {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

/** The command that a client starts for what a person filled in, by the official tool's own rules. */
async function commandFor(given: Record<string, unknown>) {
  const library = join(official?.mcpb ?? '', '../../index.js');
  const code = `
    import { readFileSync } from 'node:fs';
    const { getMcpConfigForManifest } = await import(${JSON.stringify(library)});
    const manifest = JSON.parse(readFileSync(${JSON.stringify(join(unpacked, 'manifest.json'))}, 'utf8'));
    process.stdout.write(JSON.stringify(await getMcpConfigForManifest({
      manifest, extensionPath: ${JSON.stringify(unpacked)}, systemDirs: { HOME: ${JSON.stringify(folder)} },
      userConfig: ${JSON.stringify(given)}, pathSeparator: '/',
    })));`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', code]);
  return JSON.parse(stdout) as { command: string; args: string[]; env: Record<string, string> };
}

async function connect(given: Record<string, unknown>): Promise<Client> {
  const { command, args, env } = await commandFor(given);
  expect(command).toBe('node');
  const client = new Client({ name: 'desktop', version: '1.0.0' });
  await client.connect(
    new StdioClientTransport({ command: process.execPath, args, env, cwd: folder, stderr: 'ignore' }),
  );
  return client;
}

const test = official ? it : it.skip;

test('starts with nothing filled in, with what needs no service', async () => {
  const client = await connect({});
  expect((await client.listTools()).tools.map(({ name }) => name)).toContain('investigate_alert');
  const found = await client.callTool({ name: 'list_cases', arguments: {} });
  expect(found.structuredContent).toMatchObject({ cases: [] });
  // No setting was taken for the text of its variable.
  const refused = await client.callTool({ name: 'list_alerts', arguments: {} });
  expect(JSON.stringify(refused.content)).toContain('PANTHER_API_URL');
  await client.close();
  expect(existsSync(join(folder, 'soc-bridge.db'))).toBe(true);
});

test('what a person fills in arrives', async () => {
  const client = await connect({ read_only: true, panther_api_url: 'https://api.simulated.example' });
  const names = (await client.listTools()).tools.map(({ name }) => name);
  expect(names).toContain('get_case');
  expect(names).not.toContain('investigate_alert');
  const refused = await client.callTool({ name: 'list_alerts', arguments: {} });
  expect(JSON.stringify(refused.content)).toContain('PANTHER_API_TOKEN');
  await client.close();
});

test('holds every module but those behind settings it does not ask for, and nothing of the machine that built it', () => {
  const files = readdirSync(unpacked, { recursive: true, encoding: 'utf8' });
  expect(files).toEqual(expect.arrayContaining(['manifest.json', 'LICENSE', 'THIRD-PARTY-LICENCES.txt']));
  expect(files.some((file) => file.includes('node_modules'))).toBe(false);
  const builtIn = /^(?:node:|\.{1,2}\/)/;
  // Texts of the program may look like an import; they are no names of packages.
  const packageName = /^(?:@[a-z0-9-]+\/)?[a-z0-9][a-z0-9./_-]*$/;
  const { builtinModules } = process.getBuiltinModule('node:module');
  for (const file of files.filter((name) => name.endsWith('.js'))) {
    const text = readFileSync(join(unpacked, file), 'utf8');
    expect(text.includes(root)).toBe(false);
    const loaded = [...text.matchAll(/(?:\bfrom|\bimport)\s*\(?"([^"\n]+)"/g)].map((match) => match[1] ?? '');
    const outside = loaded.filter(
      (name) => packageName.test(name) && !builtIn.test(name) && !builtinModules.includes(name),
    );
    expect(outside.filter((name) => !/^(?:@aws-sdk\/|@napi-rs\/keyring$|@slack\/socket-mode$|pg$)/.test(name))).toEqual(
      [],
    );
  }
});
