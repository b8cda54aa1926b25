import { Approvers } from '../../../bridge/src/approvals/approvers';
import { readConfig } from '../../../bridge/src/config';
import { Deadline } from '../../../operations/retry';
import { SlackClient } from '../../../operations/slack/client';
import { type ApprovalRig, people, sampleRequest, startApprovalRig } from '../../support/bridge/approval-rig';

let rig: ApprovalRig;
beforeAll(async () => {
  rig = await startApprovalRig({ SLACK_APPROVERS: 'S0SIM0002' });
});
afterAll(() => rig?.stop());

const nobody = { principal: null, slack_user_id: null, stated: null };
const leads = () => {
  const group = rig.slack.interactions.state.userGroups.find(({ id }) => id === 'S0SIM0002');
  if (group === undefined) throw new Error('no such group');
  return group;
};
const click = (id: string) => ({ user: { id, name: null, team_id: 'T0SIM0001' }, team_id: 'T0SIM0001' });

it('a user group is who is in it when somebody decides', async () => {
  let clock = Date.parse('2026-11-28T10:00:00Z');
  const approvers = new Approvers(['S0SIM0002'], () => new Date(clock));
  const ports = rig.bridge.host.ports({ signal: new AbortController().signal });
  const client = await SlackClient.connect(ports, new Deadline(ports, 30_000));
  const check = async (user: string) => {
    clock += 20_000;
    return (await approvers.check(client, click(user), null, nobody)).allowed;
  };
  expect([await check(people.eva), await check(people.rafael)]).toEqual([true, false]);
  leads().users = [people.rafael];
  expect([await check(people.eva), await check(people.rafael)]).toEqual([false, true]);
  leads().users = [people.eva];
});

it('Slack that cannot be asked lets nobody decide', async () => {
  const approvers = new Approvers(['S0SIM0002'], () => new Date());
  const ports = rig.bridge.host.ports({ signal: new AbortController().signal });
  const client = await SlackClient.connect(ports, new Deadline(ports, 500));
  rig.faults.add({ service: 'slack', path: 'usergroups.users.list', status: 500, times: 20 });
  // Which limit is met first, that of tries or that of time, depends on the machine; neither is an answer.
  await expect(approvers.check(client, click(people.eva), null, nobody)).rejects.toMatchObject({
    code: expect.stringMatching(/^(?:unavailable|timeout)$/),
  });
  rig.faults.clear();
  expect((await approvers.check(client, click(people.eva), null, nobody)).allowed).toBe(true);
});

it('with an empty group, or nobody but the requester in it, nothing is asked', async () => {
  await expect(rig.port().request(sampleRequest({ requested_by: people.eva }))).rejects.toMatchObject({
    code: 'conflict',
    details: { needed: 1, candidates: 0 },
  });
  leads().users = [];
  // Beyond what a burst of clicks remembers of a group.
  await rig.restart();
  await expect(rig.port().request(sampleRequest())).rejects.toMatchObject({ code: 'conflict' });
  leads().users = [people.eva];
});

describe('the configuration', () => {
  const slack = { SLACK_BOT_TOKEN: 'x', SLACK_APPROVERS: 'U0SIM0009', SLACK_SIGNING_SECRET: 'a,b' };
  const problems = (environment: Record<string, string>) => {
    try {
      readConfig({ ...slack, ...environment });
      return [];
    } catch (error) {
      return (error as { problems: string[] }).problems.map((line) => line.split(' ')[0]);
    }
  };

  it.each([
    ['SLACK_APPROVERS', '@eva'],
    ['SLACK_APPROVERS', 'U0SIM0009 U0SIM0010'],
    ['SLACK_MIN_APPROVALS', '0'],
    ['SLACK_APP_TOKEN', 'xoxb-not-an-app-token'],
    ['SLACK_APPROVAL_ESCALATION_GROUP', 'soc'],
    ['SLACK_REQUESTERS', 'hunt'],
    ['SLACK_REQUESTERS', 'hunt=eva'],
    ['N8N_RESUME_ORIGINS', 'https://n8n.example.com/webhook'],
    ['N8N_RESUME_ORIGINS', 'n8n.example.com'],
    ['N8N_RESUME_ORIGINS', '*'],
    ['SLACK_SIGNING_SECRET', 'with blank'],
  ])('refuses %s=%s by name', (variable, value) => {
    expect(problems({ [variable]: value })).toEqual([variable]);
  });

  it('is refused as a whole when nobody could decide, or no decision could come in', async () => {
    for (const [environment, part] of [
      [{ SLACK_APPROVERS: undefined }, 'set SLACK_APPROVERS'],
      [{ SLACK_SIGNING_SECRET: undefined }, 'SLACK_SIGNING_SECRET'],
    ] as const) {
      await rig.restart(environment);
      await expect(rig.port().request(sampleRequest())).rejects.toMatchObject({
        code: 'unavailable',
        message: expect.stringContaining(part),
      });
    }
    await rig.restart();
  });

  it('names principals in any form, and a name of an object is none of them', () => {
    const { approvals } = readConfig({ ...slack, SLACK_REQUESTERS: 'a=b@c.example=U0SIM0009, hunt = U0SIM0010' });
    expect({ ...approvals.requesters }).toEqual({ 'a=b@c.example': 'U0SIM0009', hunt: 'U0SIM0010' });
    expect(approvals.requesters.constructor).toBeUndefined();
    expect(approvals.signingSecrets).toEqual(['a', 'b']);
  });
});
