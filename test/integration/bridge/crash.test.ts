import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CaseRecord } from '../../../operations/cases';
import { buildTestMain, Program } from '../../support/bridge/processes';
import { eventually } from '../../support/bridge/running-bridge';
import { createScratchDatabase, postgresProblem } from '../../support/bridge/scratch-postgres';
import { lastPoint } from '../../support/bridge/test-main';

// Eleven crashes, each with starts of the bridge, on one database.
jest.setTimeout(600_000);

let main: Awaited<ReturnType<typeof buildTestMain>>;
beforeAll(async () => {
  main = await buildTestMain();
});
afterAll(() => main?.remove());

const quick = { SOC_LEASE_SECONDS: '2', SOC_CASE_LEASE_SECONDS: '2', SOC_RECONCILE_SECONDS: '1', LOG_LEVEL: 'warn' };

/** What must be the same however often the work was interrupted. */
function lasting(record: CaseRecord) {
  const { id: _id, dedup_key: _key, alert: _alert, opened_at: _opened, updated_at: _updated, ...rest } = record;
  return rest;
}

const lines = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : []);

/** A database with one bridge over it that nobody kills. */
class Site {
  readonly folder = mkdtempSync(join(tmpdir(), 'soc-bridge-'));
  private readonly programs: Program[] = [];
  private readonly env: Record<string, string>;

  constructor(database: string | undefined) {
    this.env = {
      ...quick,
      SOC_DATABASE_URL: database ?? `sqlite:${join(this.folder, 'cases.db')}`,
      SOC_REPORT_DIR: join(this.folder, 'reports'),
    };
  }

  run(env: Record<string, string> = {}): Program {
    const program = new Program(main.file, ['serve'], { cwd: this.folder, env: { ...this.env, ...env } });
    this.programs.push(program);
    return program;
  }

  async end(): Promise<void> {
    await Promise.all(this.programs.map((program) => program.stop('SIGKILL')));
    rmSync(this.folder, { recursive: true, force: true });
  }

  effectsOf(caseId: string): string[] {
    return lines(join(this.folder, 'effects.log')).filter((line) => line.startsWith(caseId));
  }

  report(caseId: string): string {
    return readFileSync(join(this.folder, 'reports', `${caseId}.md`), 'utf8');
  }
}

async function send(url: string, id: string): Promise<{ case_id: string }> {
  const response = await fetch(`${url}/alerts`, { method: 'POST', body: JSON.stringify({ id }) });
  return response.json() as Promise<{ case_id: string }>;
}

async function settled(url: string, id: string): Promise<CaseRecord> {
  return eventually(async () => {
    const record = (await (await fetch(`${url}/cases/${id}`)).json()) as CaseRecord;
    return record.status === 'needs_review' || record.status === 'failed' ? record : undefined;
  });
}

/** Sends an alert to a process that is killed at point `at`; another one brings the case to its end. */
async function killedAt(site: Site, survivor: string, at: number): Promise<CaseRecord> {
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    const doomed = site.run({ KILL_AT: String(at) });
    const alert = `alert-${at}-${attempt}`;
    // Killed while opening: no answer comes, and the sender tries again elsewhere.
    const accepted = await send(await doomed.url(), alert).catch(() => undefined);
    const ended = await doomed.endedWithin(10_000);
    const again = await send(survivor, alert);
    if (accepted !== undefined) expect(again.case_id).toBe(accepted.case_id);
    const record = await settled(survivor, again.case_id);
    if (ended !== undefined) {
      expect(ended.signal).toBe('SIGKILL');
      return record;
    }
    // On a busy machine the other process may have taken the case before this one came to its point: once more.
    await doomed.stop('SIGKILL');
  }
  throw new Error(`no process came to point ${at}`);
}

