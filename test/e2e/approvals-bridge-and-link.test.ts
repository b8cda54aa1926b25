import { ApprovalLab, asked, channel, type Execution, itemsOf, people, until } from '../support/approval-lab';
import { executablePath, SlackPage } from '../support/slack-page';
import { SocStack } from '../support/soc-stack';

/**
 * Approvals that the bridge runs for n8n: it asks, counts, ends what nobody answers, and has the execution go on. And those
 * that need neither a bridge nor a way in for clicks: a link.
 */
let stack: SocStack;
let lab: ApprovalLab;
let slack: SlackPage | undefined;
/** Asked first, so that its minute is up while the others run. */
let silent: { gate: Execution; agent: Execution; link: Execution };

const inBrowser = executablePath ? it : it.skip;
if (!executablePath) console.warn('No Chromium here: what is decided in the browser is skipped.');
jest.setTimeout(300_000);

beforeAll(async () => {
  stack = await SocStack.start('approvals-bridge');
  lab = new ApprovalLab(stack);
  await stack.control('POST', '/slack/settings', { requestUrl: '', socketMode: true });
  if (executablePath) slack = await SlackPage.open(stack.addresses.slack.page);
  const short = { options: { expiresAfterMinutes: 1 } };
  const [gate, agent, link] = await Promise.all([
    lab.gate(short, 'bridge'),
    lab.agent(short, 'bridge'),
    lab.gate(
      { answerWith: 'link', approvers: '', options: { channel: '#soc-high', expiresAfterMinutes: 0.1 } },
      'n8n',
      {},
      true,
    ),
  ]);
  silent = {
    gate: await gate.ask({ approved: true }),
    agent: await agent.ask('silent-user'),
    link: await link.ask({ approved: true }),
  };
});

afterAll(async () => {
  await slack?.close();
  await stack?.stop();
});

/** Opened when its time was over; n8n itself notices that within a minute, while the others run. */
let late: Execution;

describe('a link whose time is over', () => {
  it('says so when it is opened, closes the message, and decides nothing', async () => {
    const short = await lab.gate({
      answerWith: 'link',
      approvers: '',
      options: { channel: '#soc-high', expiresAfterMinutes: 0.05 },
    });
    // n8n looks once a minute: when it has looked in between, another is asked.
    late = await until('a wait that n8n has not noticed the end of', async () => {
      const execution = await short.ask();
      await new Promise((resolve) => setTimeout(resolve, 3200));
      return (await lab.execution(execution.id)).status === 'waiting' && execution;
    });
    const { ts } = asked(late);
    const url = /<(http[^>|]+)>/.exec(JSON.stringify(await lab.card(ts)))?.[1]?.replaceAll('&amp;', '&') ?? '';
    const answer = await fetch(url, { method: 'POST', body: new URLSearchParams({ decision: 'approved' }) });
    expect(await answer.text()).toContain('Time is up');
    expect(JSON.stringify(await lab.closedCard(ts, /nobody decided in time/))).not.toContain('Decide here');
  });
});

describe('a request', () => {
  let gate: Awaited<ReturnType<ApprovalLab['gate']>>;
  beforeAll(async () => {
    gate = await lab.gate({}, 'bridge');
  });

  inBrowser('is decided by a listed approver in Slack, whose identity the workflow gets', async () => {
    const execution = await gate.ask({ user: 'simulated-mallory' });
    const { ts } = asked(execution);
    const page = slack as SlackPage;
    await page.as(people.stranger, channel);
    const before = await lab.acknowledged();
    await page.press(ts, 'approve');
    await until('the click', async () => (await lab.acknowledged()) > before);
    await lab.stillWaits(execution.id);
    await page.as(people.rafael, channel);
    await page.press(ts, 'approve');
    const ended = await lab.ended(execution.id);
    expect(itemsOf(ended, 'End')).toEqual([
      expect.objectContaining({
        status: 'approved',
        approved: true,
        decided_by: [expect.objectContaining({ id: people.rafael, name: 'Rafael Fischer', decision: 'approved' })],
        channel,
        ts,
        data: { approved: true },
      }),
    ]);
    await lab.closedCard(ts, /Approved/);
  });

  inBrowser('is denied with a reason, which the workflow gets', async () => {
    const execution = await gate.ask();
    const { ts } = asked(execution);
    const page = slack as SlackPage;
    await page.as(people.eva, channel);
    await page.press(ts, 'deny');
    await page.page.locator('#modal textarea').waitFor();
    await lab.stillWaits(execution.id);
    await page.giveReason('Planned change, see CHG-1');
    expect(itemsOf(await lab.ended(execution.id), 'End')[0]).toMatchObject({
      status: 'denied',
      approved: false,
      decided_by: [{ id: people.eva, reason: 'Planned change, see CHG-1' }],
      data: { approved: false, chatInput: 'Planned change, see CHG-1' },
    });
    await lab.closedCard(ts, /Planned change, see CHG-1/);
  });

  it('that needs two approvals keeps waiting after the first', async () => {
    const two = await lab.gate({ approvalOptions: { minApprovals: 2 } }, 'bridge');
    const execution = await two.ask();
    const { ts } = asked(execution);
    await lab.click(people.eva, ts, 'approve');
    await lab.click(people.eva, ts, 'approve');
    await lab.stillWaits(execution.id);
    await lab.click(people.rafael, ts, 'approve');
    const [item] = itemsOf(await lab.ended(execution.id), 'End') as { decided_by: { id: string }[] }[];
    expect(item).toMatchObject({ status: 'approved' });
    expect(item?.decided_by.map(({ id }) => id)).toEqual([people.eva, people.rafael]);
  });

  it('is not settled by whoever calls its address and says so: the bridge is asked', async () => {
    const execution = await gate.ask();
    const { ts, approval_id: id } = asked(execution);
    const said = { approval_id: id, status: 'approved' };
    const answer = await fetch(lab.resumeAddress(id), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(said),
    });
    expect(answer.status).toBe(409);
    await lab.stillWaits(execution.id);
    await lab.click(people.rafael, ts, 'approve');
    expect(itemsOf(await lab.ended(execution.id), 'End')[0]).toMatchObject({ status: 'approved' });
  });
});

