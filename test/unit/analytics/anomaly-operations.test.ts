import { behavioralAnomalyDetection } from '../../../operations/analytics/behavioral-anomaly-detection';
import { behaviourSql } from '../../../operations/analytics/behaviour/behaviour-sql';
import { type EntityType, entityTypes } from '../../../operations/analytics/behaviour/entity-type';
import { huntAnomalousUserBehavior } from '../../../operations/analytics/hunt-anomalous-user-behavior';
import { type Operation, runOperation } from '../../../operations/operation';
import { executeSqlQuery } from '../../../operations/panther/execute-sql-query';
import { checkSql } from '../../../operations/panther/sql/guard';
import { tenantSettings } from '../../../operations/panther/tenant-settings';
import { sampleTenant } from '../../../sandbox/src/panther/sample-tenant';
import { type Sandbox, startSandbox } from '../../../sandbox/src/sandbox';
import { memoryCases } from '../../support/memory-cases';
import { sandboxPorts } from '../../support/sandbox-ports';
import { sqlOracle } from '../../support/sql-oracle';

let sandbox: Sandbox;
// The night between 24 and 25 October 2026 has 25 hours in Berlin; the baseline lies across it.
const baseTime = new Date('2026-10-30T15:20:00Z');
const end_time = '2026-10-30T15:30:00Z';

beforeAll(async () => {
  sandbox = await startSandbox({ baseTime });
});
afterAll(() => sandbox?.close());

const ports = () => ({ ...sandboxPorts(sandbox, memoryCases()), now: () => baseTime });
const hunt = (input: object = {}) => runOperation(huntAnomalousUserBehavior, ports(), { end_time, ...input });
const detect = (input: object) => runOperation(behavioralAnomalyDetection, ports(), { end_time, ...input });

describe('on the simulated tenant', () => {
  it('puts the stolen key of an engineer first, and says why', async () => {
    const result = await hunt();
    expect(result).toMatchObject({ complete: true, calibration: { basis: 'tenant' }, not_found: [] });
    const [first, ...others] = result.entities.filter(({ state }) => state === 'scored');
    expect(first).toMatchObject({ entity: expect.stringContaining('user/tomas.becker'), priority: 'high', denied: 12 });
    for (const other of others) expect(other.risk ?? 0).toBeLessThan(50);
    expect(first?.terms.find(({ term }) => term === 'denied')?.statement).toContain('12 calls of');
    expect(first?.terms.find(({ term }) => term === 'new_to_all_actions')?.statement).toContain('iam:CreateAccessKey');
    expect(first?.terms.find(({ term }) => term === 'new_to_all_places')?.statement).toContain('192.0.2.0/24');
    const calls = first?.notable_calls ?? [];
    expect(calls).toHaveLength(5);
    expect(calls[0]).toMatchObject({ refused: 1, days_before: 0, others: 0 });
    expect(calls[0]?.incidents).toBeGreaterThan(0);
    expect(first?.naive.never_seen_share).toBeGreaterThan(0.3);
    // The user that the intruder woke up has no past: it is named, and gets no number.
    expect(result.entities.filter(({ state }) => state === 'insufficient_baseline')).toMatchObject([
      { entity: expect.stringContaining('svc-backup-legacy'), risk: null, score: null, priority: 'unknown' },
    ]);
    expect(result.notes.join(' ')).toContain('not a verdict');
  });

  it.each(entityTypes)('judges entities of type %s', async (entity_type) => {
    const result = await detect({ entity_type });
    expect(result.entity_type).toBe(entity_type);
    expect(result.scored).toBeGreaterThan(0);
    for (const { score, terms, state } of result.entities) {
      if (state !== 'scored') continue;
      expect(Math.abs(terms.reduce((sum, { contribution }) => sum + contribution, 0) - (score ?? 0))).toBeLessThan(0.1);
    }
  });

  it('answers for one entity by the name behind the last slash, with everybody as peers', async () => {
    const result = await detect({ entity_type: 'user', entities: ['Tomas.Becker', 'nobody.here'] });
    expect(result.entities).toMatchObject([{ entity: expect.stringContaining('tomas.becker'), state: 'scored' }]);
    expect(result.entities[0]?.baseline.peers).toBeGreaterThan(3);
    expect(result.not_found).toEqual(['nobody.here']);
  });

  it('keeps back what is under the least risk', async () => {
    const result = await hunt({ min_risk: 75 });
    expect(result.entities.filter(({ state }) => state === 'scored').map(({ risk }) => (risk ?? 0) >= 75)).toEqual([
      true,
    ]);
  });
});

it('knows people in Okta by their addresses', async () => {
  const { entities } = await detect({ entity_type: 'okta_user', window_days: 2 });
  const scored = entities.filter(({ state }) => state === 'scored');
  expect(scored.length).toBeGreaterThan(3);
  expect(scored[0]?.entity).toMatch(/@/);
  expect(scored[0]?.notable_calls.length).toBeLessThanOrEqual(1);
});

