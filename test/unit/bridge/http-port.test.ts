import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { gzipSync } from 'node:zlib';
import { readConfig } from '../../../bridge/src/config';
import { HttpPort } from '../../../bridge/src/hosting/http-port';
import type { HttpRequest, Service } from '../../../operations/ports';

type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => void;

let server: Server;
let origin: string;
let handler: Handler;
let connections = 0;
const ports: HttpPort[] = [];

beforeAll(async () => {
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    handler(request, response, body);
  });
  server.on('connection', () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  for (const port of ports) port.close();
  server.closeAllConnections();
  server.close();
});

function portFor(environment: Record<string, string> = {}): HttpPort {
  const config = readConfig({
    PANTHER_API_URL: origin,
    PANTHER_API_TOKEN: 'panther-token',
    GITLAB_URL: `${origin}/gitlab`,
    GITLAB_TOKEN: 'gitlab-token',
    SLACK_API_URL: `${origin}/api`,
    SLACK_BOT_TOKEN: 'slack-token',
    SOC_ALLOW_PRIVATE_NETWORK: 'true',
    ...environment,
  });
  const port = new HttpPort(config, 'soc-bridge/test');
  ports.push(port);
  return port;
}

const get = (service: Service, url: string, more: Partial<HttpRequest> = {}): HttpRequest => ({
  service,
  method: 'GET',
  url,
  timeoutMs: 20_000,
  ...more,
});

describe('the credential', () => {
  it.each<[Service, string, string, string]>([
    ['panther', '/public/graphql', 'x-api-key', 'panther-token'],
    ['gitlab', '/gitlab/api/v4/projects', 'private-token', 'gitlab-token'],
    ['slack', '/api/chat.postMessage', 'authorization', 'Bearer slack-token'],
  ])('of %s goes to its own address and header', async (service, path, header, value) => {
    let seen: IncomingMessage['headers'] = {};
    handler = (request, response) => {
      seen = request.headers;
      response.end('ok');
    };
    const headers = { Authorization: 'Bearer other', 'X-Api-Key': 'other', 'private-token': 'other', 'x-kept': 'yes' };
    await portFor().send(get(service, `${origin}${path}`, { headers }));
    expect(seen[header]).toBe(value);
    expect(seen['x-kept']).toBe('yes');
    expect(seen['user-agent']).toBe('soc-bridge/test');
    expect(JSON.stringify(seen)).not.toContain('other');
  });

  it.each([
    ['another port', () => 'http://127.0.0.1:1/gitlab/x'],
    ['another host', () => 'http://attacker.example/gitlab/x'],
    ['another scheme', () => `${origin.replace('http:', 'https:')}/gitlab/x`],
    ['outside the base path', () => `${origin}/gitlabx/api`],
    ['above the base path', () => `${origin}/gitlab/../other`],
    ['above it, encoded', () => `${origin}/gitlab/%2e%2e/other`],
    ['above it, with encoded slashes', () => `${origin}/gitlab/%2F..%2Fother`],
    ['with a user name', () => `${origin.replace('//', '//user@')}/gitlab/x`],
    ['no address', () => 'gitlab'],
  ])('does not go to %s', async (_what, url) => {
    handler = (_request, response) => response.end('reached');
    await expect(portFor().send(get('gitlab', url()))).rejects.toMatchObject({ code: 'invalid_input' });
  });

  it('of a service that is not set up is named', async () => {
    const port = portFor({ PANTHER_API_TOKEN: '' });
    await expect(port.send(get('panther', `${origin}/x`))).rejects.toMatchObject({
      code: 'unauthenticated',
      message: expect.stringContaining('PANTHER_API_TOKEN'),
    });
  });
});