function describeCrashes(scratch: () => Promise<{ url: string | undefined; drop(): Promise<void> }>): void {
  it(`comes to the same row and one effect when killed at any of ${lastPoint} points and another process takes over`, async () => {
    const lanes = 3;
    const points = Array.from({ length: lastPoint }, (_, index) => index + 1);
    // All lanes come to their end, also when one fails: each cleans up behind itself.
    const results = await Promise.allSettled(
      Array.from({ length: lanes }, async (_, lane) => {
        const database = await scratch();
        const site = new Site(database.url);
        try {
          const survivor = await site.run().url();
          const reference = await settled(survivor, (await send(survivor, 'alert-0')).case_id);
          expect(reference).toMatchObject({ status: 'needs_review', outcome: 'true_positive', version: 4 });
          for (const at of points.filter((_point, index) => index % lanes === lane)) {
            const record = await killedAt(site, survivor, at);
            expect({ at, ...lasting(record) }).toEqual({ at, ...lasting(reference) });
            expect(site.effectsOf(record.id)).toHaveLength(1);
            expect(site.report(record.id)).toBe('# 3 rows\n');
          }
        } finally {
          await site.end();
          await database.drop();
        }
      }),
    );
    expect(results.filter(({ status }) => status === 'rejected')).toEqual([]);
  });

  it('lets two live processes share one case, and one stopped in the middle hands it over at once', async () => {
    const database = await scratch();
    const site = new Site(database.url);
    try {
      // Leases that outlast the test: only what is handed over can be taken over.
      const lasting = { SOC_LEASE_SECONDS: '600', SOC_CASE_LEASE_SECONDS: '600' };
      const survivor = await site.run(lasting).url();
      const slow = site.run({ ...lasting, STAGE_MS: '3000' });
      const { case_id } = await send(await slow.url(), 'alert-slow');
      expect(await slow.stop('SIGTERM')).toMatchObject({ status: 0 });
      const record = await settled(survivor, case_id);
      expect(record).toMatchObject({ status: 'needs_review', version: 4 });
      expect(site.effectsOf(case_id)).toHaveLength(1);
    } finally {
      await site.end();
      await database.drop();
    }
  });
}

describe('kill -9 with a database in SQLite', () => {
  describeCrashes(async () => ({ url: undefined, drop: async () => {} }));

  it('is made up for by a restart of the same process, which also writes the report file', async () => {
    const site = new Site(undefined);
    try {
      const first = site.run({ KILL_AT: '5' });
      const { case_id } = await send(await first.url(), 'alert-restart');
      expect(await first.ended).toMatchObject({ signal: 'SIGKILL' });
      const second = site.run();
      expect(await settled(await second.url(), case_id)).toMatchObject({ status: 'needs_review', version: 4 });
      expect(await second.stop()).toMatchObject({ status: 0 });
      rmSync(join(site.folder, 'reports', `${case_id}.md`));
      const third = site.run();
      await third.url();
      expect(site.report(case_id)).toBe('# 3 rows\n');
    } finally {
      await site.end();
    }
  });

  it('ends in a dead letter when the case kills every process that tries', async () => {
    const site = new Site(undefined);
    try {
      const first = site.run({ KILL_AT: '2', SOC_MAX_ATTEMPTS: '2' });
      const { case_id } = await send(await first.url(), 'alert-poison');
      await first.ended;
      const second = site.run({ KILL_AT: '1', SOC_MAX_ATTEMPTS: '2' });
      expect(await second.ended).toMatchObject({ signal: 'SIGKILL' });
      const third = site.run({ SOC_MAX_ATTEMPTS: '2' });
      expect(await settled(await third.url(), case_id)).toMatchObject({
        status: 'failed',
        reason: 'the process ended while the case was investigated',
      });
    } finally {
      await site.end();
    }
  });
});

const problem = postgresProblem();
(problem === undefined ? describe : describe.skip)(`kill -9 with a database in PostgreSQL ${problem ?? ''}`, () => {
  describeCrashes(createScratchDatabase);
});
