import { CaseStore } from '../../../bridge/src/store/case-store';
import { openDatabase } from '../../../bridge/src/store/database';
import type { Operation } from '../../../operations/operation';
import { escalateToSocTeam } from '../../../operations/slack/escalate-to-soc-team';
import { findSlackUser } from '../../../operations/slack/find-slack-user';
import { getMessagePermalink } from '../../../operations/slack/get-message-permalink';
import { openIncidentChannel } from '../../../operations/slack/open-incident-channel';
import { postMessage } from '../../../operations/slack/post-message';
import { ratePauses } from '../../../operations/slack/rate-pauses';
import { replyInThread } from '../../../operations/slack/reply-in-thread';
import { updateMessage } from '../../../operations/slack/update-message';
import { isUploadAddress } from '../../../operations/slack/upload-address';
import { uploadReport } from '../../../operations/slack/upload-report';
import { sampleOpen } from '../../support/bridge/sample-case';
import { startWorkspace, token, type Workspace } from './workspace';

let workspace: Workspace;
let store: CaseStore;
beforeAll(async () => {
  workspace = await startWorkspace();
});
afterAll(() => workspace.close());
beforeEach(async () => {
  ratePauses.clear();
  workspace.slack.reset();
  workspace.faults.clear();
  store = new CaseStore(await openDatabase('sqlite::memory:'));
});
afterEach(() => store.database.close());

const run = (operation: unknown, input: object, ports = workspace.ports()) => workspace.run(operation, input, ports);
const withCases = () => workspace.ports({ cases: store.port({ caseLeaseMs: 30_000 }) });
const posted = () => run(postMessage, { channel: '#soc-high', text: 'first' });
const calls = (method: string) => workspace.slack.requests.filter(({ operation }) => operation === method);
const hostile = '<!channel> <@U0SIM0009> <https://evil.example|https://bank.example> `x` ‮';

describe('reply_in_thread', () => {
  test('replies by address and by timestamp, and to the thread of a reply', async () => {
    const { ts, permalink } = await posted();
    const first = await run(replyInThread, { permalink, text: hostile });
    expect(first).toMatchObject({ thread_ts: ts, complete: true });
    const second = await run(replyInThread, { permalink: first.permalink, text: 'and', also_to_channel: true });
    expect(second.thread_ts).toBe(ts);
    expect(await workspace.replies('soc-high', String(ts))).toHaveLength(2);
    expect(JSON.parse(calls('chat.postMessage').at(-1)?.body ?? '{}')).toMatchObject({ reply_broadcast: true });
    expect(JSON.parse(calls('chat.postMessage').at(1)?.body ?? '{}').text).not.toMatch(/[<>`‮]/);
  });

  test('a reply with a key is posted once into its thread, by whatever run', async () => {
    const { channel, ts } = await posted();
    const { ts: other } = await posted();
    const reply = (thread_ts: unknown, once_key: string) =>
      run(replyInThread, { channel, thread_ts, text: 'Contained', once_key });
    const first = await reply(ts, 'contained:RSP-1');
    expect(first).toMatchObject({ posted: true });
    expect(await reply(ts, 'contained:RSP-1')).toMatchObject({ posted: false, ts: first.ts });
    expect(await reply(ts, 'contained:RSP-2')).toMatchObject({ posted: true });
    expect(await reply(other, 'contained:RSP-1')).toMatchObject({ posted: true });
    expect(await workspace.replies('soc-high', String(ts))).toHaveLength(2);
  });

  test.each([
    [{}, 'channel'],
    [{ channel: '#soc-high' }, 'thread_ts'],
    [{ permalink: 'https://a.slack.com/archives/C0SIM0102/p1', channel: '#soc-high' }, 'permalink'],
    [{ permalink: 'https://evil.example/x' }, 'permalink'],
    [{ permalink: 'javascript:alert(1)' }, 'permalink'],
  ])('names what is missing: %j', async (given, field) => {
    await expect(run(replyInThread, { text: 'x', ...given })).rejects.toMatchObject({ details: { field } });
    expect(calls('chat.postMessage')).toHaveLength(0);
  });
});

describe('update_message', () => {
  test('replaces the text of our own message, escaped, and twice is once', async () => {
    const { channel, ts } = await posted();
    for (let time = 0; time < 2; time += 1)
      expect(await run(updateMessage, { channel, ts, text: hostile })).toMatchObject({ updated: true, channel });
    const [message] = await workspace.messages('soc-high');
    expect(JSON.stringify(message?.blocks)).toContain('<!channel>');
    expect(message?.blocks[0]?.text?.type).toBe('plain_text');
    expect(message?.text).not.toMatch(/[<>`‮]/);
    expect(message?.metadata?.event_type).toBe('soc_message');
  });

  test('works on a reply, and goes on when an answer is lost', async () => {
    const { channel, ts } = await posted();
    const reply = await run(replyInThread, { channel, thread_ts: ts, text: 'reply' });
    workspace.faults.add({ service: 'slack', path: 'chat.update', reset: 'after' });
    await run(updateMessage, { permalink: reply.permalink, text: 'better' });
    expect((await workspace.replies('soc-high', String(ts)))[0]?.text).toBe('better');
  });

  test('leaves escalations, and messages of others, alone', async () => {
    const escalation = await run(escalateToSocTeam, { title: 't', summary: 's', urgency: 'high' });
    await expect(
      run(updateMessage, { channel: escalation.channel, ts: escalation.ts, text: 'nothing to see' }),
    ).rejects.toMatchObject({ code: 'conflict' });
    expect(calls('chat.update')).toHaveLength(0);
    await expect(run(updateMessage, { channel: '#soc-high', ts: '1.000001', text: 'x' })).rejects.toMatchObject({
      code: 'not_found_or_no_access',
    });
  });
});

