import { listLogSources } from '../../../operations/panther/list-log-sources';
import { type Answering, failureOf, notFound, startAnswering } from './answering';
import { startTenant, type Tenant } from './tenant';

let tenant: Tenant;
let odd: Answering;
beforeAll(async () => {
  [tenant, odd] = await Promise.all([startTenant(), startAnswering()]);
});
afterAll(() => Promise.all([tenant.close(), odd.close()]));
beforeEach(() => {
  tenant.panther.reset();
  tenant.faults.clear();
  odd.seen.length = 0;
});

interface Listed {
  sources: { id: string; label: string; health: string; alarm: unknown; last_event_age_minutes: number | null }[];
  complete: boolean;
  next: string | null;
}
const list = async (input: object = {}) => (await tenant.run(listLogSources, input)) as unknown as Listed;
const labels = ({ sources }: Listed) => sources.map(({ label }) => label);

const now = new Date('2026-06-01T12:00:00Z');
const ago = (minutes: number) => new Date(now.getTime() - minutes * 60_000).toISOString();
const node = (label: string, more: object = {}) => ({
  integrationId: `id-${label}`,
  integrationLabel: label,
  integrationType: 'aws-s3',
  isHealthy: true,
  createdAtTime: ago(100_000),
  lastEventReceivedAtTime: ago(1),
  logTypes: ['AWS.CloudTrail'],
  ...more,
});
const page = (nodes: unknown[], pageInfo: object = { hasNextPage: false }) => ({
  status: 200,
  body: { data: { sources: { edges: nodes.map((one) => ({ node: one })), pageInfo } } },
});
const ask = async (input: object = {}) =>
  (await odd.run(listLogSources, input, odd.ports({ now: () => now }))) as unknown as Listed;

test('sources in trouble come first, and none is hidden', async () => {
  const output = await list();
  expect(output.sources.map(({ label, health }) => [label, health])).toEqual([
    ['simulated identity provider', 'unhealthy'],
    ['simulated flow logs', 'silent'],
    ['simulated', 'healthy'],
  ]);
  expect(output).toMatchObject({
    count: 3,
    complete: true,
    next: null,
    totals: { unhealthy: 1, silent: 1, healthy: 1 },
    alarms_unavailable: null,
  });
  expect(output.sources[1]).toMatchObject({ is_healthy: true, is_silent: true, type: 'aws-s3', alarm: null });
  expect(Math.abs((output.sources[1]?.last_event_age_minutes ?? 0) - 3 * 1440)).toBeLessThan(10);
});

test.each([
  ['a state', { health: ['silent'] }, ['simulated flow logs']],
  ['a log type in any case', { log_types: ['okta.systemlog'] }, ['simulated identity provider']],
  ['a type of integration', { type: 'AWS-S3', health: ['healthy'] }, ['simulated']],
  ['a name', { name_contains: 'FLOW' }, ['simulated flow logs']],
])('filters by %s', async (_name, input, expected) => {
  expect(labels(await list(input))).toEqual(expected);
});

test('how long silence lasts is for the caller to say', async () => {
  const health = async (silent_hours: number) =>
    (await list({ name_contains: 'flow', silent_hours })).sources.map((source) => source.health);
  expect(await health(24 * 4)).toEqual(['healthy']);
  expect(await health(24 * 2)).toEqual(['silent']);
});

test('a source that never sent anything is silent once it is old enough itself', async () => {
  odd.answer = () =>
    page([
      node('new', { createdAtTime: ago(30), lastEventReceivedAtTime: null }),
      node('old', { lastEventReceivedAtTime: null }),
      node('no dates', { createdAtTime: null, lastEventReceivedAtTime: 'not a time' }),
      node('ahead of our clock', { lastEventReceivedAtTime: ago(-30) }),
    ]);
  expect((await ask()).sources.map((one) => [one.label, one.health, one.last_event_age_minutes])).toEqual([
    ['no dates', 'silent', null],
    ['old', 'silent', null],
    ['new', 'healthy', null],
    ['ahead of our clock', 'healthy', 0],
  ]);
});

test('exactly the limit of silence is not silent yet', async () => {
  odd.answer = () =>
    page([node('on time', { lastEventReceivedAtTime: ago(60) }), node('late', { lastEventReceivedAtTime: ago(61) })]);
  expect((await ask({ silent_hours: 1 })).sources.map(({ label, health }) => [label, health])).toEqual([
    ['late', 'silent'],
    ['on time', 'healthy'],
  ]);
});

