import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CaseRunner, maxRuns, type ResumeCase } from '../../../bridge/src/case-runner';
import { type Environment, readConfig } from '../../../bridge/src/config';
import { Host } from '../../../bridge/src/hosting/host';
import { createLogger } from '../../../bridge/src/hosting/logging';
import { Reconciler } from '../../../bridge/src/reconciler';
import { CaseStore, defaultStoreSettings } from '../../../bridge/src/store/case-store';
import { type Database, openDatabase } from '../../../bridge/src/store/database';
import { UnavailableError } from '../../../operations/errors';
import { eventually } from '../../support/bridge/running-bridge';
import { sampleOpen } from '../../support/bridge/sample-case';
import { casesOf } from '../../support/bridge/test-operations';
import { untilTrue } from '../../support/eventually';

const folder = mkdtempSync(join(tmpdir(), 'soc-bridge-'));
let database: Database;
const reconcilers: Reconciler[] = [];
const runners: CaseRunner[] = [];

beforeAll(async () => {
  database = await openDatabase(`sqlite:${join(folder, 'cases.db')}`);
});
afterEach(async () => {
  await Promise.all(reconcilers.splice(0).map((reconciler) => reconciler.stop()));
  await Promise.all(runners.splice(0).map((runner) => runner.stop()));
});
afterAll(async () => {
  await database.close();
  rmSync(folder, { recursive: true, force: true });
});

const settle: ResumeCase = (ports, id) =>
  casesOf(ports).change(id, { status: 'needs_review' }, { type: 'settled', summary: 'Settled' });

/** A process's worth of store, runner and reconciler over the shared database. */
function drive(resume: ResumeCase, environment: Environment = {}, now = () => new Date()) {
  const logger = createLogger('silent');
  const config = { ...readConfig(environment), leaseMs: 200 };
  const store = new CaseStore(database, { ...defaultStoreSettings, leaseMs: 200, now });
  const host = new Host(config, store, logger, 'test');
  const runner = new CaseRunner(host, resume, logger, 20);
  const reconciler = new Reconciler(runner, 20, logger);
  runners.push(runner);
  reconcilers.push(reconciler);
  return { store, runner, reconciler };
}

let counter = 0;
async function orphan(store: CaseStore): Promise<string> {
  counter += 1;
  const { record } = await store.port({ caseLeaseMs: 0 }).open(sampleOpen(`orphan-${counter}`));
  return record.id;
}

const row = (id: string) =>
  database.db.selectFrom('security_investigations').selectAll().where('id', '=', id).executeTakeFirstOrThrow();

describe('cases that nobody drives', () => {
  it('are driven to their end, each once, by whichever of two processes comes first', async () => {
    const runs: string[] = [];
    const counting: ResumeCase = async (ports, id) => {
      runs.push(id);
      await ports.sleep(30, ports.signal);
      return settle(ports, id);
    };
    // A clock that stands still: no lease runs out under a run, however long the machine takes for it.
    const now = new Date();
    const [one, two] = [drive(counting, {}, () => now), drive(counting, {}, () => now)];
    const ids = await Promise.all(Array.from({ length: 6 }, () => orphan(one.store)));
    one.reconciler.start();
    two.reconciler.start();
    for (const id of ids) {
      await eventually(async () => ((await row(id)).status === 'needs_review' ? true : undefined));
    }
    expect(runs.toSorted()).toEqual(ids.toSorted());
    await eventually(async () => ((await row(ids[0] ?? '')).lease_owner === null ? true : undefined));
  });

  it('are tried again after a failure, then given up with the reason', async () => {
    let tries = 0;
    const failing: ResumeCase = async () => {
      tries += 1;
      throw new UnavailableError('Panther', `try ${tries}`);
    };
    const { store, reconciler } = drive(failing, { SOC_MAX_ATTEMPTS: '3' });
    const id = await orphan(store);
    reconciler.start();
    const last = await eventually(async () => {
      const current = await row(id);
      return current.status === 'failed' ? current : undefined;
    });
    expect(tries).toBe(3);
    expect(last.reason).toMatch(/^unavailable: Panther is not available: try 3/);
    const letters = await database.db.selectFrom('dead_letters').selectAll().where('case_id', '=', id).execute();
    expect(letters).toMatchObject([{ attempts: 3, reason: last.reason }]);
    expect((await store.events(id)).map(({ type }) => type)).toEqual(['opened', 'dead_lettered']);
  });

  it('count as failed when a run ends without settling them', async () => {
    const { store, reconciler } = drive(
      async (ports, id) => {
        const record = await casesOf(ports).get(id);
        if (record === undefined) throw new Error('gone');
        return record;
      },
      { SOC_MAX_ATTEMPTS: '1' },
    );
    const id = await orphan(store);
    reconciler.start();
    const last = await eventually(async () => {
      const current = await row(id);
      return current.status === 'failed' ? current : undefined;
    });
    expect(last.reason).toMatch(/^conflict: Case .* is still opened after its run/);
  });

  it('show no internals of an unexpected error', async () => {
    const { store, reconciler } = drive(
      async () => {
        throw new TypeError('secret-internal-detail');
      },
      { SOC_MAX_ATTEMPTS: '1' },
    );
    const id = await orphan(store);
    reconciler.start();
    const last = await eventually(async () => {
      const current = await row(id);
      return current.status === 'failed' ? current : undefined;
    });
    expect(JSON.stringify(last)).not.toContain('secret-internal-detail');
  });
});

