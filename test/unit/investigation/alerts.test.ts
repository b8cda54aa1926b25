import fc from 'fast-check';
import { InvalidInputError } from '../../../operations/errors';
import { alertSchema } from '../../../operations/investigation/alert';
import { dedupKey, parseAlert } from '../../../operations/investigation/alert-format';
import { guessEntityType } from '../../../operations/investigation/indicators';
import { normalizeAlert } from '../../../operations/investigation/normalize-alert';
import { runOperation } from '../../../operations/operation';
import { createTestPorts } from '../../support/ports';

const guide = {
  id: 'A-1',
  severity: 'high',
  source: 'Panther',
  timestamp: '2026-01-15T10:30:00+01:00',
  indicators: ['203.0.113.7', 'arn:aws:iam::111122223333:user/eve', { type: 'user_name', value: 'eve' }],
};

function fieldOf(body: unknown): string | undefined {
  try {
    parseAlert(body);
    return undefined;
  } catch (error) {
    if (error instanceof InvalidInputError) return error.field;
    throw error;
  }
}

test("the guide's alert", () => {
  expect(parseAlert(guide)).toMatchObject({
    id: 'A-1',
    severity: 'HIGH',
    source: 'panther',
    tenant: 'default',
    created_at: '2026-01-15T09:30:00.000Z',
    format: 'guide',
    entities: [
      { type: 'ip', value: '203.0.113.7' },
      { type: 'aws_arn', value: 'arn:aws:iam::111122223333:user/eve' },
      { type: 'user', value: 'eve' },
    ],
  });
});

test("Panther's webhook: alertId is the alert, id the detection", () => {
  const alert = parseAlert({
    id: 'AWS.CloudTrail.Stopped',
    alertId: '5f3c0f',
    createdAt: '2026-01-15T09:30:00.123456789Z',
    severity: 'INFO',
    type: 'RULE',
    title: 'Stopped',
    name: 'CloudTrail stopped',
    link: 'https://panther.example/alerts/5f3c0f',
    alertContext: {
      actorArn: 'arn:aws:iam::111122223333:user/eve',
      sourceIPAddress: '203.0.113.7',
      eventName: 'StopLogging',
    },
    tags: ['aws'],
  });
  expect(alert).toMatchObject({
    id: '5f3c0f',
    severity: 'LOW',
    source: 'panther',
    format: 'panther',
    rule: { id: 'AWS.CloudTrail.Stopped', name: 'CloudTrail stopped' },
    entities: [
      { type: 'aws_arn', value: 'arn:aws:iam::111122223333:user/eve' },
      { type: 'ip', value: '203.0.113.7' },
    ],
  });
  expect(parseAlert({ alertId: 'Test.Alert', createdAt: '2026-01-15T09:30:00Z', severity: 'LOW' }).tags).toEqual([
    'test',
  ]);
});

test('a generic alert with synonyms', () => {
  const body = {
    uuid: 7,
    priority: 'Moderate',
    '@timestamp': '2026-01-15 09:30:00Z',
    user: 'eve',
    name: 'Odd sign-in',
  };
  expect(parseAlert({ ...body, uid: '7' })).toMatchObject({
    id: '7',
    severity: 'MEDIUM',
    source: 'generic',
    title: 'Odd sign-in',
    entities: [{ type: 'user', value: 'eve' }],
  });
});

test.each([
  ['alert', []],
  ['alert', 'text'],
  ['id', { ...guide, id: undefined }],
  ['id', { ...guide, id: '' }],
  ['id', { ...guide, id: '\u200b \u0000' }],
  ['id', { ...guide, id: 7 }],
  ['id', { ...guide, id: 'x'.repeat(257) }],
  ['severity', { ...guide, severity: 'enormous' }],
  ['severity', { ...guide, severity: undefined }],
  ['severity', { ...guide, severity: 'constructor' }],
  ['timestamp', { ...guide, timestamp: '2026-02-30T10:30:00Z' }],
  ['timestamp', { ...guide, timestamp: '2026-01-15T24:30:00Z' }],
  ['timestamp', { ...guide, timestamp: '1026-01-15T10:30:00Z' }],
  ['timestamp', { ...guide, timestamp: 'yesterday' }],
  ['timestamp', { ...guide, timestamp: 1_768_000_000 }],
  ['source', { ...guide, source: '' }],
  ['indicators', { ...guide, indicators: 'none' }],
  ['indicators', { ...guide, indicators: undefined }],
  ['indicators', { ...guide, indicators: Array(201).fill('eve') }],
  ['indicators.1', { ...guide, indicators: ['eve', 7] }],
  ['indicators.0', { ...guide, indicators: [''] }],
  ['indicators.1.value', { ...guide, indicators: ['eve', { type: 'ip' }] }],
  ['indicators.0.value', { ...guide, indicators: [{ type: 'ip', value: '999.1.1.1' }] }],
  ['indicators.0.value', { ...guide, indicators: [{ type: 'user', value: 'x'.repeat(513) }] }],
  ['indicators.0.type', { ...guide, indicators: [{ type: 7, value: 'eve' }] }],
  ['kind_of_change', { ...guide, kind_of_change: 'gone' }],
  ['alertId', { alertId: '', createdAt: '2026-01-15T09:30:00Z', severity: 'LOW' }],
  ['createdAt', { alertId: 'x', createdAt: '2026-01-15 09', severity: 'LOW' }],
])('names %s when it is at fault (%#)', (field, body) => {
  expect(fieldOf(body)).toBe(field);
});