describe('get_message_permalink and find_slack_user', () => {
  test('give the address, or say what is not there', async () => {
    const { ts, permalink } = await posted();
    expect(await run(getMessagePermalink, { channel: '#soc-high', ts })).toMatchObject({ permalink });
    await expect(run(getMessagePermalink, { channel: '#soc-high', ts: '1.000001' })).rejects.toMatchObject({
      code: 'not_found_or_no_access',
    });
    await expect(run(getMessagePermalink, { channel: '#nowhere', ts })).rejects.toMatchObject({
      code: 'not_found_or_no_access',
    });
  });

  test.each([
    [{ email: 'eva.novak@simulated-corp.example' }, { id: 'U0SIM0009', guest: false, external: false, bot: false }],
    [{ user_id: 'U0SIM0013' }, { handle: 'guido.conti', guest: true }],
    [{ user_id: 'U0SIM0014' }, { handle: 'nils.overgaard', deactivated: true }],
    [{ user_id: 'U0SIM0021' }, { handle: 'noor.haddad', external: true, team_id: 'T0SIM0002' }],
    [{ user_id: 'U0SIMBOT1' }, { bot: true }],
  ])('tells who %j is', async (given, expected) => {
    expect(await run(findSlackUser, given)).toMatchObject(expected);
  });

  test('says that there is no such person, and names a missing scope', async () => {
    await expect(run(findSlackUser, { email: 'nobody@simulated-corp.example' })).rejects.toMatchObject({
      code: 'not_found_or_no_access',
    });
    await expect(run(findSlackUser, {})).rejects.toMatchObject({ code: 'invalid_input' });
    const narrow = workspace.ports({ token: `${token}-chat-only` });
    await expect(run(findSlackUser, { user_id: 'U0SIM0009' }, narrow)).rejects.toMatchObject({
      code: 'missing_permission',
      details: { permission: 'the scope users:read' },
    });
  });
});

describe('upload_report', () => {
  const upload = (input: object, ports = workspace.ports()) =>
    run(uploadReport, { content: '# Report ünïcode\n', channel: '#soc-high', ...input }, ports);

  test('uploads in three steps, the bytes without the token', async () => {
    const { ts } = await posted();
    const ports = workspace.ports();
    const output = await upload({ thread_ts: ts, filename: 'hunt.md', title: '<!channel>' }, ports);
    expect(output).toMatchObject({ filename: 'hunt.md', bytes: 19, thread_ts: ts, uploaded: true });
    expect(output.ts).toEqual(expect.any(String));
    const bytes = ports.requests.find(({ url }) => url.includes('/upload/'));
    expect(bytes).toMatchObject({ upload: true });
    expect(JSON.stringify(bytes?.headers)).not.toContain(token);
  });

  test('repeats what shows nothing, and looks for the file when the last answer is lost', async () => {
    workspace.faults.add({ service: 'slack', path: 'files.getUploadURLExternal', reset: 'after' });
    workspace.faults.add({ service: 'slack', path: '/upload/', reset: 'after' });
    workspace.faults.add({ service: 'slack', path: 'files.completeUploadExternal', reset: 'after' });
    expect(await upload({})).toMatchObject({ uploaded: true, ts: expect.any(String) });
    expect(await workspace.messages('soc-high')).toHaveLength(1);
    expect(calls('files.completeUploadExternal')).toHaveLength(1);
  });

  test("sends a report to Slack's own hosts and nowhere else", async () => {
    const base = 'https://slack.com/api';
    expect(isUploadAddress(base, 'https://files.slack.com/upload/v1/x')).toBe(true);
    expect(isUploadAddress('https://slack-gov.com/api', 'https://files.slack-gov.com/upload/v1/x')).toBe(true);
    for (const address of [
      'https://evil.example/upload',
      'https://slack.com.evil.example/',
      'https://notslack.com/',
      'http://files.slack.com/',
      'https://u:p@files.slack.com/',
      'https://files.slack.com:8443/',
      'file:///etc/passwd',
      'nonsense',
    ])
      expect(isUploadAddress(base, address)).toBe(false);
    workspace.faults.add({
      service: 'slack',
      path: 'files.getUploadURLExternal',
      status: 200,
      body: { ok: true, upload_url: 'https://evil.example/u', file_id: 'F0000001' },
    });
    const ports = workspace.ports();
    await expect(upload({}, ports)).rejects.toMatchObject({ code: 'bad_response' });
    expect(ports.requests.some(({ url }) => url.includes('evil'))).toBe(false);
  });

  test("takes the case's report to its thread once per version", async () => {
    const cases = store.port({ caseLeaseMs: 30_000 });
    const { record } = await cases.open(sampleOpen());
    const input = { case_id: record.id };
    await expect(run(uploadReport, input, withCases())).rejects.toMatchObject({
      code: 'conflict',
      details: { missing: 'generate_incident_report' },
    });
    const { ts } = await run(
      escalateToSocTeam,
      { title: 't', summary: 's', urgency: 'high', case_id: record.id },
      withCases(),
    );
    await cases.change(record.id, { report_markdown: '# One' }, { type: 'report', summary: 'written' });
    const first = await run(uploadReport, input, withCases());
    expect(first).toMatchObject({ thread_ts: ts, uploaded: true, filename: `${record.id}.md` });
    expect(await run(uploadReport, input, withCases())).toEqual({ ...first, uploaded: false });
    await cases.change(record.id, { report_markdown: '# Two' }, { type: 'report', summary: 'written again' });
    expect(await run(uploadReport, input, withCases())).toMatchObject({ uploaded: true });
  });
});

