import { OperationError } from '../../../operations/errors';
import { postMessage } from '../../../operations/slack/post-message';
import { ratePauses } from '../../../operations/slack/rate-pauses';
import { startWorkspace, type Workspace } from './workspace';

let workspace: Workspace;
beforeAll(async () => {
  workspace = await startWorkspace();
});
afterAll(() => workspace.close());
beforeEach(() => {
  ratePauses.clear();
  workspace.slack.reset();
  workspace.faults.clear();
});

const post = (input: Record<string, unknown>, ports = workspace.ports()) => workspace.run(postMessage, input, ports);

async function failure(input: Record<string, unknown>, ports = workspace.ports()) {
  const error = await post(input, ports).catch((thrown: unknown) => thrown);
  if (!(error instanceof OperationError)) throw new Error(`no typed failure: ${JSON.stringify(error)}`);
  return error.toShape();
}

describe('a message', () => {
  test('arrives literally, in the channel named', async () => {
    const text = 'Look: <!channel> & <https://evil.example|safe> `code` *bold* <@U0SIM0001>';
    const output = await post({ channel: '#soc-high', text });
    const [message] = await workspace.messages('soc-high');
    expect(output).toMatchObject({
      channel: workspace.channelId('soc-high'),
      ts: message?.ts,
      thread_ts: null,
      complete: true,
    });
    expect(output.permalink).toMatch(/^http.*\/archives\/C0SIM0102\/p\d+$/);
    expect(message?.blocks[0]?.text).toEqual({ type: 'plain_text', text, emoji: false });
    expect(message?.text).toBe(
      "Look: &lt;!channel&gt; &amp; &lt;https://evil.example|safe&gt; 'code' *bold* &lt;@U0SIM0001&gt;",
    );
  });

  test('is sent so that Slack parses and fetches nothing', async () => {
    await post({ channel: '#soc-high', text: 'x https://evil.example' });
    const sent = workspace.slack.requests.find(({ operation }) => operation === 'chat.postMessage');
    expect(JSON.parse(sent?.body ?? '{}')).toMatchObject({
      parse: 'none',
      link_names: false,
      mrkdwn: false,
      unfurl_links: false,
      unfurl_media: false,
    });
  });

  test('goes to the default channel of the connection', async () => {
    expect(await post({ text: 'hello' })).toMatchObject({ channel: workspace.channelId('soc-alerts') });
    expect(await failure({ text: 'hello' }, workspace.ports({ defaults: {} }))).toMatchObject({
      code: 'invalid_input',
      details: { field: 'channel' },
    });
  });

  test('can be a reply', async () => {
    const first = await post({ channel: '#soc-high', text: 'first' });
    const reply = await post({ channel: '#soc-high', text: 'second', thread_ts: first.ts });
    expect(reply.thread_ts).toBe(first.ts);
    expect(await workspace.replies('soc-high', String(first.ts))).toHaveLength(1);
  });

  test('of 10,000 characters loses none: the rest goes on in the thread', async () => {
    const text = Array.from({ length: 1600 }, (_, index) => `w${index % 1000}`)
      .join(' ')
      .slice(0, 10_000);
    const output = await post({ channel: '#soc-high', text });
    const [message] = await workspace.messages('soc-high');
    const replies = await workspace.replies('soc-high', String(output.ts));
    const sections = [message, ...replies]
      .flatMap((part) => part?.blocks ?? [])
      .filter(({ type }) => type === 'section');
    expect(sections.map((block) => block.text?.text).join(' ')).toBe(text.trim());
    expect(output.complete).toBe(true);
  });

  test('stands even when its continuation cannot be posted', async () => {
    workspace.faults.add({
      service: 'slack',
      path: 'chat.postMessage',
      bodyContains: 'Continued',
      status: 200,
      body: { ok: false, error: 'restricted_action' },
    });
    expect(await post({ channel: '#soc-high', text: 'word '.repeat(1999) })).toMatchObject({ complete: false });
    expect(await workspace.messages('soc-high')).toHaveLength(1);
  });

  test('without anything to show is refused', async () => {
    expect(await failure({ channel: '#soc-high', text: '\u200B\u202E ' })).toMatchObject({
      code: 'invalid_input',
      details: { field: 'text' },
    });
    expect(workspace.slack.requests).toHaveLength(0);
  });
});

