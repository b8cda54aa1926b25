import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

jest.setTimeout(120_000);
const root = resolve(__dirname, '../..');
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'soc-analytics-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function bench(...args: string[]): Promise<{ status: unknown; stdout: string; stderr: string }> {
  return new Promise((done) => {
    execFile(
      process.execPath,
      [join(root, 'bench/analytics.mjs'), ...args],
      { cwd: root, timeout: 100_000 },
      (error, stdout, stderr) => done({ status: error?.code ?? 0, stdout, stderr }),
    );
  });
}

test('parts whose files are absent are named and skipped', async () => {
  const json = join(folder, 'out.json');
  const { status, stdout } = await bench('--data', folder, '--json', json, '--part', 'takeover', '--part', 'events');
  expect(stdout).toContain('skipped takeover: no behaviour/cases.ndjson');
  expect(stdout).toContain('skipped events: no cloudtrail/invictus.ndjson');
  expect(JSON.parse(readFileSync(json, 'utf8'))).toEqual({});
  expect(status).toBe(0);
});

test('cases whose tenants have no file are named, and give no figure', async () => {
  mkdirSync(join(folder, 'behaviour'));
  const one = { tenant: 'gone', user: 'a', baselineFrom: 1, baselineTo: 2, actor: 'a', day: 2, takeover: false };
  writeFileSync(join(folder, 'behaviour/cases.ndjson'), `${JSON.stringify(one)}\n`);
  const json = join(folder, 'out.json');
  const { status, stdout } = await bench('--data', folder, '--json', json, '--part', 'takeover');
  expect(stdout).toContain('skipped takeover: no gone (no behaviour/gone.ndjson)');
  expect(JSON.parse(readFileSync(json, 'utf8'))).toEqual({});
  expect(status).toBe(0);
});

test('a folder that is not there and a part that is not known end it with a word', async () => {
  expect(await bench('--data', join(folder, 'nowhere'))).toMatchObject({ status: 2 });
  const { status, stderr } = await bench('--data', folder, '--part', 'horoscope');
  expect(status).toBe(2);
  expect(stderr).toContain('there is no part horoscope');
});

test('tenants that nobody has seen are scored with the weights as shipped', async () => {
  const day = 20_000;
  // Two people with habits of their own, each with an hour, a zone and a folder.
  const people = { ana: [9, 60, 'web'], ben: [20, -420, 'db'], cho: [14, 540, 'doc'] } as const;
  const rows: string[] = [];
  for (let back = 40; back >= -5; back -= 1)
    for (const [name, [hour, zone, folderName]] of Object.entries(people))
      for (let event = 0; event < 3; event += 1)
        rows.push(
          JSON.stringify([name, (day - back) * 86_400 + hour * 3600 + event * 600, zone, `${folderName}${event}`]),
        );
  const names = Object.keys(people);
  const cases = names.flatMap((user, index) =>
    [0, 1, 2].map((offset) => ({
      tenant: 'simulated',
      user,
      baselineFrom: day - 40,
      baselineTo: day,
      actor: offset === 2 ? names[(index + 1) % 3] : user,
      day: day + offset,
      takeover: offset === 2,
    })),
  );
  mkdirSync(join(folder, 'behaviour'));
  writeFileSync(join(folder, 'behaviour/simulated.ndjson'), rows.join('\n'));
  writeFileSync(join(folder, 'behaviour/cases.ndjson'), cases.map((one) => JSON.stringify(one)).join('\n'));
  const json = join(folder, 'out.json');
  const { stdout } = await bench('--data', folder, '--json', json, '--part', 'takeover');
  expect(stdout).toContain('as shipped');
  expect(JSON.parse(readFileSync(json, 'utf8'))).toMatchObject({
    takeover: { auroc: 1, ap: 1, tpr_at_1: 1, cases: 9 },
  });
});
