import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runBench } from '../support/run-bench';

const folder = mkdtempSync(join(tmpdir(), 'soc-verdict-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const simulated = (eventName: string, requestParameters: unknown, seconds: number) => ({
  eventID: `simulated-${eventName}-${seconds}`,
  eventTime: new Date(Date.parse('2026-01-15T09:00:00Z') + seconds * 1000).toISOString(),
  eventSource: 'cloudtrail.amazonaws.com',
  eventName,
  awsRegion: 'eu-west-1',
  sourceIPAddress: '198.51.100.20',
  userAgent: 'aws-cli/2.15.0',
  userIdentity: {
    type: 'IAMUser',
    arn: 'arn:aws:iam::111122223333:user/eve',
    accountId: '111122223333',
    userName: 'eve',
  },
  recipientAccountId: '111122223333',
  requestParameters,
});

const bench = (...args: string[]) => runBench('verdict', ...args);

test('the verdict is measured on whatever labelled data is there, and what is not is named', async () => {
  mkdirSync(join(folder, 'cloudtrail'));
  const rows = [
    { technique: 'simulated.stop', event: simulated('StopLogging', { name: 'main' }, 0) },
    'no JSON',
    { technique: 'simulated.nothing', event: {} },
  ];
  const text = rows.map((row) => (typeof row === 'string' ? row : JSON.stringify(row))).join('\n');
  writeFileSync(join(folder, 'cloudtrail/stratus.ndjson'), text);
  const file = join(folder, 'out.json');
  const { status, stderr } = await bench('--data', folder, '--json', file);
  expect(status).toBe(0);
  expect(stderr).toContain('invictus.ndjson is not in');
  const result = JSON.parse(readFileSync(file, 'utf8'));
  expect(result).toMatchObject({ tp_detection: 1, fp_rejection: null, needs_review: 0, left_out: 2 });
  expect(result.brier).toBeLessThan(0.05);
  expect(result.skipped).toHaveLength(3);
  expect(result.episodes).toMatchObject([
    { id: 'stratus/simulated.stop', label: 'attack', verdict: 'true_positive', confidence: expect.any(Number) },
  ]);
});

test('records of odd shapes are judged or named, and none ends the run', async () => {
  const odd = join(folder, 'odd');
  mkdirSync(join(odd, 'cloudtrail'), { recursive: true });
  mkdirSync(join(odd, 'panther'));
  const write = (file: string, rows: unknown[]) =>
    writeFileSync(join(odd, file), rows.map((row) => (row === '' ? '{broken' : JSON.stringify(row))).join('\r\n'));
  const stop = simulated('StopLogging', { name: 'main' }, 0);
  write('cloudtrail/stratus.ndjson', [
    { technique: 'simulated.more', extra: [1], event: { ...stop, newField: { a: null }, eventID: undefined } },
    { technique: 'simulated.less', event: { eventName: 'StopLogging', eventSource: 'cloudtrail.amazonaws.com' } },
    {
      technique: 'simulated.odd',
      event: { ...stop, userIdentity: 'x', sourceIPAddress: {}, eventTime: 5, errorCode: 5 },
    },
    { technique: 'simulated.none', event: null },
    { event: stop },
    '',
    [],
  ]);
  write('cloudtrail/benign_console.ndjson', [
    { session: 'the-same-beginning-1', event: { eventName: 'ListBuckets' } },
    { session: 'the-same-beginning-2', event: { eventName: 'ListBuckets' } },
  ]);
  write('panther/cloudtrail_rule_tests.ndjson', [{ rule: 'R', expected: false, event: { eventName: 'GetObject' } }]);
  const file = join(odd, 'out.json');
  const { stderr } = await bench('--data', odd, '--json', file, '--variants');
  expect(stderr).toContain('stratus.ndjson, line 4: no event; skipped');
  expect(stderr).toContain('line 5: no technique');
  expect(stderr).toContain('line 6: no JSON; skipped');
  const result = JSON.parse(readFileSync(file, 'utf8'));
  expect(result).toMatchObject({ tp_detection: 1, fp_rejection: 1, needs_review: 0, brier: expect.any(Number) });
  expect(result.unreadable).toHaveLength(4);
  const ids = result.episodes.map(({ id }: { id: string }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const episode of result.episodes)
    expect(episode).toMatchObject({
      label: expect.any(String),
      verdict: expect.any(String),
      confidence: expect.any(Number),
    });
  expect(result.variants.map(({ kind }: { kind: string }) => kind)).toContain('renamed');
});

test('without any data nothing is measured, and the command says so', async () => {
  const { status, stderr } = await bench('--data', join(folder, 'nowhere'));
  expect(status).toBe(3);
  expect(stderr).toContain('nothing was measured');
});
