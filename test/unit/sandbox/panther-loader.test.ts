import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { FolderError, readCloudTrailFolder } from '../../../sandbox/src/panther/cloudtrail-loader';
import { cloudTrailRow, type JsonObject } from '../../../sandbox/src/panther/cloudtrail-row';
import { cloudtrailFolder } from '../../support/labelled-data';
import { lakeOf } from './panther-lake';

const event = (name: string, extra: JsonObject = {}): JsonObject => ({
  eventName: name,
  eventTime: '2026-03-01T10:00:00Z',
  eventID: `id-${name}`,
  ...extra,
});
const row = (extra: JsonObject): Record<string, unknown> =>
  cloudTrailRow(event('Call', extra), { sourceId: 's', sourceLabel: 'l' }, new Map());

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'loader-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('reads every form a CloudTrail file comes in, in the order of the paths', async () => {
  await mkdir(join(folder, 'AWSLogs/eu-west-1'), { recursive: true });
  await writeFile(
    join(folder, 'AWSLogs/eu-west-1/a.json.gz'),
    gzipSync(JSON.stringify({ Records: [event('One'), event('Two')] })),
  );
  await writeFile(join(folder, 'b.json'), JSON.stringify(event('Three')));
  await writeFile(join(folder, 'c.json'), JSON.stringify([event('Four'), { event: event('Five') }]));
  await writeFile(
    join(folder, 'd.ndjson'),
    `${JSON.stringify({ attack: true, event: event('Six') })}\n\n${JSON.stringify(event('Seven'))}\n`,
  );
  await writeFile(join(folder, 'e.json.gz'), JSON.stringify({ Records: [event('Eight')] }));
  await writeFile(
    join(folder, 'f.jsonl.gz'),
    gzipSync(`${JSON.stringify(event('Nine'))}\n${JSON.stringify(event('Ten'))}`),
  );
  await writeFile(join(folder, 'README.md'), 'not read');
  const { events, report } = await readCloudTrailFolder(folder);
  expect(events.map(({ event: { eventName } }) => eventName)).toEqual([
    'One',
    'Two',
    'Three',
    'Four',
    'Five',
    'Six',
    'Seven',
    'Eight',
    'Nine',
    'Ten',
  ]);
  expect(events[0]?.file).toBe('AWSLogs/eu-west-1/a.json.gz');
  expect(report).toEqual({ files: 6, events: 10, malformed: 0, examples: [] });
});

test('what is no event is counted with its place, and does not stop the rest', async () => {
  await writeFile(
    join(folder, 'a.ndjson'),
    `${JSON.stringify(event('Good'))}\n{"eventName": "Cut\n${JSON.stringify({ eventName: 'NoTime' })}\n`,
  );
  await writeFile(join(folder, 'b.json'), 'not json');
  await writeFile(join(folder, 'c.json.gz'), Buffer.concat([gzipSync('x'.repeat(1000)).subarray(0, 12)]));
  await writeFile(join(folder, 'd.json'), JSON.stringify({ Records: [event('Also'), null, 7] }));
  const { events, report } = await readCloudTrailFolder(folder);
  expect(events.map(({ event: { eventName } }) => eventName)).toEqual(['Good', 'Also']);
  expect(report.malformed).toBe(6);
  expect(report.examples.map(({ file, at }) => `${file}:${at}`)).toEqual([
    'a.ndjson:2',
    'a.ndjson:3',
    'b.json:0',
    'c.json.gz:0',
    'd.json:2',
    'd.json:3',
  ]);
});

test.each([
  ['missing', 'does not exist'],
  ['', 'holds no .json'],
])('a folder that cannot be used: %p', async (name, text) => {
  const failing = readCloudTrailFolder(join(folder, name));
  await expect(failing).rejects.toThrow(FolderError);
  await expect(failing).rejects.toThrow(text);
});

