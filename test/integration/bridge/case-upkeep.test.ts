import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { CaseStore, defaultStoreSettings } from '../../../bridge/src/store/case-store';
import { type Database, openDatabase } from '../../../bridge/src/store/database';
import { Driving } from '../../../bridge/src/store/driving';
import { buildTestMain, Program } from '../../support/bridge/processes';
import { eventually } from '../../support/bridge/running-bridge';
import { sampleEvidence, sampleOpen } from '../../support/bridge/sample-case';
import { createScratchDatabase, postgresProblem } from '../../support/bridge/scratch-postgres';

let main: Awaited<ReturnType<typeof buildTestMain>>;
beforeAll(async () => {
  main = await buildTestMain();
});
afterAll(() => main?.remove());

const dayMs = 86_400_000;
const call = { caseLeaseMs: 0 };

const problem = postgresProblem();
const engines = [['sqlite', undefined] as const, ['postgres', problem] as const];

for (const [engine, missing] of engines) {
  if (missing !== undefined) {
    it.skip(`soc-bridge cases on ${engine}: ${missing}`, () => {});
    continue;
  }
  describe(`soc-bridge cases on ${engine}`, () => {
    let folder: string;
    let scratch: Awaited<ReturnType<typeof createScratchDatabase>> | undefined;
    let url: string;
    let database: Database;

    beforeEach(async () => {
      folder = mkdtempSync(join(tmpdir(), 'soc-cases-'));
      scratch = engine === 'postgres' ? await createScratchDatabase() : undefined;
      url = scratch?.url ?? `sqlite:${join(folder, 'cases.db')}`;
      database = await openDatabase(url);
    });
    afterEach(async () => {
      await database.close();
      await scratch?.drop();
      rmSync(folder, { recursive: true, force: true });
    });

    const run = (...args: string[]) =>
      new Program(main.file, ['cases', ...args], {
        cwd: folder,
        env: { SOC_DATABASE_URL: url, SOC_REPORT_DIR: join(folder, 'reports') },
      }).ended;
    /** The store as it was so many days ago. */
    const storeOf = (daysAgo = 0) =>
      new CaseStore(database, { ...defaultStoreSettings, now: () => new Date(Date.now() - daysAgo * dayMs) });

    /** A whole simulated case: raw alert, evidence, note, stage, effect, report. */
    async function filled(id: string, daysAgo: number, status: 'closed' | 'needs_review' = 'closed'): Promise<string> {
      const store = storeOf(daysAgo);
      const port = store.port(call);
      const raw_id = await port.recordAlert({ id, text: 'simulated' }, { accepted: true });
      const { record } = await port.open({ ...sampleOpen(id), raw_id });
      await port.stage(record.id, 'investigate:query', async () => ({ rows: 1 }));
      await port.effect(
        `${record.id}:escalate:message:C1`,
        async () => ({ ts: '1' }),
        async () => undefined,
      );
      await port.change(
        record.id,
        { evidence: [sampleEvidence('E1')], outcome: 'false_positive', probability: 0.1, reason: 'Simulated.' },
        { type: 'evidence_correlated', summary: 'Weighed' },
      );
      await port.add(record.id, {
        kind: 'note',
        text: `Simulated note of ${id}`,
        source: null,
        scrutiny: 'none',
        severity: null,
      });
      await port.change(
        record.id,
        { report_markdown: `# Simulated report of ${id}\n` },
        { type: 'reported', summary: 'Reported' },
      );
      const closed_at = status === 'closed' ? store.settings.now().toISOString() : null;
      await port.change(record.id, { status, closed_at }, { type: status, summary: 'Ended' });
      return record.id;
    }
    const link = async (from: string, to: string) => {
      await database.db
        .insertInto('case_links')
        .values({ case_id: from, other_id: to, reason: 'simulated', at: new Date().toISOString() })
        .execute();
      await database.db
        .updateTable('security_investigations')
        .set(({ eb }) => ({ extras: eb('extras', '+', 1) }))
        .where('id', '=', from)
        .execute();
    };
    const rowsOf = async (id: string) => {
      const tables = [
        'investigation_events',
        'evidence',
        'stages',
        'effects',
        'case_additions',
        'case_alerts',
        'case_marks',
        'case_links',
      ] as const;
      const counts = await Promise.all(
        tables.map(async (table) => {
          const rows = await database.db.selectFrom(table).select('case_id').where('case_id', '=', id).execute();
          return [table, rows.length] as const;
        }),
      );
      return Object.fromEntries(counts.filter(([, count]) => count > 0));
    };

    it('refused lists the alerts that became no case, with what was wrong and as they came', async () => {
      expect((await run('refused')).stdout).toBe('No alert was refused.\n');
      const port = storeOf().port(call);
      await port.recordAlert({ id: 'simulated-1', severity: 'HIGH' }, { accepted: true });
      const hostile = { id: 'simulated-2', severity: '\u001b[31mvery' };
      await port.recordAlert(hostile, { accepted: false, field: 'severity', problem: 'It is no severity.' });
      const listed = await run('refused');
      expect(listed.stdout).toMatch(/^\d{4}-\S+Z {2}severity: It is no severity\. {2}.*simulated-2/);
      expect(listed.stdout).not.toContain('\u001b');
      expect(listed.stdout).not.toContain('simulated-1');
      expect(JSON.parse((await run('refused', '--json')).stdout)).toMatchObject([{ field: 'severity', body: hostile }]);
      expect((await run('refused', '--limit', '0')).stderr).toContain('Use a whole number from 1 to 1000.');
    });

    it('lists what was given up and replays it, and a running bridge ends it', async () => {
      expect((await run('dead')).stdout).toBe('No case was given up.\n');
      const store = storeOf();
      const opened: string[] = [];
      for (const id of ['one', 'two']) {
        const { record } = await store.port(call).open(sampleOpen(id));
        const driving = new Driving(store);
        await driving.claim(record.id, true);
        await driving.bury(record.id, 5, 'unavailable: simulated \u001b[31moutage');
        await driving.release(record.id, {});
        opened.push(record.id);
      }
      const [one = '', two = ''] = opened;
      const dead = await run('dead');
      expect(dead.stdout).toMatch(new RegExp(`^${one} .* after 5 tries .*simulated outage\n${two} `));
      expect(dead.stdout).not.toContain('\u001b');
      expect(JSON.parse((await run('dead', '--json')).stdout)).toMatchObject([{ case_id: one, attempts: 5 }, {}]);

      expect(await run('replay')).toMatchObject({ status: 1, stderr: expect.stringContaining('--all') });
      const replayed = await run('replay', one, 'INV-NONE');
      expect(replayed).toMatchObject({
        status: 1,
        stdout: `${one}: is investigated anew by the running bridge\nINV-NONE: there is no such case\n`,
      });
      expect(await run('replay', one)).toMatchObject({
        status: 1,
        stdout: `${one}: it was not given up, it is opened\n`,
      });
      expect(JSON.parse((await run('dead', '--json')).stdout)).toMatchObject([{ case_id: two }]);
      expect(await run('replay', '--all')).toMatchObject({ status: 0, stdout: expect.stringContaining(two) });
      expect((await store.events(one)).map(({ type }) => type)).toEqual(['opened', 'dead_lettered', 'replayed']);
      expect(await run('verify')).toMatchObject({ status: 0 });

      const bridge = new Program(main.file, ['serve'], {
        cwd: folder,
        env: { SOC_DATABASE_URL: url, SOC_RECONCILE_SECONDS: '1' },
      });
      await eventually(async () => {
        const ended = await Promise.all(opened.map(async (id) => (await store.get(id))?.status));
        return ended.every((status) => status === 'needs_review') ? true : undefined;
      });
      await bridge.stop();
    });

    it('exports cases that hold by themselves, and notices every change to one', async () => {
      const one = await filled('one', 3);
      const two = await filled('two', 2, 'needs_review');
      expect(await run('export', 'out', 'INV-NONE')).toMatchObject({ status: 1 });
      expect(await run('export', 'INV-1ABC')).toMatchObject({
        status: 1,
        stderr: expect.stringContaining('export DIR'),
      });
      const exported = await run('export', 'out');
      expect(exported).toMatchObject({ status: 0, stdout: '2 cases in out\n' });
      expect(await run('export', 'out')).toMatchObject({ status: 1, stderr: expect.stringContaining('not empty') });
      expect(readdirSync(join(folder, 'out', one)).sort()).toEqual([
        'SHA256SUMS',
        'alerts.jsonl',
        'case.json',
        'events.jsonl',
        'evidence.json',
        'report.md',
        'responses.jsonl',
      ]);
      expect(readFileSync(join(folder, 'out', one, 'alerts.jsonl'), 'utf8')).toContain('\\"text\\":\\"simulated\\"');
      expect(statSync(join(folder, 'out', one, 'case.json')).mode & 0o777).toBe(0o600);
      execFileSync('sha256sum', ['--check', '--strict', 'SHA256SUMS'], { cwd: join(folder, 'out', one) });

      // By itself: the database it came from is gone.
      const apart = (...args: string[]) =>
        new Program(main.file, ['cases', 'verify', '--folder', 'out', ...args], {
          cwd: folder,
          env: { SOC_DATABASE_URL: 'sqlite:/no/such/folder/x.db' },
        }).ended;
      const head = (await storeOf().events(one)).at(-1)?.hash ?? '';
      const whole = await apart();
      expect(whole).toMatchObject({ status: 0, stdout: expect.stringContaining(`the last is ${head}`) });
      expect(whole.stdout).toMatch(/2 cases: all hold\n$/);

      const changes: [string, (text: string) => string, RegExp][] = [
        ['report.md', (text) => text.replace('report', 'novel'), /report_markdown is not what the events say/],
        ['evidence.json', (text) => text.replace('3 events', '0 events'), /evidence is not what the events say/],
        ['case.json', (text) => text.replace('"status": "needs_review"', '"status": "closed"'), /status is not what/],
        ['events.jsonl', (text) => text.replace('Weighed', 'Waved off'), /chain does not hold at event 2/],
        ['events.jsonl', (text) => `${text.trimEnd().split('\n').slice(0, -1).join('\n')}\n`, /version is not the one/],
        ['alerts.jsonl', (text) => text.replace('simulated', 'harmless'), /alerts\.jsonl was changed/],
      ];
      for (const [name, change, says] of changes) {
        const path = join(folder, 'out', two, name);
        const sumsPath = join(folder, 'out', two, 'SHA256SUMS');
        const [text, sums] = [readFileSync(path, 'utf8'), readFileSync(sumsPath, 'utf8')];
        expect(change(text)).not.toBe(text);
        writeFileSync(path, change(text));
        // Whoever changes a file can make its sum anew; only the alerts have nothing else that speaks for them.
        if (name !== 'alerts.jsonl')
          writeFileSync(
            sumsPath,
            execFileSync(
              'sha256sum',
              readdirSync(join(folder, 'out', two)).filter((file) => file !== 'SHA256SUMS'),
              {
                cwd: join(folder, 'out', two),
              },
            ),
          );
        const changed = await apart();
        expect({ name, status: changed.status, stdout: changed.stdout }).toEqual({
          name,
          status: 1,
          stdout: expect.stringMatching(says),
        });
        writeFileSync(path, text);
        writeFileSync(sumsPath, sums);
      }
      expect((await apart(two)).status).toBe(0);
      expect((await apart('INV-NONE')).status).toBe(1);
    });

    it('purges closed cases only, and tombstones keep what an export is checked against', async () => {
      const old = await filled('old', 400);
      const older = await filled('older', 500);
      const open = await filled('open', 600, 'needs_review');
      const young = await filled('young', 10);
      await link(old, open);
      await link(open, old);
      await storeOf(450).port(call).recordAlert('malformed', { accepted: false, field: 'id', problem: 'missing' });
      const head = (await storeOf().events(older)).at(-1)?.hash ?? '';
      await run('export', 'before');

      const dry = await run('purge', '--older-than', '365');
      expect(dry.status).toBe(0);
      expect(dry.stdout).toMatch(
        new RegExp(`^${older}: would go\n${old}: would go\n2 cases closed before .* and 1 further alert of no case`),
      );
      expect(await storeOf().get(old)).toBeDefined();
      expect((await run('purge', '--older-than', '0')).status).toBe(1);
      expect((await run('purge')).status).toBe(1);

      const purged = await run('purge', '--older-than', '365', '--execute', '--json');
      expect(purged.status).toBe(0);
      expect(JSON.parse(purged.stdout)).toMatchObject({
        dry_run: false,
        purged: [older, old],
        kept: [],
        loose_alerts: 1,
      });
      for (const id of [old, older]) {
        expect(await storeOf().get(id)).toBeUndefined();
        expect(await rowsOf(id)).toEqual({});
      }
      expect((await database.db.selectFrom('alerts_raw').selectAll().execute()).length).toBe(2);
      for (const id of [open, young]) expect(await rowsOf(id)).toMatchObject({ evidence: 1, case_additions: 1 });
      const left = await storeOf().get(open);
      expect(left).toMatchObject({ status: 'needs_review', links: [] });
      expect((await storeOf().events(open)).at(-1)).toMatchObject({ type: 'link_purged' });

      const verified = await run('verify');
      expect(verified).toMatchObject({ status: 0 });
      expect(verified.stdout).toContain('2 purged cases: the chain of tombstones holds');
      const gone = await run('verify', older);
      expect(gone).toMatchObject({ status: 0, stdout: expect.stringContaining(`ended with ${head}`) });
      const apart = await run('verify', '--folder', 'before', older);
      expect(apart.stdout).toContain(`the last is ${head}`);
      // The chain goes on at the next purge, and an export carries it.
      await run('purge', '--older-than', '5', '--execute');
      await run('export', 'after');
      expect((await run('verify', '--folder', 'after')).stdout).toContain(
        '3 purged cases: the chain of tombstones holds',
      );

      // Nothing brings a purged case back, or lets history go without a tombstone.
      await expect(database.db.deleteFrom('case_tombstones').execute()).rejects.toThrow(/append-only/);
      await expect(
        database.db.deleteFrom('investigation_events').where('case_id', '=', open).execute(),
      ).rejects.toThrow(/append-only/);
      const trigger =
        engine === 'postgres'
          ? sql`alter table case_tombstones disable trigger all`
          : sql`drop trigger case_tombstones_no_update`;
      await trigger.execute(database.db);
      await database.db.updateTable('case_tombstones').set({ outcome: 'true_positive' }).where('seq', '=', 2).execute();
      const forged = await run('verify');
      expect(forged).toMatchObject({ status: 1, stdout: expect.stringContaining('BROKEN at 2') });
    });

    it('keeps a case whose chain does not hold or whose response is under way, and says so', async () => {
      const broken = await filled('broken', 400);
      const responding = await filled('responding', 400);
      const trigger =
        engine === 'postgres'
          ? sql`alter table investigation_events disable trigger all`
          : sql`drop trigger investigation_events_no_update`;
      await trigger.execute(database.db);
      await database.db
        .updateTable('investigation_events')
        .set({ summary: 'nothing' })
        .where('case_id', '=', broken)
        .where('seq', '=', 2)
        .execute();
      const text = { system: 'aws_iam', target: 't', target_label: 't', digest: 'd', steps: '[]', warnings: '[]' };
      await database.db
        .insertInto('responses')
        .values({
          ...text,
          id: 'RSP-1',
          case_id: responding,
          action: 'isolate_user',
          status: 'executing',
          results: '[]',
          version: 1,
          created_at: new Date().toISOString(),
        })
        .execute();
      for (const flags of [[], ['--execute']]) {
        const kept = await run('purge', '--older-than', '30', ...flags);
        expect(kept.status).toBe(1);
        expect(kept.stdout).toContain(`${broken}: stays, because its chain does not hold at event 2`);
        expect(kept.stdout).toContain(`${responding}: stays, because its response RSP-1 is executing`);
      }
      expect(await storeOf().get(broken)).toBeDefined();
    });

    it('has every purge of several at once end in one chain', async () => {
      const ids: string[] = [];
      for (let index = 0; index < 6; index += 1) ids.push(await filled(`at-once-${index}`, 100));
      const runs = await Promise.all([1, 2].map(() => run('purge', '--older-than', '30', '--execute', '--json')));
      expect(runs.map(({ status, stderr }) => ({ status, stderr }))).toEqual(
        Array.from({ length: 2 }, () => ({ status: 0, stderr: '' })),
      );
      const purged = runs.flatMap(({ stdout }) => (JSON.parse(stdout) as { purged: string[] }).purged);
      expect(purged.sort()).toEqual(ids.sort());
      const verified = await run('verify');
      expect(verified.stdout).toContain('6 purged cases: the chain of tombstones holds');
    });
  });
}
