import {
  appendFileSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Sandbox, startSandbox } from '../../../sandbox/src/sandbox';
import { buildTestMain, Program } from '../../support/bridge/processes';

/** `soc-bridge compliance`, each command a process of its own against the stand-ins. */
jest.setTimeout(180_000);

let main: Awaited<ReturnType<typeof buildTestMain>>;
let sandbox: Sandbox;
let folder: string;
let packages: string;

beforeAll(async () => {
  [main, sandbox] = await Promise.all([buildTestMain(), startSandbox({})]);
  folder = mkdtempSync(join(tmpdir(), 'soc-compliance-'));
  packages = join(folder, 'packages');
  for (const _ of [1, 2]) {
    const { status, stderr, stdout } = await run([
      'write',
      packages,
      '--zone',
      'Asia/Kolkata',
      '--period',
      'previous_day',
    ]);
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    expect(stdout).toMatch(/^COMPLETE: evidence package/);
  }
}, 300_000);
afterAll(async () => {
  main?.remove();
  await sandbox?.close();
  rmSync(folder, { recursive: true, force: true });
});

const run = (args: string[], env: Record<string, string> = {}) =>
  new Program(main.file, ['compliance', ...args], {
    cwd: folder,
    env: {
      PANTHER_API_URL: sandbox.panther.url,
      PANTHER_API_TOKEN: sandbox.panther.token,
      GITLAB_URL: sandbox.gitlab.url,
      GITLAB_TOKEN: sandbox.gitlab.token,
      GITLAB_GROUP: sandbox.gitlab.group,
      SOC_ALLOW_PRIVATE_NETWORK: 'true',
      ...env,
    },
  }).ended;
/** A copy to spoil. */
const copy = () => {
  const target = mkdtempSync(join(folder, 'copy-'));
  cpSync(packages, target, { recursive: true });
  return target;
};
const ids = () => readdirSync(packages).sort();

test('packages are folders for their owner only, the second chained to the first, and both verify', async () => {
  const [first = '', second = ''] = ids();
  expect(ids()).toHaveLength(2);
  expect(statSync(join(packages, first)).mode & 0o777).toBe(0o700);
  expect(statSync(join(packages, first, 'manifest.json')).mode & 0o777).toBe(0o600);
  const manifest = JSON.parse(readFileSync(join(packages, second, 'manifest.json'), 'utf8'));
  expect(manifest.previous.package_id).toBe(first);
  expect(manifest.made_by).toMatchObject({ program: 'soc-bridge', zone_data: process.versions.tz });
  const { status, stdout, stderr } = await run(['verify', packages]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toContain(`${first}: holds`);
  expect(stdout).toContain(`chained to ${first}`);
});

test('a changed file is named, and its package does not hold', async () => {
  const target = copy();
  const [first = ''] = ids();
  const path = join(target, first, 'population-activity.csv');
  // Whatever is in it: on a day off nobody of the sample tenant does anything.
  appendFileSync(path, 'one,more,row\r\n');
  const { status, stdout } = await run(['verify', target, '--json']);
  expect(status).toBe(1);
  const [checked, other] = JSON.parse(stdout);
  expect(checked).toMatchObject({ package_id: first, holds: false });
  expect(checked.flaws.map(({ file }: { file: string }) => file)).toContain('population-activity.csv');
  expect(other).toMatchObject({ holds: true });
});

test('a package before that is missing or was changed breaks the chain, and that is said', async () => {
  const [first = '', second = ''] = ids();
  const missing = copy();
  rmSync(join(missing, first), { recursive: true });
  const gone = await run(['verify', join(missing, second)]);
  expect(gone.status).toBe(1);
  expect(gone.stdout).toContain(`BROKEN CHAIN: the package before, ${first}, is missing`);
  const changed = copy();
  writeFileSync(join(changed, first, 'manifest.json'), '{}\n');
  const spoilt = await run(['verify', join(changed, second)]);
  expect(spoilt.stdout).toContain(`BROKEN CHAIN: the manifest of the package before, ${first}, was changed`);
  const next = await run(['write', copyWithSpoiltNewest(), '--period', 'previous_day']);
  expect(next.status).toBe(3);
  expect(next.stdout).toContain('BROKEN CHAIN: the package before it does not hold');
});

function copyWithSpoiltNewest(): string {
  const target = copy();
  const [, second = ''] = ids();
  writeFileSync(join(target, second, 'exceptions.csv'), 'id\r\n');
  return target;
}

test('a hash that was kept elsewhere tells a package that was made anew', async () => {
  const [first = ''] = ids();
  const { status, stdout } = await run(['verify', join(packages, first), '--manifest-sha256', '0'.repeat(64)]);
  expect(status).toBe(1);
  expect(stdout).toContain('manifest.json does not have the hash that was given');
});

test('a folder that was renamed, one that is no package, and one that is not there', async () => {
  const target = copy();
  const [first = ''] = ids();
  renameSync(join(target, first), join(target, 'renamed'));
  expect((await run(['verify', join(target, 'renamed')])).stdout).toContain('its folder has another name');
  expect(await run(['verify', folder])).toMatchObject({ status: 1 });
  const { status, stderr } = await run(['verify', join(folder, 'nowhere')]);
  expect({ status, stderr }).toEqual({ status: 1, stderr: `soc-bridge: ${join(folder, 'nowhere')} is no folder.\n` });
});

test('without a token for GitLab the package is incomplete, which the exit status says', async () => {
  const { status, stdout } = await run(['write', join(folder, 'partial'), '--period', 'previous_day'], {
    GITLAB_TOKEN: '',
  });
  expect(status).toBe(3);
  expect(stdout).toMatch(/^INCOMPLETE: /);
  expect(stdout).toContain('set GITLAB_TOKEN in its environment');
  expect(stdout).toContain('Not tested: Segregation of duties');
});

test('a parameter that cannot be used is named, and nothing is written', async () => {
  writeFileSync(join(folder, 'p.json'), JSON.stringify({ user_zones: { mira: 'Mars/Base' } }));
  const { status, stderr } = await run(['write', join(folder, 'none'), '--parameters', join(folder, 'p.json')]);
  expect(status).toBe(1);
  expect(stderr).toContain('user_zones: "Mars/Base" is no time zone');
  expect(readdirSync(join(folder, 'none'))).toEqual([]);
});
