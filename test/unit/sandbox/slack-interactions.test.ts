import { createHmac } from 'node:crypto';
import { card, reasonView, SlackApp, signingSecret } from './slack-app';

let app: SlackApp;
beforeAll(async () => {
  app = await SlackApp.start();
});
afterAll(() => app.close());
beforeEach(() => app.reset());

const eva = 'U0SIM0009';
const post = () => app.call('chat.postMessage', { channel: 'soc-high', text: 'card', blocks: card });
const control = async (path: string, body?: object) => {
  const response = await app.slack.control(
    {
      method: body === undefined ? 'GET' : 'POST',
      path,
      query: new URLSearchParams(),
      headers: {},
      body: Buffer.from(body === undefined ? '' : JSON.stringify(body)),
      signal: new AbortController().signal,
    },
    undefined as never,
  );
  // biome-ignore lint/suspicious/noExplicitAny: each test states what it expects in the answer
  return { status: response?.status, ...(response?.body as any) };
};
const click = async (given: object = {}) => {
  const { channel, ts } = await post();
  return control('/slack/click', { user: 'eva.novak', channel, ts, action_id: 'approve', ...given });
};

const signatureOf = (timestamp: unknown, body: string, secret = signingSecret) =>
  `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex')}`;

describe('a click', () => {
  it('arrives as a signed form with the whole payload', async () => {
    const { channel, ts } = await post();
    const outcome = await control('/slack/click', { user: eva, channel, ts, action_id: 'approve' });
    expect(outcome).toMatchObject({ acknowledged: true, late: false });
    const [received] = app.received;
    expect(received?.headers['content-type']).toBe('application/x-www-form-urlencoded');
    const timestamp = received?.headers['x-slack-request-timestamp'];
    expect(Math.abs(Number(timestamp) - Date.now() / 1000)).toBeLessThan(60);
    expect(received?.headers['x-slack-signature']).toBe(signatureOf(timestamp, received?.body ?? ''));
    expect(received?.payload).toMatchObject({
      type: 'block_actions',
      user: { id: eva, username: 'eva.novak', name: 'eva.novak', team_id: 'T0SIM0001' },
      team: { id: 'T0SIM0001', domain: 'simulated-corp' },
      api_app_id: 'A0SIM0001',
      container: { type: 'message', message_ts: ts, channel_id: channel, is_ephemeral: false },
      channel: { id: channel, name: 'soc-high' },
      message: { ts, text: 'card', bot_id: 'B0SIM0001' },
      state: { values: {} },
      trigger_id: expect.stringMatching(/^\S+$/),
      response_url: expect.stringContaining(`${app.service.url}/actions/T0SIM0001/`),
      actions: [
        { type: 'button', action_id: 'approve', block_id: 'decide', value: 'r1', action_ts: expect.any(String) },
      ],
    });
  });

  it('says of people of other companies where they are from, and sends clicks on links too', async () => {
    await click({ user: 'noor.haddad', action_id: 'open' });
    expect(app.received[0]?.payload.user.team_id).toBe('T0SIM0002');
    expect(app.received[0]?.payload.team.id).toBe('T0SIM0001');
    expect(app.received[0]?.payload.actions[0].url).toBe('https://soc.example/case');
    const users = await fetch(`${app.service.url}/api/users.info?user=U0SIM0021`, {
      headers: { authorization: 'Bearer xoxb-simulated' },
    }).then((response) => response.json() as Promise<{ user: object }>);
    expect(users.user).toMatchObject({ team_id: 'T0SIM0002', is_stranger: true, deleted: false });
  });

  it('leaves a warning when it is not acknowledged in time, refused, or has nowhere to go', async () => {
    app.slack.interactions.delivery.settings.ackMs = 60;
    app.answer = () => ({ delayMs: 400 });
    expect(await click()).toMatchObject({ acknowledged: false, warning: expect.stringContaining('within 0.06 s') });
    app.slack.interactions.delivery.settings.ackMs = 20_000;
    app.answer = () => ({ status: 401 });
    const refused = await click();
    expect(refused.warning).toContain('answered 401');
    const state = await fetch(
      `${app.service.url}/page/state?user=${eva}&channel=${app.received[0]?.payload.channel.id}`,
    );
    const { messages } = (await state.json()) as { messages: { warning?: string }[] };
    expect(messages.at(-1)?.warning).toContain('answered 401');
    await control('/slack/settings', { requestUrl: '', socketMode: false });
    expect((await click()).warning).toContain('no request URL');
    await control('/slack/settings', { requestUrl: '' });
    expect((await click()).warning).toContain('no socket');
  });

  it.each([
    ['bad_signature', (h: string, t: string, b: string) => h !== signatureOf(t, b)],
    ['no_signature', (h: string | undefined) => h === undefined],
    ['stale', (h: string, t: string, b: string) => h === signatureOf(t, b) && Number(t) < Date.now() / 1000 - 301],
    ['future', (h: string, t: string, b: string) => h === signatureOf(t, b) && Number(t) > Date.now() / 1000 + 301],
    ['altered', (h: string, t: string, b: string) => h !== signatureOf(t, b)],
  ])('can be spoilt on the way: %s', async (fault, holds) => {
    await click({ fault });
    const [{ headers, body } = { headers: {} as Record<string, string>, body: '' }] = app.received;
    expect(holds(headers['x-slack-signature'] as string, headers['x-slack-request-timestamp'] as string, body)).toBe(
      true,
    );
  });

  it('can come twice, and again later, byte for byte', async () => {
    const { deliveries } = await click({ fault: 'duplicate' });
    expect(app.received).toHaveLength(2);
    expect(app.received[0]?.body).toBe(app.received[1]?.body);
    await control('/slack/replay', { delivery: deliveries[0].number });
    expect(app.received[2]?.body).toBe(app.received[0]?.body);
    expect(app.received[2]?.headers['x-slack-signature']).toBe(app.received[0]?.headers['x-slack-signature']);
    expect((await control('/slack/replay', { delivery: 99 })).status).toBe(400);
  });

  it('may come late: on a button the message no longer shows', async () => {
    const { channel, ts } = await post();
    await app.call('chat.update', { channel, ts, text: 'done', blocks: card.slice(0, 1) });
    expect(await control('/slack/click', { user: eva, channel, ts, action_id: 'approve' })).toMatchObject({
      late: true,
    });
    expect((await control('/slack/click', { user: eva, channel, ts, action_id: 'never' })).status).toBe(404);
    expect((await control('/slack/click', { user: 'nobody', channel, ts, action_id: 'approve' })).status).toBe(404);
  });
});