describe('a run', () => {
  it('goes on longer than the lease without losing the case', async () => {
    let time = Date.now();
    const clock = () => new Date(time);
    const leaseEnds = async (id: string) => Date.parse((await row(id)).lease_until ?? '');
    const { store, runner } = drive(
      async (ports, id) => {
        // Half a lease goes by, then it is renewed: five times, so two and a half leases in all.
        for (let turn = 0; turn < 5; turn += 1) {
          const before = await leaseEnds(id);
          time += 100;
          await untilTrue(async () => (await leaseEnds(id)) > before);
        }
        return settle(ports, id);
      },
      {},
      clock,
    );
    const rival = drive(settle, {}, clock);
    rival.reconciler.start();
    const { record } = await store.port({ caseLeaseMs: 200 }).open(sampleOpen(`long-${Math.random()}`));
    runner.begin(record.id);
    await eventually(async () => ((await row(record.id)).status === 'needs_review' ? true : undefined));
    expect((await row(record.id)).attempts).toBe(1);
  });

  it('is aborted when the case is lost to somebody else', async () => {
    let aborted: boolean | undefined;
    const { store, runner } = drive(async (ports, id) => {
      await ports.sleep(60_000, ports.signal).catch(() => {});
      aborted = ports.signal.aborted;
      return settle(ports, id);
    });
    const { record } = await store.port({ caseLeaseMs: 200 }).open(sampleOpen(`lost-${Math.random()}`));
    runner.begin(record.id);
    await eventually(() => (runner.count === 1 ? true : undefined));
    await eventually(async () => ((await row(record.id)).attempts === 1 ? true : undefined));
    await database.db
      .updateTable('security_investigations')
      .set({ lease_owner: 'somebody else' })
      .where('id', '=', record.id)
      .execute();
    await eventually(() => aborted);
    expect(aborted).toBe(true);
  });

  it('stopped by a shutdown gives the case back at once and does not count', async () => {
    const { store, runner } = drive(async (ports, id) => {
      await ports.sleep(5000, ports.signal);
      return settle(ports, id);
    });
    const { record } = await store.port({ caseLeaseMs: 60_000 }).open(sampleOpen(`stop-${Math.random()}`));
    runner.begin(record.id);
    await eventually(async () => ((await row(record.id)).attempts === 1 ? true : undefined));
    await runner.stop();
    expect(await row(record.id)).toMatchObject({ lease_owner: null, lease_until: null, attempts: 0, status: 'opened' });
  });

  it('waits for its turn when a storm opens many cases, and all come to their end', async () => {
    let running = 0;
    let most = 0;
    const { store, runner } = drive(async (ports, id) => {
      running += 1;
      most = Math.max(most, running);
      // None ends before as many run as may.
      await untilTrue(() => most >= maxRuns);
      await ports.sleep(20, ports.signal);
      running -= 1;
      return settle(ports, id);
    });
    const ids: string[] = [];
    for (let n = 0; n < 15; n += 1) {
      const { record } = await store.port({ caseLeaseMs: 60_000 }).open(sampleOpen(`storm-${Math.random()}`));
      ids.push(record.id);
    }
    for (const id of ids) runner.begin(id);
    expect(runner.count).toBe(maxRuns);
    await eventually(async () => {
      const rows = await Promise.all(ids.map(row));
      return rows.every(({ status }) => status === 'needs_review') ? true : undefined;
    });
    expect(most).toBe(maxRuns);
  });

  it('that never had its turn is given back by a shutdown, and another process takes it at once', async () => {
    const { store, runner } = drive(async (ports, id) => {
      await ports.sleep(60_000, ports.signal);
      return settle(ports, id);
    });
    const ids: string[] = [];
    for (let n = 0; n < maxRuns + 3; n += 1) {
      const { record } = await store.port({ caseLeaseMs: 600_000 }).open(sampleOpen(`turn-${Math.random()}`));
      ids.push(record.id);
      runner.begin(record.id);
    }
    await runner.stop();
    for (const id of ids)
      expect(await row(id)).toMatchObject({ lease_owner: null, lease_until: null, attempts: 0, status: 'opened' });
  });
});
