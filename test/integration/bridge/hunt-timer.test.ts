import { HuntTimer } from '../../../bridge/src/hunts/hunt-timer';
import { hunts } from '../../../operations/analytics/hunts';
import type { HuntRunRecord, HuntSchedulePort } from '../../../operations/analytics/schedule/hunt-schedule-port';
import { runTimedHunts } from '../../../operations/analytics/schedule/timed-run';
import { operations } from '../../../operations/registry';
import { type Sandbox, startSandbox } from '../../../sandbox/src/sandbox';
import { eventually, type RunningBridge, runBridge } from '../../support/bridge/running-bridge';

const run = ['log_tampering', 'key_for_another_user'];
const skipped = hunts.flatMap(({ name }) => (run.includes(name) ? [] : name)).join(', ');
const silent = { warn: () => {} } as unknown as ConstructorParameters<typeof HuntTimer>[3];

describe('when a run is due', () => {
  const everyMs = 4 * 3_600_000;
  const now = new Date('2026-03-18T12:00:00Z');
  const ranAgo = (hoursAgo: number, isFinished = true): HuntRunRecord => ({
    id: 'HUN-1',
    started_at: new Date(now.getTime() - hoursAgo * 3_600_000).toISOString(),
    finished_at: isFinished ? now.toISOString() : null,
    missed_runs: 0,
    opened_cases: 0,
    unfinished_hunts: 0,
  });

  it.each([
    ['there was none', undefined, 1],
    ['the last one is an interval ago', ranAgo(4), 1],
    ['the last one is days ago', ranAgo(60), 1],
    ['the last one was broken off', ranAgo(1, false), 1],
    ['the last one is less than an interval ago', ranAgo(3.9), 0],
  ])('%s', async (_, last, times) => {
    let runs = 0;
    const schedule = { lastRun: async () => last } as unknown as HuntSchedulePort;
    const timer = new HuntTimer(
      everyMs,
      schedule,
      async () => {
        runs += 1;
      },
      silent,
      () => now,
    );
    timer.start();
    await timer.stop();
    expect(runs).toBe(times);
  });
});

describe('in a bridge', () => {
  let sandbox: Sandbox;
  let bridge: RunningBridge | undefined;
  beforeAll(async () => {
    sandbox = await startSandbox();
  });
  afterEach(() => bridge?.stop());
  afterAll(() => sandbox?.close());

  const start = (environment: Record<string, string>) =>
    runBridge(
      {
        PANTHER_API_URL: sandbox.panther.url,
        PANTHER_API_TOKEN: sandbox.panther.token,
        SLACK_API_URL: `${sandbox.slack.url}/api`,
        SLACK_BOT_TOKEN: sandbox.slack.token,
        SLACK_CHANNEL_DEFAULT: '#soc-alerts',
        SOC_ALLOW_PRIVATE_NETWORK: 'true',
        ...environment,
      },
      { operations, hunt: runTimedHunts },
    );

  it('runs the hunts by itself when hours are set, and leaves its cases to be driven', async () => {
    bridge = await start({ HUNT_SCHEDULE_HOURS: '4', HUNT_SKIP: skipped });
    const { db } = bridge.bridge.store.database;
    const last = await eventually(async () => {
      const row = await db.selectFrom('hunt_runs').selectAll().executeTakeFirst();
      return row?.finished_at ? row : undefined;
    });
    expect(last).toMatchObject({ unfinished_hunts: 0, missed_runs: 0 });
    const cases = await db.selectFrom('security_investigations').select('title').execute();
    expect(cases.length).toBe(last.opened_cases);
    expect(cases.length).toBeGreaterThan(0);
    const states = await db.selectFrom('hunt_states').select('hunt').execute();
    expect(states.map(({ hunt }) => hunt).sort()).toEqual([...run].sort());
  });

  it('runs none unless it was set', async () => {
    bridge = await start({});
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await bridge.bridge.store.database.db.selectFrom('hunt_runs').selectAll().execute()).toEqual([]);
  });

  it('does not start with a hunt to skip that there is not', async () => {
    await expect(start({ HUNT_SCHEDULE_HOURS: '4', HUNT_SKIP: 'no_such_hunt' })).rejects.toThrow(/HUNT_SKIP/);
  });
});