describe('a trigger', () => {
  it('opens one modal within three seconds', async () => {
    const { trigger_id } = await click();
    expect(
      (
        await app.call('views.open', {
          trigger_id,
          view: { ...reasonView, title: { type: 'plain_text', text: 'x'.repeat(25) } },
        })
      ).error,
    ).toBe('invalid_arguments');
    const opened = await app.call('views.open', { trigger_id, view: reasonView });
    expect(opened).toMatchObject({ ok: true, view: { callback_id: 'deny_reason', root_view_id: opened.view.id } });
    expect((await app.call('views.open', { trigger_id, view: reasonView })).error).toBe('exchanged_trigger_id');
    const { trigger_id: second } = await click();
    app.skewMs = 3100;
    expect((await app.call('views.open', { trigger_id: second, view: reasonView })).error).toBe('expired_trigger_id');
  });
});

describe('a modal', () => {
  const open = async () => {
    const { trigger_id } = await click({ action_id: 'deny' });
    await app.call('views.open', { trigger_id, view: reasonView });
    app.received.length = 0;
  };

  it('asks for what is missing, shows what the app finds wrong, and closes when it is taken', async () => {
    await open();
    expect((await control('/slack/submit', { user: eva, values: {} })).errors).toEqual({ reason: expect.any(String) });
    expect(app.received).toEqual([]);
    app.answer = () => ({ body: { response_action: 'errors', errors: { reason: 'too short' } } });
    expect((await control('/slack/submit', { user: eva, values: { text: 'no' } })).errors).toEqual({
      reason: 'too short',
    });
    expect((await control('/slack/state')).views).toMatchObject([{ user: eva, errors: { reason: 'too short' } }]);
    app.answer = () => ({});
    expect(await control('/slack/submit', { user: eva, values: { reason: 'owner objects' } })).toMatchObject({
      acknowledged: true,
      errors: {},
    });
    expect(app.received.at(-1)?.payload).toMatchObject({
      type: 'view_submission',
      user: { id: eva, team_id: 'T0SIM0001' },
      view: {
        callback_id: 'deny_reason',
        private_metadata: 'r1',
        state: { values: { reason: { text: { type: 'plain_text_input', value: 'owner objects' } } } },
      },
    });
    expect((await control('/slack/state')).views).toEqual([]);
  });

  it('stays when the app does not take it, and tells the app when it is closed', async () => {
    await open();
    app.answer = () => ({ status: 500 });
    expect(await control('/slack/submit', { user: eva, values: { text: 'x' } })).toMatchObject({ acknowledged: false });
    expect((await control('/slack/state')).views).toHaveLength(1);
    await control('/slack/close', { user: eva });
    expect(app.received.at(-1)?.payload).toMatchObject({ type: 'view_closed', view: { callback_id: 'deny_reason' } });
    expect((await control('/slack/close', { user: eva })).status).toBe(404);
  });
});

describe('a response address', () => {
  const respond = (url: string, body: object) =>
    fetch(url, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });

  it('answers one person, replaces the message, and works five times for half an hour', async () => {
    const { response_url } = await click({ user: 'hana.sato' });
    expect((await respond(response_url, { text: 'not you' })).status).toBe(200);
    expect((await control('/slack/state')).ephemeral).toMatchObject([{ text: 'not you', ephemeralFor: 'U0SIM0005' }]);
    for (let use = 2; use <= 5; use += 1)
      expect((await respond(response_url, { text: 'done', replace_original: true })).status).toBe(200);
    const gone = await respond(response_url, { text: 'again' });
    expect([gone.status, await gone.json()]).toEqual([404, { ok: false, error: 'used_url' }]);
    const { response_url: second } = await click();
    app.skewMs = 30 * 60_000 + 1000;
    expect(await (await respond(second, { text: 'late' })).json()).toEqual({ ok: false, error: 'expired_url' });
  });
});

describe('scopes', () => {
  it('depend on the kind of channel', async () => {
    const as = async (scopes: string[], method: string, args: object) =>
      (
        await fetch(`${app.service.url}/api/${method}`, {
          method: 'POST',
          headers: {
            authorization: `Bearer xoxb-simulated${scopes.map((scope) => `~${scope}`).join('')}`,
            'content-type': 'application/json; charset=utf-8',
          },
          body: JSON.stringify(args),
        })
      ).json();
    expect(await as(['channels:manage'], 'conversations.create', { name: 'a' })).toMatchObject({ ok: true });
    expect(await as(['channels:manage'], 'conversations.create', { name: 'b', is_private: true })).toMatchObject({
      error: 'missing_scope',
      needed: 'groups:write',
    });
    expect(await as(['chat:write'], 'apps.connections.open', {})).toMatchObject({ error: 'not_allowed_token_type' });
  });
});
