import { anomalyReport } from '../../../operations/analytics/behaviour/anomaly-report';
import { behaviourDay } from '../../../operations/analytics/behaviour/behaviour-rows';
import { type BehaviourQuery, behaviourSql } from '../../../operations/analytics/behaviour/behaviour-sql';
import { scoreDays } from '../../../operations/analytics/behaviour/score-days';
import type { JsonObject } from '../../../sandbox/src/panther/cloudtrail-row';
import { BASE_TIME, type FilledLake, lakeOf } from '../sandbox/panther-lake';

/** A simulated call of a person in Okta at 04:15 UTC of the day; `arrived` are minutes until it was received. */
function signIn(name: string, arrived = 1): JsonObject {
  const at = new Date('2026-03-18T04:15:00.000Z');
  return {
    p_row_id: `${name} ${arrived}`,
    p_event_time: at.toISOString(),
    p_parse_time: new Date(at.getTime() + arrived * 60_000).toISOString(),
    eventType: 'user.session.start',
    actor: { type: 'User', alternateId: `${name}@example.com` },
    client: { ipAddress: '192.0.2.10' },
    outcome: { result: 'SUCCESS' },
  };
}

let filled: FilledLake;

beforeAll(async () => {
  filled = await lakeOf([], BASE_TIME, {
    okta_systemlog: [signIn('kim'), signIn('kiri'), signIn('eve'), signIn('late', -10), signIn('late', -4)],
  });
});

async function daysOf(query: Partial<BehaviourQuery>) {
  const sql = behaviourSql({
    entityType: 'okta_user',
    from: '2026-03-10T12:00:00.000Z',
    to: BASE_TIME.toISOString(),
    zone: 'UTC',
    entityZones: {},
    windowDays: 1,
    entities: [],
    ...query,
  });
  return (await filled.rows(sql)).flatMap((row) => behaviourDay(row) ?? []);
}

it('reads the hours of each entity on its own clock, and of the others on the common one', async () => {
  const days = await daysOf({
    zone: 'Europe/Berlin',
    entityZones: { 'KIM@example.com': 'Asia/Kolkata', 'kiri@example.com': 'Pacific/Kiritimati', nobody: 'Asia/Seoul' },
  });
  const clocks = Object.fromEntries(days.map(({ entity, binned }) => [entity, binned.hour]));
  // 04:15 in UTC is 05:15 in Berlin, 09:45 in Kolkata and 18:15 on Kiritimati.
  expect(clocks).toMatchObject({
    'eve@example.com': [[10, 1]],
    'kim@example.com': [[19, 1]],
    'kiri@example.com': [[36, 1]],
  });
});

it('says how many calls are dated after they arrived', async () => {
  const days = await daysOf({});
  const to = BASE_TIME.getTime();
  const report = anomalyReport(
    'okta_user',
    {
      days,
      window: { baselineFrom: to - 8 * 86_400_000, from: to - 86_400_000, to },
      queryId: 'query',
      found: days.length,
      complete: true,
      cutBy: null,
      unreadable: 0,
    },
    scoreDays(days, 1),
    { zone: 'UTC', windowDays: 1, entities: [], minRisk: 0, most: 20 },
  );
  // Four minutes are the jitter of any clock, ten are not.
  expect(report.notes.join(' ')).toContain('1 call of the window is dated more than five minutes after arrival');
});
