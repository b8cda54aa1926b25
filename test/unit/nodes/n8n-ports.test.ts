import { isUnder } from '../../../nodes-host/credential-address';
import { scopeOf } from '../../../nodes-host/credentials';
import { n8nPorts } from '../../../nodes-host/n8n-ports';
import { CancelledError } from '../../../operations/errors';
import { pantherEndpoints } from '../../../operations/panther/base-url';
import { ConnectionError } from '../../../operations/ports';
import { execution } from './execution';
import { answerJson, type LocalServer, listen } from './local-server';

const ports = (credentials: Record<string, Record<string, string>>, signal?: AbortSignal) =>
  n8nPorts(execution({ items: [], parameters: {}, credentials, ...(signal === undefined ? {} : { signal }) }).context);

describe('the http port', () => {
  let server: LocalServer;
  const seen: { url: string | undefined; headers: Record<string, unknown>; body: string }[] = [];

  beforeAll(async () => {
    server = await listen((request, response, body) => {
      seen.push({ url: request.url, headers: request.headers, body });
      if (request.url === '/base/slow') return;
      if (request.url === '/base/redirect') return response.writeHead(307, { Location: '/base/other' }).end();
      if (request.url === '/base/cut') return response.destroy();
      if (request.url === '/base/text') return response.writeHead(200).end('ä'.repeat(10));
      return answerJson(response, 503, { text: '1.50' }, { 'X-Request-Id': 'r1' });
    });
  });
  afterAll(() => server.close());
  beforeEach(() => seen.splice(0));

  const gitlab = () => ({ gitLabSocApi: { url: `${server.url}/base`, accessToken: 'simulated-token' } });
  const get = (path: string, more: { maxBytes?: number; timeoutMs?: number; signal?: AbortSignal } = {}) =>
    ports(gitlab()).http({ service: 'gitlab', method: 'GET', url: `${server.url}${path}`, timeoutMs: 20_000, ...more });

  it('gives any status, lower-case headers and the body as text, with the credential attached', async () => {
    const answer = await ports(gitlab()).http({
      service: 'gitlab',
      method: 'POST',
      url: `${server.url}/base/x`,
      headers: { 'content-type': 'application/json' },
      body: '{"a": 1}',
      timeoutMs: 20_000,
    });
    expect(answer).toMatchObject({ status: 503, headers: { 'x-request-id': 'r1' }, body: '{"text":"1.50"}' });
    expect(seen[0]).toMatchObject({ headers: { 'private-token': 'simulated-token' }, body: '{"a": 1}' });
  });

  it('does not follow redirects', async () => {
    expect(await get('/base/redirect')).toMatchObject({ status: 307, headers: { location: '/base/other' } });
    expect(seen).toHaveLength(1);
  });

  it('cuts a body at the limit, between characters', async () => {
    expect(await get('/base/text', { maxBytes: 5 })).toMatchObject({ body: 'ää', truncated: true });
    expect(await get('/base/text', { maxBytes: 20 })).toMatchObject({ body: 'ä'.repeat(10) });
  });

  it.each([
    ['another path', '/other'],
    ['a path that only begins alike', '/base-two/x'],
    ['a path that climbs out', '/base/../other'],
  ])('refuses %s than the credential has', async (_, path) => {
    await expect(get(path)).rejects.toMatchObject({ code: 'bad_response' });
    expect(seen).toEqual([]);
  });

  it('tells a closed port, a broken answer and silence apart', async () => {
    const closed = await listen(() => undefined);
    await closed.close();
    const refused = ports({ gitLabSocApi: { url: closed.url, accessToken: 't' } }).http({
      service: 'gitlab',
      method: 'GET',
      url: closed.url,
      timeoutMs: 20_000,
    });
    await expect(refused).rejects.toMatchObject({ kind: 'refused' });
    await expect(get('/base/cut')).rejects.toMatchObject({ kind: 'lost' });
    await expect(get('/base/slow', { timeoutMs: 50 })).rejects.toBeInstanceOf(ConnectionError);
    await expect(get('/base/slow', { timeoutMs: 50 })).rejects.toMatchObject({ kind: 'timeout' });
  });

  it('is ended by the signal of the request, so that a clean-up works after the execution was stopped', async () => {
    const stop = new AbortController();
    stop.abort();
    const stopped = ports(gitlab(), stop.signal);
    const call = { service: 'gitlab', method: 'GET', url: `${server.url}/base/x`, timeoutMs: 20_000 } as const;
    await expect(stopped.http({ ...call, signal: stop.signal })).rejects.toBeInstanceOf(CancelledError);
    expect(await stopped.http(call)).toMatchObject({ status: 503 });
  });
});

