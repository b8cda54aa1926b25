import type { z } from 'zod';
import { HuntStore } from '../../../bridge/src/hunts/hunt-store';
import { CaseStore, defaultStoreSettings } from '../../../bridge/src/store/case-store';
import { type Database, openDatabase } from '../../../bridge/src/store/database';
import { getHuntSchedule } from '../../../operations/analytics/get-hunt-schedule';
import { runScheduledHunts } from '../../../operations/analytics/run-scheduled-hunts';
import type { HuntFinding } from '../../../operations/analytics/schedule/hunt-schedule-port';
import { runOperation } from '../../../operations/operation';
import type { HttpRequest, HttpResponse, Ports } from '../../../operations/ports';
import { type Sandbox, startSandbox } from '../../../sandbox/src/sandbox';
import { memoryCases } from '../memory-cases';
import { sandboxPorts } from '../sandbox-ports';

const baseTime = new Date('2026-03-18T12:00:00Z');
const hour = 3_600_000;
const story = ['key_for_another_user', 'administrator_granted', 'log_tampering', 'many_refusals', 'mass_secret_reads'];

/** The schedule on a real store and the sandbox's lake, with a clock that the tests set. */
export function describeHunts(url: () => string): void {
  let sandbox: Sandbox;
  let database: Database;
  let other: Database;
  let now = baseTime;

  beforeAll(async () => {
    sandbox = await startSandbox({ baseTime });
    database = await openDatabase(url());
    other = await openDatabase(url());
  });
  afterAll(async () => {
    await Promise.all([database?.close(), other?.close()]);
    await sandbox?.close();
  });
  beforeEach(async () => {
    for (const table of ['hunt_findings', 'hunt_states', 'hunt_runs', 'leases'] as const)
      await database.db.deleteFrom(table).execute();
    for (const table of ['stages', 'effects', 'evidence', 'alerts_raw'] as const)
      await database.db.deleteFrom(table).execute();
    now = new Date(baseTime.getTime() + 16 * 60_000);
  });

  interface Given {
    http?: (send: Ports['http'], request: HttpRequest) => Promise<HttpResponse>;
    on?: () => Database;
    leaseMs?: number;
    signal?: AbortSignal;
  }

  function ports({ http, on = () => database, leaseMs = 30_000, signal }: Given = {}): Ports {
    let waited = 0;
    const store = new CaseStore(on(), { ...defaultStoreSettings, leaseMs, now: () => now });
    const base = sandboxPorts(sandbox, memoryCases(), [], 1);
    const given = signal ?? base.signal;
    return {
      ...base,
      signal: given,
      // The clock goes on by what is waited, and waits between two looks at a query are cut short.
      now: () => new Date(now.getTime() + waited),
      sleep: (ms, until) => {
        waited += ms;
        return base.sleep(Math.min(ms, 40), until);
      },
      cases: store.port({ caseLeaseMs: 60_000 }),
      hunts: new HuntStore(on(), store.processName, store.settings).port(given),
      http: http === undefined ? base.http : (request) => http(base.http, request),
    };
  }

  const run = (input: z.input<typeof runScheduledHunts.input> = {}, given: Given = {}) =>
    runOperation(runScheduledHunts, ports(given), { hunts: story, ...input });
  /** What the stolen key of the sample story did; the tenant's own automation is found as well. */
  const intruders = ({ opened }: Awaited<ReturnType<typeof run>>) =>
    opened.filter(({ actor }) => actor.endsWith('user/tomas.becker'));
  const cases = () => database.db.selectFrom('security_investigations').select(['id', 'dedup_key', 'title']).execute();
  const findings = (): Promise<HuntFinding[]> => database.db.selectFrom('hunt_findings').selectAll().execute();
  /** Fails whatever asks the data lake for this hunt. */
  const failing =
    (sign: string): Given['http'] =>
    async (send, request) =>
      request.body?.includes(sign) ? { status: 403, headers: {}, body: '{"message":"no"}' } : send(request);

  it('opens one case for each finding, tells of it in the case, and opens none when it runs again', async () => {
    const first = await run();
    expect(first).toMatchObject({ status: 'completed', missed_runs: 0, problems: [], previous_run_at: null });
    expect(first.hunts.every(({ status }) => status === 'completed')).toBe(true);
    expect(first.opened.map(({ hunt }) => hunt).sort()).toEqual([...story].sort());
    for (const { case_id, actor, created } of first.opened) {
      expect(created).toBe(true);
      expect(actor).toContain('tomas.becker');
      const history = await ports().cases?.history(case_id);
      expect(history?.map(({ type }) => type)).toEqual(['opened', 'hunt_finding']);
      expect(history?.at(-1)?.summary).toMatch(/query \S+/);
    }
    const before = await cases();
    const again = await run();
    expect(again.opened).toEqual([]);
    expect(again.hunts.reduce((sum, { known_findings }) => sum + known_findings, 0)).toBe(story.length);
    now = new Date(now.getTime() + 30 * 60_000);
    expect((await run()).opened).toEqual([]);
    expect(await cases()).toEqual(before);
  });

  it('finds the same in many small windows as in one, with one case each', async () => {
    const known = (await cases()).length;
    const end = now.getTime();
    const opened: string[] = [];
    for (let at = end - 7 * hour; at <= end; at += 0.7 * hour) {
      now = new Date(at);
      opened.push(...intruders(await run({ interval_hours: 1 })).map(({ hunt }) => hunt));
    }
    expect(opened.sort()).toEqual([...story].sort());
    expect((await findings()).every(({ case_id }) => case_id !== null)).toBe(true);
    expect(new Set((await cases()).map(({ dedup_key }) => dedup_key)).size).toBe((await cases()).length);
    // A case of the run above may be the same one: the same finding has the same alert, whoever sees it.
    expect((await cases()).length).toBeLessThanOrEqual(known + (await findings()).length);
  });

  it('says how many runs were missed, and makes up for them', async () => {
    const end = now;
    now = new Date(end.getTime() - 17 * hour);
    await run();
    now = end;
    const late = await run();
    expect(late.missed_runs).toBe(3);
    expect(late.problems).toEqual([expect.stringContaining('3 scheduled runs were missed')]);
    const from = Date.parse(late.hunts[0]?.window?.from ?? '');
    expect(from).toBeLessThanOrEqual(end.getTime() - 17 * hour);
    expect(intruders(late)).toHaveLength(story.length);
    expect(await runOperation(getHuntSchedule, ports(), {})).toMatchObject({
      overdue_runs: 0,
      last_run: { missed_runs: 3, opened_cases: late.opened.length, unfinished_hunts: 0 },
    });
    now = new Date(end.getTime() + 9 * hour);
    expect(await runOperation(getHuntSchedule, ports(), {})).toMatchObject({ overdue_runs: 1 });
  });

  it('keeps the watermark of a hunt that failed, and looks at the same time again', async () => {
    const end = now;
    now = new Date(end.getTime() - 4 * hour);
    await run();
    now = end;
    const broken = await run({}, { http: failing('StopLogging') });
    expect(broken.status).toBe('incomplete');
    expect(broken.hunts.find(({ hunt }) => hunt === 'log_tampering')).toMatchObject({ status: 'failed', failures: 1 });
    expect(broken.problems).toEqual([expect.stringMatching(/^log_tampering: .*Tried again/)]);
    expect(broken.opened).toHaveLength(story.length - 1);
    now = new Date(end.getTime() + 8 * hour);
    const repaired = await run();
    expect(repaired.opened.map(({ hunt }) => hunt)).toEqual(['log_tampering']);
    const states = await database.db.selectFrom('hunt_states').selectAll().execute();
    expect(states.every(({ failures, last_problem }) => failures === 0 && last_problem === null)).toBe(true);
    expect(new Set(states.map(({ watermark }) => watermark)).size).toBe(1);
  });

  it('keeps the watermark of a hunt whose rows were cut, and opens what it has seen', async () => {
    const many: Given['http'] = async (send, request) => {
      const response = await send(request);
      if (!request.body?.includes('dataLakeQuery(')) return response;
      const body = JSON.parse(response.body);
      const { results } = body.data?.dataLakeQuery ?? {};
      if (!results?.edges?.length) return response;
      // One row ten thousand times over and some more, as a threshold that is far too low would give.
      results.edges = Array.from({ length: 10_005 }, () => results.edges[0]);
      return { ...response, body: JSON.stringify(body) };
    };
    const cut = await run({ hunts: ['log_tampering'] }, { http: many });
    expect(cut).toMatchObject({ status: 'incomplete', hunts: [{ status: 'cut', new_findings: 1, failures: 1 }] });
    expect(cut.problems.join(' ')).toMatch(/Only the first \d+.* rows could be read/);
    const whole = await run({ hunts: ['log_tampering'] });
    expect(whole).toMatchObject({ status: 'completed', opened: [], hunts: [{ known_findings: 1, failures: 0 }] });
    expect(Date.parse(whole.hunts[0]?.window?.from ?? '')).toBeLessThanOrEqual(
      Date.parse(cut.hunts[0]?.window?.from ?? ''),
    );
  });

  it('does not wait longer than it may for a query, and takes its time again', async () => {
    const slow: Given['http'] = async (send, request) => {
      const response = await send(request);
      if (!request.body?.includes('dataLakeQuery(')) return response;
      const body = JSON.parse(response.body);
      if (body.data?.dataLakeQuery) Object.assign(body.data.dataLakeQuery, { status: 'running', results: null });
      return { ...response, body: JSON.stringify(body) };
    };
    const waiting = await run({ hunts: ['log_tampering'], wait_seconds: 5 }, { http: slow });
    expect(waiting.hunts).toMatchObject([{ status: 'still_running', failures: 1, query_id: expect.any(String) }]);
    expect((await run({ hunts: ['log_tampering'] })).opened).toHaveLength(1);
  });

  it('has nothing to report of a log that the tenant never had, and much of CloudTrail', async () => {
    const without =
      (table: string): Given['http'] =>
      async (send, request) =>
        send({ ...request, body: request.body?.replaceAll(table, `${table}_gone`) });
    const google = await run({ hunts: ['google_second_factor_off'] }, { http: without('gsuite_activityevent') });
    expect(google).toMatchObject({ status: 'completed', problems: [], hunts: [{ status: 'no_table', failures: 0 }] });
    const cloudtrail = await run({ hunts: ['log_tampering'] }, { http: without('aws_cloudtrail') });
    expect(cloudtrail).toMatchObject({ status: 'incomplete', hunts: [{ status: 'failed', failures: 1 }] });
    // Once it was there, its absence is a failure too.
    await run({ hunts: ['google_second_factor_off'] });
    const gone = await run({ hunts: ['google_second_factor_off'] }, { http: without('gsuite_activityevent') });
    expect(gone).toMatchObject({ status: 'incomplete', hunts: [{ status: 'failed' }] });
  });

  it('names the time that it gives up when a hunt has failed for too long', async () => {
    const input = { hunts: ['log_tampering'], max_window_hours: 6 };
    const end = now;
    now = new Date(end.getTime() - 20 * hour);
    await run(input);
    for (const hours of [16, 12, 8]) {
      now = new Date(end.getTime() - hours * hour);
      await run(input, { http: failing('StopLogging') });
    }
    now = end;
    const late = await run(input);
    const [turn] = late.hunts;
    expect(turn).toMatchObject({ status: 'completed', gap: { to: turn?.window?.from } });
    expect(late.problems.join(' ')).toContain('NOT LOOKED AT');
    const schedule = await runOperation(getHuntSchedule, ports(), {});
    expect(schedule.hunts.find(({ hunt }) => hunt === 'log_tampering')?.gap).toEqual(turn?.gap);
  });

  it('does not move on when only a part of the new findings may be opened', async () => {
    const input = { hunts: ['administrator_granted'], interval_hours: 40, max_new_cases: 1 };
    const number = 2;
    const first = await run(input);
    expect(first.hunts[0]).toMatchObject({ status: 'held_back', new_findings: 1, held_back: number - 1 });
    expect(first.status).toBe('incomplete');
    for (let turn = 2; turn <= number; turn += 1) expect((await run(input)).opened).toHaveLength(1);
    expect((await run(input)).hunts[0]).toMatchObject({ status: 'completed', held_back: 0, new_findings: 0 });
  });

  it('is one run when two processes begin at once', async () => {
    const results = await Promise.all([run(), run({}, { on: () => other })]);
    expect(results.map(({ status }) => status).sort()).toEqual(['already_running', 'completed']);
    const rows = await findings();
    expect(rows).toHaveLength(story.length);
    expect((await run()).opened).toEqual([]);
  });

  it('opens the same cases after a run that was broken off between a finding and its case', async () => {
    let opened = 0;
    const broken = ports();
    const store = broken.cases as NonNullable<Ports['cases']>;
    const crash: Ports = {
      ...broken,
      cases: {
        ...store,
        open: async (input) => {
          opened += 1;
          if (opened === 3) throw new Error('the process ends here');
          return store.open(input);
        },
      },
    };
    await expect(runOperation(runScheduledHunts, crash, { hunts: story })).rejects.toThrow('the process ends here');
    const left = await findings();
    expect(left.filter(({ case_id }) => case_id === null).length).toBeGreaterThan(0);
    const next = await run();
    expect(next.problems).toEqual([expect.stringContaining('was broken off')]);
    expect(next.status).toBe('completed');
    const rows = await findings();
    expect(rows).toHaveLength(story.length);
    expect(rows.every(({ case_id }) => case_id !== null)).toBe(true);
    expect(new Set(rows.map(({ case_id }) => case_id)).size).toBe(story.length);
  });

  it('writes nothing more once another run has taken over', async () => {
    const mine = ports({ leaseMs: 60_000 });
    await expect(
      mine.hunts?.exclusively(async (held) => {
        await database.db.updateTable('leases').set({ owner: 'somebody else' }).execute();
        await held.keepState({
          hunt: 'log_tampering',
          watermark: now.toISOString(),
          last_success_at: null,
          failures: 0,
          last_problem: null,
          gap_from: null,
          gap_to: null,
        });
      }),
    ).rejects.toMatchObject({ code: 'conflict' });
    expect(await database.db.selectFrom('hunt_states').selectAll().execute()).toEqual([]);
  });

  it('does nothing, and says so, while the clock stands before the watermark', async () => {
    await run();
    now = new Date(now.getTime() - 5 * hour);
    const early = await run();
    expect(early.status).toBe('incomplete');
    expect(early.hunts.every(({ status }) => status === 'not_run')).toBe(true);
    expect(early.problems).toEqual([expect.stringContaining('before the watermark')]);
  });

  it.each([
    ['hunts', { hunts: ['log_tampering', 'no_such_hunt'] }],
    ['skip', { skip: ["x'; DROP"] }],
    ['parameters', { hunts: [], parameters: { nothing: {} } }],
    ['parameters.calls', { hunts: [], parameters: { many_refusals: { calls: 1 } } }],
    ['skip', { skip: story }],
  ])('refuses %s that cannot be', async (field, input) => {
    await expect(run(input)).rejects.toMatchObject({ code: 'invalid_input', details: { field } });
    expect(await database.db.selectFrom('hunt_runs').selectAll().execute()).toEqual([]);
  });
}
