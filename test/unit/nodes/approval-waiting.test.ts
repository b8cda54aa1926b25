import { actionDigest } from '../../../operations/approvals';
import { denialReason } from '../../../operations/slack/approval-card';
import { ApprovalHost, channel, type Posted, people } from './approval-host';

/** The operation that waits, from the question to what the workflow goes on with. */
const host = new ApprovalHost();
beforeAll(() => host.open());
afterAll(() => host.close());
beforeEach(() => host.reset());

const result = () => host.resumed?.[0]?.json;
const buttonOf = (blocks: Posted['blocks']) => blocks.find(({ type }) => type === 'actions')?.elements?.[0];
const open = (output: { json: object }[]) => output[0]?.json as { approval_id: string; expires_at: string };

const request = {
  action: 'isolate_user',
  target: 'aws_iam: simulated-user',
  title: 'Isolate',
  arguments: { steps: [] },
  case_id: 'INV-1',
  idempotency_key: 'response:RSP-1',
};
const unnamed = { actionName: '', target: '', actionArguments: '{}' };

describe('the question', () => {
  it('is posted with the action, and the execution waits until it expires', async () => {
    const before = Date.now();
    const output = open(await host.ask({ parameters: { actionArguments: '{"reason": "leaked"}' } }));
    expect(output).toMatchObject({
      status: 'pending',
      approved: false,
      approval_id: expect.stringMatching(/^APR-[0-9A-HJKMNP-TV-Z]{17}$/),
      action_digest: actionDigest({ name: 'disable_user', target: 'simulated-user', arguments: { reason: 'leaked' } }),
      channel,
    });
    expect(Date.parse(output.expires_at) - before).toBeGreaterThanOrEqual(3_600_000);
    expect(host.waitTill?.toISOString()).toBe(output.expires_at);
    expect(JSON.stringify(await host.card())).toContain('action  disable_user\\ntarget  simulated-user');
  });

  it.each([
    ['no approvers', { approvers: '' }, /Approvers: is empty/],
    ['a name for an approver', { approvers: '@eva' }, /Approvers: .*no ID/],
    ['no action', { actionName: '' }, /Action Name: is empty/],
    ['no target', { target: ' ' }, /Target: is empty/],
    ['arguments that are no object', { actionArguments: '[1]' }, /Arguments: has to be a JSON object/],
    ['several approvals, which the bridge counts', { approvalOptions: { minApprovals: 2 } }, /needs the SOC bridge/],
    ['a request of the bridge and no bridge', { ...unnamed, approvalRequest: request }, /needs an approval of its own/],
    ['a request beside an action', { approvalRequest: request }, /Action Name, Target and Arguments have to be empty/],
    ['a request that is none', { ...unnamed, approvalRequest: { action: 'x' } }, /Approval Request: is not what/],
    ['a request with more in it', { ...unnamed, approvalRequest: { ...request, approved: true } }, /Approval Request/],
    ['a request that is no JSON', { ...unnamed, approvalRequest: '{' }, /Approval Request/],
    ['no time to decide', { options: { expiresAfterMinutes: 0 } }, /Expires After Minutes/],
    ['a requester by name', { approvalOptions: { requestedBy: 'eva' } }, /Requested By/],
  ])('with %s is refused before anything is posted', async (_what, parameters, message) => {
    await expect(host.ask({ parameters })).rejects.toThrow(message);
    await expect(host.card()).rejects.toThrow('nothing was posted');
    expect(host.waitTill).toBeUndefined();
  });

  it.each([
    ['without a credential', { slackCredential: false }, /SOC Slack API, or one of type SOC Bridge API/],
    ['by link without a credential', { slackCredential: false, parameters: { answerWith: 'link' } }, /SOC Slack API/],
    ['whose clicks nobody could verify', { secret: '' }, /no Signing Secret/],
  ])('%s is refused at once, and says what to do', async (_what, setup, says) => {
    await expect(host.ask(setup)).rejects.toThrow(says);
    expect(host.waitTill).toBeUndefined();
    expect(host.slack.requests.filter(({ operation }) => operation === 'chat.postMessage')).toEqual([]);
  });

  it('of a link needs no signing secret', async () => {
    await host.ask({ secret: '', parameters: { answerWith: 'link' } });
    expect(host.waitTill).toBeDefined();
  });

  it('about several different things is refused: one yes must not cover what nobody has read', async () => {
    const items = [{ user: 'a' }, { user: 'b' }];
    const parameters = { target: (json: { user: string }) => json.user };
    await expect(host.ask({ items, parameters })).rejects.toThrow(/Loop Over Items/);
    await host.ask({ items: [{ user: 'a' }, { user: 'a' }], parameters });
    expect(host.input).toHaveLength(1);
  });

  it('of a tool of an agent, which cannot wait, is refused; that of the review in front of one is not', async () => {
    await expect(host.ask({ node: { type: 'n8n-nodes-soc.socSlackTool' } })).rejects.toThrow(/cannot wait/);
    await host.ask({ node: { type: 'n8n-nodes-soc.socSlackHitlTool' } });
    expect(host.waitTill).toBeDefined();
  });

  it('that cannot be posted is no approval for whoever goes on after a failure', async () => {
    host.faults.add({
      service: 'slack',
      path: 'chat.postMessage',
      status: 200,
      body: { ok: false, error: 'is_archived' },
    });
    const [item] = await host.ask({ items: [{ approved: true }], node: { onError: 'continueRegularOutput' } });
    expect(item?.json).toMatchObject({ approved: false, data: { approved: false }, error: { code: 'conflict' } });
  });
});

