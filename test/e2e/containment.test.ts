import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { CaseHistoryEntry, CaseRecord } from '../../operations/cases';
import { nodeEnvironment, nodeExecutable } from '../../scripts/stack/node-runtime.mjs';
import { root } from '../../scripts/stack/paths.mjs';
import { ApprovalLab, asked, channel, type Execution, itemsOf, people, until } from '../support/approval-lab';
import { slackMessages } from '../support/slack-messages';
import { executablePath, SlackPage } from '../support/slack-page';
import { SocStack } from '../support/soc-stack';

/**
 * The reference workflow from an alert to a closed case: the verdict, people who decide in Slack, isolation in the simulated
 * IAM, the second read, the report. And everything that must leave IAM as it was.
 */
let stack: SocStack;
let lab: ApprovalLab;
let slack: SlackPage | undefined;

const inBrowser = executablePath ? it : it.skip;
if (!executablePath) console.warn('No Chromium here: what is decided in the browser is skipped.');
jest.setTimeout(240_000);

beforeAll(async () => {
  stack = await SocStack.start('containment');
  lab = new ApprovalLab(stack);
  await stack.control('POST', '/slack/settings', { requestUrl: '', socketMode: true });
  if (executablePath) slack = await SlackPage.open(stack.addresses.slack.page);
}, 400_000);

afterAll(async () => {
  await slack?.close();
  await stack?.stop();
}, 60_000);

const target = 'tomas.becker';
/** What the simulated attacker would come back with. */
const newKey = 'AKIASIMULATEDNEWKEY9';
const accounts = async () => JSON.stringify((await stack.control<{ iam: object }>('GET', '/accounts')).iam);
const sent = async () => {
  const requests = await stack.control<{ action: string }[]>('GET', '/requests?service=iam');
  return requests.map(({ action }) => action).filter((action) => /^(Put|Update|Delete)/.test(action));
};
const history = async (id: string) =>
  (await stack.callTool<{ content: string }>('export_case', { case_id: id, format: 'json' })).content;
const events = async (id: string) =>
  (JSON.parse(await history(id)) as { history: CaseHistoryEntry[] }).history.map(({ type }) => type);

const isFor = (execution: Execution, id: string, who: string) => {
  const [given] = itemsOf(execution, 'For a Target');
  return given?.case_id === id && given?.target === who;
};

/** The containment of a case that waits for people, for one of its targets. */
const waitingFor = (id: string, who: string) =>
  until(
    `the containment of ${who} that waits`,
    async () =>
      (await lab.executions('socContainment')).find(
        (execution) => execution.status === 'waiting' && isFor(execution, id, who),
      ),
    120_000,
  );

/** Approves, again where a bridge that has just started had no socket yet: such a click is lost. */
async function approve(ts: string, approval_id: string): Promise<void> {
  await until('the approval', async () => {
    await lab.click(people.eva, ts, 'approve').catch(() => {});
    const { status } = await stack.callTool<{ status: string }>('get_approval_status', {
      approval_id,
      wait_seconds: 3,
    });
    return status === 'approved';
  });
}

/** The other containment of a case: the key that the user made for somebody else. Resolves to its execution. */
async function revokeKey(id: string): Promise<Execution> {
  const waiting = await waitingFor(id, newKey);
  const { ts, approval_id } = asked(waiting, 'Ask for Approval');
  await approve(ts, approval_id);
  expect((await lab.ended(waiting.id, 120_000)).status).toBe('success');
  return waiting;
}

/** An alert of a tenant of its own makes a case of its own. Resolves to the case and the containment that waits. */
async function alerted(
  name: string,
): Promise<{ id: string; alert: object; waiting: Execution; ts: string; approval: string }> {
  const alert = { ...(await stack.sampleAlert(`e2e-${name}`)), tenant: name };
  const answer = await stack.postAlert(alert);
  expect(answer).toMatchObject({ status: 202, body: { created: true } });
  const id = String(answer.body.case_id);
  const [waiting] = await Promise.all([waitingFor(id, target), waitingFor(id, newKey)]);
  const { ts, approval_id: approval } = asked(waiting, 'Ask for Approval');
  return { id, alert, waiting, ts, approval };
}

