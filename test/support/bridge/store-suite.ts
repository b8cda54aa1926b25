import { setTimeout as delay } from 'node:timers/promises';
import { EscalationStore } from '../../../bridge/src/escalations/escalation-store';
import { CaseStore, defaultStoreSettings, type StoreSettings } from '../../../bridge/src/store/case-store';
import { type Database, openDatabase } from '../../../bridge/src/store/database';
import { Driving } from '../../../bridge/src/store/driving';
import { firstBrokenEvent } from '../../../bridge/src/store/event-chain';
import type { EscalationContent } from '../../../operations/escalations';
import { untilTrue } from '../eventually';
import { sampleEvidence, sampleOpen } from './sample-case';

const settings: StoreSettings = { ...defaultStoreSettings, leaseMs: 400, maxWaitMs: 20_000 };
const call = { caseLeaseMs: 60_000 };

/**
 * What a case store promises, on whatever engine `url()` names. Two CaseStore values on two connections stand for two
 * processes; the process-level suite does the same with real ones.
 */
export function describeStore(url: () => string): void {
  let database: Database;
  let other: Database;
  let store: CaseStore;
  let second: CaseStore;

  beforeAll(async () => {
    [database, other] = await Promise.all([openDatabase(url()), openDatabase(url())]);
    store = new CaseStore(database, settings);
    second = new CaseStore(other, settings);
  });
  afterAll(async () => {
    await database?.close();
    await other?.close();
  });

  let counter = 0;
  const fresh = async () => {
    counter += 1;
    const { record } = await store.port(call).open(sampleOpen(`alert-${counter}-${Math.random()}`));
    return record;
  };

  /** Two stores whose clock only moves when it is told to: a lease runs out when the test says so. */
  const clocked = () => {
    let time = Date.now();
    const stopped = { ...settings, now: () => new Date(time) };
    const stores = [new CaseStore(database, stopped), new CaseStore(other, stopped)] as const;
    return { stores, later: (ms: number) => (time += ms) };
  };

  describe('migrations', () => {
    it('make the same tables for everybody who opens the database at the same time', async () => {
      const many = await Promise.all(Array.from({ length: 4 }, () => openDatabase(url())));
      const tables = await many[0]?.db.introspection.getTables();
      expect(tables?.map(({ name }) => name)).toEqual(
        expect.arrayContaining([
          'alerts_raw',
          'dead_letters',
          'effects',
          'evidence',
          'investigation_events',
          'panther_queries',
          'security_investigations',
          'stages',
        ]),
      );
      await Promise.all(many.map((one) => one.close()));
    });
  });

  describe('opening', () => {
    it('makes one case out of 50 equal alerts that arrive at once through two connections', async () => {
      const input = sampleOpen('burst');
      const results = await Promise.all(
        Array.from({ length: 50 }, (_, index) => (index % 2 === 0 ? store : second).port(call).open(input)),
      );
      expect(new Set(results.map(({ record }) => record.id)).size).toBe(1);
      expect(results.filter(({ created }) => created)).toHaveLength(1);
      const id = results[0]?.record.id ?? '';
      expect(await store.events(id)).toHaveLength(1);
    });

    it('gives back every field of the alert', async () => {
      const input = sampleOpen('fields');
      const { record } = await store.port(call).open(input);
      expect(record).toMatchObject({ ...input, status: 'opened', version: 1, evidence: [], coverage: [] });
      expect(record.id).toMatch(/^INV-[0-9A-HJKMNP-TV-Z]{17}$/);
      expect(record.closed_at).toBeNull();
    });
  });

  describe('changing', () => {
    it('applies 20 changes at once one after the other: versions grow by one and none is lost', async () => {
      const { id } = await fresh();
      const numbers = Array.from({ length: 20 }, (_, index) => index);
      await Promise.all(
        numbers.map((index) =>
          (index % 2 === 0 ? store : second)
            .port(call)
            .change(id, { probability: index / 20 }, { type: 'step', summary: `Step ${index}` }),
        ),
      );
      const record = await store.get(id);
      expect(record?.version).toBe(21);
      const events = await store.events(id);
      expect(events.map(({ version }) => version)).toEqual(Array.from({ length: 21 }, (_, index) => index + 1));
      expect(firstBrokenEvent(events)).toBeUndefined();
      expect(JSON.parse(events.at(-1)?.data ?? '{}')).toEqual({ probability: record?.probability });
    });

    it('replaces the evidence as a whole and keeps its order and every field', async () => {
      const { id } = await fresh();
      const port = store.port(call);
      await port.change(id, { evidence: [sampleEvidence('E1'), sampleEvidence('E2')] }, { type: 'a', summary: 'a' });
      const items = [sampleEvidence('E3', -0.75), sampleEvidence('E1'), sampleEvidence('E9', 2.25)];
      const record = await port.change(id, { evidence: items }, { type: 'b', summary: 'b' });
      expect(record.evidence).toEqual(items);
      expect((await second.get(id))?.evidence).toEqual(items);
    });

    it('keeps coverage, escalation, report and times as given', async () => {
      const { id } = await fresh();
      const change = {
        status: 'closed' as const,
        outcome: 'benign_positive' as const,
        coverage: [
          { label: 'Activity', source: 'panther', status: 'complete' as const, query_id: 'q', rows: 3, problem: null },
        ],
        escalation: { channel: 'C1', ts: '1.2', permalink: null },
        report_markdown: '# Case — “done”\n',
        report_sha256: 'cd'.repeat(32),
        closed_at: '2026-11-01T11:00:00.000Z',
      };
      await store.port(call).change(id, change, { type: 'closed', summary: 'Closed' });
      expect(await second.get(id)).toMatchObject(change);
    });

    it('takes the same change twice in a row for one, and after another change for a new one', async () => {
      const { id } = await fresh();
      const port = store.port(call);
      const begin = () => port.change(id, { status: 'investigating' }, { type: 'begun', summary: 'Begun' });
      await begin();
      expect((await begin()).version).toBe(2);
      await port.change(id, { status: 'needs_review' }, { type: 'parked', summary: 'Parked' });
      expect((await begin()).version).toBe(4);
    });

    it('refuses a case that does not exist', async () => {
      const port = store.port(call);
      const missing = { code: 'not_found_or_no_access' };
      await expect(port.change('INV-NONE', {}, { type: 'x', summary: 'x' })).rejects.toMatchObject(missing);
      await expect(port.stage('INV-NONE', 's', async () => 1)).rejects.toMatchObject(missing);
      expect(await port.get('INV-NONE')).toBeUndefined();
    });
  });

  describe('the event chain', () => {
    it('cannot be edited or cut through the database', async () => {
      const { id } = await fresh();
      const table = database.db;
      await expect(
        table.updateTable('investigation_events').set({ summary: 'nothing' }).where('case_id', '=', id).execute(),
      ).rejects.toThrow('append-only');
      await expect(table.deleteFrom('investigation_events').where('case_id', '=', id).execute()).rejects.toThrow(
        'append-only',
      );
    });

    it('shows which event was changed, removed or exchanged', async () => {
      const { id } = await fresh();
      for (const step of ['one', 'two', 'three']) {
        await store.port(call).change(id, { reason: step }, { type: step, summary: step });
      }
      const events = await store.events(id);
      expect(firstBrokenEvent(events)).toBeUndefined();
      for (const [index, event] of events.entries()) {
        expect(firstBrokenEvent(events.with(index, { ...event, summary: `${event.summary}!` }))).toBe(index + 1);
        if (index < events.length - 1) expect(firstBrokenEvent(events.toSpliced(index, 1))).toBe(index + 1);
      }
      const [first, secondEvent, ...rest] = events;
      if (first === undefined || secondEvent === undefined) throw new Error('the case has no events');
      expect(firstBrokenEvent([secondEvent, first, ...rest])).toBe(1);
    });
  });

  describe('stages', () => {
    it('compute once for many callers on two connections, and give all of them the stored result', async () => {
      const { id } = await fresh();
      let computed = 0;
      const results = await Promise.all(
        Array.from({ length: 12 }, (_, index) =>
          (index % 2 === 0 ? store : second).port(call).stage(id, 'enrich', async () => {
            computed += 1;
            await delay(60);
            return { rows: computed, none: undefined };
          }),
        ),
      );
      expect(computed).toBe(1);
      expect(results).toEqual(Array.from({ length: 12 }, () => ({ rows: 1 })));
    });

    it('hand a failure to the caller and leave the stage free', async () => {
      const { id } = await fresh();
      await expect(
        store.port(call).stage(id, 'query', async () => {
          throw new Error('the lake is down');
        }),
      ).rejects.toThrow('the lake is down');
      expect(await second.port(call).stage(id, 'query', async () => 'second try')).toBe('second try');
    });

    it('keep their claim while the work goes on longer than the lease', async () => {
      const { id } = await fresh();
      const { stores, later } = clocked();
      const leaseEnds = async () => {
        const row = await database.db.selectFrom('stages').select('lease_until').where('case_id', '=', id).execute();
        return Date.parse(row[0]?.lease_until ?? '');
      };
      let computed = 0;
      const slow = () =>
        stores.map((one) =>
          one.port(call).stage(id, 'slow', async () => {
            computed += 1;
            // Half a lease goes by, then the claim is renewed: five times, so two and a half leases in all.
            for (let turn = 0; turn < 5; turn += 1) {
              const before = await leaseEnds();
              later(settings.leaseMs / 2);
              await untilTrue(async () => (await leaseEnds()) > before);
            }
            return computed;
          }),
        );
      expect(await Promise.all(slow())).toEqual([1, 1]);
    });

    it('pass to another worker once the lease of a dead one has run out', async () => {
      const { id } = await fresh();
      const past = new Date(Date.now() + 150).toISOString();
      await database.db
        .insertInto('stages')
        .values({
          case_id: id,
          stage: 'left',
          state: 'running',
          owner: 'dead',
          lease_until: past,
          attempts: 1,
          result: null,
          started_at: past,
          finished_at: null,
        })
        .execute();
      const begun = Date.now();
      expect(await second.port(call).stage(id, 'left', async () => 'taken over')).toBe('taken over');
      expect(Date.now() - begun).toBeGreaterThanOrEqual(100);
      const row = await database.db.selectFrom('stages').selectAll().where('case_id', '=', id).executeTakeFirst();
      expect(row).toMatchObject({ state: 'done', attempts: 2 });
    });

    it('do not let a worker that lost its claim store its result', async () => {
      const { id } = await fresh();
      const late = store.port(call).stage(id, 'fence', async () => {
        await database.db
          .updateTable('stages')
          .set({ owner: 'thief', lease_until: new Date(Date.now() + 300).toISOString() })
          .where('case_id', '=', id)
          .execute();
        await database.db
          .updateTable('stages')
          .set({ state: 'done', result: '"of the new owner"' })
          .where('case_id', '=', id)
          .execute();
        return 'late';
      });
      expect(await late).toBe('of the new owner');
    });

    it('stop waiting when the caller goes away, and after the longest wait', async () => {
      const { id } = await fresh();
      let free: () => void = () => {};
      const held = store.port(call).stage(id, 'held', () => new Promise<void>((resolve) => (free = resolve)));
      await delay(50);
      const leaving = AbortSignal.timeout(80);
      await expect(second.port({ ...call, signal: leaving }).stage(id, 'held', async () => {})).rejects.toMatchObject({
        code: 'cancelled',
      });
      const impatient = new CaseStore(other, { ...settings, maxWaitMs: 120 });
      await expect(impatient.port(call).stage(id, 'held', async () => {})).rejects.toMatchObject({ code: 'conflict' });
      free();
      await held;
    });
  });

  describe('effects', () => {
    const never = async () => undefined;

    it('happen once for many callers on two connections', async () => {
      const { id } = await fresh();
      let performed = 0;
      const results = await Promise.all(
        Array.from({ length: 12 }, (_, index) =>
          (index % 2 === 0 ? store : second).port(call).effect(
            `${id}:escalate:slack_message:C1`,
            async () => {
              performed += 1;
              await delay(40);
              return { ts: '1.2' };
            },
            never,
          ),
        ),
      );
      expect(performed).toBe(1);
      expect(results.filter((result) => result.performed)).toHaveLength(1);
      expect(results.every(({ result }) => result.ts === '1.2')).toBe(true);
    });

    it('are looked for before they are repeated after a failure with an open end', async () => {
      const { id } = await fresh();
      const key = `${id}:escalate:slack_message:C2`;
      const posted: string[] = [];
      const lost = store.port(call).effect(
        key,
        async () => {
          posted.push('message');
          throw new Error('the connection broke');
        },
        never,
      );
      await expect(lost).rejects.toThrow('the connection broke');
      const again = await second.port(call).effect(
        key,
        async () => {
          posted.push('message');
          return 'performed';
        },
        async () => (posted.length > 0 ? 'found' : undefined),
      );
      expect(again).toEqual({ result: 'found', performed: false });
      expect(posted).toEqual(['message']);
    });

    it('are performed on takeover when nothing is found', async () => {
      const { id } = await fresh();
      const key = `${id}:escalate:slack_message:C3`;
      await expect(store.port(call).effect(key, () => Promise.reject(new Error('refused')), never)).rejects.toThrow();
      expect(await second.port(call).effect(key, async () => 'done', never)).toEqual({
        result: 'done',
        performed: true,
      });
      expect(await store.port(call).effect(key, async () => 'twice', never)).toEqual({
        result: 'done',
        performed: false,
      });
    });

    it('need a key of the published form', async () => {
      await expect(store.port(call).effect('nothing', async () => 1, never)).rejects.toMatchObject({
        code: 'invalid_input',
      });
    });
  });

  describe('started queries', () => {
    const at = '2026-11-01T10:00:00.000Z';
    const key = () => `key-${Math.random()}`;

    it('are claimed by one of many that ask at once through two connections', async () => {
      const one = key();
      const claims = await Promise.all(
        Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? store : second).queries.claim(one, at)),
      );
      expect(claims.filter(Boolean)).toHaveLength(1);
      expect(await second.queries.find(one)).toEqual({ query_id: null, started_at: at });
    });

    it('are found by every process once their id is known, and stay when claimed again', async () => {
      const one = key();
      await store.queries.claim(one, at);
      await store.queries.remember(one, { query_id: 'q1', started_at: at });
      expect(await second.queries.find(one)).toEqual({ query_id: 'q1', started_at: at });
      expect(await second.queries.claim(one, at)).toBe(false);
      await second.queries.remember(one, { query_id: 'q2', started_at: at });
      expect(await store.queries.find(one)).toEqual({ query_id: 'q2', started_at: at });
      expect(await store.queries.find(key())).toBeUndefined();
    });

    it('are forgotten only as the ones that were seen', async () => {
      const one = key();
      await store.queries.claim(one, at);
      await store.queries.forget(one, { query_id: 'q1', started_at: at });
      await store.queries.forget(one, { query_id: null, started_at: '2026-11-01T10:00:01.000Z' });
      expect(await store.queries.find(one)).toBeDefined();
      await store.queries.forget(one, { query_id: null, started_at: at });
      expect(await store.queries.find(one)).toBeUndefined();
      await store.queries.remember(one, { query_id: 'q1', started_at: at });
      await store.queries.forget(one, { query_id: null, started_at: at });
      expect(await store.queries.find(one)).toBeDefined();
      await store.queries.forget(one, { query_id: 'q1', started_at: at });
      expect(await store.queries.find(one)).toBeUndefined();
    });

    it('expire after a day, and leave the table', async () => {
      const old = key();
      await store.queries.remember(old, { query_id: 'q1', started_at: at });
      const tomorrow = new CaseStore(database, {
        ...settings,
        now: () => new Date(Date.now() + 24 * 3_600_000 + 1000),
      });
      expect(await tomorrow.queries.find(old)).toBeUndefined();
      expect(await tomorrow.queries.claim(old, at)).toBe(true);
      const kept = await database.db.selectFrom('panther_queries').select('key').execute();
      expect(kept).toEqual([{ key: old }]);
    });
  });

  describe('driving', () => {
    it('finds a case once its lease has run out, and gives it to one claimant', async () => {
      const { stores, later } = clocked();
      const { record } = await stores[0].port({ caseLeaseMs: 30_000 }).open(sampleOpen(`stuck-${Math.random()}`));
      const drivers = stores.map((one) => new Driving(one));
      later(29_999);
      expect(await drivers[1]?.claim(record.id, false)).toBeUndefined();
      later(1);
      expect(await drivers[1]?.stuck(1000)).toContain(record.id);
      const claims = await Promise.all(drivers.map((driver) => driver.claim(record.id, false)));
      expect(claims.filter((attempts) => attempts === 1)).toHaveLength(1);
      expect(await drivers[0]?.stuck(1000)).not.toContain(record.id);
    });

    it('is pushed by every call that works on the case, so nobody takes a case that is driven from outside', async () => {
      const { stores, later } = clocked();
      const { record } = await stores[0].port({ caseLeaseMs: 30_000 }).open(sampleOpen(`driven-${Math.random()}`));
      await stores[0].port(call).stage(record.id, 'one', async () => 1);
      later(30_001);
      expect(await new Driving(stores[1]).claim(record.id, true)).toBeUndefined();
    });

    it('waits for the time set by the last failure, and ends with a dead letter and a failed case', async () => {
      const { stores, later } = clocked();
      const [first] = stores;
      const { record } = await first.port({ caseLeaseMs: 0 }).open(sampleOpen(`dying-${Math.random()}`));
      const driving = new Driving(first);
      expect(await driving.claim(record.id, true)).toBe(1);
      const retryAt = new Date(first.settings.now().getTime() + 1000);
      await driving.release(record.id, { error: 'the lake is down', retryAt });
      expect(await driving.stuck(1000)).not.toContain(record.id);
      later(1000);
      expect(await driving.stuck(1000)).toContain(record.id);
      expect(await driving.claim(record.id, false)).toBe(2);
      await driving.bury(record.id, 2, 'the lake is down');
      expect(await second.get(record.id)).toMatchObject({ status: 'failed', reason: 'the lake is down' });
      const letters = await database.db
        .selectFrom('dead_letters')
        .selectAll()
        .where('case_id', '=', record.id)
        .execute();
      expect(letters).toMatchObject([{ reason: 'the lake is down', attempts: 2 }]);
    });
  });

  describe('a clock that steps back by an hour', () => {
    const hour = 3_600_000;
    let step = 0;
    const now = () => new Date(Date.now() - step);
    const stepping = { ...settings, now };
    const two = () => [new CaseStore(database, stepping), new CaseStore(other, stepping)] as const;
    beforeEach(() => {
      step = 0;
    });

    it('does not keep a case from being found whose process has died, nor one that waits for its next try', async () => {
      const [first, next] = two();
      const { record } = await first.port({ caseLeaseMs: 90_000 }).open(sampleOpen(`step-${Math.random()}`));
      const { record: failed } = await first.port({ caseLeaseMs: 0 }).open(sampleOpen(`step-${Math.random()}`));
      const driving = new Driving(next, 90_000);
      expect(await driving.claim(failed.id, false)).toBe(1);
      await driving.release(failed.id, { error: 'the lake is down', retryAt: new Date(Date.now() + 600_000) });
      expect(await driving.stuck(1000)).not.toEqual(expect.arrayContaining([record.id]));
      step = hour;
      expect(await driving.stuck(1000)).toEqual(expect.arrayContaining([record.id, failed.id]));
      expect(await driving.claim(record.id, false)).toBe(1);
      expect(await driving.claim(record.id, false)).toBeUndefined();
    });

    it('does not keep an escalation from whoever goes on with it', async () => {
      const [first, next] = two();
      const follow = { acknowledgeMs: { critical: 0, high: 0, medium: 0, low: 0 }, escalateTo: [] };
      const [dead, living] = [first, next].map((one) => new EscalationStore(one, follow, true, 400)) as [
        EscalationStore,
        EscalationStore,
      ];
      const owing = async () => {
        const record = await fresh();
        await dead.register(record, { channel: 'C1', content: { urgency: 'low' } as EscalationContent });
        await dead.posted(record.id, { channel: 'C1', ts: '1.1', permalink: null });
        await dead.raise(record.id, 'high');
        return record.id;
      };
      const [claimed, postponed] = [await owing(), await owing()];
      expect(await dead.claim(claimed)).toBeDefined();
      expect(await dead.claim(postponed)).toBeDefined();
      await dead.release(postponed, { error: 'Slack is down', retryAt: new Date(Date.now() + 200_000) });
      expect(await living.due(1000)).toEqual(expect.not.arrayContaining([claimed, postponed]));
      step = hour;
      expect(await living.due(1000)).toEqual(expect.arrayContaining([claimed, postponed]));
      expect(await living.claim(claimed)).toMatchObject({ case_id: claimed });
      expect(await dead.claim(claimed)).toBeUndefined();
    });

    it('does not keep a stage or an effect that nobody works on any more from being done', async () => {
      const { id } = await fresh();
      const ends = new Date(Date.now() + settings.leaseMs).toISOString();
      const dead = { case_id: id, owner: 'a process that died', lease_until: ends, attempts: 1, result: null };
      const key = `${id}:escalate:message:C1`;
      await database.db
        .insertInto('stages')
        .values({ ...dead, stage: 'left', state: 'running', started_at: ends, finished_at: null })
        .execute();
      await database.db
        .insertInto('effects')
        .values({ ...dead, key, state: 'claimed', claimed_at: ends, done_at: null })
        .execute();
      step = hour;
      const port = two()[1].port(call);
      expect(await port.stage(id, 'left', async () => 'done')).toBe('done');
      // Nobody knows whether the dead one acted: that is looked for first.
      const effect = await port.effect(
        key,
        async () => 'a second time',
        async () => 'found',
      );
      expect(effect).toEqual({ result: 'found', performed: false });
    });

    it('takes no stage from whoever still works on it', async () => {
      const { id } = await fresh();
      const [first, next] = two();
      let computed = 0;
      const work = async () => {
        computed += 1;
        await delay(4 * settings.leaseMs);
        return computed;
      };
      const working = first.port(call).stage(id, 'long', work);
      while (computed === 0) await delay(5);
      step = hour;
      expect(await Promise.all([working, next.port(call).stage(id, 'long', work)])).toEqual([1, 1]);
    });

    it('leaves the chain of events whole and in the order in which they happened', async () => {
      const [first] = two();
      const { record } = await first.port(call).open(sampleOpen(`step-${Math.random()}`));
      await first.port(call).change(record.id, { reason: 'one' }, { type: 'one', summary: 'One' });
      step = hour;
      const changed = await first.port(call).change(record.id, { reason: 'two' }, { type: 'two', summary: 'Two' });
      expect(changed).toMatchObject({ reason: 'two', version: 3 });
      const events = await first.events(record.id);
      expect(events.map(({ type }) => type)).toEqual(['opened', 'one', 'two']);
      expect(firstBrokenEvent(events)).toBeUndefined();
      expect((events[2]?.at ?? '') < (events[1]?.at ?? '')).toBe(true);
    });
  });

  it('keeps raw alerts, usable or not', async () => {
    const port = store.port(call);
    const id = await port.recordAlert(
      { title: 'x\u0000y', deep: [1] },
      { accepted: false, field: 'id', problem: 'missing' },
    );
    const row = await database.db.selectFrom('alerts_raw').selectAll().where('id', '=', id).executeTakeFirst();
    expect(row).toMatchObject({ accepted: 0, field: 'id', problem: 'missing' });
    expect(JSON.parse(row?.body ?? '')).toEqual({ title: 'x\u0000y', deep: [1] });
  });

  it('rolls back a change whose transaction fails, and works on', async () => {
    const { id } = await fresh();
    await expect(
      store.change(id, { reason: 'half' }, { type: 'half', summary: 'half' }, 0, async () => {
        throw new Error('the last step failed');
      }),
    ).rejects.toThrow('the last step failed');
    expect(await store.get(id)).toMatchObject({ reason: null, version: 1 });
    expect(await store.events(id)).toHaveLength(1);
    expect((await store.port(call).change(id, { reason: 'whole' }, { type: 'w', summary: 'w' })).reason).toBe('whole');
  });
}
