import { createSlack } from '../../../sandbox/src/slack/server';
import { ask } from './ask';

const token = 'xoxb-simulated';
const slack = createSlack({ seed: 1, baseTime: new Date('2026-11-20T12:00:00Z'), token, signingSecret: 'secret' });
const id = (name: string) => slack.channels.find((channel) => channel.name === name)?.id ?? '';
const json = { authorization: `Bearer ${token}`, 'content-type': 'application/json; charset=utf-8' };

const call = async (method: string, args: object = {}, headers: Record<string, string> = json) =>
  (await ask(slack.handler, `/api/${method}`, { headers, body: JSON.stringify(args) })).json;
const read = async (method: string, args: Record<string, string> = {}) =>
  (
    await ask(slack.handler, `/api/${method}?${new URLSearchParams(args)}`, {
      headers: { authorization: `Bearer ${token}` },
    })
  ).json;
const post = (args: object) => call('chat.postMessage', { channel: '#soc-alerts', text: 'x', ...args });

const plain = (text: string) => ({ type: 'plain_text', text });
const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text } });
const button = (extra: object) => ({
  type: 'actions',
  elements: [{ type: 'button', action_id: 'a', text: plain('Go'), ...extra }],
});

beforeEach(() => slack.reset());

describe('tokens, scopes and bodies', () => {
  it('says what is wrong with a token, with HTTP 200', async () => {
    const answer = async (authorization: string | undefined) =>
      (await ask(slack.handler, '/api/auth.test', { method: 'POST', headers: authorization ? { authorization } : {} }))
        .json;
    expect(await answer(undefined)).toEqual({ ok: false, error: 'not_authed' });
    expect(await answer('Bearer other')).toEqual({ ok: false, error: 'invalid_auth' });
    expect(await answer(`Bearer ${token}-revoked`)).toEqual({ ok: false, error: 'token_revoked' });
    expect(await answer(`Bearer ${token}`)).toMatchObject({ ok: true, user_id: 'U0SIMBOT1', team: 'Simulated Corp' });
  });

  it('names the scopes a narrow token lacks', async () => {
    const narrow = { ...json, authorization: `Bearer ${token}-chat-only` };
    expect((await call('chat.postMessage', { channel: 'soc-low', text: 'x' }, narrow)).ok).toBe(true);
    expect(await call('conversations.create', { name: 'x' }, narrow)).toMatchObject({
      error: 'missing_scope',
      needed: 'channels:manage,groups:write',
      provided: 'chat:write',
    });
  });

  it('reads forms everywhere, and JSON only where the method takes it', async () => {
    const form = (method: string, body: string) =>
      ask(slack.handler, `/api/${method}`, {
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: `token=${token}&${body}`,
      });
    const blocks = JSON.stringify([section('hello')]);
    const posted = (await form('chat.postMessage', `channel=soc-low&text=x&blocks=${encodeURIComponent(blocks)}`)).json;
    expect(posted.message.blocks[0].text.text).toBe('hello');
    expect(JSON.stringify(slack.requests)).not.toContain(token);
    expect(slack.requests[0]).toMatchObject({ operation: 'chat.postMessage', method: 'POST' });
    expect((await form('users.info', 'user=U0SIM0009')).json.user.name).toBe('eva.novak');
    expect(await call('users.info', { user: 'U0SIM0009' })).toMatchObject({
      error: 'invalid_arguments',
      response_metadata: { messages: ['[ERROR] missing required field: user'] },
    });
    expect((await call('auth.test', {}, { ...json, 'content-type': 'application/json' })).warning).toBe(
      'missing_charset',
    );
    const broken = async (body: string, type: string) =>
      (await ask(slack.handler, '/api/auth.test', { headers: { ...json, 'content-type': type }, body })).json.error;
    expect(await broken('{', 'application/json')).toBe('invalid_json');
    expect(await broken('[]', 'application/json')).toBe('json_not_object');
    expect(await broken('x', 'text/plain')).toBe('invalid_post_type');
    expect((await call('chat.shout')).error).toBe('unknown_method');
  });
});

