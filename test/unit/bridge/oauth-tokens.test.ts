import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { postMcp, toolCall } from '../../support/bridge/raw-request';
import { type RunningBridge, runBridge } from '../../support/bridge/running-bridge';

/** Access tokens as an authorization server signs them, good and bad. The keys are fetched from it. */

type Keys = Awaited<ReturnType<typeof generateKeyPair>>;

let issuer: string;
let server: Server;
let keys: Keys;
let others: Keys;
let running: RunningBridge;
const audience = 'https://soc.simulated.example/mcp';

beforeAll(async () => {
  [keys, others] = await Promise.all([generateKeyPair('ES256'), generateKeyPair('ES256')]);
  const jwk = { ...(await exportJWK(keys.publicKey)), kid: 'k1', alg: 'ES256', use: 'sig' };
  server = createServer((request, response) => {
    const found: Record<string, unknown> = {
      '/.well-known/oauth-authorization-server': { issuer, jwks_uri: `${issuer}/keys` },
      '/keys': { keys: [jwk] },
    };
    const body = found[request.url ?? ''];
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  running = await runBridge({
    SOC_BRIDGE_TOKEN: undefined,
    SOC_OAUTH_ISSUER: issuer,
    SOC_PUBLIC_URL: 'https://soc.simulated.example',
  });
});
afterAll(async () => {
  await running?.stop();
  server.close();
});

interface Claims {
  iss?: string;
  aud?: string;
  exp?: number;
  nbf?: number;
  sub?: string;
  scope?: string;
}

const now = () => Math.floor(Date.now() / 1000);
const token = (over: Claims = {}, signer: Keys = keys, header: object = {}) =>
  new SignJWT({
    iss: issuer,
    aud: audience,
    sub: 'eva@simulated-corp.example',
    exp: now() + 300,
    scope: 'cases:read',
    ...over,
  })
    .setProtectedHeader({ alg: 'ES256', kid: 'k1', typ: 'at+jwt', ...header })
    .sign(signer.privateKey);
const call = (bearer: string, name = 'repeat_text', given: unknown = { text: 'x' }) =>
  postMcp(running.url, toolCall(name, given), { authorization: `Bearer ${bearer}` });
const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

it('lets the subject of a good token in, within its scopes', async () => {
  expect((await call(await token())).status).toBe(200);
  const refused = await call(await token(), 'delete_nothing', {});
  expect(refused.status).toBe(403);
  expect(refused.headers.get('www-authenticate')).toBe(
    'Bearer error="insufficient_scope", scope="cases:read cases:destructive", resource_metadata="https://soc.simulated.example/.well-known/oauth-protected-resource/mcp"',
  );
});

it('without a token, and with any bad one, says where to get one', async () => {
  const payload = { iss: issuer, aud: audience, sub: 'x', exp: now() + 300, scope: 'soc:destructive' };
  const good = await token();
  const bad = [
    await token({ exp: now() - 60 }),
    await token({ nbf: now() + 120 }),
    await token({ aud: 'https://another.simulated.example/mcp' }),
    await token({ iss: 'https://attacker.example' }),
    await token({ sub: '' }),
    await token({ exp: undefined }),
    await token({}, others),
    `${part({ alg: 'none' })}.${part(payload)}.`,
    `${part({ alg: 'HS256', kid: 'k1' })}.${part(payload)}.${'A'.repeat(43)}`,
    `${good.slice(0, -4)}AAAA`,
    good.replace(/\.[^.]+\./, `.${part(payload)}.`),
  ];
  for (const one of bad) {
    const response = await call(one);
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toContain('resource_metadata="https://soc.simulated.example/');
  }
  const nobody = await postMcp(running.url, toolCall('repeat_text', { text: 'x' }));
  expect(nobody.status).toBe(401);
  expect(nobody.headers.get('www-authenticate')).toContain('scope="soc:read"');
});

it('publishes whose tokens it takes', async () => {
  for (const path of ['', '/mcp']) {
    const response = await fetch(`${running.url}/.well-known/oauth-protected-resource${path}`);
    expect(await response.json()).toEqual({
      resource: audience,
      authorization_servers: [issuer],
      scopes_supported: ['soc:read'],
      bearer_methods_supported: ['header'],
      resource_name: 'soc-bridge',
    });
  }
});
