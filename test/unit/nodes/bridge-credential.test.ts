import type { ICredentialDataDecryptedObject, IHttpRequestOptions } from 'n8n-workflow';
import { SocBridgeApi } from '../../../credentials/SocBridgeApi.credentials';
import { proveToBridge } from '../../../nodes-host/bridge-credential';
import { connectionOf } from '../../../nodes-host/credentials';
import { forwardToBridge } from '../../../nodes-host/forward-to-bridge';
import { n8nPorts } from '../../../nodes-host/n8n-ports';
import { requestSignature } from '../../../operations/request-signature';
import { type RunningBridge, runBridge, testToken } from '../../support/bridge/running-bridge';
import { deleteNothing, repeatText } from '../../support/bridge/test-operations';
import { execution } from './execution';

const key = { id: 'n8n.a', secret: 'simulated-signing-secret-of-n8n-1234567890' };
const url = 'https://bridge.simulated.example';
const signing = (more: ICredentialDataDecryptedObject = {}): ICredentialDataDecryptedObject => ({
  url,
  authentication: 'signature',
  keyId: key.id,
  keySecret: key.secret,
  token: '',
  ...more,
});

describe('what the credential adds to a request', () => {
  const now = new Date('2026-11-28T10:00:00Z');
  const headersOf = (request: IHttpRequestOptions, credential = signing()) =>
    proveToBridge(credential, request, now).headers as Record<string, string>;

  it('is a signature over method, path with query and body, and never the secret', () => {
    const body = '{"jsonrpc":"2.0"}';
    const headers = headersOf({ method: 'POST', url: `${url}/mcp?toolsets=cases`, body, headers: { accept: 'x' } });
    const { 'x-timestamp': timestamp = '', 'x-nonce': nonce = '' } = headers;
    const parts = { method: 'POST', target: '/mcp?toolsets=cases', body, timestamp, nonce };
    expect(headers).toEqual({
      accept: 'x',
      'x-key-id': key.id,
      'x-timestamp': String(now.getTime() / 1000),
      'x-nonce': expect.stringMatching(/^[A-Za-z0-9_-]{16,64}$/),
      'x-signature': requestSignature(parts, key.secret),
    });
    expect(JSON.stringify(headers)).not.toContain(key.secret);
  });

  it('is new for every request', () => {
    const request: IHttpRequestOptions = { method: 'POST', url: `${url}/mcp`, body: '{}' };
    expect(headersOf(request)['x-nonce']).not.toBe(headersOf(request)['x-nonce']);
  });

  it('fits the address in two parts and the body as an object that the credential test has', () => {
    const headers = headersOf({ baseURL: `${url}/`, url: '/mcp', method: 'POST', body: { a: 1 }, qs: {} });
    const { 'x-timestamp': timestamp = '', 'x-nonce': nonce = '' } = headers;
    const parts = { method: 'POST', target: '/mcp', body: '{"a":1}', timestamp, nonce };
    expect(headers['x-signature']).toBe(requestSignature(parts, key.secret));
  });

  it.each([
    ['an old credential without a choice', { url, token: 'simulated-token' }],
    ['the choice of a token', signing({ authentication: 'token', token: 'simulated-token' })],
  ])('is the token for %s', (_what, credential) => {
    expect(headersOf({ url: `${url}/cases/INV-1` }, credential)).toEqual({ Authorization: 'Bearer simulated-token' });
  });

  it.each([
    'https://attacker.example/mcp',
    'http://bridge.simulated.example/mcp',
    `${url}.attacker.example/mcp`,
    '/mcp',
  ])('is nothing for %s, which is not its own', (other) => {
    for (const credential of [signing(), { url, token: 'simulated-token' }]) {
      expect(() => proveToBridge(credential, { url: other })).toThrow(/goes to the address stored in it/);
    }
  });

  it('says what is missing instead of calling without proof', () => {
    expect(() => proveToBridge(signing({ keySecret: '' }), { url: `${url}/mcp` })).toThrow(
      /no Key ID or no Key Secret/,
    );
    expect(() => proveToBridge(signing(), { url: `${url}/mcp`, qs: { a: 1 } })).toThrow(/query in its address/);
  });

  it('names the account by whatever the credential proves itself with', async () => {
    const accountOf = async (credential: ICredentialDataDecryptedObject) =>
      (
        await connectionOf(
          execution({ items: [], parameters: {}, credentials: { socBridgeApi: credential } }).context,
          'bridge',
        )
      ).account;
    const accounts = await Promise.all([
      accountOf(signing()),
      accountOf(signing({ keyId: 'n8n.b' })),
      accountOf(signing({ keySecret: 'another-secret' })),
      accountOf({ url, token: 'simulated-token' }),
    ]);
    expect(new Set(accounts).size).toBe(4);
    expect(accounts).not.toContain(undefined);
  });
});

