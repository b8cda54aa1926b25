import { BlockList } from 'node:net';
import { AccessTokens } from '../../../bridge/src/access/access-tokens';
import { clientAddress } from '../../../bridge/src/access/client-address';
import type { Scope } from '../../../bridge/src/access/scopes';
import { newNonce, postMcp, signed, toolCall } from '../../support/bridge/raw-request';
import { type RunningBridge, runBridge, testToken } from '../../support/bridge/running-bridge';
import { describeSharedLimits } from '../../support/bridge/shared-access-suite';

const oldKey = { id: 'n8n.a', secret: 'simulated-signing-secret-number-one-aaaa' };
const newKey = { id: 'n8n.b', secret: 'simulated-signing-secret-number-two-bbbb' };
const readerKey = { id: 'reader', secret: 'simulated-signing-secret-of-a-reader' };

let running: RunningBridge;
let tokens: AccessTokens;
beforeAll(async () => {
  running = await runBridge({
    SOC_SIGNING_KEYS: [
      `${oldKey.id}(soc:write)=${oldKey.secret}`,
      `${newKey.id}(soc:write)=${newKey.secret}`,
      `${readerKey.id}(soc:read)=${readerKey.secret}`,
    ].join(' '),
  });
  tokens = new AccessTokens(running.bridge.store.database.db);
});
afterAll(() => running?.stop());

const inDays = (days: number) => new Date(Date.now() + days * 86_400_000);
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const call = (headers: Record<string, string>, name = 'repeat_text', given: unknown = { text: 'x' }) =>
  postMcp(running.url, toolCall(name, given), headers);
/** Who the observers were told of. */
async function callerOf(work: () => Promise<Response>): Promise<string> {
  const callers: string[] = [];
  running.bridge.observers.add({
    callEnded: ({ principal }) => void callers.push(`${principal.proof}:${principal.name}`),
  });
  expect((await work()).status).toBe(200);
  return callers[0] ?? 'nobody';
}

describe('tokens', () => {
  const make = (scopes: Scope[], days = 1) => tokens.create('simulated-caller', scopes, inDays(days));

  it('let their owner in by name, and are stored nowhere', async () => {
    const { token } = await make(['cases:read']);
    expect(await callerOf(() => call(bearer(token)))).toBe('token:simulated-caller');
    const rows = await running.bridge.store.database.db.selectFrom('access_tokens').selectAll().execute();
    expect(JSON.stringify(rows)).not.toContain(token.slice(-43));
    expect(running.logged().join('')).not.toContain(token.slice(-43));
  });

  it('end when they expire and when they are revoked', async () => {
    const expired = await make(['soc:read'], -1);
    expect(await (await call(bearer(expired.token))).json()).toMatchObject({ message: 'The token has expired.' });
    const revoked = await make(['soc:read']);
    expect(await tokens.revoke(revoked.id)).toBe(1);
    const response = await call(bearer(revoked.token));
    expect(response.status).toBe(401);
    expect(await tokens.revoke(revoked.id)).toBe(0);
  });

  it('of another secret under a known id are refused', async () => {
    const { token } = await make(['soc:read']);
    const other = `${token.slice(0, 21)}${'A'.repeat(43)}`;
    expect((await call(bearer(other))).status).toBe(401);
  });

  it('open no more than their scopes: the list leaves out the rest, and a call of it says which scope is missing', async () => {
    const { token } = await make(['cases:read']);
    const listed = await postMcp(`${running.url}`, '{"jsonrpc":"2.0","id":1,"method":"tools/list"}', bearer(token));
    expect(await listed.text()).not.toContain('delete_nothing');
    const response = await call(bearer(token), 'delete_nothing', {});
    expect(response.status).toBe(403);
    expect(response.headers.get('www-authenticate')).toBe(
      'Bearer error="insufficient_scope", scope="cases:read cases:destructive"',
    );
    const alert = { method: 'POST', headers: bearer(token), body: '{"id":"x"}' };
    expect((await fetch(`${running.url}/alerts`, alert)).status).toBe(403);
    const { token: other } = await make(['panther:destructive']);
    expect((await fetch(`${running.url}/cases/INV-1`, { headers: bearer(other) })).status).toBe(403);
  });

  it('that existed once keep everybody else out, also when all have expired', async () => {
    const open = await runBridge({ SOC_BRIDGE_TOKEN: undefined });
    try {
      expect((await postMcp(open.url, toolCall('repeat_text', { text: 'x' }))).status).toBe(200);
      await new AccessTokens(open.bridge.store.database.db).create('gone', ['soc:read'], inDays(-1));
      expect((await postMcp(open.url, toolCall('repeat_text', { text: 'x' }))).status).toBe(401);
    } finally {
      await open.stop();
    }
  });
});