test('depth and size that could hurt are refused without recursion', () => {
  let deep: unknown = 1;
  for (let level = 0; level < 100_000; level += 1) deep = [deep];
  expect(fieldOf({ ...guide, extra: deep })).toBe('alert');
  expect(fieldOf({ ...guide, extra: Array(400_000).fill(0) })).toBe('alert');
});

test.each([
  ['2001:db8::1', 'ip'],
  ['AKIAIOSFODNN7EXAMPLE', 'access_key'],
  ['jane.doe', 'user'],
  ['evil.example.com', 'domain'],
  ['jane@example.com', 'email'],
  ['a'.repeat(64), 'sha256'],
  ['111122223333', 'aws_account'],
  ['i-0123456789abcdef0', 'host'],
  ['group/project', 'repository'],
  ['<img src=x>', 'other'],
])('%s is guessed as %s', (value, type) => {
  expect(guessEntityType(value)).toBe(type);
});

test('a type we do not know is never taken for a user', () => {
  const { entities } = parseAlert({ ...guide, indicators: [{ type: 'event_name', value: 'StopLogging' }] });
  expect(entities).toEqual([{ type: 'other', value: 'StopLogging' }]);
});

const seed = fc.record(
  {
    id: fc.anything(),
    alertId: fc.anything(),
    severity: fc.oneof(fc.constantFrom('HIGH', 'info'), fc.anything()),
    source: fc.anything(),
    timestamp: fc.oneof(fc.constant(guide.timestamp), fc.anything()),
    createdAt: fc.oneof(fc.constant(guide.timestamp), fc.anything()),
    indicators: fc.oneof(fc.array(fc.oneof(fc.string(), fc.anything())), fc.anything()),
    alertContext: fc.anything(),
    tags: fc.anything(),
    rule: fc.anything(),
  },
  { requiredKeys: [] },
);

test('any JSON gives an alert of our schema or InvalidInputError, and nothing else', () => {
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), seed), (body) => {
      let alert: unknown;
      try {
        alert = parseAlert(body);
      } catch (error) {
        expect(error).toBeInstanceOf(InvalidInputError);
        return;
      }
      expect(alertSchema.safeParse(alert).success).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test('different alerts never share a deduplication key', () => {
  const halves = fc.string({ maxLength: 6, unit: fc.constantFrom('\ud800', '\udc00', '\ufffd', 'a', '%', ':', 'u') });
  const part = fc.oneof(fc.string({ minLength: 0, maxLength: 300, unit: 'grapheme' }), halves);
  const change = fc.constantFrom('new' as const, 'reopened' as const, 'escalated' as const);
  const key = fc.record({ source: part, tenant: part, id: part, kind_of_change: change });
  fc.assert(
    fc.property(key, key, (a, b) => {
      const same = JSON.stringify(a) === JSON.stringify(b);
      expect(dedupKey(a) === dedupKey(b)).toBe(same);
      expect(dedupKey(a).length).toBeLessThanOrEqual(200);
    }),
  );
  expect(dedupKey({ source: 'a:b', tenant: 'c', id: 'd', kind_of_change: 'new' })).not.toBe(
    dedupKey({ source: 'a', tenant: 'b:c', id: 'd', kind_of_change: 'new' }),
  );
});

test('the operation returns alert, key and plan', async () => {
  const result = await runOperation(normalizeAlert, createTestPorts({ connections: {} }), {
    alert: guide,
    tenant: 'north',
  });
  expect(result.dedup_key).toBe('panther:north:A-1:new');
  expect(result.plan.queries.length).toBeGreaterThan(3);
});

test.each([
  ['P1', 'CRITICAL'],
  ['p2', 'HIGH'],
  ['SEV3', 'MEDIUM'],
  ['sev-4', 'LOW'],
  ['Priority 5', 'LOW'],
  ['warning', 'MEDIUM'],
  ['Error', 'HIGH'],
  ['urgent', 'CRITICAL'],
  ['informational', 'LOW'],
])('a generic alert of severity %s is %s', (priority, severity) => {
  const alert = parseAlert({ uuid: 'x', priority, time: '2026-01-15T09:30:00Z' });
  expect(alert).toMatchObject({ format: 'generic', severity });
  expect(alert.data_quality).toBeUndefined();
});

test.each(['P0', 'constructor', 'gravé', 8.1, '7'])(
  'a generic alert of severity %j is taken as MEDIUM, and says so',
  (level) => {
    expect(parseAlert({ uuid: 'x', level, time: '2026-01-15T09:30:00Z' })).toMatchObject({
      severity: 'MEDIUM',
      data_quality: [{ field: 'level', problem: expect.stringContaining('MEDIUM is assumed'), keeps_open: false }],
    });
  },
);

test.each([undefined, null, '', true, { id: 1 }])('a generic alert of severity %j is refused', (risk) => {
  expect(() => parseAlert({ uuid: 'x', risk, time: '2026-01-15T09:30:00Z' })).toThrow(InvalidInputError);
});