const inStatus = (id: string, status: CaseRecord['status']) =>
  until(
    `the case as ${status}`,
    async () => {
      const record = await stack.case(id).catch(() => undefined);
      return record?.status === status ? record : undefined;
    },
    60_000,
  );

/** What was said in the thread of a case. */
async function replies({ escalation }: CaseRecord): Promise<string[]> {
  const { url, token } = stack.addresses.slack;
  const query = new URLSearchParams({ channel: String(escalation?.channel), ts: String(escalation?.ts) });
  const response = await fetch(`${url}/api/conversations.replies?${query}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const { messages } = (await response.json()) as { messages: { text: string }[] };
  return messages.slice(1).map(({ text }) => text);
}

async function brake(...args: string[]): Promise<void> {
  await promisify(execFile)(nodeExecutable(), [`${root}/bridge/dist/soc-bridge.js`, 'response', ...args], {
    env: nodeEnvironment({
      SOC_DATABASE_URL: `sqlite:${stack.folder}/soc-bridge.db`,
      SOC_BRIDGE_TOKEN: stack.bridgeToken,
    }),
  });
}

inBrowser('a denied containment leaves IAM untouched, and the case waits for a person', async () => {
  const before = await accounts();
  const { id, waiting, ts } = await alerted('denied');
  const page = slack as SlackPage;
  await page.as(people.eva, channel);
  await page.picture('containment-asked');
  await page.press(ts, 'deny');
  await page.giveReason('She is on call today');
  const ended = await lab.ended(waiting.id, 60_000);
  expect(ended.status).toBe('success');
  expect(Object.keys(ended.data.resultData.runData)).not.toContain('Execute Response');
  const record = await inStatus(id, 'needs_review');
  expect(await events(id)).toEqual(expect.arrayContaining(['approval_requested', 'approval_denied']));
  expect((await replies(record)).join('\n')).toMatch(/Not contained.*Denied by Eva Novak.*She is on call today/s);
  expect(await accounts()).toBe(before);
  expect(await sent()).toEqual([]);
});

it('the brake stops an approved response, and the case and its thread say so', async () => {
  const before = await accounts();
  const { id, waiting, ts } = await alerted('halted');
  await brake('halt', 'Simulated: somebody pulled it');
  await lab.click(people.rafael, ts, 'approve');
  const ended = await lab.ended(waiting.id, 60_000);
  expect(Object.keys(ended.data.resultData.runData)).toContain('Tell: Stopped');
  const record = await inStatus(id, 'needs_review');
  expect(await history(id)).toContain('somebody pulled it');
  expect((await replies(record)).join('\n')).toContain('somebody pulled it');
  expect(await accounts()).toBe(before);
  expect(await sent()).toEqual([]);
  await brake('resume');
});

it('a bridge killed between approval and execution carries it out once after it is back', async () => {
  const before = await accounts();
  const { id, waiting, ts, approval } = await alerted('killed');
  await stack.control('POST', '/faults', { service: 'iam', times: 1000, delayMs: 1500 });
  await lab.click(people.eva, ts, 'approve');
  await until('the approval', async () => {
    const { status } = await stack.callTool<{ status: string }>('get_approval_status', {
      approval_id: approval,
      wait_seconds: 0,
    });
    return status === 'approved';
  });
  await stack.bridge.stop('SIGKILL');
  expect(await sent()).toEqual([]);
  await stack.control('DELETE', '/faults');
  await stack.startBridge();
  expect((await lab.ended(waiting.id, 120_000)).status).toBe('success');
  const containments = [waiting, await revokeKey(id)];
  await inStatus(id, 'closed');
  expect((await sent()).sort()).toEqual(['PutUserPolicy', 'PutUserPolicy', 'UpdateAccessKey', 'UpdateAccessKey']);

  // Taken back exactly, each by an approval of its own, so that the next begins where this one did.
  for (const { id: execution } of containments) {
    const [plan] = itemsOf(await lab.execution(execution), 'Plan Response') as { response_id: string }[];
    const given = { response_id: plan?.response_id };
    const { approval_request } = await stack.callTool<{ approval_request: object }>('rollback_response', given);
    const back = await stack.callTool<{ approval_id: string; ts: string }>('request_analyst_approval', {
      ...approval_request,
      wait_seconds: 0,
    });
    await approve(back.ts, back.approval_id);
    const undone = { ...given, approval_id: back.approval_id, dry_run: false };
    expect(await stack.callTool('rollback_response', undone)).toMatchObject({ status: 'rolled_back' });
  }
  expect(await accounts()).toBe(before);
});

describe('approved in the browser', () => {
  let done: Awaited<ReturnType<typeof alerted>>;
  const snapshot = async () => ({
    version: (await stack.case(done.id))?.version,
    iam: await accounts(),
    sent: await sent(),
    messages: (await slackMessages(stack)).length,
    replies: await replies((await stack.case(done.id)) as CaseRecord),
  });

  inBrowser(
    'an alert ends as an isolated user, with the key it made switched off, verified, reported and closed',
    async () => {
      const earlier = (await sent()).length;
      done = await alerted('approved');
      await inStatus(done.id, 'awaiting_approval');
      const page = slack as SlackPage;
      await page.as(people.rafael, channel);
      await page.press(done.ts, 'approve');
      const ended = await lab.ended(done.waiting.id, 60_000);
      expect(ended.status).toBe('success');
      expect(Object.keys(ended.data.resultData.runData)).toEqual(
        expect.arrayContaining([
          'Execute Response',
          'Verify Response',
          'Write Report',
          'Close Case',
          'Tell: Contained',
        ]),
      );
      // While a key lives that the attacker made, the case is not over.
      expect(await stack.case(done.id)).toMatchObject({ status: 'responding', closed_at: null });
      await revokeKey(done.id);
      const record = await inStatus(done.id, 'closed');
      expect(record).toMatchObject({ outcome: 'true_positive', closed_at: expect.any(String) });
      const order = await events(done.id);
      const wanted = [
        'evidence_correlated',
        'escalated',
        'response_planned',
        'approval_requested',
        'response_executed',
        'response_verified',
        'closed',
      ];
      expect([...new Set(order.filter((type) => wanted.includes(type)))]).toEqual(wanted);
      const { iam } = await stack.control<{ iam: { users: { name: string; policies: object; keys: object }[] } }>(
        'GET',
        '/accounts',
      );
      const user = iam.users.find(({ name }) => name === target);
      expect(user?.policies).toHaveProperty('SocDenyAll');
      expect(Object.values(user?.keys ?? {})).toEqual(['Inactive']);
      const other = iam.users.find(({ keys }) => newKey in keys);
      expect(other?.keys).toEqual({ [newKey]: 'Inactive' });
      expect((await sent()).length - earlier).toBe(4);
      expect(record.report_markdown).toMatch(/## Containment[\s\S]*response verified/);
      expect(record.report_markdown).toContain('Rafael Fischer');
      expect((await replies(record)).filter((text) => text.includes('Contained: '))).toHaveLength(2);
      await page.as(people.rafael, String(record.escalation?.channel));
      await page.picture('containment-closed');
    },
  );

  inBrowser('the same alert again finds the same case, and nothing happens', async () => {
    const before = await snapshot();
    expect(await stack.postAlert(done.alert)).toMatchObject({
      status: 202,
      body: { created: false, case_id: done.id },
    });
    await new Promise((resolve) => setTimeout(resolve, 3000));
    expect(await snapshot()).toEqual(before);
  });

  inBrowser('either workflow run again from its first node changes nothing', async () => {
    const before = await snapshot();
    const { data } = await stack.n8n.api(
      'GET',
      '/executions?workflowId=socAutonomousInvestigation&includeData=true&limit=50',
    );
    const first = (data as Execution[]).find((execution) => itemsOf(execution, 'Open Case')[0]?.case_id === done.id);
    for (const [workflow, trigger, execution] of [
      ['socAutonomousInvestigation', 'Security Alert', first],
      ['socContainment', 'For a Target', done.waiting],
    ] as const) {
      const { data: started } = await stack.n8n.rest('POST', `/rest/workflows/${workflow}/run`, {
        triggerToStartFrom: { name: trigger, data: execution?.data.resultData.runData[trigger]?.[0] },
      });
      const again = await lab.ended(String(started.executionId), 60_000);
      expect(again.data.resultData.error).toBeUndefined();
      expect(Object.keys(again.data.resultData.runData)).not.toContain('Execute Response');
    }
    expect(await snapshot()).toEqual(before);
  });
});