describe('posting', () => {
  it('takes a channel by name or id, and a user for a direct message', async () => {
    for (const channel of ['soc-high', '#soc-high', id('soc-high')])
      expect((await post({ channel })).channel).toBe(id('soc-high'));
    expect((await post({ channel: 'U0SIM0009' })).channel).toMatch(/^D/);
  });

  it.each([
    ['exec-crisis', 'channel_not_found'],
    ['no-such-channel', 'channel_not_found'],
    ['soc-archive-2025', 'is_archived'],
    ['general', 'not_in_channel'],
  ])('to #%s fails with %s', async (channel, error) => {
    expect((await post({ channel })).error).toBe(error);
  });

  it('gives timestamps that are unique, rise over all channels, and repeat after a reset', async () => {
    const round = async () => {
      const stamps: string[] = [];
      for (const channel of ['soc-low', 'soc-high', 'soc-low', 'soc-critical'])
        stamps.push((await post({ channel })).ts);
      return stamps;
    };
    const first = await round();
    expect(new Set(first).size).toBe(4);
    expect([...first].sort((a, b) => Number(a) - Number(b))).toEqual(first);
    for (const ts of first) expect(ts).toMatch(/^\d{10}\.\d{6}$/);
    slack.reset();
    expect(await round()).toEqual(first);
  });

  it('refuses nothing to say, two ways of saying it, and metadata out of form', async () => {
    expect((await post({ text: '' })).error).toBe('no_text');
    expect((await post({ markdown_text: '# x' })).error).toBe('markdown_text_conflict');
    expect((await post({ metadata: { event_type: 'x' } })).error).toBe('invalid_metadata_format');
    expect((await post({ metadata: { event_type: 'x', event_payload: { big: 'x'.repeat(20_000) } } })).error).toBe(
      'metadata_too_large',
    );
  });

  it('cuts text above 40,000 characters and says so', async () => {
    const answer = await post({ text: 'x'.repeat(40_001) });
    expect([answer.warning, answer.message.text.length]).toEqual(['message_truncated', 40_000]);
  });
});

describe('Block Kit limits', () => {
  const within: [string, object[]][] = [
    ['50 blocks', Array.from({ length: 50 }, () => ({ type: 'divider' }))],
    ['header of 150', [{ type: 'header', text: plain('x'.repeat(150)) }]],
    ['section of 3000', [section('x'.repeat(3000))]],
    ['10 fields of 900', [{ type: 'section', fields: Array.from({ length: 10 }, () => plain('x'.repeat(900))) }]],
    [
      '25 buttons',
      [
        {
          type: 'actions',
          elements: Array.from({ length: 25 }, (_, i) => ({ type: 'button', action_id: `a${i}`, text: plain('x') })),
        },
      ],
    ],
    ['button value of 2000', [button({ value: 'x'.repeat(2000) })]],
  ];
  it.each(within)('accepts %s', async (_name, blocks) => {
    expect(await post({ blocks })).toMatchObject({ ok: true });
  });

  const beyond: [string, object[], string][] = [
    ['51 blocks', Array.from({ length: 51 }, () => ({ type: 'divider' })), '/blocks'],
    ['header of 151', [{ type: 'header', text: plain('x'.repeat(151)) }], '/blocks/0/text/text'],
    ['header in mrkdwn', [{ type: 'header', text: { type: 'mrkdwn', text: 'x' } }], '/blocks/0/text/type'],
    ['section of 3001', [section('x'.repeat(3001))], '/blocks/0/text/text'],
    ['empty section text', [section('')], '/blocks/0/text/text'],
    ['11 fields', [{ type: 'section', fields: Array.from({ length: 11 }, () => plain('x')) }], '/blocks/0/fields'],
    ['field of 2001', [{ type: 'section', fields: [plain('x'.repeat(2001))] }], '/blocks/0/fields/0/text'],
    [
      '26 buttons',
      [
        {
          type: 'actions',
          elements: Array.from({ length: 26 }, (_, i) => ({ type: 'button', action_id: `a${i}`, text: plain('x') })),
        },
      ],
      '/blocks/0/elements',
    ],
    [
      '11 context elements',
      [{ type: 'context', elements: Array.from({ length: 11 }, () => plain('x')) }],
      '/blocks/0/elements',
    ],
    ['button text of 76', [button({ text: plain('x'.repeat(76)) })], '/blocks/0/elements/0/text/text'],
    ['button value of 2001', [button({ value: 'x'.repeat(2001) })], '/blocks/0/elements/0/value'],
    ['action_id of 256', [button({ action_id: 'x'.repeat(256) })], '/blocks/0/elements/0/action_id'],
    [
      'confirm title of 101',
      [button({ confirm: { title: plain('x'.repeat(101)), text: plain('x'), confirm: plain('y'), deny: plain('n') } })],
      '/blocks/0/elements/0/confirm/title/text',
    ],
    [
      'block_id twice',
      [
        { type: 'divider', block_id: 'b' },
        { type: 'divider', block_id: 'b' },
      ],
      '/blocks/1/block_id',
    ],
    ['unknown block', [{ type: 'marquee' }], '/blocks/0/type'],
  ];
  it.each(beyond)('refuses %s and points at it', async (_name, blocks, pointer) => {
    const answer = await post({ blocks });
    expect(answer.error).toBe('invalid_blocks');
    expect(answer.errors.join()).toContain(`[json-pointer:${pointer}]`);
  });

  it('refuses what is no list, and too much text in all blocks together', async () => {
    expect((await post({ blocks: { type: 'divider' } })).error).toBe('invalid_blocks_format');
    expect(
      (
        await post({
          blocks: [
            section('x'.repeat(3000)),
            section('x'.repeat(3000)),
            section('x'.repeat(3000)),
            section('x'.repeat(1001)),
          ],
        })
      ).error,
    ).toBe('msg_blocks_too_long');
  });
});

