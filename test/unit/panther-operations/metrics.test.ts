import { getMetrics } from '../../../operations/panther/get-metrics';
import { intervalFor, intervals, metricFields, metricKinds } from '../../../operations/panther/metric-kinds';
import type { ServiceResponse } from '../../../sandbox/src/service';
import { type Answering, failureOf, startAnswering } from './answering';
import { rowsInLake, startTenant, type Tenant } from './tenant';

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

interface Metrics {
  totals: Record<string, number | null> | null;
  series: { kind: string; label: string; value: number; entity_id: string | null; breakdown: unknown }[];
  unavailable: { kind: string; field: string; reason: string }[];
}
const day = { from: '2026-05-01', to: '2026-05-02T00:00:00Z' };
const run = async (input: object = {}) => (await tenant.run(getMetrics, { ...day, ...input })) as unknown as Metrics;
const ask = async (input: object = {}) => (await odd.run(getMetrics, input)) as unknown as Metrics;
const ok = (metrics: unknown, errors?: unknown): ServiceResponse => ({
  status: 200,
  body: { data: { metrics }, errors },
});
const bodyOf = (index = 0) =>
  JSON.parse(odd.seen[index]?.body ?? '{}') as { query: string; variables: { input: object } };

test('gives every kind over the window', async () => {
  const output = await run();
  expect(output).toMatchObject({
    from: '2026-05-01T00:00:00.000Z',
    to: '2026-05-02T00:00:00.000Z',
    interval_minutes: 15,
    totals: { alerts: 0, events_processed: rowsInLake, bytes_queried: 0 },
    complete: true,
    left_out: [],
    unavailable: [],
  });
  expect(output.totals?.bytes_ingested).toBeGreaterThan(0);
  expect(output.series.find(({ kind }) => kind === 'events_per_log_type')).toEqual({
    kind: 'events_per_log_type',
    label: 'AWS.CloudTrail',
    entity_id: null,
    value: rowsInLake,
    unit: 'events',
    breakdown: null,
  });
});

test('a breakdown adds up to its value', async () => {
  const { series } = await run({ kinds: ['events_per_log_type'], include_breakdown: true });
  const { breakdown } = series[0] as { breakdown: Record<string, number> };
  expect(Object.keys(breakdown)).toEqual(['2026-05-01T00:00:00.000Z', '2026-05-01T00:15:00.000Z']);
  expect(Object.values(breakdown).reduce((sum, value) => sum + value, 0)).toBe(rowsInLake);
});

test('only what was asked for is asked of Panther', async () => {
  odd.answer = () => ok({ alertsPerSeverity: [] });
  expect(await ask({ kinds: ['alerts_per_severity'] })).toMatchObject({ totals: null, series: [] });
  expect(bodyOf().query.replace(/\s+/g, ' ')).toContain('{ alertsPerSeverity { label value } }');
  const others = metricFields.filter(({ field }) => field !== 'alertsPerSeverity').map(({ field }) => field);
  for (const field of others) expect(bodyOf().query).not.toContain(field);
});

test('without a window it is the last seven days', async () => {
  odd.answer = () => ok({ totalAlerts: 1 });
  const now = new Date('2026-06-08T00:00:00Z');
  await odd.run(getMetrics, { kinds: ['totals'] }, odd.ports({ now: () => now }));
  expect(bodyOf().variables.input).toEqual({
    fromDate: '2026-06-01T00:00:00.000Z',
    toDate: '2026-06-08T00:00:00.000Z',
    intervalInMinutes: 180,
  });
});

test('the interval chosen makes at most 100 points, as long as one does', () => {
  for (const hours of [0.1, 1, 24, 25, 26, 49, 50, 51, 168, 720, 2400]) {
    const minutes = intervalFor(hours * 3_600_000);
    expect(intervals).toContain(minutes);
    expect((hours * 60) / minutes).toBeLessThanOrEqual(100);
  }
  expect(intervalFor(366 * 24 * 3_600_000)).toBe(1440);
});

test.each([
  ['an end before the beginning', { from: '2026-05-02', to: '2026-05-01' }, 'from'],
  ['an empty window', { from: '2026-05-01', to: '2026-05-01T00:00:00Z' }, 'from'],
  ['more than 366 days', { from: '2025-01-01', to: '2026-05-01' }, 'from'],
  ['a time without a zone', { from: '2026-05-01T00:00:00' }, 'from'],
  ['text', { to: 'yesterday' }, 'to'],
  ['an interval that is not known to work', { interval_minutes: 17 }, 'interval_minutes'],
  ['no kinds', { kinds: [] }, 'kinds'],
])('%s is refused before anything is sent', async (_name, input, field) => {
  expect(await failureOf(ask(input))).toMatchObject({ code: 'invalid_input', details: { field } });
  expect(odd.seen).toEqual([]);
});

