import { searchAlertActor } from '../../../operations/panther/search-alert-actor';
import { searchIndicators } from '../../../operations/panther/search-indicators';
import { failureOf } from './answering';
import { type Output, type SimulatedTenant, startSimulatedTenant } from './simulated-tenant';

let tenant: SimulatedTenant;
beforeAll(async () => {
  tenant = await startSimulatedTenant();
});
afterAll(() => tenant.close());
beforeEach(() => tenant.reset());

const intruder = '192.0.2.66';
/** The stand-in runs in this process, which its SQL holds up: the hosts here live 20 times as fast, and wait long. */
const search = (input: object): Promise<Output> =>
  tenant.run(searchIndicators, {
    indicators: [intruder],
    indicator_type: 'p_any_ip_addresses',
    lookback_hours: 72,
    wait_seconds: 300,
    ...input,
  });
const started = (): number => tenant.asked().filter((name) => name === 'ExecuteIndicatorSearchQuery').length;

test('finds the rows that hold an indicator, with the SQL that Panther wrote', async () => {
  const found = await search({ max_rows: 5, label: 'intruder' });
  expect(found).toMatchObject({ status: 'succeeded', label: 'intruder', indicators: [intruder], returned_rows: 5 });
  expect(found.rows.every((row: Output) => row.p_any_ip_addresses.includes(intruder))).toBe(true);
  expect(found.sql).toContain(intruder);
  expect(found.row_count).toBeGreaterThan(5);
  expect(found.complete).toBe(false);
  expect(found.next).not.toBeNull();
});

test('narrows to the tables and databases that were named', async () => {
  const email = 'mira.okafor@simulated-corp.example';
  const okta = await search({
    indicators: [email],
    indicator_type: 'AutoDetectType',
    databases: ['panther_logs'],
    tables: ['okta_systemlog'],
  });
  expect(okta.row_count).toBeGreaterThan(0);
  expect(okta.rows.every((row: Output) => row.p_log_type === 'Okta.SystemLog')).toBe(true);
});

test('a search that takes longer goes on under its id', async () => {
  tenant.panther.settings.runningPolls = 1_000;
  const running = await search({ wait_seconds: 40 });
  expect(running).toMatchObject({ status: 'running', rows: [], row_count: null, complete: false });
  expect(running.hint).toContain('get_query_results');
});

test('cleans, puts defanged addresses back and drops duplicates', async () => {
  const { indicators } = await search({
    indicators: [' evil[.]example ', 'evil.example', 'hxxps://evil[.]example/x', 'a\u200bb@corp[.]example'],
  });
  expect(indicators).toEqual(['evil.example', 'https://evil.example/x', 'ab@corp.example']);
});

test.each([
  ['nothing', { indicators: [] }, 'indicators'],
  ['an empty one', { indicators: ['x.example', '  '] }, 'indicators.1'],
  ['only invisible characters', { indicators: ['\u200b\u202e'] }, 'indicators.0'],
  ['one character', { indicators: ['a'] }, 'indicators.0'],
  ['only wildcards', { indicators: ['%%%'] }, 'indicators.0'],
  ['too little for a text search', { indicators: ['abc'], indicator_type: 'TextSearch' }, 'indicators.0'],
  ['a paragraph', { indicators: ['one\ntwo'] }, 'indicators.0'],
  ['one too long', { indicators: ['a'.repeat(1001)] }, 'indicators.0'],
  ['101 of them', { indicators: Array.from({ length: 101 }, (_, n) => `host-${n}.example`) }, 'indicators'],
  ['an unknown type', { indicator_type: 'ip' }, 'indicator_type'],
  ['both ways to start', { start_time: '2026-05-01', lookback_hours: 24 }, 'lookback_hours'],
  ['no time', { lookback_hours: undefined, start_time: 'yesterday' }, 'start_time'],
  [
    'an end before the start',
    { lookback_hours: undefined, start_time: '2026-05-02', end_time: '2026-05-01' },
    'start_time',
  ],
  [
    'a window in the future',
    { lookback_hours: undefined, start_time: '2226-05-02', end_time: '2226-05-03' },
    'start_time',
  ],
  ['a window beyond the setting', { lookback_hours: 93 * 24 }, 'lookback_hours'],
])('%s is refused before anything is sent', async (_name, input, field) => {
  expect(await failureOf(search(input))).toMatchObject({ code: 'invalid_input', details: { field } });
  expect(tenant.asked()).toEqual([]);
});

test("the tenant's longest window counts", async () => {
  const ports = tenant.ports({ defaults: { max_window_days: '1' } });
  const call = tenant.run(searchIndicators, { indicators: [intruder], lookback_hours: 25 }, ports);
  expect(await failureOf(call)).toMatchObject({ code: 'invalid_input' });
});

test('100 long indicators with quotes, backslashes and SQL are searched for as they are', async () => {
  const indicators = Array.from({ length: 100 }, (_, n) => `o'brien\\${n}"; DROP TABLE x --`);
  expect(await search({ indicators })).toMatchObject({ status: 'succeeded', row_count: 0, indicators });
});