describe('threads, metadata and reading back', () => {
  const metadata = { event_type: 'soc_case', event_payload: { case_id: 'INV-1' } };

  it('keeps replies out of the channel and counts them on the parent', async () => {
    const parent = await post({ text: 'parent', metadata });
    const replies = [
      await post({ text: 'one', thread_ts: parent.ts }),
      await post({ text: 'two', thread_ts: parent.ts }),
    ];
    await post({ text: 'nested', thread_ts: replies[0].ts });
    await post({ text: 'broadcast', thread_ts: parent.ts, reply_broadcast: true });
    expect((await post({ thread_ts: '1.000000' })).error).toBe('thread_not_found');
    const { messages } = await read('conversations.history', { channel: parent.channel, include_all_metadata: 'true' });
    expect(messages.map((message: { text: string }) => message.text)).toEqual(['broadcast', 'parent']);
    expect(messages[1]).toMatchObject({ reply_count: 4, thread_ts: parent.ts, metadata });
    const thread = await read('conversations.replies', { channel: parent.channel, ts: parent.ts });
    expect(thread.messages.map((message: { text: string }) => message.text)).toEqual([
      'parent',
      'one',
      'two',
      'nested',
      'broadcast',
    ]);
    expect(thread.messages[0].metadata).toEqual({ event_type: 'soc_case' });
  });

  it('pages through a channel, newest first, and inside a window', async () => {
    const stamps: string[] = [];
    for (let i = 0; i < 7; i += 1) stamps.push((await post({ text: String(i) })).ts);
    const channel = id('soc-alerts');
    const seen: string[] = [];
    for (let cursor: string | undefined = ''; cursor !== undefined; ) {
      const answer: { messages: { text: string }[]; has_more: boolean; response_metadata?: { next_cursor: string } } =
        await read('conversations.history', { channel, limit: '3', cursor });
      seen.push(...answer.messages.map((message) => message.text));
      expect(answer.has_more).toBe(answer.response_metadata !== undefined);
      cursor = answer.response_metadata?.next_cursor;
    }
    expect(seen).toEqual(['6', '5', '4', '3', '2', '1', '0']);
    const window = { channel, oldest: stamps[1] ?? '', latest: stamps[4] ?? '' };
    expect(
      (await read('conversations.history', window)).messages.map((message: { text: string }) => message.text),
    ).toEqual(['3', '2']);
    expect((await read('conversations.history', { ...window, inclusive: 'true' })).messages.length).toBe(4);
    expect((await read('conversations.history', { channel, cursor: 'nonsense' })).error).toBe('invalid_cursor');
  });
});

