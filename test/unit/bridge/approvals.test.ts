import { firstBrokenEvent } from '../../../bridge/src/store/event-chain';
import { type ApprovalRig, people, startApprovalRig } from '../../support/bridge/approval-rig';
import { eventually } from '../../support/bridge/running-bridge';
import { sampleOpen } from '../../support/bridge/sample-case';

let rig: ApprovalRig;
beforeAll(async () => {
  rig = await startApprovalRig();
});
afterAll(() => rig?.stop());

describe('deciding', () => {
  it('posts a card with what is asked; a click by a listed approver approves, and the card shows who', async () => {
    const record = await rig.ask();
    expect(record).toMatchObject({ status: 'pending', approved: false, decided_by: [], min_approvals: 1 });
    const card = await rig.card(record);
    for (const part of [
      'Approval needed',
      'iam_deactivate_access_key',
      'AKIASIMULATED000001',
      '<!subteam^S0SIM0001>',
    ]) {
      expect(card).toContain(part);
    }
    const { acknowledged } = await rig.click(people.eva, 'approve', record);
    expect(acknowledged).toBe(true);
    const settled = await rig.settled(record.approval_id);
    expect(settled).toMatchObject({
      status: 'approved',
      approved: true,
      decided_by: [
        { id: people.eva, name: 'Eva Novak', email: 'eva.novak@simulated-corp.example', decision: 'approved' },
      ],
      data: { approved: true },
    });
    await eventually(async () => ((await rig.card(record)).includes('*Approved* by <@U0SIM0009>') ? true : undefined));
    expect(await rig.card(record)).not.toContain('soc_approval_approve');
    await eventually(async () => ((await rig.replies(record)).length === 1 ? true : undefined));
  });

  it('asks for a reason on deny, is pending until it is sent off, and hands it on', async () => {
    const record = await rig.ask();
    await rig.click(people.rafael, 'deny', record);
    await eventually(() => rig.slack.interactions.state.topView(people.rafael));
    expect(await rig.get(record.approval_id)).toMatchObject({ status: 'pending', decided_by: [] });
    await rig.slack.interactions.close(people.rafael);
    expect(await rig.get(record.approval_id)).toMatchObject({ status: 'pending', decided_by: [] });
    await rig.click(people.rafael, 'deny', record);
    await eventually(() => rig.slack.interactions.state.topView(people.rafael));
    const blank = await rig.slack.interactions.submit(people.rafael, { reason: ' \u200b ' });
    expect(blank.errors).toEqual({ soc_denial: 'Say why, in a few words.' });
    await rig.slack.interactions.submit(people.rafael, { reason: 'A planned change, CHG-7' });
    const settled = await rig.settled(record.approval_id);
    expect(settled).toMatchObject({
      status: 'denied',
      approved: false,
      decided_by: [{ id: people.rafael, decision: 'denied', reason: 'A planned change, CHG-7' }],
      data: { approved: false, chatInput: 'A planned change, CHG-7' },
    });
    await eventually(async () => ((await rig.card(record)).includes('CHG-7') ? true : undefined));
  });
});

it('the case it is about keeps who was asked and what came of it, once, in its chain of events', async () => {
  const { store } = rig.bridge;
  const { record: kept } = await store.port({ caseLeaseMs: 1000 }).open(sampleOpen('approval-case'));
  const record = await rig.ask({ case_id: kept.id });
  await rig.click(people.eva, 'approve', record);
  const events = await eventually(async () => {
    const all = await store.events(kept.id);
    return all.some(({ type }) => type === 'approval_approved') ? all : undefined;
  });
  expect(events.map(({ type }) => type)).toEqual(['opened', 'approval_requested', 'approval_approved']);
  expect(events.at(-1)?.summary).toContain('approved by Eva Novak (U0SIM0009)');
  expect(firstBrokenEvent(events)).toBeUndefined();
  // A case of another bridge: nothing to write, and nothing that fails.
  const elsewhere = await rig.ask({ case_id: 'INV-ELSEWHERE' });
  await rig.port().cancel(elsewhere.approval_id, 'x');
  await eventually(async () => {
    const owed = await store.database.db
      .selectFrom('approval_tasks')
      .select(['kind', 'done', 'last_error'])
      .where('approval_id', '=', elsewhere.approval_id)
      .where('kind', 'in', ['asked', 'case'])
      .execute();
    return owed.length === 2 && owed.every(({ done, last_error }) => done === 1 && last_error === null)
      ? true
      : undefined;
  });
});