describe('the row of an event', () => {
  test('has an id that depends on the event only, and one of its own for each copy', () => {
    const ids = new Map<string, number>();
    const make = (of: JsonObject): unknown => cloudTrailRow(of, { sourceId: 's', sourceLabel: 'l' }, ids).p_row_id;
    const first = make(event('Call'));
    expect(first).toMatch(/^[0-9a-f]{32}$/);
    expect(row({}).p_row_id).toBe(first);
    expect(make(event('Call'))).not.toBe(first);
  });

  test('gathers indicators from all over the event, sorted', () => {
    const made = row({
      userIdentity: {
        type: 'AssumedRole',
        principalId: 'AROAX:mira.okafor',
        arn: 'arn:aws:sts::111122223333:assumed-role/admin/mira.okafor',
        accountId: '111122223333',
        accessKeyId: 'ASIAX',
        sessionContext: { sessionIssuer: { userName: 'admin', principalId: 'AROAX' } },
      },
      sourceIPAddress: '192.0.2.1',
      requestParameters: {
        userName: 'bob',
        peer: '2001:db8::1',
        instancesSet: { items: [{ instanceId: 'i-0123456789abcdef0' }] },
        contact: 'a@b.example',
      },
      resources: [{ ARN: 'arn:aws:s3:::bucket', accountId: '444455556666' }],
      tagSet: null,
      responseElements: { tags: [{ key: 'team', value: 'soc' }] },
      tlsDetails: { clientProvidedHostHeader: 'sts.eu-west-1.amazonaws.com' },
    });
    expect(made).toMatchObject({
      p_any_ip_addresses: ['192.0.2.1', '2001:db8::1'],
      p_any_usernames: ['admin', 'bob', 'mira.okafor'],
      p_any_actor_ids: ['AROAX', 'AROAX:mira.okafor'],
      p_any_aws_account_ids: ['111122223333', '444455556666'],
      p_any_aws_arns: ['arn:aws:s3:::bucket', 'arn:aws:sts::111122223333:assumed-role/admin/mira.okafor'],
      p_any_aws_instance_ids: ['i-0123456789abcdef0'],
      p_any_emails: ['a@b.example'],
      p_any_aws_tags: ['team:soc'],
      p_any_domain_names: ['sts.eu-west-1.amazonaws.com'],
      p_log_type: 'AWS.CloudTrail',
      p_event_time: '2026-03-01T10:00:00.000Z',
    });
  });

  test('a service as the source is a domain, not an address', () => {
    const made = row({ sourceIPAddress: 'cloudformation.amazonaws.com' });
    expect(made.p_any_ip_addresses).toBeUndefined();
    expect(made.p_any_domain_names).toEqual(['cloudformation.amazonaws.com']);
  });
});

test('odd shapes survive the way into the lake: no identity, nulls, keys that differ in case, texts for booleans', async () => {
  const filled = await lakeOf([
    event('A', {
      requestParameters: { Host: 'x', host: 'y', '': 1, deep: { list: [1, 'two', null, { three: 3 }] }, gone: null },
      readOnly: 'true',
    }),
    event('B', { userIdentity: null, requestParameters: 'text' }),
    event('C', {
      sessionCredentialFromConsole: 'true',
      sourceIPAddress: null,
      requestParameters: { big: 123456789012, 'dotted.key': { 'b c': 1 } },
    }),
  ]);
  const rows = await filled.rows(
    'SELECT eventName, requestParameters AS p, readOnly, sessionCredentialFromConsole AS c, userIdentity FROM aws_cloudtrail ORDER BY eventName',
  );
  expect(rows).toEqual([
    {
      eventName: 'A',
      p: { Host: 'x', host_: 'y', _: 1, deep: { list: [1, 'two', null, { three: 3 }] } },
      readOnly: true,
      c: null,
      userIdentity: null,
    },
    { eventName: 'B', p: 'text', readOnly: null, c: null, userIdentity: null },
    {
      eventName: 'C',
      p: { big: 123456789012, 'dotted.key': { 'b c': 1 } },
      readOnly: null,
      c: true,
      userIdentity: null,
    },
  ]);
  expect(
    await filled.rows(
      'SELECT requestParameters:"dotted.key"."b c" AS v FROM aws_cloudtrail WHERE requestParameters:big > 5',
    ),
  ).toEqual([{ v: 1 }]);
  filled.lake.close();
});

const REAL = cloudtrailFolder;
(existsSync(REAL) ? test : test.skip)('recorded CloudTrail of three publishers loads whole', async () => {
  const { report } = await readCloudTrailFolder(REAL);
  expect(report).toEqual({ files: 3, events: 6486, malformed: 0, examples: [] });
});
