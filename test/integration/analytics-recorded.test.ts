import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HuntStore } from '../../bridge/src/hunts/hunt-store';
import { CaseStore, defaultStoreSettings } from '../../bridge/src/store/case-store';
import { type Database, openDatabase } from '../../bridge/src/store/database';
import { behavioralAnomalyDetection } from '../../operations/analytics/behavioral-anomaly-detection';
import { huntAnomalousUserBehavior } from '../../operations/analytics/hunt-anomalous-user-behavior';
import { mapEventsToTechniques } from '../../operations/analytics/map-events-to-techniques';
import { predictAttackProgression } from '../../operations/analytics/predict-attack-progression';
import { runHunt } from '../../operations/analytics/run-hunt';
import { runScheduledHunts } from '../../operations/analytics/run-scheduled-hunts';
import { runOperation } from '../../operations/operation';
import { executeSqlQuery } from '../../operations/panther/execute-sql-query';
import type { Ports } from '../../operations/ports';
import { type Sandbox, startSandbox } from '../../sandbox/src/sandbox';
import { cloudtrailFolder, haveCloudtrail } from '../support/labelled-data';
import { memoryCases } from '../support/memory-cases';
import { sandboxPorts } from '../support/sandbox-ports';

const withData = haveCloudtrail ? describe : describe.skip;

/** The analytics over recorded CloudTrail: one account in which a detonation tool ran for an hour on 10 July 2023. */
withData('on recorded CloudTrail', () => {
  let sandbox: Sandbox;
  let database: Database;
  let folder: string;
  const now = new Date('2023-07-10T13:00:00Z');
  const end_time = '2023-07-10T13:00:00Z';

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'soc-recorded-'));
    sandbox = await startSandbox({ baseTime: now, cloudtrail: cloudtrailFolder });
    database = await openDatabase(`sqlite:${join(folder, 'cases.db')}`);
  });
  afterAll(async () => {
    await sandbox?.close();
    await database?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  function ports(): Ports {
    const store = new CaseStore(database, { ...defaultStoreSettings, now: () => now });
    const base = sandboxPorts(sandbox, memoryCases(), [], 1);
    return {
      ...base,
      now: () => now,
      cases: store.port({ caseLeaseMs: 60_000 }),
      hunts: new HuntStore(database, store.processName, store.settings).port(base.signal),
    };
  }

  it('finds the deleted trail, and who deleted it', async () => {
    const found = await runOperation(runHunt, ports(), { hunt: 'log_tampering', end_time, window_hours: 24 });
    expect(found).toMatchObject({ complete: true, hunt: 'log_tampering' });
    expect(found.rows.some((row) => row.event_name === 'DeleteTrail' && /bert-jan/.test(String(row.actor)))).toBe(true);
  });

  it('runs every hunt on schedule over the hour, and opens a case for each finding once', async () => {
    const first = await runOperation(runScheduledHunts, ports(), { delay_minutes: 0 });
    const unread = first.hunts.filter(({ status }) => status !== 'completed' && status !== 'no_table');
    expect(unread).toEqual([]);
    expect(new Set(first.opened.map(({ hunt }) => hunt)).size).toBeGreaterThanOrEqual(8);
    expect(first.opened.some(({ hunt, actor }) => hunt === 'log_tampering' && actor.includes('bert-jan'))).toBe(true);
    const again = await runOperation(runScheduledHunts, ports(), { delay_minutes: 0 });
    expect(again.opened).toEqual([]);
  });

  it('gives no number for users whose past it does not know, and their facts', async () => {
    for (const result of [
      await runOperation(huntAnomalousUserBehavior, ports(), { end_time }),
      await runOperation(behavioralAnomalyDetection, ports(), { end_time, entity_type: 'user' }),
    ]) {
      const own = result.entities.find(({ entity }) => entity.includes('bert-jan'));
      expect(own).toMatchObject({ state: 'insufficient_baseline', risk: null, score: null });
      expect(own?.denied).toBeGreaterThan(0);
    }
  });

  it('knows techniques of the calls, and what may come next after them', async () => {
    const sql = `SELECT DISTINCT SPLIT_PART(eventSource, '.', 1) || ':' || eventName AS call FROM panther_logs.public.aws_cloudtrail WHERE p_event_time >= '2023-07-10 00:00:00' AND p_event_time < '2023-07-10 13:00:00' AND errorCode IS NULL AND userIdentity:userName::string = 'bert-jan' ORDER BY 1`;
    const { rows } = await runOperation(executeSqlQuery, ports(), { sql, max_rows: 1000 });
    const calls = rows.map(({ call }) => String(call));
    expect(calls.length).toBeGreaterThan(50);
    const events = calls.slice(0, 100);
    const mapped = await runOperation(mapEventsToTechniques, ports(), { events });
    expect(JSON.stringify(mapped)).toContain('T1');
    const next = await runOperation(predictAttackProgression, ports(), {
      api_calls: ['cloudtrail:DeleteTrail', ...events],
    });
    expect(JSON.stringify(next)).toContain('T1562');
  });
});