describe('changing and removing', () => {
  it('updates by id only; text alone takes the blocks away and marks the message as edited', async () => {
    const { channel, ts } = await post({ blocks: [section('first')] });
    expect((await call('chat.update', { channel: 'soc-alerts', ts, text: 'x' })).error).toBe('channel_not_found');
    expect((await call('chat.update', { channel, ts: '1.000000', text: 'x' })).error).toBe('message_not_found');
    expect((await call('chat.update', { channel, ts, text: 'x'.repeat(4001) })).error).toBe('msg_too_long');
    const withBlocks = await call('chat.update', { channel, ts, text: 'y', blocks: [section('second')] });
    expect([withBlocks.message.edited, withBlocks.message.blocks[0].text.text]).toEqual([undefined, 'second']);
    const textOnly = await call('chat.update', { channel, ts, text: 'z' });
    expect(textOnly.message).toMatchObject({ text: 'z', edited: { user: 'U0SIMBOT1' } });
    expect(textOnly.message).not.toHaveProperty('blocks');
  });

  it('deletes, leaving a tombstone when replies hang on the message', async () => {
    const lone = await post({});
    const parent = await post({});
    await post({ thread_ts: parent.ts });
    for (const { channel, ts } of [lone, parent]) expect((await call('chat.delete', { channel, ts })).ok).toBe(true);
    const { messages } = await read('conversations.history', { channel: parent.channel });
    expect(messages).toMatchObject([{ subtype: 'tombstone', ts: parent.ts }]);
    expect((await call('chat.delete', { channel: lone.channel, ts: lone.ts })).error).toBe('message_not_found');
  });

  it('shows ephemeral messages to members, and never in the history', async () => {
    const channel = id('soc-alerts');
    expect((await call('chat.postEphemeral', { channel, user: 'U0SIM0004', text: 'x' })).error).toBe(
      'user_not_in_channel',
    );
    expect((await call('chat.postEphemeral', { channel, user: 'U0SIM0009', text: 'x' })).message_ts).toBeDefined();
    expect((await read('conversations.history', { channel })).messages).toEqual([]);
  });

  it('reacts once, and links to the message', async () => {
    const { channel, ts } = await post({});
    expect((await call('reactions.add', { channel, timestamp: ts, name: 'eyes' })).ok).toBe(true);
    expect((await call('reactions.add', { channel, timestamp: ts, name: 'eyes' })).error).toBe('already_reacted');
    const { permalink } = await read('chat.getPermalink', { channel, message_ts: ts });
    expect(permalink).toBe(`http://stand-in.test/archives/${channel}/p${ts.replace('.', '')}`);
    const view = { type: 'modal', title: plain('Reason'), blocks: [section('why')] };
    expect((await call('views.open', { trigger_id: 'x', view })).error).toBe('invalid_trigger_id');
    expect((await call('views.open', { trigger_id: 'x', view: { type: 'modal' } })).error).toBe('invalid_arguments');
  });
});

