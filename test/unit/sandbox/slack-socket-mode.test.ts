import { LogLevel, SocketModeClient } from '@slack/socket-mode';
import { untilTrue } from '../../support/eventually';
import { appToken, card, SlackApp, token } from './slack-app';

let app: SlackApp;
const clients: SocketModeClient[] = [];
beforeAll(async () => {
  app = await SlackApp.start();
});
beforeEach(() => {
  app.reset();
  Object.assign(app.slack.interactions.delivery.settings, { requestUrl: '', socketMode: true });
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.disconnect()));
});
afterAll(() => app.close());

const silent = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  setLevel: () => {},
  getLevel: () => LogLevel.ERROR,
  setName: () => {},
};

interface Envelope {
  // biome-ignore lint/suspicious/noExplicitAny: a payload is foreign JSON
  body: any;
  ack(response?: object): Promise<void>;
}

/** Slack's own client, connected to the stand-in. */
async function connect(onInteractive: (envelope: Envelope) => void): Promise<SocketModeClient> {
  const client = new SocketModeClient({
    appToken,
    logger: silent,
    // A client that hears nothing for so long connects again, and a click on the way is lost.
    clientPingTimeout: 60_000,
    clientOptions: { slackApiUrl: `${app.service.url}/api/` },
  });
  clients.push(client);
  client.on('interactive', onInteractive);
  await client.start();
  return client;
}

const clickApprove = async () => {
  const { channel, ts } = await app.call('chat.postMessage', { channel: 'soc-high', text: 'card', blocks: card });
  return app.slack.interactions.click({ user: 'eva.novak', channel, ts, actionId: 'approve' });
};

it("delivers a click to Slack's own client and takes its acknowledgement", async () => {
  const got: Envelope[] = [];
  await connect((envelope) => {
    got.push(envelope);
    void envelope.ack();
  });
  expect(await clickApprove()).toMatchObject({ acknowledged: true, deliveries: [{ via: 'socket' }] });
  expect(got[0]?.body).toMatchObject({ type: 'block_actions', actions: [{ action_id: 'approve', value: 'r1' }] });
});

it('warns when nobody acknowledges, and delivers one envelope twice when asked to', async () => {
  app.slack.interactions.delivery.settings.ackMs = 60;
  const ids: string[] = [];
  const client = await connect(() => {});
  client.on('ws_message', (text: string) => {
    const { envelope_id: id } = JSON.parse(text) as { envelope_id?: string };
    if (id) ids.push(id);
  });
  const { channel, ts } = await app.call('chat.postMessage', { channel: 'soc-high', text: 'card', blocks: card });
  const twice = { user: 'eva.novak', channel, ts, actionId: 'approve', fault: 'duplicate' } as const;
  expect(await app.slack.interactions.click(twice)).toMatchObject({ acknowledged: false });
  // What was given up in time still arrives when the client comes to it.
  await untilTrue(() => ids.length >= 2);
  expect(ids).toHaveLength(2);
  expect(ids[0]).toBe(ids[1]);
});

it('takes what a submission is answered with', async () => {
  const { reasonView } = await import('./slack-app');
  await connect((envelope) => {
    const wrong = { response_action: 'errors', errors: { reason: 'longer, please' } };
    void envelope.ack(envelope.body.type === 'view_submission' ? wrong : undefined);
  });
  const { trigger_id } = await clickApprove();
  await app.call('views.open', { trigger_id, view: reasonView });
  expect(await app.slack.interactions.submit('eva.novak', { text: 'no' })).toMatchObject({
    errors: { reason: 'longer, please' },
  });
});

it('lets a client come back after being told to, and gives each click to one socket only', async () => {
  const got = [0, 0];
  const both = [0, 1].map((index) =>
    connect((envelope) => {
      got[index] = (got[index] ?? 0) + 1;
      void envelope.ack();
    }),
  );
  const connected = await Promise.all(both);
  const reconnected = Promise.all(
    connected.map((client) => new Promise((resolve) => client.once('connected', resolve))),
  );
  await app.slack.control(
    {
      method: 'POST',
      path: '/slack/sockets/refresh',
      query: new URLSearchParams(),
      headers: {},
      body: Buffer.alloc(0),
      signal: new AbortController().signal,
    },
    undefined as never,
  );
  await reconnected;
  // What is sent to a connection that is about to close reaches nobody.
  await untilTrue(() => app.slack.sockets() === 2);
  for (let index = 0; index < 6; index += 1) expect((await clickApprove()).acknowledged).toBe(true);
  expect(got.reduce((sum, count) => sum + count, 0)).toBe(6);
});

it('has room for ten sockets', async () => {
  const open = async () => {
    const response = await fetch(`${app.service.url}/api/apps.connections.open`, {
      method: 'POST',
      headers: { authorization: `Bearer ${appToken}` },
    });
    const { url } = (await response.json()) as { url: string };
    const socket = new WebSocket(url);
    const first = await new Promise<string>((resolve) => {
      socket.addEventListener('message', (event) => resolve(String(event.data)), { once: true });
    });
    return { socket, first: JSON.parse(first) as { type: string; reason?: string } };
  };
  const sockets = [];
  for (let index = 0; index < 11; index += 1) sockets.push(await open());
  expect(sockets.slice(0, 10).map(({ first }) => first.type)).toEqual(Array(10).fill('hello'));
  expect(sockets[10]?.first).toMatchObject({ type: 'disconnect', reason: 'too_many_websockets' });
  for (const { socket } of sockets) socket.close();
});

it('refuses other tokens and addresses used twice', async () => {
  const ask = (bearer: string) =>
    fetch(`${app.service.url}/api/apps.connections.open`, {
      method: 'POST',
      headers: { authorization: `Bearer ${bearer}` },
    }).then((response) => response.json() as Promise<{ error?: string; url?: string }>);
  expect((await ask(token)).error).toBe('not_allowed_token_type');
  expect((await ask('xapp-other')).error).toBe('invalid_auth');
  const { url = '' } = await ask(appToken);
  const first = new WebSocket(url);
  await new Promise((resolve) => first.addEventListener('open', resolve, { once: true }));
  const second = new WebSocket(url);
  const failed = await new Promise((resolve) => {
    second.addEventListener('error', () => resolve(true), { once: true });
    second.addEventListener('open', () => resolve(false), { once: true });
  });
  expect(failed).toBe(true);
  first.close();
});
