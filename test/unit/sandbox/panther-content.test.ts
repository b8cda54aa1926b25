import { SAMPLE_RULES } from '../../../sandbox/src/panther/sample-rules';
import { createPanther, type Panther } from '../../../sandbox/src/panther/server';
import { openTenant, type Tenant } from '../../../sandbox/src/panther/tenant';
import { type Answer, ask } from './ask';
import { BASE_TIME } from './panther-lake';

const TOKEN = 'a-token';
let tenant: Tenant;
let panther: Panther;
beforeAll(async () => {
  tenant = await openTenant({ seed: 7, baseTime: BASE_TIME, clock: () => BASE_TIME, days: 3 });
});
beforeEach(() => {
  const { lake, alerts } = tenant;
  panther = createPanther({ lake, alerts, seed: 7, token: TOKEN, clock: () => BASE_TIME, rules: SAMPLE_RULES });
});
afterAll(() => tenant.lake.close());

const headers = { 'x-api-key': TOKEN, 'content-type': 'application/json' };
const rest = (target: string, method = 'GET', body?: unknown): Promise<Answer> =>
  ask(panther.handler, target, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) });
const graphql = async (query: string, variables: object = {}) =>
  (await ask(panther.handler, '/public/graphql', { headers, body: JSON.stringify({ query, variables }) })).json;

describe('detections', () => {
  const stale = 'Simulated.Console.LoginWithoutMFA';

  test('a PUT runs the unit tests first, unless told not to', async () => {
    const { json: record } = await rest(`/rules/${stale}`);
    const refused = await rest(`/rules/${stale}`, 'PUT', record);
    expect(refused).toMatchObject({
      status: 400,
      json: { message: 'unit tests failed', testResults: [{ name: 'stale sample', passed: false }] },
    });
    const unknown = { ...record, future: { kept: [1] }, enabled: false };
    const done = await rest(`/rules/${stale}?run-tests-first=false`, 'PUT', unknown);
    expect(done).toMatchObject({ status: 200, json: { enabled: false, future: { kept: [1] } } });
    expect(done.json.lastModified).toBe(BASE_TIME.toISOString());
    panther.reset();
    expect((await rest(`/rules/${stale}`)).json.enabled).toBe(true);
  });

  test('a PUT that only runs tests saves nothing, and one with an unknown id makes it', async () => {
    const { json: record } = await rest('/rules/AWS.CloudTrail.Stopped');
    const only = await rest('/rules/AWS.CloudTrail.Stopped?run-tests-only=true', 'PUT', { ...record, enabled: false });
    expect(only.status).toBe(204);
    expect((await rest('/rules/AWS.CloudTrail.Stopped')).json.enabled).toBe(true);
    expect((await rest('/rules/New.One', 'PUT', { ...record, id: 'New.One' })).status).toBe(201);
  });

  test.each([
    ['another id', { id: 'x' }],
    ['no body', { body: '' }],
    ['no severity', { severity: null }],
  ])('a PUT with %s is refused', async (_name, change) => {
    const { json: record } = await rest(`/rules/${stale}`);
    expect((await rest(`/rules/${stale}`, 'PUT', { ...record, ...change })).status).toBe(400);
  });

  test('a PUT replaces: what is not sent is gone', async () => {
    const put = await rest('/rules/AWS.CloudTrail.Stopped?run-tests-first=false', 'PUT', {
      id: 'AWS.CloudTrail.Stopped',
      body: 'x',
      severity: 'LOW',
    });
    expect(put.json.tests).toBeUndefined();
    expect(put.json.createdAt).toBe('2025-01-15T09:00:00Z');
  });

  test('refusals come in both of their shapes', async () => {
    panther.settings.permissions = [];
    expect(await rest('/policies')).toMatchObject({ status: 403, json: { error: 'forbidden' } });
    expect(await rest('/rules')).toMatchObject({ status: 403, json: { message: expect.any(String) } });
  });

  test('the Python of a simple rule comes when asked for', async () => {
    const path = '/simple-rules/Simulated.Simple.RootLogin';
    expect((await rest(path)).json.pythonBody).toBeUndefined();
    expect((await rest(`${path}?include-python=true`)).json.pythonBody).toContain('def rule');
  });
});

describe('log sources', () => {
  const SOURCES = '{ sources { edges { node { integrationId integrationLabel isHealthy __typename } } } }';

  test('one is live, one unhealthy, one silent; the live one is what filled the lake', async () => {
    const { edges } = (await graphql(SOURCES)).data.sources;
    expect(edges.map(({ node }: { node: { isHealthy: boolean } }) => node.isHealthy)).toEqual([true, true, false]);
    const [{ node }] = edges;
    const { rows } = {
      rows: (await tenant.lake.run('SELECT DISTINCT p_source_id FROM panther_logs.public.aws_cloudtrail')).rows(),
    };
    expect(rows).toEqual([{ p_source_id: node.integrationId }]);
    expect((await rest(`/log-source-alarms/${node.integrationId}/SOURCE_NO_DATA`)).json).toEqual({
      type: 'SOURCE_NO_DATA',
      minutesThreshold: 1440,
      state: 'OK',
    });
    expect((await rest(`/log-source-alarms/${edges[1].node.integrationId}/SOURCE_NO_DATA`)).status).toBe(404);
    expect((await rest('/log-source-alarms/x/SOURCE_NO_DATA')).status).toBe(400);
  });

  test('need their permission', async () => {
    panther.settings.permissions = [];
    expect(await graphql(SOURCES)).toEqual({ error: 'forbidden' });
    expect(await rest('/log-source-alarms/x/SOURCE_NO_DATA')).toMatchObject({
      status: 403,
      json: { error: 'forbidden' },
    });
  });
});

test('metrics count what the lake and the alerts hold', async () => {
  const METRICS =
    'query M($input: MetricsInput!) { metrics(input: $input) { totalEventsProcessed totalAlerts alertsPerRule { entityId value } alertsPerSeverity { label value breakdown } } }';
  const from = new Date(BASE_TIME.getTime() - 10 * 24 * 3_600_000).toISOString();
  const to = new Date(BASE_TIME.getTime() + 3_600_000).toISOString();
  const { metrics } = (await graphql(METRICS, { input: { fromDate: from, toDate: to, intervalInMinutes: 1440 } })).data;
  expect(metrics.totalEventsProcessed).toBe(tenant.lake.rowCount('panther_logs', 'aws_cloudtrail'));
  expect(metrics.totalAlerts).toBe(tenant.alerts.length);
  const sum = (series: { value: number }[]) => series.reduce((total, { value }) => total + value, 0);
  expect(sum(metrics.alertsPerRule)).toBe(tenant.alerts.length);
  expect(sum(metrics.alertsPerSeverity)).toBe(tenant.alerts.length);
});

test('the token holds a permission that no published schema has', async () => {
  expect((await rest('/api-tokens/self')).json.permissions).toContain('ViewAISkills');
});