describe('channels, people and files', () => {
  it('creates, fills and names a channel', async () => {
    for (const [name, error] of [
      ['UPPER', 'invalid_name_specials'],
      ['x'.repeat(81), 'invalid_name_maxlength'],
      ['---', 'invalid_name_punctuation'],
      ['soc-low', 'name_taken'],
    ]) {
      expect((await call('conversations.create', { name })).error).toBe(error);
    }
    const channel = (await call('conversations.create', { name: 'inc-1', is_private: true })).channel.id;
    const invite = (users: string, extra: object = {}) => call('conversations.invite', { channel, users, ...extra });
    expect((await invite('U0SIM0009,U0SIM0010')).ok).toBe(true);
    expect((await invite('U0SIM0009')).error).toBe('already_in_channel');
    expect((await invite('U0SIM0013')).error).toBe('user_is_restricted');
    expect((await invite('U0SIMBOT1')).error).toBe('cant_invite_self');
    expect(await invite('U9,U0SIM0011', { force: true })).toMatchObject({
      ok: true,
      errors: [{ user: 'U9', error: 'user_not_found' }],
    });
    expect((await call('conversations.setTopic', { channel, topic: 'x'.repeat(251) })).error).toBe('too_long');
    expect((await call('conversations.setTopic', { channel, topic: 'INV-1' })).channel.topic.value).toBe('INV-1');
    expect((await read('conversations.members', { channel })).members).toEqual([
      'U0SIMBOT1',
      'U0SIM0009',
      'U0SIM0010',
      'U0SIM0011',
    ]);
    expect((await call('conversations.join', { channel: id('general') })).ok).toBe(true);
  });

  it('lists only what the bot may see', async () => {
    const names = async (args: Record<string, string>) =>
      (await read('conversations.list', args)).channels.map((channel: { name: string }) => channel.name);
    expect(await names({ types: 'public_channel,private_channel' })).not.toContain('exec-crisis');
    expect(await names({ exclude_archived: 'true' })).not.toContain('soc-archive-2025');
    expect((await read('conversations.info', { channel: id('exec-crisis') })).error).toBe('channel_not_found');
    expect((await read('conversations.info', { channel: id('soc-critical') })).channel).toMatchObject({
      name: 'soc-critical',
      is_member: true,
    });
  });

  it('knows guests, leavers and groups', async () => {
    expect((await read('users.info', { user: 'U0SIM0013' })).user).toMatchObject({
      is_restricted: true,
      deleted: false,
    });
    expect((await read('users.info', { user: 'U0SIM0014' })).user.deleted).toBe(true);
    expect((await read('users.lookupByEmail', { email: 'eva.novak@simulated-corp.example' })).user.id).toBe(
      'U0SIM0009',
    );
    expect((await read('users.lookupByEmail', { email: 'nils.overgaard@simulated-corp.example' })).error).toBe(
      'users_not_found',
    );
    expect((await read('usergroups.users.list', { usergroup: 'S0SIM0001' })).users).toHaveLength(4);
    expect((await read('usergroups.users.list', { usergroup: 'S9' })).error).toBe('no_such_subteam');
    const [one, two] = [await read('users.list', { limit: '10' }), await read('users.list', {})];
    expect([one.members.length, one.response_metadata.next_cursor !== '', two.response_metadata.next_cursor]).toEqual([
      10,
      true,
      '',
    ]);
  });

  it('takes a file in three steps', async () => {
    expect((await read('files.getUploadURLExternal', { filename: 'a.csv', length: '0' })).error).toBe(
      'invalid_arguments',
    );
    const { upload_url, file_id } = await read('files.getUploadURLExternal', { filename: 'a.csv', length: '5' });
    const path = new URL(upload_url).pathname;
    expect((await ask(slack.handler, path, { body: 'four' })).status).toBe(400);
    expect((await call('files.completeUploadExternal', { files: [{ id: file_id }] })).error).toBe('file_not_found');
    expect((await ask(slack.handler, path, { body: 'a,b,c' })).text).toBe('OK - 5');
    const files = [{ id: file_id, title: 'Evidence' }];
    expect((await call('files.completeUploadExternal', { files, channel_id: 'soc-low' })).error).toBe(
      'channel_not_found',
    );
    expect(
      (await call('files.completeUploadExternal', { files, channel_id: id('soc-low'), initial_comment: 'See file' }))
        .files[0],
    ).toMatchObject({ title: 'Evidence', shares: {} });
    expect((await read('files.info', { file: file_id })).file.channels).toEqual([id('soc-low')]);
    expect((await read('conversations.history', { channel: id('soc-low') })).messages[0]).toMatchObject({
      text: 'See file',
      files: [{ id: file_id }],
    });
  });
});
