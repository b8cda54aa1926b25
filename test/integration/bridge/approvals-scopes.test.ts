import { type AppFeature, scopesFor } from '../../../bridge/src/slack/app-manifest';
import { type ApprovalRig, people, startApprovalRig } from '../../support/bridge/approval-rig';
import { eventually } from '../../support/bridge/running-bridge';

/** Approvals with the scopes that the manifest asks for, and no other: the sandbox refuses what a token has no scope for. */

let rig: ApprovalRig | undefined;
afterEach(() => rig?.stop());

async function bridgeWith(features: AppFeature[], approvers: string): Promise<ApprovalRig> {
  const token = `xoxb-simulated${scopesFor(features)
    .map((scope) => `~${scope}`)
    .join('')}`;
  rig = await startApprovalRig({
    SLACK_BOT_TOKEN: token,
    SLACK_APPROVERS: approvers,
    SLACK_APPROVAL_ESCALATION_CHANNEL: '#soc-critical',
    SLACK_APPROVAL_REMIND_PERCENT: '10',
    SLACK_APPROVAL_ESCALATE_PERCENT: '20',
  });
  return rig;
}

it.each<[string, AppFeature[], string]>([
  ['people', ['messages', 'buttons', 'approvals'], `${people.eva},${people.rafael}`],
  ['user groups', ['messages', 'buttons', 'approvals', 'user_groups'], 'S0SIM0001'],
])('asks, reminds, asks elsewhere, refuses, denies, approves and shows it: %s', async (_who, features, approvers) => {
  const { ask, click, settled, notes, card, replies, channel, slack, logged } = await bridgeWith(features, approvers);
  const record = await ask({ expires_in_seconds: 20 });
  await click(people.stranger, 'approve', record);
  await eventually(() => (notes(people.stranger).length > 0 ? true : undefined));
  await eventually(async () => ((await replies(record)).length > 0 ? true : undefined));
  await eventually(async () =>
    (await channel('soc-critical')).some(({ text }) => text.includes('Approval needed')) ? true : undefined,
  );
  await click(people.eva, 'deny', record);
  await eventually(() => slack.interactions.state.topView(people.eva));
  await slack.interactions.submit(people.eva, { reason: 'Planned' });
  expect((await settled(record.approval_id)).status).toBe('denied');
  await eventually(async () => ((await card(record)).includes('Planned') ? true : undefined));
  const other = await ask();
  await click(people.rafael, 'approve', other);
  expect((await settled(other.approval_id)).status).toBe('approved');
  expect(logged.join()).not.toContain('missing_permission');
});

it('with a user group among the approvers and no scope for it, nothing is asked and the scope is named', async () => {
  const { ask } = await bridgeWith(['messages', 'buttons', 'approvals'], 'S0SIM0001');
  await expect(ask()).rejects.toMatchObject({
    code: 'missing_permission',
    details: { permission: expect.stringContaining('usergroups:read') },
  });
});
