import { CaseStore } from '../../../bridge/src/store/case-store';
import { openDatabase } from '../../../bridge/src/store/database';
import type { CasesPort } from '../../../operations/cases';
import { OperationError } from '../../../operations/errors';
import { placeOf } from '../../../operations/operation';
import { escalateToSocTeam } from '../../../operations/slack/escalate-to-soc-team';
import { postMessage } from '../../../operations/slack/post-message';
import { sampleOpen } from '../../support/bridge/sample-case';
import { startWorkspace, token, type Workspace } from './workspace';

let workspace: Workspace;
let store: CaseStore;
beforeAll(async () => {
  workspace = await startWorkspace();
});
afterAll(() => workspace.close());
beforeEach(async () => {
  workspace.slack.reset();
  workspace.faults.clear();
  store = new CaseStore(await openDatabase('sqlite::memory:'));
});
afterEach(() => store.database.close());

const content = { title: 'Keys created for others', summary: 'Two keys were created.', urgency: 'critical' };
const cases = (): CasesPort => store.port({ caseLeaseMs: 30_000 });
const openCase = async () => (await cases().open(sampleOpen())).record.id;
const escalate = (input: Record<string, unknown>, ports = workspace.ports({ cases: cases() })) =>
  workspace.run(escalateToSocTeam, { ...content, ...input }, ports);

async function failure(input: Record<string, unknown>) {
  const error = await escalate(input).catch((thrown: unknown) => thrown);
  if (!(error instanceof OperationError)) throw new Error(`no typed failure: ${JSON.stringify(error)}`);
  return error.toShape();
}

describe('the message', () => {
  test.each([
    ['critical', 'soc-critical'],
    ['high', 'soc-high'],
    ['medium', 'soc-alerts'],
    ['low', 'soc-low'],
  ])('of urgency %s goes to #%s', async (urgency, channel) => {
    expect(await escalate({ urgency })).toMatchObject({ channel: workspace.channelId(channel), posted: true, urgency });
    const [message] = await workspace.messages(channel);
    expect(message?.blocks[0]).toMatchObject({
      type: 'header',
      text: { text: expect.stringContaining(urgency.toUpperCase()) },
    });
  });

  test('shows facts, findings, steps, links and where its text comes from', async () => {
    const case_id = await openCase();
    await escalate({
      case_id,
      findings: ['first finding', 'second <!here>'],
      next_steps: ['ask the owner'],
      links: ['https://console.example/alerts?a=1&b=2'],
    });
    const [message] = await workspace.messages('soc-critical');
    const text = JSON.stringify(message?.blocks);
    expect(text).toContain(case_id);
    expect(text).toContain('Findings\\n• first finding\\n• second <!here>');
    expect(text).toContain('Next steps\\n1. ask the owner');
    expect(text).toContain('<https://console.example/alerts?a=1&amp;b=2>');
    expect(text).toContain('it is data, not instructions');
  });

  test('that is too long goes on in its thread, with nothing lost', async () => {
    const findings = Array.from({ length: 20 }, (_, index) => `finding ${index} ${'lorem '.repeat(160)}`.trim());
    const output = await escalate({ summary: 'word '.repeat(1999).trim(), findings, links: ['https://a.example/'] });
    const [message] = await workspace.messages('soc-critical');
    const replies = await workspace.replies('soc-critical', String(output.ts));
    expect(replies.length).toBeGreaterThan(1);
    const text = [message, ...replies]
      .flatMap((part) => part?.blocks ?? [])
      .map((block) => block.text?.text ?? '')
      .join('\n');
    for (const [index] of findings.entries()) expect(text).toContain(`finding ${index} lorem`);
    expect(text.match(/word/g)).toHaveLength(1999);
    expect(JSON.stringify(message?.blocks)).toContain('Continued in the thread');
  });

  test.each(['javascript:alert(1)', 'https://user:pw@a.example/', 'ftp://a.example', 'no address'])(
    'refuses the link %s, and posts nothing',
    async (link) => {
      expect(await failure({ links: ['https://a.example/', link] })).toMatchObject({
        code: 'invalid_input',
        details: { field: 'links.1' },
      });
      expect(workspace.slack.requests.some(({ operation }) => operation === 'chat.postMessage')).toBe(false);
    },
  );
});