describe('silence', () => {
  it.each([[false], [true]])('is a no, whatever came in (Execute Once: %s)', async (executeOnce) => {
    const items = Array.from({ length: 3 }, () => ({ approved: true, data: { approved: true }, status: 'approved' }));
    const output = open(await host.ask({ items, node: { executeOnce } }));
    // n8n passes on just this.
    expect(host.input).toEqual([
      {
        json: {
          status: 'timed_out',
          approved: false,
          approval_id: output.approval_id,
          decided_by: [],
          requested_by: { principal: null, slack_user_id: null, stated: 'n8n workflow Gate' },
          channel,
          ts: expect.any(String),
          permalink: expect.any(String),
          expires_at: output.expires_at,
          action_digest: expect.any(String),
          data: { approved: false, chatInput: expect.stringContaining('Nobody decided') },
        },
        pairedItem: { item: 0 },
      },
    ]);
  });

  it('leaves the items of the node before as they were', async () => {
    const item = { approved: true };
    await host.ask({ items: [item] });
    expect(item).toEqual({ approved: true });
  });
});

describe('a decision', () => {
  beforeEach(() => host.ask());

  it('of a listed person goes on with who it was, and the card shows it', async () => {
    expect(await host.click(people.rafael, 'approve')).toEqual({ status: 200, text: '' });
    expect(result()).toMatchObject({
      status: 'approved',
      approved: true,
      decided_by: [{ id: people.rafael, name: 'Rafael Fischer', decision: 'approved', at: expect.any(String) }],
      data: { approved: true },
    });
    const { blocks } = await host.card();
    expect(blocks.some(({ type }) => type === 'actions')).toBe(false);
    expect(JSON.stringify(blocks)).toContain(`*Approved* by <@${people.rafael}>`);
  });

  it('of a member of a listed group counts', async () => {
    await host.click(people.eva, 'approve');
    expect(result()).toMatchObject({ status: 'approved', decided_by: [{ id: people.eva }] });
  });

  it('to deny counts without a reason when Slack cannot ask for one', async () => {
    await host.click(people.rafael, 'deny');
    expect(result()).toMatchObject({ status: 'denied', approved: false, data: { approved: false } });
  });

  it('to deny waits for its reason, and takes it from the person who may decide alone', async () => {
    const { blocks } = await host.card();
    const actions = blocks.find(({ type }) => type === 'actions');
    const address = actions?.elements?.find(({ action_id: id }) => id === 'soc_n8n_deny')?.value;
    const answer = (user: string, changed: object = {}) =>
      host.signed({
        type: 'view_submission',
        user: { id: user, team_id: 'T0SIM0001' },
        team: { id: 'T0SIM0001' },
        view: {
          id: 'V1',
          callback_id: 'soc_n8n_denial',
          private_metadata: JSON.stringify({ address, block_id: actions?.block_id, ...changed }),
          state: { values: { [denialReason.blockId]: { [denialReason.actionId]: { value: 'On call today' } } } },
        },
      });
    const refused = await answer(people.stranger);
    expect(JSON.parse(refused.text)).toEqual({
      response_action: 'errors',
      errors: { [denialReason.blockId]: expect.stringContaining('not among those') },
    });
    await answer(people.rafael, { block_id: 'soc_n8n:APR-OTHER:0000' });
    expect(host.resumed).toBeUndefined();
    expect(await answer(people.rafael)).toEqual({ status: 200, text: '' });
    expect(result()).toMatchObject({ status: 'denied', data: { approved: false, chatInput: 'On call today' } });
  });

  it('is not taken from a stranger', async () => {
    await host.click(people.stranger, 'approve');
    expect(host.resumed).toBeUndefined();
  });

  it.each([
    ['a guest', 'U0SIM0013', 'Guests cannot'],
    ['somebody of another company', 'U0SIM0021', 'People of other companies'],
    ['a deactivated account', 'U0SIM0014', 'deactivated'],
    ['the requester', people.eva, 'asked for this yourself'],
  ])('is not taken from %s, also when listed, who is told alone', async (_who, user, says) => {
    await host.ask({ parameters: { approvers: user, approvalOptions: { requestedBy: people.eva } } });
    for (const action of ['approve', 'deny'] as const) await host.click(user, action);
    expect(host.resumed).toBeUndefined();
    expect(host.notes()).toEqual([expect.stringContaining(says), expect.stringContaining(says)]);
    expect(JSON.stringify(await host.card())).toContain('"actions"');
  });

  it('to approve and one to deny at the same moment: one of them, and the card shows that one', async () => {
    await host.ask({
      parameters: { approvers: `${people.rafael},${people.eva}`, approvalOptions: { askReason: false } },
    });
    await Promise.all([host.click(people.rafael, 'approve'), host.click(people.eva, 'deny')]);
    const { status, decided_by: decisions } = result() ?? {};
    const winner = status === 'approved' ? people.rafael : people.eva;
    expect(decisions).toEqual([expect.objectContaining({ id: winner, decision: status })]);
    const card = JSON.stringify(await host.card());
    expect(card).toContain(`<@${winner}>`);
    expect(card).toContain(status === 'approved' ? '*Approved* by' : '*Denied* by');
    expect(host.notes()).toHaveLength(1);
  });

  it('is not taken while Slack cannot tell who clicked', async () => {
    host.faults.add({ service: 'slack', path: 'users.info', status: 200, body: { ok: false, error: 'missing_scope' } });
    await host.click(people.rafael, 'approve');
    expect(host.resumed).toBeUndefined();
    await host.click(people.rafael, 'approve');
    expect(result()).toMatchObject({ status: 'approved' });
  });

  it.each<[string, (payload: Record<string, unknown>) => void]>([
    ['another message', (payload) => Object.assign(payload, { message: { ts: '1.1' } })],
    ['another channel', (payload) => Object.assign(payload, { channel: { id: 'C0SIM0101' } })],
    [
      'another proposal',
      (payload) => Object.assign((payload.actions as object[])[0] ?? {}, { block_id: 'soc_n8n:x:y' }),
    ],
    [
      'the other button',
      (payload) => Object.assign((payload.actions as object[])[0] ?? {}, { action_id: 'soc_n8n_deny' }),
    ],
    ['no button of ours', (payload) => Object.assign((payload.actions as object[])[0] ?? {}, { action_id: 'else' })],
  ])('to approve on %s is none', async (_what, change) => {
    await host.click(people.rafael, 'approve', change);
    expect(host.resumed).toBeUndefined();
  });

  it('is nothing without the signature, whoever forwards it', async () => {
    const { blocks } = await host.card();
    const address = buttonOf(blocks)?.value ?? '';
    const payload = { type: 'block_actions', user: { id: people.rafael } };
    const wrong: Record<string, string>[] = [
      { 'x-slack-signature': 'v0=00' },
      { 'x-slack-request-timestamp': '1' },
      { 'x-slack-signature': '' },
    ];
    for (const headers of wrong) expect((await host.signed(payload, address, headers)).status).toBe(401);
    expect((await fetch(address)).status).toBe(415);
    expect((await fetch(address, { method: 'POST', body: '{}' })).status).toBe(415);
    expect(host.resumed).toBeUndefined();
  });

  it('is refused without a signing secret', async () => {
    await host.ask();
    host.forgetSecret();
    expect((await host.click(people.rafael, 'approve')).status).toBe(401);
    expect(host.resumed).toBeUndefined();
    expect(host.log.join()).toContain('no signing secret is set up');
  });
});

