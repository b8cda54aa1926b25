import { type ApprovalRig, people } from './approval-rig';
import { eventually } from './running-bridge';

/** What the bridge of this suite is set up with, besides the way its clicks come in. */
export const clickSetup = {
  SLACK_APPROVERS: 'S0SIM0001,U0SIM0013,U0SIM0014,U0SIM0021,U0SIMBOT1,U0SIM0005',
  SLACK_REQUESTERS: 'hunt@simulated-corp.example=U0SIM0011',
  SLACK_APPROVAL_CHANNEL: '#soc-partners',
};

/** Once whatever was taken in has been dealt with, nothing is decided. */
export async function stillPending(rig: ApprovalRig, id: string): Promise<void> {
  await eventually(async () => {
    const open = await rig.bridge.store.database.db
      .selectFrom('interactions')
      .select('id')
      .where('done', '=', 0)
      .execute();
    return open.length === 0 ? true : undefined;
  });
  expect(await rig.get(id)).toMatchObject({ status: 'pending', approved: false, decided_by: [] });
}

/** Who may not decide, and when it is too late: the same however clicks come in. */
export function describeClicks(rig: () => ApprovalRig): void {
  const note = (user: string, part: string) =>
    eventually(() =>
      rig()
        .notes(user)
        .some((text) => text.includes(part))
        ? true
        : undefined,
    );
  const direct = (user: string, part: string) =>
    eventually(() => {
      const { channels, messages } = rig().slack.interactions.state;
      const own = [...channels.values()].filter(({ kind, members }) => kind === 'im' && members.has(user));
      const texts = messages.filter(({ channel }) => own.some(({ id }) => id === channel)).map(({ text }) => text);
      return texts.some((text) => text.includes(part)) ? true : undefined;
    });

  describe('who clicks', () => {
    const foreign = 'U0SIM0021';

    it('a stranger is told, and nothing is recorded', async () => {
      const record = await rig().ask({ channel: '#soc-partners', approvers: [people.aylin] });
      await rig().click(people.eva, 'approve', record);
      await note(people.eva, 'not among those who may decide');
      await stillPending(rig(), record.approval_id);
      await rig().click(people.aylin, 'approve', record);
      expect((await rig().settled(record.approval_id)).status).toBe('approved');
    });

    it('whoever only looked into the channel is answered as well', async () => {
      const record = await rig().ask({ channel: '#soc-high' });
      expect(
        rig()
          .slack.interactions.state.channels.get(record.channel ?? '')
          ?.members.has(people.stranger),
      ).toBe(false);
      await rig().click(people.stranger, 'approve', record);
      await note(people.stranger, 'not among those who may decide');
      // Slack's address for answers works for half an hour and five times; then there are other ways.
      rig().faults.add({ service: 'slack', path: '^/actions/', status: 404 });
      await rig().click(people.stranger, 'deny', record);
      await direct(people.stranger, 'not among those who may decide');
      await stillPending(rig(), record.approval_id);
    });

    it.each([
      [people.guest, 'Guests cannot decide'],
      [foreign, 'People of other companies cannot'],
    ])('%s: refused although listed (%s)', async (user, part) => {
      const record = await rig().ask();
      await rig().click(user, 'approve', record);
      await note(user, part);
      await rig().click(user, 'deny', record);
      await stillPending(rig(), record.approval_id);
      expect(rig().slack.interactions.state.topView(user)).toBeUndefined();
    });

    it('an account that was deactivated or made a guest after it was asked does not count', async () => {
      const record = await rig().ask();
      const account = rig().slack.interactions.state.users.get('U0SIM0005');
      if (account === undefined) throw new Error('no such person');
      account.deleted = true;
      await rig().click('U0SIM0005', 'approve', record);
      await note('U0SIM0005', 'This account is deactivated');
      await stillPending(rig(), record.approval_id);
      expect(rig().logged.some((line) => line.includes('deactivated'))).toBe(true);
      account.deleted = false;
    });

    it.each([
      ['by id', people.eva, people.eva],
      ['as a mention', `<@${people.eva}>`, people.eva],
      ['by handle', '@Eva.Novak', people.eva],
      ['by e-mail address', 'EVA.NOVAK@simulated-corp.example', people.eva],
    ])('the requester cannot approve: %s', async (_how, requested_by, user) => {
      const record = await rig().ask({ requested_by });
      await rig().click(user, 'approve', record);
      await note(user, 'You asked for this yourself');
      await stillPending(rig(), record.approval_id);
      await rig().click(people.rafael, 'approve', record);
      expect(await rig().settled(record.approval_id)).toMatchObject({
        status: 'approved',
        decided_by: [{ id: people.rafael }],
      });
    });

    it('a requester known as the caller of the bridge cannot approve, whoever it says asked', async () => {
      const record = await rig().ask({ requested_by: people.eva }, 'hunt@simulated-corp.example');
      expect(record.requested_by).toEqual({
        principal: 'hunt@simulated-corp.example',
        slack_user_id: people.sian,
        stated: people.eva,
      });
      for (const user of [people.sian, people.eva]) {
        await rig().click(user, 'approve', record);
        await note(user, 'You asked for this yourself');
      }
      await stillPending(rig(), record.approval_id);
      const unmapped = await rig().ask({}, 'rafael.fischer@simulated-corp.example');
      await rig().click(people.rafael, 'approve', unmapped);
      await note(people.rafael, 'You asked for this yourself');
      await stillPending(rig(), unmapped.approval_id);
    });

    it('a requester nobody knows is said to be unknown on the card', async () => {
      expect(await rig().card(await rig().ask())).toContain('*unknown*');
    });
  });

  describe('when', () => {
    it('a click after expiry is answered and changes nothing; the card says that nobody decided', async () => {
      const record = await rig().ask({ expires_in_seconds: 1 });
      const expired = await rig().settled(record.approval_id);
      expect(expired).toMatchObject({ status: 'timed_out', approved: false, data: { approved: false } });
      await eventually(async () => ((await rig().card(record)).includes('Unanswered is a no') ? true : undefined));
      // The button of the message as it was: somebody had the old card on the screen.
      const { late } = await rig().click(people.eva, 'approve', record);
      expect(late).toBe(true);
      await note(people.eva, 'Too late: it expired');
      expect(await rig().get(record.approval_id)).toMatchObject({ status: 'timed_out', decided_by: [] });
    });

    it('a click on a decided one tells who decided', async () => {
      const record = await rig().ask();
      await rig().click(people.rafael, 'approve', record);
      await rig().settled(record.approval_id);
      await rig().click(people.aylin, 'approve', record);
      await note(people.aylin, 'It was approved by Rafael Fischer');
      expect((await rig().get(record.approval_id)).decided_by).toHaveLength(1);
    });

    it('a click on a message that shows another proposal is refused', async () => {
      const [shown, other] = [
        await rig().ask(),
        await rig().ask({ action: { title: 'x', name: 'other', target: 'y', arguments: {} } }),
      ];
      const message = rig().slack.interactions.state.find(shown.channel ?? '', shown.ts ?? '');
      const block = message?.blocks?.find(({ type }) => type === 'actions');
      if (block === undefined) throw new Error('no buttons');
      block.block_id = String(block.block_id).replace(shown.approval_id, other.approval_id);
      await rig().click(people.eva, 'approve', shown);
      await note(people.eva, 'older version of the request');
      await stillPending(rig(), shown.approval_id);
      await stillPending(rig(), other.approval_id);
    });

    it('a denial that arrives when others have approved comes too late, and says so', async () => {
      const record = await rig().ask();
      await rig().click(people.eva, 'deny', record);
      await eventually(() => rig().slack.interactions.state.topView(people.eva));
      await rig().click(people.rafael, 'approve', record);
      await rig().settled(record.approval_id);
      await rig().slack.interactions.submit(people.eva, { reason: 'No' });
      await note(people.eva, 'It was approved by Rafael Fischer');
      expect(await rig().get(record.approval_id)).toMatchObject({
        status: 'approved',
        decided_by: [{ id: people.rafael }],
      });
    });

    it('a reason that was written into a modal of a settled approval decides nothing', async () => {
      const record = await rig().ask({ expires_in_seconds: 2 });
      await rig().click(people.eva, 'deny', record);
      await eventually(() => rig().slack.interactions.state.topView(people.eva));
      await rig().settled(record.approval_id);
      await rig().slack.interactions.submit(people.eva, { reason: 'No' });
      await note(people.eva, 'Too late');
      expect(await rig().get(record.approval_id)).toMatchObject({ status: 'timed_out', decided_by: [] });
    });

    it('a click after a restart of the bridge counts, also on a modal that was open before', async () => {
      const [approved, denied] = [await rig().ask(), await rig().ask()];
      await rig().click(people.eva, 'deny', denied);
      await eventually(() => rig().slack.interactions.state.topView(people.eva));
      await rig().restart();
      await rig().slack.interactions.submit(people.eva, { reason: 'Planned' });
      expect(await rig().settled(denied.approval_id)).toMatchObject({
        status: 'denied',
        decided_by: [{ id: people.eva, reason: 'Planned' }],
      });
      await rig().click(people.rafael, 'approve', approved);
      expect(await rig().settled(approved.approval_id)).toMatchObject({
        status: 'approved',
        decided_by: [{ id: people.rafael }],
      });
    });

    it('approve and deny at the same moment: one of them, and the other person is told', async () => {
      const record = await rig().ask();
      await rig().click(people.eva, 'deny', record);
      await eventually(() => rig().slack.interactions.state.topView(people.eva));
      await Promise.all([
        rig().slack.interactions.submit(people.eva, { reason: 'No' }),
        rig().click(people.rafael, 'approve', record),
      ]);
      const { status, decided_by: decisions } = await rig().settled(record.approval_id);
      expect(decisions).toHaveLength(1);
      const [winner, loser] = status === 'denied' ? [people.eva, people.rafael] : [people.rafael, people.eva];
      expect(decisions[0]).toMatchObject({ id: winner, decision: status });
      await note(loser, `It was ${status} by`);
    });

    it('two approvers at the same moment are both counted', async () => {
      const record = await rig().ask({ min_approvals: 2 });
      await Promise.all([rig().click(people.eva, 'approve', record), rig().click(people.rafael, 'approve', record)]);
      const { status, decided_by: decisions } = await rig().settled(record.approval_id);
      expect(status).toBe('approved');
      expect(decisions.map(({ id }) => id).sort()).toEqual([people.eva, people.rafael]);
    });

    it('a second approval of one person is answered, and somebody else is still needed', async () => {
      const record = await rig().ask({ min_approvals: 2 });
      await rig().click(people.eva, 'approve', record);
      await rig().click(people.eva, 'approve', record);
      await note(people.eva, 'counted already');
      expect(await rig().get(record.approval_id)).toMatchObject({
        status: 'pending',
        decided_by: [{ id: people.eva }],
      });
    });
  });
}
