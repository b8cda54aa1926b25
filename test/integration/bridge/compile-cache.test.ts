import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { nodeExecutable } from '../../../scripts/stack/node-runtime.mjs';
import { ensureBuilt } from '../../../scripts/stack/package-build.mjs';

const program = resolve(__dirname, '../../../bridge/dist/soc-bridge.js');
let home: string;

beforeAll(async () => {
  await ensureBuilt();
}, 300_000);
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'soc-compiled-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

async function version(): Promise<string> {
  const { stdout } = await promisify(execFile)(nodeExecutable(), [program, '--version'], {
    cwd: home,
    env: { PATH: process.env.PATH, HOME: home, XDG_CACHE_HOME: join(home, 'caches') },
  });
  return stdout.trim();
}

const folder = () => join(home, 'caches', 'soc-bridge', 'compiled');
const kept = () => readdirSync(folder(), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());

test('the compiled program is kept in the user’s own folder, for nobody else to write to', async () => {
  expect(await version()).toMatch(/^\d+\.\d+\.\d+$/);
  expect(kept().length).toBeGreaterThan(0);
  expect(statSync(folder()).mode & 0o077).toBe(0);
  const before = kept().map(({ name }) => name);
  expect(await version()).toMatch(/^\d+\.\d+\.\d+$/);
  expect(kept().map(({ name }) => name)).toEqual(before);
});

test('nothing is kept, or taken, where others may write', async () => {
  mkdirSync(folder(), { recursive: true });
  chmodSync(folder(), 0o777);
  expect(await version()).toMatch(/^\d+\.\d+\.\d+$/);
  expect(kept()).toEqual([]);
});

test('it starts without a folder, too', async () => {
  writeFileSync(join(home, 'caches'), 'a file in the place of the folder');
  expect(await version()).toMatch(/^\d+\.\d+\.\d+$/);
});
