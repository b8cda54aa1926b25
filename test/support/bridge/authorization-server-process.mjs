import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';

/**
 * A real authorization server (oidc-provider) as a process of its own: any login is taken, people confirm on its page, clients
 * register themselves. Its parent talks to it over IPC: `{ audience }` starts it, `{ rotate: true }` gives it new keys and
 * forgets the old ones, `{ clockOffset }` is how far in milliseconds its clock is from then on ahead of ours. With `{ strict: true }` a client
 * may only ever ask for the scopes it registered with, as some servers have it; else those are overlooked.
 */
// Its warnings are about being no production server.
console.warn = () => {};
console.info = () => {};

const scopes = ['soc:read', 'soc:write', 'soc:destructive', 'cases:read', 'cases:write', 'cases:destructive'];
let audience = '';
const lifetime = 300;
let issuer = '';
let strict = false;
let keys = 0;
let clockOffset = 0;
const ourClock = Date.now;
Date.now = () => ourClock() + clockOffset;
let application;

function newKey() {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  keys += 1;
  return { ...privateKey.export({ format: 'jwk' }), kid: `k${keys}`, alg: 'ES256', use: 'sig' };
}

function start() {
  const provider = new Provider(issuer, {
    jwks: { keys: [newKey()] },
    scopes: ['openid', 'offline_access', ...scopes],
    cookies: { keys: ['simulated-cookie-key'] },
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    enabledJWA: { idTokenSigningAlgValues: ['ES256'] },
    findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    ttl: { AccessToken: lifetime, AuthorizationCode: 60, Grant: 3600, Interaction: 600, Session: 3600 },
    features: {
      devInteractions: { enabled: true },
      registration: { enabled: true },
      resourceIndicators: {
        enabled: true,
        // Another resource than the bridge can be asked for, too: a token for it must not open the bridge.
        getResourceServerInfo: (_context, resource) => ({
          scope: scopes.join(' '),
          audience: resource,
          accessTokenTTL: lifetime,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'ES256' } },
        }),
        defaultResource: () => audience,
        useGrantedResource: () => true,
      },
    },
  });
  application = provider.callback();
}

const server = createServer((request, response) => {
  process.send?.({ asked: `${request.method} ${request.url?.replace(/\?.*/, '')}` });
  if (request.method === 'POST' && request.url === '/reg' && !strict) {
    let text = '';
    request.on('data', (chunk) => {
      text += chunk;
    });
    request.on('end', () => {
      const { scope, ...metadata } = JSON.parse(text);
      request.body = metadata;
      application(request, response);
    });
  } else application(request, response);
});
process.on('message', (message) => {
  if (message.strict !== undefined) strict = message.strict;
  if (message.clockOffset !== undefined) clockOffset = message.clockOffset;
  if (message.rotate) {
    start();
    process.send?.({ rotated: true });
  }
  if (message.audience !== undefined) {
    audience = message.audience;
    server.listen(0, '127.0.0.1', () => {
      issuer = `http://127.0.0.1:${server.address().port}`;
      start();
      process.send?.({ issuer });
    });
  }
});
process.on('disconnect', () => process.exit(0));
