import { OperationError } from '../../../operations/errors';
import { Deadline } from '../../../operations/retry';
import { checkApprover, parseApprovers } from '../../../operations/slack/approver-check';
import { SlackClient } from '../../../operations/slack/client';
import { startWorkspace, type Workspace } from './workspace';

let workspace: Workspace;
beforeAll(async () => {
  workspace = await startWorkspace();
});
afterAll(() => workspace.close());
beforeEach(() => {
  workspace.slack.reset();
  workspace.faults.clear();
});

const soc = 'S0SIM0001';
const [eva, rafael, mira, guest, left, foreign] = [
  'U0SIM0009',
  'U0SIM0010',
  'U0SIM0001',
  'U0SIM0013',
  'U0SIM0014',
  'U0SIM0021',
];

const nobody = { principal: null, slack_user_id: null, stated: null };

async function check(
  id: string,
  rule: Partial<Parameters<typeof checkApprover>[2]>,
  teams: { user?: string | null; team?: string | null } = {},
) {
  const ports = workspace.ports();
  const client = await SlackClient.connect(ports, new Deadline(ports, 10_000));
  const { user = 'T0SIM0001', team = 'T0SIM0001' } = teams;
  const click = { user: { id, name: 'whatever', team_id: user }, team_id: team };
  return checkApprover(client, click, { listed: [], requester: nobody, ...rule });
}

it('lets those on the list decide, themselves or through a group, and tells their name', async () => {
  expect(await check(eva, { listed: [eva] })).toEqual({
    allowed: true,
    approver: { id: eva, name: 'Eva Novak', email: 'eva.novak@simulated-corp.example' },
  });
  expect(await check(rafael, { listed: ['S0SIM0002', soc] })).toMatchObject({ allowed: true });
});

it.each([
  ['nobody when the list is empty', eva, {}, 'not_listed'],
  ['nobody else', mira, { listed: [eva, soc] }, 'not_listed'],
  ['not who is in another group', rafael, { listed: ['S0SIM0002'] }, 'not_listed'],
  ['not the requester', eva, { listed: [eva], requester: { ...nobody, slack_user_id: eva } }, 'requester'],
  [
    'not the requester, also when not listed',
    mira,
    { listed: [eva], requester: { ...nobody, stated: mira } },
    'requester',
  ],
  [
    'not the requester known by handle',
    eva,
    { listed: [eva], requester: { ...nobody, stated: '@Eva.Novak' } },
    'requester',
  ],
  [
    'not the requester known by address',
    eva,
    { listed: [soc], requester: { ...nobody, principal: 'Eva.Novak@simulated-corp.example' } },
    'requester',
  ],
  ['nobody beyond what the request allows', eva, { listed: [soc], narrowed: [rafael] }, 'not_listed'],
  ['nobody whom the request alone names', mira, { listed: [soc], narrowed: [mira] }, 'not_listed'],
  ['nobody when the request names nobody', eva, { listed: [soc], narrowed: [] }, 'not_listed'],
  ['no guest', guest, { listed: [guest] }, 'guest'],
  ['nobody who has left', left, { listed: [left] }, 'deactivated'],
])('lets %s decide', async (_what, id, rule, problem) => {
  expect(await check(id, rule)).toMatchObject({ allowed: false, problem });
});

it('lets nobody of another company decide, whatever the payload says of the workspace', async () => {
  const rule = { listed: [foreign] };
  for (const user of ['T0SIM0002', 'T0SIM0001', null])
    expect(await check(foreign, rule, { user })).toMatchObject({ allowed: false, problem: 'foreign' });
  expect(await check(foreign, rule, { user: 'T0SIM0002', team: null })).toMatchObject({ problem: 'foreign' });
  expect(await check(eva, { listed: [eva] }, { user: 'T0SIM0002' })).toMatchObject({ problem: 'foreign' });
});

it('lets nobody decide while Slack cannot be asked', async () => {
  for (const method of ['users.info', 'usergroups.users.list', 'auth.test']) {
    workspace.faults.clear();
    workspace.faults.add({ service: 'slack', path: method, status: 500, times: 20 });
    await expect(check(eva, { listed: [soc] })).rejects.toThrow(OperationError);
  }
});

it('takes ids alone, because names can be taken over', () => {
  expect(parseApprovers(' U0SIM0009, S0SIM0001;W012AB3CD\nU0SIM0009', 'Approvers')).toEqual([
    'U0SIM0009',
    'S0SIM0001',
    'W012AB3CD',
  ]);
  expect(parseApprovers('', 'Approvers')).toEqual([]);
  for (const text of ['@eva', 'eva@simulated.example', 'u0sim0009', 'C0SIM0101', '<@U0SIM0009>', 'everyone'])
    expect(() => parseApprovers(text, 'Approvers')).toThrow(/Approvers: .*is no ID/);
});
