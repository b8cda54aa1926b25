import { EscalationEngine } from '../../../bridge/src/escalations/escalation-engine';
import { CaseStore } from '../../../bridge/src/store/case-store';
import { firstBrokenEvent } from '../../../bridge/src/store/event-chain';
import type { CaseRecord } from '../../../operations/cases';
import { runOperation } from '../../../operations/operation';
import type { Ports } from '../../../operations/ports';
import { escalateToSocTeam } from '../../../operations/slack/escalate-to-soc-team';
import { ratePauses } from '../../../operations/slack/rate-pauses';
import { type ApprovalRig, people, type SlackText, startApprovalRig } from './approval-rig';
import { eventually } from './running-bridge';
import { sampleEvidence, sampleOpen } from './sample-case';

/** A database for one test; `url` undefined for a SQLite file of the rig's own. */
export interface TestDatabase {
  url: string | undefined;
  drop(): Promise<void>;
}

/** Escalations over the wire: the bridge, its database, and the simulated workspace whose people click. */
export function escalationSuite(createDatabase: () => Promise<TestDatabase>): void {
  const resumed: string[] = [];
  /** Stands for the pipeline: finds something and leaves the case to people. */
  const resume = async (ports: Ports, caseId: string): Promise<CaseRecord> => {
    resumed.push(caseId);
    const { cases } = ports;
    if (cases === undefined) throw new Error('no case store');
    await cases.stage(caseId, 'investigate:query:first', async () => ({ asked: resumed.length }));
    const change = {
      status: 'needs_review' as const,
      outcome: 'needs_review' as const,
      reason: `Run ${resumed.length} <!channel>`,
      evidence: [sampleEvidence(`E${resumed.length}`)],
    };
    return cases.change(caseId, change, { type: 'evidence_correlated', summary: `run ${resumed.length}` });
  };

  let rig: ApprovalRig;
  let database: TestDatabase | undefined;
  const slow = { SLACK_ACK_SECONDS_CRITICAL: '3600', SLACK_ACK_SECONDS_HIGH: '3600', SLACK_ACK_SECONDS_MEDIUM: '3600' };
  const channels = {
    SLACK_CHANNEL_CRITICAL: '#soc-critical',
    SLACK_CHANNEL_HIGH: '#soc-high',
    SLACK_CHANNEL_DEFAULT: '#soc-alerts',
  };
  const start = async (environment: Record<string, string> = slow) => {
    database = await createDatabase();
    rig = await startApprovalRig({ ...channels, ...environment }, database.url, resume);
  };
  beforeEach(() => {
    resumed.length = 0;
    ratePauses.clear();
  });
  afterEach(async () => {
    await rig?.stop();
    await database?.drop();
  });

  let opened = 0;
  async function openCase(status: CaseRecord['status'] = 'needs_review'): Promise<string> {
    opened += 1;
    const cases = rig.bridge.store.port({ caseLeaseMs: 600_000 });
    const { record } = await cases.open(sampleOpen(`escalated-${opened}`));
    if (status !== 'opened') await cases.change(record.id, { status }, { type: 'set', summary: status });
    return record.id;
  }
  const escalate = (case_id: string, input: object = {}) =>
    runOperation(escalateToSocTeam, rig.bridge.host.ports({ signal: new AbortController().signal }), {
      title: 'Keys created for others',
      summary: 'Two keys were created.',
      urgency: 'high',
      case_id,
      ...input,
    });
  type Place = { channel: string; ts: string };
  const press = (user: string, what: 'acknowledge' | 'investigate', { channel, ts }: Place) =>
    rig.slack.interactions.click({ user, channel, ts, actionId: `soc_escalation_${what}` });
  const until = <T>(check: () => Promise<T | undefined | false>) =>
    eventually(async () => (await check()) || undefined);
  const head = (place: Place) => rig.card(place);
  const thread = async (place: Place) => (await rig.replies(place)).map((reply) => JSON.stringify(reply));
  const events = async (caseId: string) => (await rig.bridge.store.events(caseId)).map(({ type }) => type);
  const inChannel = async (name: string): Promise<SlackText[]> => rig.channel(name);

  describe('acknowledging', () => {
    beforeEach(() => start());

    test('stamps who and when on the case and on the message, and leaves the other button', async () => {
      const id = await openCase();
      const place = await escalate(id);
      const before = await head(place);
      expect(before).toContain('soc_escalation_acknowledge');
      expect(before).toContain('soc_escalation_investigate');
      expect(await press(people.eva, 'acknowledge', place)).toMatchObject({ acknowledged: true });
      const shown = await until(async () => {
        const text = await head(place);
        return text.includes('*Acknowledged* by <@U0SIM0009> · <!date^') && text;
      });
      expect(shown).not.toContain('soc_escalation_acknowledge');
      expect(shown).toContain('soc_escalation_investigate');
      const stored = await rig.bridge.store.events(id);
      const stamp = stored.find(({ type }) => type === 'acknowledged');
      expect(stamp?.summary).toMatch(/^Acknowledged in Slack by Eva Novak \(U0SIM0009\) at \d{4}-\d\d-\d\dT/);
      expect(firstBrokenEvent(stored)).toBeUndefined();
    });

    test('counts for the first of two people, once, however often it is delivered', async () => {
      const id = await openCase();
      const place = await escalate(id);
      const click = { ...place, actionId: 'soc_escalation_acknowledge' };
      await Promise.all([
        rig.slack.interactions.click({ user: people.eva, ...click, fault: 'duplicate' }),
        rig.slack.interactions.click({ user: people.rafael, ...click, fault: 'duplicate' }),
      ]);
      await until(async () => (await head(place)).includes('*Acknowledged*'));
      const first = (await head(place)).includes(`by <@${people.eva}>`) ? people.eva : people.rafael;
      const second = first === people.eva ? people.rafael : people.eva;
      await until(async () => rig.notes(second).some((text) => text.includes('has acknowledged this already')));
      // The second may be told before the first one's stamp is written.
      await until(async () => (await events(id)).includes('acknowledged'));
      expect((await events(id)).filter((type) => type === 'acknowledged')).toHaveLength(1);
      expect(rig.notes(first)).toEqual([]);
    });

    test.each([
      ['a guest', people.guest, 'a guest account'],
      ['somebody of another company', 'U0SIM0021', 'an account of another workspace'],
      ['a deactivated account', 'U0SIM0014', 'a deactivated account'],
    ])('does not count for %s, who is told', async (_who, user, why) => {
      const id = await openCase();
      rig.slack.interactions.state.channels.get((await escalate(id)).channel)?.members.add(user);
      const place = await escalate(id);
      await press(user, 'acknowledge', place);
      await until(async () => rig.notes(user).some((text) => text.includes(why)));
      expect(await head(place)).toContain('soc_escalation_acknowledge');
      expect(await events(id)).not.toContain('acknowledged');
    });

    test('somebody who is not in the channel is told where they clicked, else in a direct message', async () => {
      const id = await openCase();
      const place = await escalate(id);
      await press(people.guest, 'acknowledge', place);
      await until(async () => rig.notes(people.guest).some((text) => text.includes('a guest account')));
      rig.faults.add({ service: 'slack', path: '^/actions/', status: 404 });
      await press(people.guest, 'acknowledge', place);
      const { state } = rig.slack.interactions;
      const direct = await until(async () => [...state.channels.values()].find(({ kind }) => kind === 'im'));
      expect(direct.members).toEqual(new Set([people.guest, 'U0SIMBOT1']));
      const [note] = state.messages.filter(({ channel }) => channel === direct.id);
      expect(note?.text).toContain('a guest account');
    });

    test('is not taken from forged, stale, future or altered requests', async () => {
      const id = await openCase();
      const place = await escalate(id);
      for (const fault of [
        'bad_signature',
        'no_signature',
        'stale',
        'future',
        'altered',
        'wrong_content_type',
      ] as const) {
        const outcome = await rig.slack.interactions.click({
          user: people.eva,
          ...place,
          actionId: 'soc_escalation_acknowledge',
          fault,
        });
        expect([fault, outcome.acknowledged]).toEqual([fault, false]);
      }
      expect(await events(id)).not.toContain('acknowledged');
    });
  });

  describe('nobody acknowledges', () => {
    test('reminds in the thread, calls the next channel and then the group, and all messages show who came', async () => {
      await start({ SLACK_ACK_SECONDS_HIGH: '1', SLACK_ESCALATE_TO: '#soc-critical,S0SIM0002' });
      const id = await openCase();
      const place = await escalate(id);
      await until(async () => (await thread(place)).some((reply) => reply.includes('Nobody has acknowledged this')));
      const pointer = await until(async () => (await inChannel('soc-critical'))[0]);
      expect(JSON.stringify(pointer)).toContain('soc_escalation_acknowledge');
      expect(JSON.stringify(pointer)).toContain(String(place.permalink));
      await until(async () => (await thread(place)).some((reply) => reply.includes('<!subteam^S0SIM0002>')));
      expect(await events(id)).toContain('escalation_unanswered');
      const critical = {
        channel: rig.slack.channels.find(({ name }) => name === 'soc-critical')?.id ?? '',
        ts: pointer.ts,
      };
      await press(people.sian, 'acknowledge', critical);
      for (const shown of [place, critical])
        await until(async () => {
          const text = await head(shown);
          return text.includes(`*Acknowledged* by <@${people.sian}>`) && !text.includes('soc_escalation_acknowledge');
        });
    });

    test('the clock goes on over a restart, and nothing is said twice', async () => {
      await start({ SLACK_ACK_SECONDS_HIGH: '2' });
      const id = await openCase();
      const place = await escalate(id);
      await rig.restart();
      await until(async () => (await thread(place)).length === 1);
      await rig.restart();
      await until(async () => (await head(place)).includes('Not acknowledged yet'));
      expect(await thread(place)).toHaveLength(1);
      expect((await events(id)).filter((type) => type === 'escalation_unanswered')).toHaveLength(1);
    });

    test('several processes on one database say everything once', async () => {
      await start({ SLACK_ACK_SECONDS_HIGH: '1', SLACK_ESCALATE_TO: '#soc-critical' });
      const { bridge } = rig;
      const others = Array.from({ length: 3 }, () => {
        const engine = new EscalationEngine({
          store: new CaseStore(bridge.store.database, bridge.store.settings),
          settings: bridge.config.escalations,
          interactive: true,
          closers: [],
          ports: (signal) => bridge.host.ports({ signal, caseLeaseMs: 0 }),
          logger: bridge.logger,
          everyMs: 20,
        });
        engine.start();
        return engine;
      });
      try {
        const ids = await Promise.all([openCase(), openCase(), openCase(), openCase()]);
        const places = await Promise.all(ids.map((id) => escalate(id)));
        await until(async () => {
          const rows = await bridge.store.database.db.selectFrom('escalations').selectAll().execute();
          return rows.every((row) => row.step === 2 && row.next_at === null && row.shown_revision === row.revision);
        });
        for (const [index, place] of places.entries()) {
          expect(await thread(place)).toHaveLength(1);
          const stored = await events(ids[index] ?? '');
          expect(stored.filter((type) => type === 'escalation_unanswered')).toHaveLength(2);
        }
        expect(await inChannel('soc-critical')).toHaveLength(ids.length);
      } finally {
        await Promise.all(others.map((engine) => engine.stop()));
      }
    });

    test('an acknowledgement stops the calling', async () => {
      await start({ SLACK_ACK_SECONDS_HIGH: '1', SLACK_ESCALATE_TO: '#soc-critical' });
      const id = await openCase();
      const place = await escalate(id);
      await press(people.eva, 'acknowledge', place);
      await until(async () => (await head(place)).includes('*Acknowledged*'));
      const row = await rig.bridge.store.database.db
        .selectFrom('escalations')
        .select('next_at')
        .where('case_id', '=', id)
        .executeTakeFirst();
      expect(row?.next_at).toBeNull();
      expect(await inChannel('soc-critical')).toEqual([]);
    });

    test('a channel that cannot be written to does not stop the next call', async () => {
      await start({ SLACK_ACK_SECONDS_HIGH: '1', SLACK_ESCALATE_TO: '#general,S0SIM0002' });
      const id = await openCase();
      const place = await escalate(id);
      await until(async () => (await thread(place)).some((reply) => reply.includes('<!subteam^S0SIM0002>')));
      expect(await events(id)).toContain('escalation_call_failed');
    });
  });

  describe('investigating', () => {
    beforeEach(() => start());

    test.each(['opened', 'needs_review', 'failed'] as const)(
      'starts the pipeline of a case that is %s, and its findings go to the thread',
      async (status) => {
        const id = await openCase(status);
        const place = await escalate(id);
        await press(people.rafael, 'investigate', place);
        await until(async () => resumed.includes(id));
        const found = await until(async () => (await thread(place)).find((reply) => reply.includes('Run 1')));
        expect(found).toContain('Simulated statement E1');
        expect(found).not.toMatch(/"type":"mrkdwn","text":"[^"]*<!channel>/);
        await until(async () => {
          const text = await head(place);
          return text.includes(`*Investigation* started by <@${people.rafael}>`) && text.includes('Verdict') && text;
        });
        expect(await head(place)).toContain(`*Acknowledged* by <@${people.rafael}>`);
        expect(await events(id)).toContain(status === 'opened' ? 'investigation_asked' : 'reopened');
      },
    );

    test('again asks everything anew and tells what is new, in the same thread', async () => {
      const id = await openCase();
      const place = await escalate(id);
      await press(people.rafael, 'investigate', place);
      await until(async () => (await thread(place)).length === 1);
      await until(async () => (await rig.bridge.store.get(id))?.status === 'needs_review');
      await press(people.eva, 'investigate', place);
      await until(async () => (await thread(place)).some((reply) => reply.includes('Run 2')));
      expect(await inChannel('soc-high')).toHaveLength(1);
    });

    test('the same click handed over twice starts one run', async () => {
      const id = await openCase();
      await escalate(id);
      const by = { id: people.eva, name: 'Eva Novak', at: '2026-11-28T10:00:00.000Z' };
      for (let time = 0; time < 2; time += 1) {
        expect(await rig.bridge.escalations.investigate(id, by)).toBe('started');
        await until(async () => (await rig.bridge.store.get(id))?.status === 'needs_review');
      }
      expect(resumed).toEqual([id]);
    });

    test('a closed case is left alone, and the person told', async () => {
      const id = await openCase();
      const place = await escalate(id);
      await rig.bridge.store
        .port({ caseLeaseMs: 0 })
        .change(id, { status: 'closed' }, { type: 'closed', summary: 'x' });
      await press(people.eva, 'investigate', place);
      await until(async () => rig.notes(people.eva).some((text) => text.includes('closed')));
      expect(resumed).toEqual([]);
    });
  });

  describe('what the message shows', () => {
    beforeEach(() => start());
    const change = (id: string, values: Parameters<ReturnType<typeof rig.bridge.store.port>['change']>[1]) =>
      rig.bridge.store.port({ caseLeaseMs: 0 }).change(id, values, { type: 'changed', summary: 'a change' });

    test('a raised severity, told to the channel it concerns, which leads to the one thread', async () => {
      const id = await openCase();
      const place = await escalate(id);
      await change(id, { outcome: 'true_positive', severity: 'CRITICAL', reason: 'Worse than thought.' });
      await until(async () => (await head(place)).includes('CRITICAL: Keys'));
      const pointers = await until(async () => {
        const found = await inChannel('soc-critical');
        return found.length > 0 && found;
      });
      expect(JSON.stringify(pointers)).toContain('raised to critical');
      expect(pointers).toHaveLength(1);
      await change(id, { severity: 'LOW' });
      await until(async () => (await head(place)).includes('severity LOW'));
      expect(await head(place)).toContain('CRITICAL: Keys');
    });

    test('a raised urgency puts the clock forward, also where nobody was to be called', async () => {
      const id = await openCase();
      await escalate(id, { urgency: 'low' });
      const { db } = rig.bridge.store.database;
      const nextAt = async () => {
        const row = await db.selectFrom('escalations').select('next_at').executeTakeFirst();
        return row?.next_at ?? null;
      };
      expect(await nextAt()).toBeNull();
      await escalate(id, { urgency: 'high' });
      expect(await nextAt()).not.toBeNull();
    });

    test('a verdict that comes while an earlier one is being told', async () => {
      const id = await openCase();
      const place = await escalate(id);
      rig.faults.add({ service: 'slack', path: 'chat.postMessage', delayMs: 700 });
      await change(id, { outcome: 'true_positive', severity: 'CRITICAL', reason: 'Worse than thought.' });
      const { db } = rig.bridge.store.database;
      await until(async () => {
        const row = await db.selectFrom('escalations').select('lease_owner').executeTakeFirst();
        return row?.lease_owner !== null;
      });
      await change(id, { reason: 'Worse than that.' });
      await until(async () => (await thread(place)).some((reply) => reply.includes('Worse than that.')));
    });

    test('a closed case, without buttons', async () => {
      const id = await openCase();
      const place = await escalate(id);
      await change(id, { status: 'closed', outcome: 'benign_positive', severity: 'LOW' });
      await until(async () => (await head(place)).includes('CLOSED: Keys'));
      expect(await head(place)).not.toContain('soc_escalation_');
    });

    test('two pipelines over one case make one thread, whatever each of them thinks of it', async () => {
      const id = await openCase();
      const outputs = await Promise.all([
        escalate(id, { urgency: 'high' }),
        escalate(id, { urgency: 'critical', title: 'Another title' }),
        escalate(id, { urgency: 'low', channel: '#soc-low' }),
      ]);
      expect(new Set(outputs.map(({ ts }) => ts)).size).toBe(1);
      expect(outputs.filter(({ posted }) => posted)).toHaveLength(1);
      const [place] = outputs;
      await until(async () => (await head(place)).includes('CRITICAL'));
    });

    test('one that is asked for again, later and by whomever, is the same message', async () => {
      const id = await openCase();
      const first = await escalate(id);
      const again = await escalate(id, { title: 'In other words', urgency: 'medium' });
      expect(again).toMatchObject({ posted: false, channel: first.channel, ts: first.ts });
      const raised = await escalate(id, { urgency: 'critical', channel: '#soc-critical' });
      expect(raised).toMatchObject({ posted: false, channel: first.channel, ts: first.ts });
      const heads = (await inChannel('soc-high')).filter((message) => JSON.stringify(message).includes(id));
      expect(heads).toHaveLength(1);
    });

    test('a channel that does not exist is not remembered', async () => {
      const id = await openCase();
      await expect(escalate(id, { channel: '#nowhere' })).rejects.toMatchObject({ code: 'not_found_or_no_access' });
      expect(await escalate(id)).toMatchObject({ posted: true });
    });

    test('is posted by another process when its own did not live to', async () => {
      const id = await openCase();
      const content = {
        title: 'Left behind',
        summary: 's',
        urgency: 'high' as const,
        findings: [],
        next_steps: [],
        links: [],
      };
      await rig.bridge.escalations.port().register(id, { channel: '#soc-high', content });
      await rig.bridge.store.database.db
        .updateTable('escalations')
        .set({ created_at: '2026-01-01T00:00:00.000Z' })
        .where('case_id', '=', id)
        .execute();
      await until(async () => (await inChannel('soc-high')).some(({ text }) => text.includes('Left behind')));
      await until(async () => (await rig.bridge.store.get(id))?.escalation ?? undefined);
    });

    test('outlives the message: one that was deleted stays deleted', async () => {
      const id = await openCase();
      const place = await escalate(id);
      const { state } = rig.slack.interactions;
      state.messages = state.messages.filter(({ ts }) => ts !== place.ts);
      await change(id, { status: 'closed' });
      await until(async () => {
        const row = await rig.bridge.store.database.db.selectFrom('escalations').selectAll().executeTakeFirst();
        return row?.drawn !== null && row?.last_error === null;
      });
    });
  });

  test('calls whom the configuration names for the urgency, and nobody else', async () => {
    await start({ ...slow, SLACK_MENTION_CRITICAL: 'S0SIM0002, U0SIM0009' });
    const id = await openCase();
    const quiet = await head(await escalate(id, { summary: '<!subteam^S0SIM0001>' }));
    expect(quiet).not.toMatch(/"type":"mrkdwn","text":"[^"]*<(?:!subteam|@|!channel)/);
    const loud = await head(await escalate(await openCase(), { urgency: 'critical' }));
    expect(loud).toContain('"type":"mrkdwn","text":"<!subteam^S0SIM0002> <@U0SIM0009>"');
    await escalate(id, { urgency: 'critical' });
    const pointer = await until(async () => (await inChannel('soc-critical')).find(({ text }) => text.includes(id)));
    expect(pointer.text).toContain('<!subteam^S0SIM0002>');
  });

  test('without a way in for clicks there are no buttons, and nobody is called', async () => {
    await start({ SLACK_SIGNING_SECRET: '', SLACK_ACK_SECONDS_HIGH: '1' });
    const id = await openCase();
    const place = await escalate(id);
    expect(await head(place)).not.toContain('soc_escalation_');
    const row = await rig.bridge.store.database.db.selectFrom('escalations').select('next_at').executeTakeFirst();
    expect(row?.next_at).toBeNull();
  });
}