describe('open_incident_channel', () => {
  const open = (input: object = {}, ports = workspace.ports()) =>
    run(
      openIncidentChannel,
      {
        title: `Key leak ${hostile}`,
        summary: 'Two keys.',
        name: 'inc-keys',
        invite: ['eva.novak@simulated-corp.example', 'S0SIM0001', 'U0SIM0013', 'nobody@simulated-corp.example'],
        ...input,
      },
      ports,
    );

  test('creates, invites, sets the topic, posts and pins; and says who could not be invited', async () => {
    const output = await open();
    expect(output).toMatchObject({ name: 'inc-keys', created: true, is_private: true, complete: false });
    expect(output.invited).toEqual(expect.arrayContaining(['U0SIM0009', 'U0SIM0010', 'U0SIM0011', 'U0SIM0012']));
    expect(output.not_invited).toEqual([
      { who: 'nobody@simulated-corp.example', reason: 'not found' },
      { who: 'U0SIM0013', reason: 'user is restricted' },
    ]);
    expect(JSON.parse(calls('conversations.setTopic')[0]?.body ?? '{}').topic).not.toMatch(/[<>`‮]/);
    expect(calls('pins.add')).toHaveLength(1);
  });

  test('called again finds the channel and repeats nothing', async () => {
    const first = await open();
    const second = await open();
    expect(second).toMatchObject({ channel: first.channel, ts: first.ts, created: false });
    expect(calls('chat.postMessage')).toHaveLength(1);
  });

  test.each(['conversations.create', 'conversations.invite', 'chat.postMessage', 'pins.add'])(
    'a lost answer of %s makes nothing twice',
    async (method) => {
      workspace.faults.add({ service: 'slack', path: method, reset: 'after' });
      const first = await open({ is_private: false });
      const second = await open({ is_private: false });
      expect(second).toMatchObject({ channel: first.channel, ts: first.ts });
      const state = workspace.slack.interactions.state;
      expect([...state.channels.values()].filter(({ name }) => name === 'inc-keys')).toHaveLength(1);
      expect(state.messages.filter(({ channel }) => channel === first.channel)).toHaveLength(1);
      expect(state.pins.get(String(first.channel))).toEqual([first.ts]);
    },
  );

  test('makes no channel for a summary that cannot be shown', async () => {
    await expect(open({ summary: '\u0000\u200b' })).rejects.toMatchObject({ details: { field: 'text' } });
    expect(calls('conversations.create')).toHaveLength(0);
  });

  test("does not take somebody else's channel", async () => {
    await expect(open({ name: 'general' })).rejects.toMatchObject({ code: 'conflict' });
    expect(calls('chat.postMessage')).toHaveLength(0);
  });

  test('is named after its case, which keeps one event of it', async () => {
    const { record } = await store.port({ caseLeaseMs: 30_000 }).open(sampleOpen());
    const input = { name: undefined, case_id: record.id, invite: [] };
    for (let time = 0; time < 2; time += 1)
      expect(await open(input, withCases())).toMatchObject({ name: `inc-${record.id.toLowerCase()}` });
    const events = await store.events(record.id);
    expect(events.filter(({ type }) => type === 'incident_channel_opened')).toHaveLength(1);
    await expect(open({ name: undefined, case_id: 'INV-NONE' }, withCases())).rejects.toMatchObject({
      code: 'not_found_or_no_access',
    });
  });
});

test.each([replyInThread, updateMessage, getMessagePermalink, uploadReport, findSlackUser, openIncidentChannel])(
  'the example of $name works as it is documented',
  async (operation) => {
    const { ts } = await run(postMessage, { channel: '#soc-alerts', text: 'to refer to' });
    const { name, example } = operation as unknown as Operation;
    const input = JSON.parse(JSON.stringify(example).replaceAll('1700000000.000100', String(ts)));
    expect([name, Object.keys(await run(operation, input)).length > 0]).toEqual([name, true]);
  },
);