test('in pages, every source comes once; totals count them all', async () => {
  odd.answer = () => page(Array.from({ length: 7 }, (_, index) => node(`s${index}`, { isHealthy: index > 1 })));
  const seen: string[] = [];
  for (let cursor: string | undefined, pages = 0; pages < 5; pages += 1) {
    const output = await ask({ limit: 3, cursor });
    expect(output).toMatchObject({ totals: { unhealthy: 2, silent: 0, healthy: 5 } });
    expect(output.complete).toBe(output.next === null);
    seen.push(...labels(output));
    if (output.next === null) break;
    cursor = output.next;
  }
  expect(seen).toEqual(['s0', 's1', 's2', 's3', 's4', 's5', 's6']);
  expect(await failureOf(ask({ cursor: '-1' }))).toMatchObject({ code: 'invalid_input', details: { field: 'cursor' } });
});

test('a cursor that leads in circles ends the reading as incomplete, each source once', async () => {
  odd.answer = () => page([node('a'), node('b')], { hasNextPage: true, endCursor: 'placeholder' });
  expect(await ask()).toMatchObject({ count: 2, complete: false, next: null });
  expect(odd.seen).toHaveLength(2);
});

test('a cursor that leads on is followed', async () => {
  odd.answer = ({ body }) =>
    body.includes('"cursor":"2"') ? page([node('b')]) : page([node('a')], { hasNextPage: true, endCursor: '2' });
  expect(labels(await ask())).toEqual(['a', 'b']);
});

test('secrets of a source are neither asked for nor passed on', async () => {
  odd.answer = () =>
    page([
      node('webhook password=hunter2hunter2', {
        authBearerToken: 'simulated-bearer',
        authSecretValue: 'simulated-hmac',
        authPassword: 'simulated-password',
      }),
    ]);
  const text = JSON.stringify(await ask());
  expect(text).not.toMatch(/simulated-|hunter2/);
  expect(odd.seen[0]?.body).not.toMatch(/bearer|secret|password|hmac|kms|role/i);
});

test('hostile names are cleaned', async () => {
  odd.answer = () => page([node('x', { integrationLabel: '\u202Eevil\u200B\nname', logTypes: ['\u0007A'] })]);
  expect((await ask()).sources[0]).toMatchObject({ label: 'evil name', log_types: ['A'] });
});

test('without the permission the list is refused by name', async () => {
  tenant.panther.settings.permissions = ['RuleRead'];
  expect(await failureOf(list())).toMatchObject({
    code: 'missing_permission',
    details: { permission: 'LogSourceRead' },
  });
});

describe('alarms', () => {
  test('come with their state; a source without one says so, and one that cannot have one gives null', async () => {
    const output = await list({ include_alarms: true });
    expect(output.sources.map(({ label, alarm }) => [label, alarm])).toEqual([
      ['simulated identity provider', { state: 'ALARM', minutes_threshold: 60 }],
      ['simulated flow logs', { state: 'none', minutes_threshold: null }],
      // Its id is no UUID, which Panther refuses.
      ['simulated', { state: null, minutes_threshold: null }],
    ]);
  });

  test('are read for the sources returned only', async () => {
    await list({ include_alarms: true, limit: 1 });
    expect(tenant.panther.requests.filter(({ path }) => path.startsWith('/log-source-alarms/'))).toHaveLength(1);
  });

  test('are read at most five at a time', async () => {
    const ports = odd.ports({ now: () => now });
    let open = 0;
    let most = 0;
    odd.answer = ({ method }) =>
      method === 'POST' ? page(Array.from({ length: 12 }, (_, i) => node(`s${i}`))) : notFound;
    const { http } = ports;
    ports.http = async (request) => {
      open += 1;
      most = Math.max(most, open);
      try {
        return await http(request);
      } finally {
        open -= 1;
      }
    };
    const output = (await odd.run(listLogSources, { include_alarms: true }, ports)) as unknown as Listed;
    expect(output.sources.every(({ alarm }) => alarm !== null)).toBe(true);
    expect(most).toBe(5);
  });

  test('that the token may not see leave the list whole, and that is said', async () => {
    tenant.faults.add({
      service: 'panther',
      path: '^/log-source-alarms',
      status: 403,
      body: { error: 'forbidden' },
      times: 9,
    });
    const output = await list({ include_alarms: true });
    expect(output).toMatchObject({ count: 3, alarms_unavailable: expect.stringContaining('LogSourceRead') });
    expect(output.sources.map(({ alarm }) => alarm)).toEqual([null, null, null]);
  });

  test('of a failing service fail the call', async () => {
    tenant.faults.add({ service: 'panther', path: '^/log-source-alarms', status: 504, body: 'x', times: 99 });
    expect(await failureOf(list({ include_alarms: true }))).toMatchObject({ code: 'unavailable' });
  });
});