describe('signed requests', () => {
  const body = toolCall('repeat_text', { text: 'x' });
  const send = (headers: Record<string, string>, text = body, query = '') =>
    fetch(`${running.url}/mcp${query}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers },
      body: text,
    });

  it('come from their key, and both keys of an exchange are one caller', async () => {
    expect(await callerOf(() => send(signed(body, oldKey)))).toBe('signature:n8n');
    expect(await callerOf(() => send(signed(body, newKey)))).toBe('signature:n8n');
  });

  it('come in once, whichever process they are sent to; equal ones with a nonce of their own are two', async () => {
    const headers = signed(body, oldKey);
    const at = new Date();
    const both = await Promise.all([send(headers), send(headers)]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 401]);
    expect(await (await send(headers)).json()).toMatchObject({ message: expect.stringContaining('was here before') });
    for (const nonce of [newNonce(), newNonce()]) {
      expect((await send(signed(body, oldKey, { at, nonce }))).status).toBe(200);
    }
  });

  it.each([
    ['301 s old', -302, 'old'],
    ['301 s ahead', 302, 'ahead'],
  ])('%s are refused', async (_what, seconds, word) => {
    const at = new Date(Date.now() + seconds * 1000);
    const response = await send(signed(body, oldKey, { at }));
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ message: expect.stringContaining(word) });
  });

  it('are refused when anything that was signed is another', async () => {
    const good = signed(body, oldKey);
    const changed: [Record<string, string>, string?, string?][] = [
      [good, body.replace('"x"', '"y"')],
      [good, `${body} `],
      [good, body, '?toolsets=all'],
      [{ ...good, 'x-nonce': newNonce() }],
      [{ ...good, 'x-timestamp': String(Number(good['x-timestamp']) + 1) }],
      [{ ...good, 'x-key-id': readerKey.id }],
      [{ ...good, 'x-key-id': 'nobody' }],
      [{ ...good, 'x-signature': good['x-signature']?.replace('v1', 'v2') ?? '' }],
      [{ ...good, 'x-signature': '' }],
      [signed(body, { ...oldKey, secret: newKey.secret })],
    ];
    for (const [headers, text, query] of changed) expect((await send(headers, text, query)).status).toBe(401);
    // None of them used it up.
    expect((await send(good)).status).toBe(200);
  });

  it('have the scopes of their key', async () => {
    const text = toolCall('delete_nothing');
    expect((await send(signed(text, readerKey), text)).status).toBe(403);
  });

  it('are no second credential beside a token', async () => {
    const response = await send({ ...signed(body, oldKey), ...bearer(testToken) });
    expect(response.status).toBe(401);
  });
});

describe('limits', () => {
  describeSharedLimits(() => `sqlite:${running.folder}/limits.db`);

  it('of a tool and of a caller are told with the time to wait', async () => {
    const limited = await runBridge({ SOC_TOOL_RATE_PER_MINUTE: '2', SOC_RATE_PER_MINUTE: '1000' });
    try {
      const statuses: number[] = [];
      for (let count = 0; count < 4; count += 1) {
        const response = await postMcp(limited.url, toolCall('repeat_text', { text: 'x' }), bearer(testToken));
        statuses.push(response.status);
        if (response.status === 429) expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
      }
      // The minute may end in between.
      expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(0);
      expect((await postMcp(limited.url, toolCall('fail_as', { way: 'bug' }), bearer(testToken))).status).toBe(200);
    } finally {
      await limited.stop();
    }
  });
});

describe('the address of a client', () => {
  const trusted = new BlockList();
  trusted.addSubnet('10.0.0.0', 8, 'ipv4');
  const of = (remoteAddress: string, forwarded: string[], list: BlockList | undefined = trusted) =>
    clientAddress({ socket: { remoteAddress }, headersDistinct: { 'x-forwarded-for': forwarded } } as never, list);

  it.each([
    ['nobody is trusted', '203.0.113.9', ['198.51.100.1'], undefined, '203.0.113.9'],
    ['a stranger forges it', '203.0.113.9', ['10.0.0.1, 198.51.100.1'], trusted, '203.0.113.9'],
    ['a proxy says it', '10.0.0.1', ['198.51.100.1'], trusted, '198.51.100.1'],
    ['a client forged the first hop', '10.0.0.1', ['127.0.0.1, 198.51.100.1'], trusted, '198.51.100.1'],
    ['two proxies', '::ffff:10.0.0.1', ['198.51.100.1, 10.9.9.9'], trusted, '198.51.100.1'],
    ['it is no address', '10.0.0.1', ['198.51.100.1, <script>'], trusted, '10.0.0.1'],
  ])('when %s', (_what, remote, forwarded, list, expected) => {
    expect(of(remote, forwarded, list)).toBe(expected);
  });
});