describe('when the answer to the start is lost', () => {
  const lost = () => tenant.faults.add({ service: 'panther', bodyContains: 'ExecuteIndicatorSearch', reset: 'after' });

  test('the search is found in the history, and started once', async () => {
    lost();
    const found = await search({ max_rows: 3 });
    expect(found).toMatchObject({ status: 'succeeded', returned_rows: 3 });
    expect(started()).toBe(1);
  });

  test('a search of another window is not taken for it; it is named', async () => {
    const earlier = await search({ lookback_hours: 48 });
    tenant.faults.add({ service: 'panther', bodyContains: 'ExecuteIndicatorSearch', reset: 'before' });
    const error = await failureOf(search({ lookback_hours: 72 }));
    expect(error).toMatchObject({
      code: 'unavailable',
      details: { outcome: 'unknown', candidates: earlier.query_id },
    });
    expect(error.message).toContain('get_query_results');
    // The cut one never got there.
    expect(started()).toBe(1);
  });

  test("somebody else's search is not taken for it", async () => {
    const window = { lookback_hours: undefined, start_time: '2026-05-01T00:00:00Z', end_time: '2026-05-02T00:00:00Z' };
    const same = `SELECT 1 AS "${intruder}", '2026-05-01 00:00:00', '2026-05-02 00:00:00', 1 AS p_any_ip_addresses`;
    tenant.panther.queries.start(same, 'panther_logs', { issuedBy: { __typename: 'User', id: 'somebody' } });
    tenant.faults.add({ service: 'panther', bodyContains: 'ExecuteIndicatorSearch', reset: 'before' });
    const error = await failureOf(search(window));
    expect(error).toMatchObject({ code: 'unavailable', details: { outcome: 'unknown' } });
    expect(error.details.candidates).toBeUndefined();
    // The same text of our own is.
    const { id } = tenant.panther.queries.start(same, 'panther_logs');
    tenant.faults.add({ service: 'panther', bodyContains: 'ExecuteIndicatorSearch', reset: 'before' });
    expect(await search(window)).toMatchObject({ query_id: id });
  });

  test('it is not sent again when the history cannot be read', async () => {
    lost();
    tenant.faults.add({
      service: 'panther',
      bodyContains: 'ListDataLakeQueries',
      status: 500,
      body: 'oops',
      times: 50,
    });
    const error = await failureOf(search({}));
    expect(error).toMatchObject({ code: 'unavailable', details: { outcome: 'unknown' } });
    expect(error.message).toContain('list_queries');
    expect(started()).toBe(1);
  });

  test('a refused start is no lost one', async () => {
    tenant.panther.settings.permissions = ['AlertRead'];
    expect(await failureOf(search({}))).toMatchObject({ code: 'missing_permission' });
    expect(started()).toBe(1);
  });
});

test('an abort while the search runs stops it in Panther', async () => {
  tenant.panther.settings.runningPolls = 1_000;
  const abort = new AbortController();
  const ports = tenant.ports({ signal: abort.signal });
  const call = failureOf(tenant.run(searchIndicators, { indicators: [intruder] }, ports));
  while (!tenant.asked().includes('GetDataLakeQuery')) await new Promise((resolve) => setTimeout(resolve, 5));
  abort.abort();
  expect(await call).toMatchObject({ code: 'cancelled', details: { cancelled_upstream: true } });
});

describe('search_alert_actor', () => {
  test('passes on what Panther finds about the actor', async () => {
    const found = await tenant.run(searchAlertActor, { alert_id: tenant.alertId, limit: 5 });
    expect(found).toMatchObject({ status: 'succeeded', alert_id: tenant.alertId, returned_rows: 5 });
    expect(found.columns).toContain('p_any_usernames');
  });

  test('a tenant without it is told by the name of the feature', async () => {
    const message = 'Cannot query field "executeAlertActorQuery" on type "Mutation".';
    tenant.faults.add({
      service: 'panther',
      bodyContains: 'executeAlertActorQuery',
      status: 400,
      body: { errors: [{ message, extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }] },
    });
    const error = await failureOf(tenant.run(searchAlertActor, { alert_id: tenant.alertId }));
    expect(error).toMatchObject({
      code: 'not_found_or_no_access',
      details: { feature: "search for an alert's actor", graphql_field: 'executeAlertActorQuery' },
    });
    expect(error.message).toContain('does not offer it');
  });

  test('an unknown alert is not found', async () => {
    expect(await failureOf(tenant.run(searchAlertActor, { alert_id: 'f'.repeat(32) }))).toMatchObject({
      code: 'not_found_or_no_access',
    });
  });

  test('a lost answer leaves the outcome open, and nothing is sent twice', async () => {
    tenant.faults.add({ service: 'panther', bodyContains: 'ExecuteAlertActor', reset: 'after' });
    const error = await failureOf(tenant.run(searchAlertActor, { alert_id: tenant.alertId }));
    expect(error).toMatchObject({ code: 'unavailable', details: { outcome: 'unknown' } });
    expect(tenant.asked().filter((name) => name === 'ExecuteAlertActorQuery')).toHaveLength(1);
  });
});
