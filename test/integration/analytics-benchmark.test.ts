import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runBench } from '../support/run-bench';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'soc-analytics-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const bench = (...args: string[]) => runBench('analytics', ...args);

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

test('lines that are no record are left out and named, further fields do no harm', async () => {
  const day = 20_000;
  const rows = ['ana', 'ben'].flatMap((name, index) =>
    Array.from({ length: 40 }, (_, back) => [
      name,
      (day - back + 2) * 86_400 + 3600 * (9 + index * 8),
      60,
      `f-${name}`,
    ]),
  );
  const cases = ['ana', 'ben'].flatMap((user, index, users) => [
    { tenant: 'odd', user, baselineFrom: day - 38, baselineTo: day, actor: user, day, takeover: false, note: 'more' },
    {
      tenant: 'odd',
      user,
      baselineFrom: day - 38,
      baselineTo: day,
      actor: users[1 - index],
      day: day + 1,
      takeover: true,
    },
    { tenant: 'odd', user, baselineFrom: day - 38, baselineTo: day, actor: user, day: day + 99, takeover: false },
  ]);
  mkdirSync(join(folder, 'behaviour'));
  const lines = (list: unknown[]) => list.map((one) => JSON.stringify(one)).join('\r\n');
  writeFileSync(join(folder, 'behaviour/odd.ndjson'), `\uFEFF${lines(rows)}\n["ana", "today", 60, "x"]\n[broken\n`);
  writeFileSync(join(folder, 'behaviour/cases.ndjson'), `${lines(cases)}\n{"tenant": "odd"}\n`);
  const json = join(folder, 'out.json');
  const { stderr } = await bench('--data', folder, '--json', json, '--part', 'takeover');
  expect(stderr).toContain('left out: behaviour/odd.ndjson: 2 lines are no record, the first is line 81');
  expect(stderr).toContain('left out: behaviour/cases.ndjson: 1 line is no record, the first is line 7');
  expect(stderr).toContain('left out: 2 cases of a day on which the actor did nothing');
  expect(JSON.parse(readFileSync(json, 'utf8'))).toMatchObject({ takeover: { cases: 4, auroc: 1 } });
});

test('a part that fails is named with its reason, and the others are measured', async () => {
  mkdirSync(join(folder, 'attack'));
  mkdirSync(join(folder, 'cloudtrail'));
  writeFileSync(join(folder, 'attack/technique_reports.ndjson'), '{"techniques": ["T1078"]}\n');
  const call = (attack: boolean, eventName: string, second: number) =>
    JSON.stringify({
      episode: attack ? 'one' : null,
      attack,
      event: {
        eventTime: new Date(1_700_000_000_000 + second * 1000).toISOString(),
        eventName,
        eventSource: 'iam.amazonaws.com',
        errorCode: attack ? 'AccessDenied' : undefined,
        userIdentity: { type: 'IAMUser' },
      },
    });
  const calls = [
    ...Array.from({ length: 20 }, (_, at) => call(false, 'ListUsers', at * 60)),
    call(true, 'CreateUser', 99),
  ];
  writeFileSync(join(folder, 'cloudtrail/invictus.ndjson'), calls.join('\n'));
  const json = join(folder, 'out.json');
  const { status, stdout } = await bench('--data', folder, '--json', json, '--part', 'progression', '--part', 'events');
  expect(status).toBe(2);
  expect(stdout).toContain('FAILED progression: attack/technique_reports.ndjson has no report with 5 techniques');
  expect(JSON.parse(readFileSync(json, 'utf8'))).toMatchObject({ events: { ap: 1, auroc: 1 } });
});
