import { firstBrokenEvent } from '../../../bridge/src/store/event-chain';
import { runOperation } from '../../../operations/operation';
import { escalateToSocTeam } from '../../../operations/slack/escalate-to-soc-team';
import { ratePauses } from '../../../operations/slack/rate-pauses';
import { type ApprovalRig, people, startApprovalRig } from './approval-rig';
import type { TestDatabase } from './escalation-suite';
import { eventually } from './running-bridge';
import { sampleOpen } from './sample-case';

/** Closing a case by a click, and related alerts in its thread: over the wire, with the simulated workspace. */
export function closingSuite(createDatabase: () => Promise<TestDatabase>): void {
  let rig: ApprovalRig;
  let database: TestDatabase | undefined;
  const start = async (environment: Record<string, string> = {}) => {
    database = await createDatabase();
    rig = await startApprovalRig(
      { SLACK_CHANNEL_DEFAULT: '#soc-alerts', SOC_CASE_CLOSERS: `alice,${people.sian},S0SIM0002`, ...environment },
      database.url,
    );
  };
  beforeEach(() => ratePauses.clear());
  afterEach(async () => {
    await rig?.stop();
    await database?.drop();
  });

  const store = () => rig.bridge.store;
  const cases = () => store().port({ caseLeaseMs: 0 });
  let opened = 0;
  type Place = { channel: string; ts: string };
  const until = <T>(check: () => Promise<T | undefined | false>) =>
    eventually(async () => (await check()) || undefined);

  /** A case that waits for people, with the message that has the button. */
  async function waiting(): Promise<{ id: string; place: Place }> {
    opened += 1;
    const { record } = await cases().open(sampleOpen(`closing-${opened}`));
    const place = await runOperation(
      escalateToSocTeam,
      rig.bridge.host.ports({ signal: new AbortController().signal }),
      { title: 'Keys created for others', summary: 'Two keys were created.', urgency: 'high', case_id: record.id },
    );
    await cases().change(
      record.id,
      { status: 'needs_review', outcome: 'needs_review', reason: 'Simulated.' },
      { type: 'settled', summary: 'Settled' },
    );
    return { id: record.id, place };
  }
  const press = (user: string, { channel, ts }: Place) =>
    rig.slack.interactions.click({ user, channel, ts, actionId: 'soc_escalation_close' });
  const withButton = (place: Place) => until(async () => (await rig.card(place)).includes('soc_escalation_close'));
  const modalOf = (user: string) =>
    until(async () => rig.slack.interactions.state.views.some((view) => view.user === user));
  const submit = (user: string, values: Record<string, string>, fault?: 'duplicate') =>
    rig.slack.interactions.submit(user, values, fault);
  const noted = (user: string, text: string) => until(async () => rig.notes(user).some((note) => note.includes(text)));
  const events = async (id: string) => (await store().events(id)).map(({ type }) => type);

  test('is asked for in a modal, recorded once with who and why, and shown on the message', async () => {
    await start();
    const { id, place } = await waiting();
    await withButton(place);
    await press(people.sian, place);
    await modalOf(people.sian);
    expect((await store().get(id))?.status).toBe('needs_review');
    expect(await submit(people.sian, { reason: 'Planned change 42' })).toMatchObject({
      errors: { soc_closing_outcome: expect.any(String) },
    });
    expect(await submit(people.sian, { outcome: 'benign_positive', reason: '\u200b ' })).toMatchObject({
      errors: { soc_closing_reason: 'Say why, in a few words.' },
    });
    await submit(people.sian, { outcome: 'benign_positive', reason: 'Planned change <!channel> 42' }, 'duplicate');
    await noted(people.sian, `Case ${id} is closed as benign positive.`);
    const record = await store().get(id);
    expect(record).toMatchObject({
      status: 'closed',
      outcome: 'benign_positive',
      closed_by: `Slack user ${people.sian}`,
      reason: expect.stringContaining('Planned change <!channel> 42'),
    });
    expect((await events(id)).filter((type) => type === 'closed')).toHaveLength(1);
    expect(firstBrokenEvent(await store().events(id))).toBeUndefined();
    const card = await until(async () => {
      const text = await rig.card(place);
      return text.includes('CLOSED') && text;
    });
    expect(card).not.toContain('soc_escalation_');
  });

  test('is for those whom SOC_CASE_CLOSERS names, by id or group, checked again when the answer comes', async () => {
    await start();
    const { id, place } = await waiting();
    await withButton(place);
    await press(people.rafael, place);
    await noted(people.rafael, 'You are not among those who may close cases. Nothing was closed.');
    expect(rig.slack.interactions.state.views).toHaveLength(0);
    // Eva is in the group; she leaves it before she answers.
    await press(people.eva, place);
    await modalOf(people.eva);
    await rig.restart({ SOC_CASE_CLOSERS: people.sian });
    await submit(people.eva, { outcome: 'false_positive', reason: 'Mine' });
    await noted(people.eva, 'You are not among those who may close cases. Nothing was closed.');
    expect(await store().get(id)).toMatchObject({ status: 'needs_review', closed_by: null });
    expect(await events(id)).not.toContain('closed');
  });

  test('closes nothing that was changed, closed or is gone since it was shown, and says so', async () => {
    await start();
    const { id, place } = await waiting();
    await withButton(place);
    for (const user of [people.sian, people.eva]) {
      await press(user, place);
      await modalOf(user);
    }
    await cases().change(id, { severity: 'CRITICAL' }, { type: 'raised', summary: 'Raised' });
    await submit(people.sian, { outcome: 'false_positive', reason: 'Looks fine' });
    await noted(people.sian, 'Nothing was closed by this.');
    expect(rig.notes(people.sian).join()).toContain('it was changed since it was read');
    await cases().change(
      id,
      { status: 'closed', closed_at: new Date().toISOString() },
      { type: 'closed', summary: 'x' },
    );
    await submit(people.eva, { outcome: 'false_positive', reason: 'Looks fine' });
    await noted(people.eva, 'is closed');
    expect((await events(id)).filter((type) => type === 'closed')).toHaveLength(1);
  });

  test('has no button where nobody may close, or while the case is being worked on', async () => {
    await start({ SOC_CASE_CLOSERS: 'alice' });
    const { place } = await waiting();
    await until(async () => (await rig.card(place)).includes('needs review'));
    expect(await rig.card(place)).not.toContain('soc_escalation_close');
  });

  test('a related alert that joins is told in the thread of its case, once', async () => {
    await start({ SOC_RELATED_HOURS: '24' });
    const { id, place } = await waiting();
    const input = sampleOpen('closing-related');
    const alert = { ...input.alert, title: 'Simulated: again <!channel>', severity: 'CRITICAL' as const };
    for (let again = 0; again < 2; again += 1)
      expect(await cases().open({ ...input, alert })).toMatchObject({ created: false, joined: true, record: { id } });
    const told = async () => (await rig.replies(place)).filter(({ text }) => text.includes('A related alert joined'));
    const [message] = await until(async () => {
      const found = await told();
      return found.length > 0 && found;
    });
    expect(message?.text).toContain('severity CRITICAL · alert closing-related');
    const shown = JSON.stringify(message?.blocks);
    expect(shown).toContain('Shares user:simulated-user');
    expect(shown).toContain('"type":"plain_text","text":"Simulated: again <!channel>');
    expect(message?.text).not.toContain('<!channel>');
    // Another look finds nothing left to tell.
    await cases().change(id, { probability: 0.4 }, { type: 'weighed', summary: 'Weighed' });
    await until(async () => {
      const row = await store().database.db.selectFrom('escalations').selectAll().executeTakeFirst();
      return row?.case_version === (await store().get(id))?.version;
    });
    expect(await told()).toHaveLength(1);
  });
}