describe('what cannot be answered is stated', () => {
  it('an empty window', async () => {
    const result = await hunt({ end_time: '2026-09-20T00:00:00Z', baseline_days: 8 });
    expect(result).toMatchObject({ entities: [], active: 0, scored: 0, complete: true });
    expect(result.notes.join(' ')).toContain('nothing was judged');
  });

  it('rows that were cut off: the entity at the cut is dropped whole, and those asked for come first', async () => {
    const all = await hunt();
    const cut = await hunt({ max_rows: 30 });
    expect(cut.complete).toBe(false);
    expect(cut.notes.join(' ')).toMatch(/INCOMPLETE: \d+ of \d+ entity days/);
    expect(cut.active).toBeLessThan(all.active);
    const asked = await hunt({ max_rows: 30, users: ['tomas.becker'] });
    expect(asked.entities).toMatchObject([{ entity: expect.stringContaining('tomas.becker') }]);
    const whole = all.entities.find(({ entity }) => entity.includes('tomas.becker'));
    expect(asked.entities[0]?.baseline.events).toBe(whole?.baseline.events);
  });

  it.each([
    ['an unknown type', { entity_type: 'host' }, 'entity_type'],
    ['an offset for a zone', { entity_type: 'user', zone: '+05:30' }, 'zone'],
    ['SQL for a zone', { entity_type: 'user', zone: "UTC', p_event_time); DROP TABLE x --" }, 'zone'],
    ['SQL for the zone of an entity', { entity_type: 'user', entity_zones: { kim: "UTC' OR '1'='1" } }, 'entity_zones'],
    ['no zone', { entity_type: 'user', zone: 'Mars/Olympus' }, 'zone'],
    ['the future', { entity_type: 'user', end_time: '2027-01-01' }, 'end_time'],
    ['no time', { entity_type: 'user', end_time: 'yesterday' }, 'end_time'],
  ])('%s is refused by its field', async (_, input, field) => {
    await expect(detect(input)).rejects.toMatchObject({ code: 'invalid_input', details: { field } });
  });

  it('more days than one query may read', async () => {
    const given = {
      ...ports(),
      connection: async () => ({ ...(await ports().connection('panther')), defaults: { max_window_days: '20' } }),
    };
    await expect(runOperation(huntAnomalousUserBehavior as Operation, given, { end_time })).rejects.toMatchObject({
      code: 'invalid_input',
      details: { field: 'baseline_days' },
    });
  });
});

describe('the query', () => {
  const hostile = [
    "x' OR '1'='1",
    "'; DROP TABLE panther_logs.public.aws_cloudtrail; --",
    "\\' UNION SELECT * FROM snowflake.account_usage.users --",
    '$$; CALL x(); $$',
    '/* */ x',
    "arn:aws:iam::1:user/o'neil",
  ];

  it.each(entityTypes)('passes the guard for %s, whatever the ids hold', (entityType: EntityType) => {
    for (const entities of [[], hostile]) {
      const sql = behaviourSql({
        entityType,
        from: '2026-10-01T00:00:00.000Z',
        to: '2026-10-30T15:30:00.000Z',
        zone: 'UTC',
        entityZones: Object.fromEntries(entities.map((entity) => [entity, 'Asia/Kolkata'])),
        windowDays: 1,
        entities,
      });
      expect(
        checkSql(sql, { database: 'panther_logs', settings: tenantSettings({ defaults: {} }), now: baseTime }),
      ).toEqual([]);
    }
  });

  it.each(entityTypes)('is Snowflake to a full parser for %s', (entityType: EntityType) => {
    const sql = behaviourSql({
      entityType,
      from: '2026-10-01T00:00:00.000Z',
      to: '2026-10-30T15:30:00.000Z',
      zone: 'Asia/Kolkata',
      entityZones: Object.fromEntries(hostile.map((entity) => [entity, 'Pacific/Kiritimati'])),
      windowDays: 1,
      entities: hostile,
    });
    expect(sqlOracle()(sql, 'snowflake')).toHaveLength(1);
  });

  it('finds nobody by hostile ids, and everybody else as before', async () => {
    const result = await detect({ entity_type: 'user', entities: hostile });
    expect(result.entities).toEqual([]);
    expect(result.not_found).toHaveLength(hostile.length);
    expect(result.scored).toBe((await hunt()).scored);
  });

  it.each(['Europe/Berlin', 'Asia/Kolkata', 'Pacific/Kiritimati', 'Australia/Lord_Howe', 'Asia/Kathmandu'])(
    'counts the half hours of the clock in %s, also across a change of daylight saving',
    async (zone) => {
      const from = new Date('2026-10-16T15:30:00Z');
      const sql = behaviourSql({
        entityType: 'ip',
        from: from.toISOString(),
        to: '2026-10-30T15:30:00.000Z',
        zone,
        entityZones: {},
        windowDays: 1,
        entities: [],
      });
      const { rows } = await runOperation(executeSqlQuery, ports(), { sql, max_rows: 1000 });
      const found = new Map<string, number>();
      for (const { facets } of rows as { facets: Record<string, number> }[])
        for (const [facet, calls] of Object.entries(facets))
          if (/^[hw]\|/.test(facet)) found.set(facet, (found.get(facet) ?? 0) + calls);
      const expected = new Map<string, number>();
      const clock = new Intl.DateTimeFormat('en-GB', {
        timeZone: zone,
        weekday: 'short',
        hour: '2-digit',
        minute: '2-digit',
      });
      for (const { eventTime, sourceIPAddress } of sampleTenant(1, baseTime).events) {
        const at = new Date(String(eventTime));
        if (at < from || String(sourceIPAddress).endsWith('.amazonaws.com')) continue;
        const parts = Object.fromEntries(clock.formatToParts(at).map(({ type, value }) => [type, value]));
        const half = 2 * (Number(parts.hour) % 24) + (Number(parts.minute) >= 30 ? 1 : 0);
        const weekday = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'].indexOf(String(parts.weekday));
        for (const facet of [`h|${half}`, `w|${weekday}`]) expected.set(facet, (expected.get(facet) ?? 0) + 1);
      }
      expect(Object.fromEntries([...found].sort())).toEqual(Object.fromEntries([...expected].sort()));
    },
  );
});