describe('answers', () => {
  it.each([200, 302, 404, 429, 500])('come back whatever their status: %i', async (status) => {
    handler = (_request, response) => {
      response.writeHead(status, { Location: 'http://attacker.example/', 'X-Mixed': 'a', 'set-cookie': ['b', 'c'] });
      response.end('body');
    };
    const answer = await portFor().send(get('slack', `${origin}/api/x`));
    expect(answer).toMatchObject({ status, body: 'body' });
    expect(answer.headers).toMatchObject({
      location: 'http://attacker.example/',
      'x-mixed': 'a',
      'set-cookie': 'b, c',
    });
    expect(answer.truncated).toBeUndefined();
  });

  it('carry the body sent, byte for byte', async () => {
    const sent = '{"a":  "ü\\u0000"}\n';
    handler = (request, response, body) => response.end(`${request.method} ${request.headers['content-type']} ${body}`);
    const answer = await portFor().send(
      get('slack', `${origin}/api/x`, { method: 'POST', body: sent, headers: { 'content-type': 'application/json' } }),
    );
    expect(answer.body).toBe(`POST application/json ${sent}`);
  });

  it('are cut at the byte limit, between characters, also when compressed', async () => {
    const text = 'ü'.repeat(100_000);
    handler = (_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      response.end(gzipSync(text));
    };
    const cut = await portFor().send(get('slack', `${origin}/api/x`, { maxBytes: 1001 }));
    expect(cut).toMatchObject({ body: 'ü'.repeat(500), truncated: true });
    const whole = await portFor().send(get('slack', `${origin}/api/x`, { maxBytes: 200_000 }));
    expect(whole.body === text).toBe(true);
    expect(whole.truncated).toBeUndefined();
  });

  it('reuse the connection', async () => {
    handler = (_request, response) => response.end('{}');
    const port = portFor();
    const before = connections;
    for (let count = 0; count < 5; count += 1) await port.send(get('slack', `${origin}/api/x`));
    expect(connections - before).toBe(1);
  });
});

describe('failures', () => {
  it('are refused when nothing was sent', async () => {
    const closed = createTcpServer();
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    const dead = `http://127.0.0.1:${port}`;
    await expect(portFor({ GITLAB_URL: dead }).send(get('gitlab', `${dead}/x`))).rejects.toMatchObject({
      name: 'ConnectionError',
      kind: 'refused',
    });
    const nowhere = 'http://no-such-host.invalid';
    await expect(portFor({ GITLAB_URL: nowhere }).send(get('gitlab', `${nowhere}/x`))).rejects.toMatchObject({
      kind: 'refused',
    });
  });

  it('are lost when the connection breaks before or inside the answer', async () => {
    handler = (request) => request.socket.destroy();
    await expect(portFor().send(get('slack', `${origin}/api/x`))).rejects.toMatchObject({ kind: 'lost' });
    handler = (request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half');
      setTimeout(() => request.socket.destroy(), 20);
    };
    await expect(portFor().send(get('slack', `${origin}/api/x`))).rejects.toMatchObject({ kind: 'lost' });
  });

  it('are a timeout when the answer or its end does not come', async () => {
    handler = () => {};
    await expect(portFor().send(get('slack', `${origin}/api/x`, { timeoutMs: 80 }))).rejects.toMatchObject({
      kind: 'timeout',
    });
    handler = (_request, response) => void response.write('half');
    await expect(portFor().send(get('slack', `${origin}/api/x`, { timeoutMs: 80 }))).rejects.toMatchObject({
      kind: 'timeout',
    });
  });

  it('are cancelled when the caller stops the request', async () => {
    handler = () => {};
    await expect(
      portFor().send(get('slack', `${origin}/api/x`, { signal: AbortSignal.timeout(50) })),
    ).rejects.toMatchObject({ code: 'cancelled' });
  });
});

describe('private networks', () => {
  it.each(['127.0.0.1', 'localhost', '[::1]', '169.254.169.254', '[::ffff:169.254.169.254]', '2130706433'])(
    'are not dialled unless allowed: %s',
    async (host) => {
      const before = connections;
      const base = `http://${host}:${new URL(origin).port}`;
      const port = portFor({ GITLAB_URL: base, SOC_ALLOW_PRIVATE_NETWORK: 'false' });
      await expect(port.send(get('gitlab', new URL('/x', base).href))).rejects.toMatchObject({
        code: 'unavailable',
        message: expect.stringContaining('SOC_ALLOW_PRIVATE_NETWORK'),
      });
      expect(connections).toBe(before);
    },
  );

  it('can be dialled by name when allowed', async () => {
    handler = (_request, response) => response.end('reached');
    const base = `http://localhost:${new URL(origin).port}`;
    expect((await portFor({ GITLAB_URL: base }).send(get('gitlab', `${base}/x`))).body).toBe('reached');
  });
});