it('a click on an earlier request of a node in a loop does not decide the later one', async () => {
  await host.ask();
  const first = await host.card();
  await host.ask();
  const button = buttonOf(first.blocks);
  expect(button?.value).toContain('/webhook-waiting/7/node-1?approval=APR-');
  await host.click(people.rafael, 'approve', (payload) => {
    const [action] = payload.actions as Record<string, unknown>[];
    Object.assign(action ?? {}, { value: button?.value });
  });
  expect(host.resumed).toBeUndefined();
});

it('a click after the time is up ends the wait as timed out', async () => {
  await host.ask({ parameters: { options: { channel: '#soc-high', expiresAfterMinutes: 0.02 } } });
  await new Promise((resolve) => setTimeout(resolve, 1_300));
  await host.click(people.rafael, 'approve');
  expect(result()).toMatchObject({ status: 'timed_out', approved: false, decided_by: [] });
  expect(JSON.stringify((await host.card()).blocks)).toContain('Not approved');
});

it('a click after the end closes the card and is answered', async () => {
  await host.ask();
  host.resumed = [];
  await host.click(people.rafael, 'approve');
  const { blocks } = await host.card();
  expect(blocks.some(({ type }) => type === 'actions')).toBe(false);
  expect(JSON.stringify(blocks)).toContain('Closed without a decision');
});

