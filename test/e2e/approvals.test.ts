import { workflow as shippedWorkflow } from '../../scripts/stack/services.mjs';
import { ApprovalLab, asked, channel, type Execution, itemsOf, people, socGroup, until } from '../support/approval-lab';
import { executablePath, SlackPage } from '../support/slack-page';
import { SocStack } from '../support/soc-stack';

/** Approvals that n8n runs by itself, on the real n8n: asked in the sandbox's Slack, decided in a browser. */
let stack: SocStack;
let lab: ApprovalLab;
let slack: SlackPage | undefined;
/** Asked first, so that its time is up while the others run: n8n looks for waits that have ended once a minute. */
let silent: { asked: Execution; agent: Execution; closing: Execution };

const inBrowser = executablePath ? it : it.skip;
if (!executablePath) console.warn('No Chromium here: what is decided in the browser is skipped.');
jest.setTimeout(300_000);

const inShort = { options: { channel: '#soc-high', expiresAfterMinutes: 0.1 } };

beforeAll(async () => {
  stack = await SocStack.start('approvals');
  lab = new ApprovalLab(stack);
  if (executablePath) slack = await SlackPage.open(stack.addresses.slack.page);
  const [gate, agent, closing] = await Promise.all([
    lab.gate(inShort),
    lab.agent(inShort),
    lab.gate(inShort, 'n8n', {}, true),
  ]);
  // n8n passes on what came in when nobody decides; this must never pass for an approval.
  silent = {
    asked: await gate.ask({ approved: true }),
    agent: await agent.ask('silent-user'),
    closing: await closing.ask({ approved: true }),
  };
});

afterAll(async () => {
  await slack?.close();
  await stack?.stop();
});