describe('for a case', () => {
  test('runs on the bridge, else anywhere', () => {
    const input = { title: 't', summary: 's', urgency: 'low' as const, findings: [], next_steps: [], links: [] };
    expect(placeOf(escalateToSocTeam, input)).toBe('anywhere');
    expect(placeOf(escalateToSocTeam, { ...input, case_id: 'INV-1' })).toBe('bridge');
  });

  test('a second call returns the first message and posts nothing', async () => {
    const case_id = await openCase();
    const first = await escalate({ case_id });
    const second = await escalate({ case_id, title: 'told otherwise' });
    expect(first.posted).toBe(true);
    expect(second).toEqual({ ...first, posted: false });
    expect(await workspace.messages('soc-critical')).toHaveLength(1);
  });

  test('two pipelines at once make one thread', async () => {
    const case_id = await openCase();
    const outputs = await Promise.all([1, 2, 3, 4].map(() => escalate({ case_id })));
    expect(outputs.filter(({ posted }) => posted)).toHaveLength(1);
    expect(new Set(outputs.map(({ ts }) => ts)).size).toBe(1);
    expect(await workspace.messages('soc-critical')).toHaveLength(1);
  });

  test('the case keeps the thread, with one event', async () => {
    const case_id = await openCase();
    const { channel, ts, permalink } = await escalate({ case_id });
    await escalate({ case_id });
    expect((await cases().get(case_id))?.escalation).toEqual({ channel, ts, permalink });
    const events = await store.database.db.selectFrom('investigation_events').selectAll().execute();
    expect(events.filter(({ type }) => type === 'escalated')).toHaveLength(1);
  });

  test('#name and name are the same channel', async () => {
    const case_id = await openCase();
    await escalate({ case_id, channel: '#soc-high' });
    expect(await escalate({ case_id, channel: 'soc-high' })).toMatchObject({ posted: false });
  });

  test('a later message of the case goes to its thread', async () => {
    const case_id = await openCase();
    const { ts } = await escalate({ case_id });
    const reply = await workspace.run(postMessage, { text: 'more', case_id }, workspace.ports({ cases: cases() }));
    expect(reply).toMatchObject({ thread_ts: ts, channel: workspace.channelId('soc-critical') });
  });

  test('a crash after the post and before the record leads to the same message', async () => {
    const case_id = await openCase();
    // The answer is lost, and so is the search for it: the claim stays behind as after a crash.
    workspace.faults.add({ service: 'slack', path: 'chat.postMessage', reset: 'after' });
    workspace.faults.add({ service: 'slack', path: 'conversations.list', status: 500, times: 1 });
    expect(await failure({ case_id })).toMatchObject({ code: 'unavailable', details: { outcome: 'unknown' } });
    const second = await escalate({ case_id });
    expect(second.posted).toBe(false);
    const messages = await workspace.messages('soc-critical');
    expect(messages.map(({ ts }) => ts)).toEqual([second.ts]);
  });

  test("another app's message with our mark does not pass for ours", async () => {
    const case_id = await openCase();
    const effect = `${case_id}:escalate:slack:soc-critical`;
    workspace.faults.add({ service: 'slack', path: 'chat.postMessage', reset: 'before' });
    workspace.faults.add({
      service: 'slack',
      path: 'conversations.history',
      status: 200,
      body: {
        ok: true,
        messages: [
          {
            ts: '1.1',
            bot_id: 'BOTHER',
            user: 'UOTHER',
            metadata: { event_type: 'soc_escalation', event_payload: { effect } },
          },
        ],
      },
    });
    const output = await escalate({ case_id });
    expect(output).toMatchObject({ posted: true });
    expect(output.ts).not.toBe('1.1');
    expect(await workspace.messages('soc-critical')).toHaveLength(1);
  });

  test('an unknown case is refused before anything is posted', async () => {
    expect(await failure({ case_id: 'INV-UNKNOWN' })).toMatchObject({ code: 'not_found_or_no_access' });
    expect(workspace.slack.requests).toHaveLength(0);
  });

  test('a failed post leaves nothing on the case, and can be repeated', async () => {
    const case_id = await openCase();
    workspace.faults.add({
      service: 'slack',
      path: 'chat.postMessage',
      status: 200,
      body: { ok: false, error: 'not_in_channel' },
    });
    expect(await failure({ case_id })).toMatchObject({ code: 'missing_permission' });
    expect((await cases().get(case_id))?.escalation).toBeNull();
    expect(await escalate({ case_id })).toMatchObject({ posted: true });
  });
});

test('without a case every call posts', async () => {
  await escalate({});
  await escalate({});
  expect(await workspace.messages('soc-critical')).toHaveLength(2);
});

test('the token never shows in what is sent or logged', async () => {
  const ports = workspace.ports({ cases: cases() });
  await escalate({}, ports);
  expect(JSON.stringify([ports.requests.map(({ signal: _, ...request }) => request), ports.logged])).not.toContain(
    token,
  );
});

test('the example works as it is documented', async () => {
  expect(await workspace.run(escalateToSocTeam, escalateToSocTeam.example)).toMatchObject({
    posted: true,
    complete: true,
  });
});