test('series come by value, and what the limit leaves out is counted', async () => {
  odd.answer = () =>
    ok({ alertsPerRule: [3, 9, 1, 9].map((value, index) => ({ label: `r${index}`, entityId: `id${index}`, value })) });
  const output = await ask({ kinds: ['alerts_per_rule'], limit: 3 });
  expect(output.series.map(({ label, value }) => [label, value])).toEqual([
    ['r1', 9],
    ['r3', 9],
    ['r0', 3],
  ]);
  expect(output).toMatchObject({ complete: false, left_out: [{ kind: 'alerts_per_rule', series: 1 }] });
  expect(output.series[0]?.entity_id).toBe('id1');
});

test('labels are passed on as they are, cleaned, whatever they look like', async () => {
  const labels = ['Rule HIGH', 'HIGH', 'Policy critical', '\u202Esomething\u200B new'];
  odd.answer = () =>
    ok({ alertsPerSeverity: labels.map((label, index) => ({ label, value: 10 - index, breakdown: {} })) });
  const output = await ask({ kinds: ['alerts_per_severity'] });
  expect(output.series.map(({ label }) => label)).toEqual(['Rule HIGH', 'HIGH', 'Policy critical', 'something new']);
});

describe('a field that this Panther does not have', () => {
  const lacking =
    (missing: string, refusal: ServiceResponse): Answering['answer'] =>
    ({ body }) => {
      const { query } = JSON.parse(body) as { query: string };
      if (query.includes(missing)) return refusal;
      return ok(
        Object.fromEntries(
          metricFields
            .filter(({ field }) => query.includes(field))
            .map(({ field, has }) => [field, has === null ? 5 : [{ label: field, value: 1 }]]),
        ),
      );
    };
  const unknown: ServiceResponse = {
    status: 400,
    body: {
      errors: [
        { message: 'Cannot query field "latencyPerLogType"', extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } },
      ],
    },
  };

  test('is named, and all others are given', async () => {
    odd.answer = lacking('latencyPerLogType', unknown);
    const output = await ask();
    expect(output.unavailable).toEqual([
      {
        kind: 'latency_per_log_type',
        field: 'latencyPerLogType',
        reason: expect.stringContaining('does not know'),
      },
    ]);
    expect(output).toMatchObject({ complete: false, totals: { alerts: 5, bytes_queried: 5 } });
    expect(new Set(output.series.map(({ kind }) => kind))).toEqual(
      new Set(metricKinds.filter((kind) => kind !== 'latency_per_log_type' && kind !== 'totals')),
    );
  });

  test('among the totals costs the other totals nothing', async () => {
    odd.answer = lacking('totalBytesQueried', unknown);
    expect((await ask({ kinds: ['totals'] })).totals).toEqual({
      alerts: 5,
      events_processed: 5,
      bytes_ingested: 5,
      bytes_processed: 5,
      bytes_queried: null,
    });
  });

  test('alone is a failure', async () => {
    odd.answer = lacking('latencyPerLogType', unknown);
    expect(await failureOf(ask({ kinds: ['latency_per_log_type'] }))).toMatchObject({ code: 'bad_response' });
    expect(odd.seen).toHaveLength(1);
  });

  test('is one that a resolver fails on, too', async () => {
    odd.answer = lacking('totalAlerts', {
      status: 200,
      body: { data: { metrics: null }, errors: [{ message: 'no', extensions: { code: 'INTERNAL_SERVER_ERROR' } }] },
    });
    expect((await ask({ kinds: ['totals'] })).unavailable.map(({ field }) => field)).toEqual(['totalAlerts']);
  });

  test('or one that comes back as null beside an error', async () => {
    odd.answer = () => ok({ alertsPerRule: null, alertsPerSeverity: [] }, [{ message: 'alertsPerRule: not now' }]);
    expect((await ask({ kinds: ['alerts_per_rule', 'alerts_per_severity'] })).unavailable).toEqual([
      { kind: 'alerts_per_rule', field: 'alertsPerRule', reason: 'alertsPerRule: not now' },
    ]);
  });
});

test('a Panther that is down is not asked field by field', async () => {
  odd.answer = () => ({ status: 500, body: '<html>broken</html>' });
  expect(await failureOf(ask())).toMatchObject({ code: 'unavailable' });
  expect(odd.seen).toHaveLength(1);
});

test('without the permission it is refused by name', async () => {
  tenant.panther.settings.permissions = ['AlertRead'];
  expect(await failureOf(run())).toMatchObject({ code: 'missing_permission', details: { permission: 'SummaryRead' } });
});

test('a huge or hostile breakdown is bounded and cleaned', async () => {
  const breakdown = JSON.parse(
    `{"__proto__":{"polluted":true},${Array.from({ length: 3000 }, (_, index) => `"\\u202e${index}":${index}`).join(',')}}`,
  ) as object;
  odd.answer = () => ({
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ data: { metrics: { alertsPerSeverity: [{ label: 'x', value: 1, breakdown }] } } }),
  });
  const { series } = await ask({ kinds: ['alerts_per_severity'], include_breakdown: true });
  const points = series[0]?.breakdown as Record<string, unknown>;
  expect(Object.keys(points).length).toBeLessThanOrEqual(500);
  expect(Object.keys(points).some((key) => key.includes('\u202e'))).toBe(false);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});