describe('what nobody answered', () => {
  const silence = async (setup: Parameters<ApprovalHost['ask']>[0] = {}) => {
    await host.ask(setup);
    const [item] = host.input;
    if (item === undefined) throw new Error('no input is kept');
    return item.json;
  };

  it.each([['buttons'], ['link']])('is closed by its own node, and passed on as it is (%s)', async (answerWith) => {
    const item = await silence({ parameters: { answerWith } });
    expect(JSON.stringify(await host.card())).toMatch(/"actions"|Decide here/);
    expect(await host.closeUnanswered([item])).toEqual([{ json: item, pairedItem: { item: 0 } }]);
    const card = JSON.stringify(await host.card());
    expect(card).toContain('nobody decided in time');
    expect(card).toContain('disable_user');
    expect(card).not.toMatch(/"actions"|Decide here|Without identity|Approval needed|webhook-waiting/);
    // A second time there is nothing to do.
    const before = host.slack.requests.filter(({ operation }) => operation === 'chat.update').length;
    await host.closeUnanswered([item]);
    expect(host.slack.requests.filter(({ operation }) => operation === 'chat.update')).toHaveLength(before);
  });

  it.each(['approved', 'denied', 'cancelled'])('is nothing that was %s', async (status) => {
    const item = await silence();
    const before = JSON.stringify(await host.card());
    expect(await host.closeUnanswered([{ ...item, status }])).toEqual([
      { json: { ...item, status }, pairedItem: { item: 0 } },
    ]);
    expect(JSON.stringify(await host.card())).toBe(before);
  });

  it('is not the message of another request, and nothing that is no result', async () => {
    const first = await silence();
    const second = await silence();
    await expect(host.closeUnanswered([{ ...first, ts: second.ts ?? '' }])).rejects.toThrow(
      /not the one of this request/,
    );
    await expect(host.closeUnanswered([{ status: 'timed_out' }])).rejects.toThrow(/behind/);
    const [failed] = await host.closeUnanswered([{ status: 'timed_out' }], 'continueRegularOutput');
    expect(failed?.json).toMatchObject({ status: 'timed_out', error: expect.anything() });
    expect(JSON.stringify(await host.card())).toContain('"actions"');
  });
});