describe('the shipped workflow', () => {
  const settings = { approvers: socGroup, channel: '#soc-high' };
  const { name, nodes, connections, settings: own } = shippedWorkflow('soc_approval_gate', settings);
  const address = (node: string, path: string) =>
    `${stack.n8n.url}/webhook/${nodes.find((entry: { name: string }) => entry.name === node).webhookId}/${path}`;
  let id: string;

  beforeAll(async () => {
    ({ id } = await stack.n8n.api('POST', '/workflows', { name, nodes, connections, settings: own }));
    await stack.n8n.api('POST', `/workflows/${id}/activate`);
    const url = address('Slack Clicks', 'slack');
    await until('the trigger', async () => (await fetch(url, { method: 'POST' })).status === 415);
    await lab.setRequestUrl(url);
  });

  /** An alert comes in; resolves once its card is there. */
  async function alert() {
    const raised = await stack.control<{ alertId: string }>('POST', '/panther/alerts', {});
    const response = await fetch(address('Panther Alert', 'panther'), {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${stack.alertToken}` },
      body: JSON.stringify(raised),
    });
    expect(response.status).toBe(202);
    const execution = await until('the execution that waits', async () =>
      (await lab.executions(id)).find(({ status }) => status === 'waiting'),
    );
    return { alertId: raised.alertId, execution, ...asked(execution, 'Ask for Approval') };
  }
  async function panther(path: string) {
    const { url, token } = stack.addresses.panther;
    return (await fetch(`${url}${path}`, { headers: { 'x-api-key': token } })).json();
  }

  inBrowser(
    'an alert becomes a card; a stranger decides nothing; who is listed does, under their own name',
    async () => {
      const { alertId, execution, ts } = await alert();
      const page = slack as SlackPage;
      await page.as(people.stranger, channel);
      await page.press(ts, 'approve');
      await page.page.getByText('You are not among those who may decide').waitFor();
      await lab.stillWaits(execution.id);
      await page.picture('approval-card');

      await page.as(people.rafael, channel);
      await page.press(ts, 'approve');
      const ended = await lab.ended(execution.id);
      expect(ended.data.resultData.error?.message).toBeUndefined();
      expect(itemsOf(ended, 'Ask for Approval')).toEqual([
        expect.objectContaining({
          status: 'approved',
          approved: true,
          decided_by: [expect.objectContaining({ id: people.rafael, name: 'Rafael Fischer', decision: 'approved' })],
          data: { approved: true },
        }),
      ]);
      expect(await panther(`/alerts/${alertId}`)).toMatchObject({ status: 'TRIAGED' });
      expect(JSON.stringify(await panther(`/alert-comments?alert-id=${alertId}`))).toContain(
        `Approved by Rafael Fischer (${people.rafael})`,
      );
      await page.message(ts).getByText('Approved by').waitFor();
      expect(await page.message(ts).getByRole('button').count()).toBe(0);
      await page.picture('approval-approved');
    },
  );

  inBrowser('a denial with its reason takes the other way', async () => {
    const { alertId, execution, ts } = await alert();
    const page = slack as SlackPage;
    await page.as(people.eva, channel);
    await page.press(ts, 'deny');
    await page.page.locator('#modal textarea').waitFor();
    // Nothing is decided before the reason is sent off.
    await lab.stillWaits(execution.id);
    await page.picture('approval-reason');
    await page.giveReason('Planned change, see CHG-1');
    const ended = await lab.ended(execution.id);
    expect(itemsOf(ended, 'Ask for Approval')).toEqual([
      expect.objectContaining({
        status: 'denied',
        approved: false,
        decided_by: [expect.objectContaining({ id: people.eva, reason: 'Planned change, see CHG-1' })],
        data: { approved: false, chatInput: 'Planned change, see CHG-1' },
      }),
    ]);
    expect(ended.data.resultData.runData['Take Alert']).toBeUndefined();
    expect(await panther(`/alerts/${alertId}`)).toMatchObject({ status: 'OPEN' });
    expect(JSON.stringify(await panther(`/alert-comments?alert-id=${alertId}`))).toContain(
      `Denied by Eva Novak (${people.eva}): Planned change, see CHG-1`,
    );
    await page.message(ts).getByText('Planned change, see CHG-1').waitFor();
    expect(await page.message(ts).getByRole('button').count()).toBe(0);
  });
});

describe('a click', () => {
  let clicks: { url: string; workflow: string };
  let gate: Awaited<ReturnType<ApprovalLab['gate']>>;
  beforeAll(async () => {
    clicks = await lab.takeClicks('simulated_note');
    gate = await lab.gate({ approvalOptions: { requestedBy: people.eva } });
  });

  it.each([
    ['the requester', people.eva, /asked for this yourself/],
    ['a guest who is no approver', people.guest, /not among those/],
    ['a stranger', people.stranger, /not among those/],
  ])('of %s is answered to them alone, and the workflow keeps waiting', async (_who, user, says) => {
    const execution = await gate.ask();
    const { ts } = asked(execution);
    for (const action of ['approve', 'deny'] as const) {
      const before = (await lab.told(user)).length;
      expect((await lab.click(user, ts, action)).deliveries[0]).toMatchObject({ status: 200, acknowledged: true });
      expect(await lab.toldSince(user, before)).toEqual([expect.stringMatching(says)]);
    }
    await lab.stillWaits(execution.id);
    expect((await lab.card(ts)).blocks.some(({ type }) => type === 'actions')).toBe(true);
  });

  it.each([['bad_signature'], ['no_signature'], ['stale'], ['future'], ['altered'], ['wrong_content_type']])(
    'that came %s is refused',
    async (fault) => {
      const execution = await gate.ask();
      const { deliveries } = await lab.click(people.rafael, asked(execution).ts, 'approve', { fault });
      expect([400, 401, 415]).toContain(deliveries[0]?.status);
      await lab.stillWaits(execution.id);
    },
  );

  it('cannot be made up by whoever knows the address of the waiting execution', async () => {
    const execution = await gate.ask();
    const { ts } = asked(execution);
    const { blocks } = await lab.card(ts);
    const [approve = '', deny = ''] = blocks.flatMap(({ elements = [] }) =>
      elements.flatMap(({ value }) => value ?? []),
    );
    const payload = { type: 'block_actions', user: { id: people.rafael }, actions: [{ action_id: 'soc_n8n_approve' }] };
    const attempts: [string, RequestInit][] = [
      [approve, { method: 'GET' }],
      [approve, { method: 'POST' }],
      [
        approve,
        { method: 'POST', body: JSON.stringify({ approved: true }), headers: { 'content-type': 'application/json' } },
      ],
      [approve, { method: 'POST', body: new URLSearchParams({ payload: JSON.stringify(payload) }) }],
      [approve, { method: 'POST', body: 'payload={', headers: { 'content-type': 'application/json' } }],
      // The decision in the address is under n8n's signature.
      [deny.replace('decision=deny', 'decision=approve'), { method: 'POST' }],
      [approve.replace(/approval=[^&]+/, 'approval=APR-00000000000000000'), { method: 'POST' }],
    ];
    for (const [url, init] of attempts) await fetch(url, init);
    await lab.stillWaits(execution.id);
    await lab.click(people.rafael, ts, 'approve');
    expect(itemsOf(await lab.ended(execution.id), 'End')[0]).toMatchObject({ status: 'approved' });
  });

  it('settles once, whoever clicks at the same time, and the card shows what n8n goes on with', async () => {
    const execution = await gate.ask();
    const { ts } = asked(execution);
    const approvals = Array.from({ length: 5 }, () => lab.click(people.rafael, ts, 'approve'));
    await Promise.all([...approvals, lab.click('U0SIM0011', ts, 'approve'), lab.click('U0SIM0012', ts, 'approve')]);
    const ended = await lab.ended(execution.id);
    const [item] = itemsOf(ended, 'End') as { decided_by: { id: string }[] }[];
    expect(item?.decided_by).toHaveLength(1);
    const card = await lab.closedCard(ts, /Approved/);
    expect(JSON.stringify(card.blocks)).toContain(`<@${item?.decided_by[0]?.id}>`);
    expect(itemsOf(ended, 'End')).toHaveLength(1);
  });

  it('sent a second time changes nothing', async () => {
    const execution = await gate.ask();
    const before = (await lab.told(people.stranger)).length;
    const { deliveries } = await lab.click(people.stranger, asked(execution).ts, 'approve');
    await lab.toldSince(people.stranger, before);
    await stack.control('POST', '/slack/replay', { delivery: deliveries[0]?.number });
    await lab.stillWaits(execution.id);
    expect(await lab.told(people.stranger)).toHaveLength(before + 1);
  });

  it('after somebody has stopped the execution changes nothing, and closes the card', async () => {
    const execution = await gate.ask();
    const { ts } = asked(execution);
    await stack.n8n.api('POST', `/executions/${execution.id}/stop`);
    await lab.click(people.rafael, ts, 'approve');
    await lab.closedCard(ts, /Closed without a decision/);
    expect((await lab.execution(execution.id)).status).toBe('canceled');
  });

  it('on another button starts the workflow that listens for it', async () => {
    const { url, token } = stack.addresses.slack;
    const button = {
      type: 'button',
      action_id: 'simulated_note',
      value: 'v1',
      text: { type: 'plain_text', text: 'Note' },
    };
    const posted = await fetch(`${url}/api/chat.postMessage`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        channel,
        text: 'Simulated',
        blocks: [{ type: 'actions', block_id: 'b1', elements: [button] }],
      }),
    });
    const { ts } = (await posted.json()) as { ts: string };
    const click = () =>
      stack.control('POST', '/slack/click', { user: people.stranger, channel, ts, action_id: 'simulated_note' });
    await click();
    const execution = await until('the execution', async () =>
      (await lab.executions(clicks.workflow)).find(({ status }) => status === 'success'),
    );
    expect(itemsOf(execution, 'End')).toEqual([
      expect.objectContaining({
        kind: 'block_action',
        action_id: 'simulated_note',
        value: 'v1',
        user: expect.objectContaining({ id: people.stranger }),
        channel_id: channel,
        message_ts: ts,
      }),
    ]);
    expect(JSON.stringify(itemsOf(execution, 'End'))).not.toContain('"token"');
  });
});

describe('an AI Agent', () => {
  let agent: Awaited<ReturnType<ApprovalLab['agent']>>;
  beforeAll(async () => {
    await lab.takeClicks();
    agent = await lab.agent({});
  });

  it('asks with the exact call of its tool, and makes the call once it is approved', async () => {
    const execution = await agent.ask('simulated-mallory');
    const { ts } = asked(execution, 'Review');
    const card = JSON.stringify(await lab.card(ts));
    expect(card).toContain('action  Disable_User');
    expect(card).toContain('simulated-mallory');
    expect(execution.data.resultData.runData['Disable User']).toBeUndefined();
    await lab.click(people.eva, ts, 'approve');
    const ended = await lab.ended(execution.id);
    expect(itemsOf(ended, 'Disable User')[0]).toEqual({ response: 'disabled simulated-mallory' });
    expect(itemsOf(ended, 'Agent')[0]).toMatchObject({ output: expect.stringContaining('disabled simulated-mallory') });
  });

  it('does not make the call when it is denied, and is told why', async () => {
    const execution = await agent.ask('simulated-mallory');
    await lab.click(people.eva, asked(execution, 'Review').ts, 'deny');
    await lab.giveReason(people.eva, 'She is on call today');
    const ended = await lab.ended(execution.id);
    expect(ended.data.resultData.runData['Disable User']).toBeUndefined();
    expect(itemsOf(ended, 'Agent')[0]).toMatchObject({ output: expect.stringContaining('She is on call today') });
  });

  it('does not make the call when nobody decided, whatever its input says', async () => {
    const ended = await lab.ended(silent.agent.id);
    expect(ended.data.resultData.error?.message).toBeUndefined();
    expect(ended.data.resultData.runData['Disable User']).toBeUndefined();
    expect(itemsOf(ended, 'Agent')).toHaveLength(1);
  });
});

describe('when time is up', () => {
  it('the output is a no and nothing else, whatever came in; a late click is answered and closes the card', async () => {
    const { ts, approval_id: id, action_digest: digest } = asked(silent.asked);
    const ended = await lab.ended(silent.asked.id);
    expect(ended.data.resultData.error?.message).toBeUndefined();
    expect(itemsOf(ended, 'End')).toEqual([
      {
        status: 'timed_out',
        approved: false,
        approval_id: id,
        decided_by: [],
        requested_by: { principal: null, slack_user_id: null, stated: expect.stringContaining('n8n workflow') },
        channel,
        ts,
        permalink: expect.stringContaining(channel),
        expires_at: expect.any(String),
        action_digest: digest,
        data: { approved: false, chatInput: expect.stringContaining('Nobody decided') },
      },
    ]);
    // What the node before gave out is still there to look at.
    expect(JSON.stringify(itemsOf(ended, 'Webhook'))).toContain('"approved":true');
    await lab.takeClicks();
    const before = (await lab.told(people.eva)).length;
    await lab.click(people.eva, ts, 'approve');
    expect(await lab.toldSince(people.eva, before)).toEqual([expect.stringMatching(/closed/)]);
    await lab.closedCard(ts, /Closed without a decision/);
    expect(itemsOf(await lab.execution(silent.asked.id), 'End')[0]).toMatchObject({ status: 'timed_out' });
  });

  it('the node that closes what nobody answered closes the card, and passes the no on', async () => {
    const ended = await lab.ended(silent.closing.id);
    expect(ended.data.resultData.error?.message).toBeUndefined();
    expect(itemsOf(ended, 'End')).toEqual([expect.objectContaining({ status: 'timed_out', approved: false })]);
    const { ts } = asked(silent.closing);
    const card = await lab.closedCard(ts, /nobody decided in time/);
    expect(card.text).toMatch(/nobody decided in time: simulated_disable_user/);
    expect(JSON.stringify(card)).not.toContain('Approval needed');
  });

  it('a click before n8n has noticed ends the wait as timed out', async () => {
    await lab.takeClicks();
    const gate = await lab.gate({ options: { channel: '#soc-high', expiresAfterMinutes: 0.02 } });
    // It looks once a minute: when it has looked in between, another is asked.
    const execution = await until('a wait that n8n has not noticed the end of', async () => {
      const waiting = await gate.ask({ approved: true });
      await new Promise((resolve) => setTimeout(resolve, 1500));
      return (await lab.execution(waiting.id)).status === 'waiting' && waiting;
    });
    await lab.click(people.rafael, asked(execution).ts, 'approve');
    expect(itemsOf(await lab.ended(execution.id), 'End')[0]).toMatchObject({ status: 'timed_out', approved: false });
    await lab.closedCard(asked(execution).ts, /Not approved/);
  });
});

/** Last: n8n that is stopped while it ends what nobody decided would count that as crashed. */
describe('a restart of n8n', () => {
  it('changes nothing for a click on what was asked before', async () => {
    const clicks = await lab.takeClicks();
    const gate = await lab.gate({});
    const execution = await gate.ask();
    await stack.n8n.stop?.();
    await stack.n8n.start();
    await until('the trigger', async () => (await fetch(clicks.url, { method: 'POST' })).status === 415);
    await lab.click(people.rafael, asked(execution).ts, 'approve');
    expect(itemsOf(await lab.ended(execution.id), 'End')[0]).toMatchObject({ status: 'approved' });
  });
});