describe('against a bridge', () => {
  let running: RunningBridge;
  beforeAll(async () => {
    running = await runBridge({ SOC_SIGNING_KEYS: `${key.id}(cases:read)=${key.secret}` });
  });
  afterAll(() => running?.stop());

  const forward = (
    credential: ICredentialDataDecryptedObject,
    operation = repeatText as never,
    input: object = { text: 'a', times: 2 },
  ) => {
    const { context } = execution({
      items: [{ json: {} }],
      parameters: {},
      credentials: { socBridgeApi: { ...credential, url: running.url } },
    });
    return forwardToBridge(context, n8nPorts(context), operation, { ...input });
  };

  it('every signed call is let in as its key, also equal ones in one second', async () => {
    const callers: string[] = [];
    running.bridge.observers.add({
      callEnded: ({ principal }) => void callers.push(`${principal.proof}:${principal.name}`),
    });
    const answers = await Promise.all(Array.from({ length: 5 }, () => forward(signing())));
    expect(answers).toEqual(Array.from({ length: 5 }, () => ({ text: 'aa', note: null })));
    expect(new Set(callers)).toEqual(new Set(['signature:n8n']));
    expect(running.logged().join('')).not.toContain(key.secret);
  });

  it('another secret, another key: refused, with what the bridge says', async () => {
    await expect(forward(signing({ keySecret: `${key.secret}x` }))).rejects.toMatchObject({
      code: 'unauthenticated',
      message: expect.stringMatching(/the key and its secret.* It said: The signature does not fit the request/),
    });
    await expect(forward(signing({ keyId: 'unknown' }))).rejects.toMatchObject({
      message: expect.stringContaining('X-Key-Id names no key'),
    });
    await expect(forward({ token: 'another-token-another-token' })).rejects.toMatchObject({
      message: expect.stringMatching(/Check the token.* It said: The token is not one of this bridge/),
    });
  });

  it('a scope that the credential lacks is named', async () => {
    await expect(forward(signing(), deleteNothing as never, {})).rejects.toMatchObject({
      code: 'missing_permission',
      message: expect.stringMatching(
        /refused delete_nothing: the SOC Bridge credential lacks the scope cases:destructive/,
      ),
      details: { tool: 'delete_nothing', scope: 'cases:destructive', status: 403 },
    });
  });

  it('the test of the credential passes with either proof, and fails with a wrong one', async () => {
    const credentialType = new SocBridgeApi();
    const statusOf = async (given: ICredentialDataDecryptedObject) => {
      const credential = { ...given, url: running.url };
      // As n8n resolves the description of the test: the address from an expression, the rest as it stands.
      const { url: path, method, headers, body } = credentialType.test.request as IHttpRequestOptions;
      const request = await credentialType.authenticate(credential, {
        baseURL: running.url,
        url: path,
        method,
        headers,
        body,
      });
      const response = await fetch(`${request.baseURL}${request.url}`, {
        method: request.method,
        headers: request.headers as Record<string, string>,
        body: JSON.stringify(request.body),
      });
      return response.status;
    };
    expect(await statusOf(signing())).toBe(200);
    expect(await statusOf({ token: testToken })).toBe(200);
    expect(await statusOf(signing({ keySecret: 'wrong-secret-wrong-secret-wrong-secret' }))).toBe(401);
    expect(await statusOf({ token: 'wrong' })).toBe(401);
  });
});