describe('a lost answer', () => {
  const posting = { service: 'slack', path: 'chat.postMessage' };

  test.each(['#soc-high', 'soc-high', 'C0SIM0102'])(
    'after the message was taken posts it once (%s)',
    async (channel) => {
      workspace.faults.add({ ...posting, reset: 'after' });
      const output = await post({ channel, text: 'once' });
      const messages = await workspace.messages('soc-high');
      expect(messages).toHaveLength(1);
      expect(output).toMatchObject({ channel: workspace.channelId('soc-high'), ts: messages[0]?.ts });
    },
  );

  test('before the message was taken posts it once', async () => {
    workspace.faults.add({ ...posting, reset: 'before' });
    await post({ channel: '#soc-high', text: 'once' });
    expect(await workspace.messages('soc-high')).toHaveLength(1);
  });

  test('in a thread is looked for in the thread', async () => {
    const first = await post({ channel: '#soc-high', text: 'first' });
    workspace.faults.add({ ...posting, reset: 'after' });
    await post({ channel: '#soc-high', text: 'reply', thread_ts: first.ts });
    expect(await workspace.replies('soc-high', String(first.ts))).toHaveLength(1);
  });

  test.each([500, 502, 503])('with status %s is looked for too', async (status) => {
    workspace.faults.add({ ...posting, status, body: '<html>oops</html>' });
    await post({ channel: '#soc-high', text: 'once' });
    expect(await workspace.messages('soc-high')).toHaveLength(1);
    expect(workspace.slack.requests.some(({ operation }) => operation === 'conversations.history')).toBe(true);
  });

  test('is an unknown outcome when the channel may not be read, and nothing is repeated', async () => {
    workspace.faults.add({ ...posting, reset: 'after' });
    const error = await failure(
      { channel: '#soc-high', text: 'once' },
      workspace.ports({ token: 'xoxb-simulated-chat-only' }),
    );
    expect(error).toMatchObject({ code: 'unavailable', details: { outcome: 'unknown' } });
    expect(error.message).toContain('look into #soc-high before posting again');
    expect(await workspace.messages('soc-high')).toHaveLength(1);
  });

  test('twice in a row still posts it once', async () => {
    workspace.faults.add({ ...posting, reset: 'before' });
    workspace.faults.add({ ...posting, reset: 'after' });
    const outcome = await post({ channel: '#soc-high', text: 'once' }).catch((error: unknown) => error);
    expect(await workspace.messages('soc-high')).toHaveLength(1);
    if (outcome instanceof OperationError) expect(outcome.details.outcome).toBe('unknown');
  });
});

describe('refusals of Slack', () => {
  test.each([
    [{ ok: false, error: 'invalid_auth' }, 'unauthenticated', {}],
    [
      { ok: false, error: 'missing_scope', needed: 'chat:write', provided: '' },
      'missing_permission',
      { permission: 'the scope chat:write' },
    ],
    [{ ok: false, error: 'not_in_channel' }, 'missing_permission', {}],
    [{ ok: false, error: 'restricted_action_read_only_channel' }, 'missing_permission', {}],
    [{ ok: false, error: 'channel_not_found' }, 'not_found_or_no_access', {}],
    [{ ok: false, error: 'is_archived' }, 'conflict', {}],
    [{ ok: false, error: 'msg_blocks_too_long' }, 'invalid_input', {}],
    [{ ok: false, error: 'rate_limited' }, 'rate_limited', { retry_after_seconds: 30 }],
    [{ ok: false, error: 'something_new' }, 'bad_response', { slack_error: 'something_new' }],
    [{ ok: false }, 'bad_response', {}],
    [{ hello: 1 }, 'unavailable', { outcome: 'unknown' }],
  ])('%j is %s', async (body, code, details) => {
    workspace.faults.add({ service: 'slack', path: 'chat.postMessage', status: 200, body, times: 2 });
    expect(await failure({ channel: '#soc-high', text: 'x' })).toMatchObject({ code, details });
  });

  test('come typed from the workspace itself', async () => {
    expect(await failure({ channel: '#nowhere', text: 'x' })).toMatchObject({ code: 'not_found_or_no_access' });
    expect(await failure({ channel: '#general', text: 'x' })).toMatchObject({ code: 'missing_permission' });
    expect(await failure({ channel: '#soc-archive-2025', text: 'x' })).toMatchObject({ code: 'conflict' });
    expect(await failure({ text: 'x' }, workspace.ports({ token: 'xoxb-simulated-revoked' }))).toMatchObject({
      code: 'unauthenticated',
    });
  });

  test('429 is waited out as long as Slack asks', async () => {
    workspace.faults.add({
      service: 'slack',
      path: 'chat.postMessage',
      status: 429,
      headers: { 'retry-after': '2' },
      body: { ok: false, error: 'ratelimited' },
    });
    const ports = workspace.ports();
    await post({ channel: '#soc-high', text: 'x' }, ports);
    expect(ports.waits).toEqual([2000]);
    expect(await workspace.messages('soc-high')).toHaveLength(1);
  });

  test('429 past the deadline is rate_limited', async () => {
    workspace.faults.add({
      service: 'slack',
      path: 'chat.postMessage',
      status: 429,
      headers: { 'retry-after': '900' },
    });
    expect(await failure({ channel: '#soc-high', text: 'x' })).toMatchObject({ details: { retry_after_seconds: 900 } });
  });

  test('a channel that is no channel is refused before anything is sent', async () => {
    for (const channel of ['<!channel>', '#a b', 'a,b', '']) {
      expect(await failure({ channel, text: 'x' })).toMatchObject({
        code: 'invalid_input',
        details: { field: 'channel' },
      });
    }
    expect(workspace.slack.requests).toHaveLength(0);
  });
});

test('a message without a permalink is still a message', async () => {
  workspace.faults.add({
    service: 'slack',
    path: 'chat.getPermalink',
    status: 200,
    body: { ok: false, error: 'fatal_error' },
  });
  expect(await post({ channel: '#soc-high', text: 'x' })).toMatchObject({ permalink: null, ts: expect.any(String) });
});

test('the example works as it is documented', async () => {
  await post(postMessage.example);
  expect(await workspace.messages('soc-alerts')).toHaveLength(1);
});
