import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** What `npm start` says when it cannot start: one line that names the thing and the way out, and a status. */
const root = resolve(__dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'soc-start-'));

function start(...args: string[]): Promise<{ status: number; lines: string[] }> {
  return node([join(root, 'scripts/run.cjs'), 'start', ...args]);
}

function node(args: string[], env = process.env): Promise<{ status: number; lines: string[] }> {
  return new Promise((done) => {
    execFile(process.execPath, args, { cwd: folder, timeout: 60_000, env }, (error, stdout, stderr) => {
      const status = typeof error?.code === 'number' ? error.code : error === null ? 0 : -1;
      done({ status, lines: `${stdout}${stderr}`.split('\n').filter((line) => line !== '') });
    });
  });
}

it('names the port that is in use, what needs it, and how to choose another', async () => {
  const taken: Server = createServer();
  await new Promise<void>((ready) => taken.listen(0, '127.0.0.1', ready));
  const { port } = taken.address() as { port: number };
  try {
    const { status, lines } = await start('--once', '--n8n-port', String(port));
    expect(status).toBe(1);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(`n8n needs port ${port}, which is in use`);
    expect(lines[0]).toContain('--n8n-port');
  } finally {
    taken.close();
  }
});

it.each([
  [['--n8n-port', 'http'], '--n8n-port takes a port from 1 to 65535, not "http".'],
  [['--alert', 'missing.json'], 'The alert missing.json cannot be read: ENOENT.'],
  [['--cloudtrail', 'nowhere'], 'There is no folder nowhere to load CloudTrail from.'],
  [['--fast'], "Unknown option '--fast'"],
])('refuses %j in one line', async (args, text) => {
  const { status, lines } = await start(...args);
  expect(status).toBe(1);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain(text);
});

it('refuses an alert that is not JSON', async () => {
  writeFileSync(join(folder, 'alert.json'), '{"id": ');
  const { status, lines } = await start('--alert', 'alert.json');
  expect({ status, lines }).toEqual({ status: 1, lines: ['✗ The alert alert.json is not JSON.'] });
});

it('says that an old Node is too old, in a syntax it understands', async () => {
  const pretend = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '18.20.4' } });
    process.argv.splice(1, 0, 'run', 'start'); require(${JSON.stringify(join(root, 'scripts/run.cjs'))});`;
  const { status, lines } = await node(['-e', pretend]);
  expect(status).toBe(1);
  expect(lines).toEqual(['Node 18.20.4 is too old: this project needs Node 20 or newer.']);
});

it('says in one line that the registry cannot be reached, soon', async () => {
  // A clone in which nothing is installed, with an empty npm cache and a registry where nobody listens.
  const clone = join(folder, 'clone');
  mkdirSync(clone);
  for (const name of [
    'scripts',
    'package.json',
    'package-lock.json',
    '.npmrc',
    'bridge/package.json',
    'sandbox/package.json',
  ]) {
    cpSync(join(root, name), join(clone, name), { recursive: true });
  }
  const { status, lines } = await node(
    [join(clone, 'scripts/run.cjs'), 'start', '--once', '--n8n-port', '59678', '--bridge-port', '59333'],
    {
      ...process.env,
      npm_config_registry: 'http://127.0.0.1:9',
      npm_config_cache: join(folder, 'npm-cache'),
    },
  );
  expect(status).toBe(1);
  expect(lines.at(-1)).toContain('npm install: the npm registry cannot be reached.');
  expect(lines.filter((line) => line.startsWith('✗'))).toHaveLength(1);
});