describe('an AI Agent', () => {
  let agent: Awaited<ReturnType<ApprovalLab['agent']>>;
  beforeAll(async () => {
    agent = await lab.agent({}, 'bridge');
  });

  it('makes its call once the bridge has the approval', async () => {
    const execution = await agent.ask('simulated-mallory');
    await lab.click(people.eva, asked(execution, 'Review').ts, 'approve');
    expect(itemsOf(await lab.ended(execution.id), 'Agent')[0]).toMatchObject({
      output: expect.stringContaining('disabled simulated-mallory'),
    });
  });

  it('does not make it after a denial, and is told why', async () => {
    const execution = await agent.ask('simulated-mallory');
    await lab.click(people.eva, asked(execution, 'Review').ts, 'deny');
    await lab.giveReason(people.eva, 'She is on call today');
    const ended = await lab.ended(execution.id);
    expect(ended.data.resultData.runData['Disable User']).toBeUndefined();
    expect(itemsOf(ended, 'Agent')[0]).toMatchObject({ output: expect.stringContaining('She is on call today') });
  });
});

describe('when nobody decides', () => {
  it('the bridge closes the card in time, and the workflow goes on with a no', async () => {
    const { ts, approval_id: id } = asked(silent.gate);
    const ended = await lab.ended(silent.gate.id);
    expect(itemsOf(ended, 'End')).toEqual([
      expect.objectContaining({
        status: 'timed_out',
        approved: false,
        approval_id: id,
        decided_by: [],
        data: { approved: false, chatInput: expect.stringContaining('Nobody decided') },
      }),
    ]);
    await lab.closedCard(ts, /Expired/);
  });

  it('the agent does not make its call', async () => {
    const ended = await lab.ended(silent.agent.id);
    expect(ended.data.resultData.runData['Disable User']).toBeUndefined();
  });
});

describe('a link without identity', () => {
  let gate: Awaited<ReturnType<ApprovalLab['gate']>>;
  beforeAll(async () => {
    gate = await lab.gate({ answerWith: 'link', approvers: '' });
  });

  async function ask() {
    const execution = await gate.ask({ user: '<img src=x onerror=alert(1)>', why: '<script>alert(1)</script>' });
    const { ts } = asked(execution);
    const text = JSON.stringify(await lab.card(ts));
    expect(text).toContain('Without identity');
    const url = /<(http[^>|]+)>/.exec(text)?.[1]?.replaceAll('&amp;', '&') ?? '';
    return { execution, ts, url };
  }

  it('changes nothing when it is looked at, asks, and says in the result that nobody knows who decided', async () => {
    const { execution, ts, url } = await ask();
    for (const agent of ['Slackbot-LinkExpanding 1.0', 'Mozilla/5.0']) {
      const page = await fetch(url, { headers: { 'user-agent': agent } });
      const html = await page.text();
      expect(html).toContain('Without identity.');
      expect(html).not.toMatch(/<script|<img/);
      expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    }
    await fetch(`${url}&decision=approved`);
    await lab.stillWaits(execution.id);
    const answers = await Promise.all(
      ['approved', 'approved', 'approved'].map((decision) =>
        fetch(url, { method: 'POST', body: new URLSearchParams({ decision }) }),
      ),
    );
    expect(answers.map(({ status }) => status).filter((status) => status === 200)).toHaveLength(1);
    expect(itemsOf(await lab.ended(execution.id), 'End')).toEqual([
      expect.objectContaining({
        status: 'approved',
        approved: true,
        decided_by: [{ id: null, anonymous: true, decision: 'approved', at: expect.any(String) }],
      }),
    ]);
    await lab.closedCard(ts, /by somebody unknown/);
  });

  it('that nobody opened is a no, and is taken off the message', async () => {
    const { ts, approval_id: id } = asked(silent.link);
    const ended = await lab.ended(silent.link.id);
    expect(itemsOf(ended, 'End')).toEqual([
      expect.objectContaining({ status: 'timed_out', approved: false, approval_id: id, decided_by: [] }),
    ]);
    const card = JSON.stringify(await lab.closedCard(ts, /nobody decided in time/));
    expect(card).not.toMatch(/Decide here|Without identity|webhook-waiting/);
  });

  it('that was opened too late is a no, too', async () => {
    expect(itemsOf(await lab.ended(late.id), 'End')[0]).toMatchObject({ status: 'timed_out', approved: false });
  });

  inBrowser('is a page to decide on, which wants a reason for a denial', async () => {
    const { execution, url } = await ask();
    const { page } = slack as SlackPage;
    await page.goto(url);
    await slack?.picture('approval-link');
    await page.getByRole('button', { name: 'Deny' }).click();
    await page.getByText('Say why it should not be done.').waitFor();
    await lab.stillWaits(execution.id);
    await page.getByLabel(/Reason/).fill('Not needed');
    await page.getByRole('button', { name: 'Deny' }).click();
    await page.getByRole('heading', { name: 'Denied' }).waitFor();
    await slack?.picture('approval-link-denied');
    expect(itemsOf(await lab.ended(execution.id), 'End')[0]).toMatchObject({
      status: 'denied',
      decided_by: [{ id: null, anonymous: true, reason: 'Not needed' }],
      data: { approved: false, chatInput: 'Not needed' },
    });
  });
});