describe('an address under a credential', () => {
  it.each([
    ['https://a.example', 'https://a.example/x', true],
    ['https://a.example/sub', 'https://a.example/sub', true],
    ['https://a.example/sub/', 'https://a.example/sub/x?y=1', true],
    ['https://a.example', 'http://a.example/x', false],
    ['https://a.example', 'https://a.example:8443/x', false],
    ['https://a.example', 'https://a.example@b.example/x', false],
    ['https://a.example', 'https://user@a.example/x', false],
    ['https://a.example', 'https://a.example.b.example/x', false],
    ['https://a.example/sub', 'https://a.example/sub/%2e%2e/x', false],
    ['https://a.example', 'not an address', false],
  ])('%s holds %s: %s', (base, url, expected) => {
    expect(isUnder(base, url)).toBe(expected);
  });
});

describe('connections', () => {
  it.each([
    [
      'panther',
      { pantherApi: { apiUrl: 'https://api.acme.example/public/graphql/' } },
      'https://api.acme.example/public/graphql',
      {},
    ],
    ['panther', { pantherApi: { apiUrl: 'http://127.0.0.1:9' } }, 'http://127.0.0.1:9', {}],
    [
      'gitlab',
      { gitLabSocApi: { url: 'https://git.example/sub/api/v4/', group: ' a/b ', project: '' } },
      'https://git.example/sub',
      { group: 'a/b' },
    ],
    [
      'slack',
      { socSlackApi: { apiUrl: '', channelHigh: '#high' } },
      'https://slack.com/api',
      { channel_high: '#high' },
    ],
  ] as const)('of %s come from the credential', async (service, credentials, baseUrl, defaults) => {
    expect(await ports(credentials as never).connection(service)).toEqual({ baseUrl, defaults });
  });

  it('say what is wrong with an address that is none', async () => {
    await expect(ports({ gitLabSocApi: { url: 'git.example' } }).connection('gitlab')).rejects.toMatchObject({
      code: 'unauthenticated',
      message: expect.stringContaining('https://host'),
    });
  });
});

describe('the scope of a Panther credential', () => {
  // The address is kept as it was pasted: reading it twice would take a proxy's path for a console.
  it.each([
    ['https://api.acme.example/public/graphql', 'https://api.acme.example'],
    ['https://acme.runpanther.example', 'https://api.acme.runpanther.example'],
    ['https://proxy.acme.example/panther/public/graphql', 'https://proxy.acme.example/panther'],
  ])('%s covers both of its APIs under %s', (pasted, scope) => {
    expect(scopeOf('panther', pasted)).toBe(scope);
    expect(isUnder(scopeOf('panther', pasted), pantherEndpoints(pasted).graphql)).toBe(true);
    expect(isUnder(scopeOf('panther', pasted), `${pantherEndpoints(pasted).rest}/alerts`)).toBe(true);
  });
});

describe('the sleep port', () => {
  it('waits, and ends at once when its signal or the execution is stopped', async () => {
    const started = Date.now();
    await ports({}).sleep(30);
    expect(Date.now() - started).toBeGreaterThanOrEqual(25);

    const stop = new AbortController();
    const waiting = ports({}, stop.signal).sleep(60_000);
    stop.abort();
    await expect(waiting).rejects.toBeInstanceOf(CancelledError);
    await expect(ports({}, stop.signal).sleep(1)).rejects.toBeInstanceOf(CancelledError);
    await ports({}, stop.signal).sleep(1, new AbortController().signal);
  });
});
