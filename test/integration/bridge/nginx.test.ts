import { mkdtempSync, rmSync } from 'node:fs';
import { request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../../scripts/stack/free-port.mjs';
import { haveNginx, Nginx } from '../../support/bridge/nginx';
import { buildTestMain, Program } from '../../support/bridge/processes';
import { createScratchDatabase, postgresProblem } from '../../support/bridge/scratch-postgres';

/** The nginx configuration that we ship, in a real nginx, in front of two processes of the bridge on one PostgreSQL. */
const problem = haveNginx ? postgresProblem() : 'skipped, there is no nginx';
const withBoth = problem === undefined ? describe : describe.skip;

const name = 'bridge.simulated.example';
const token = 'simulated-bridge-token-for-tests';
let folder: string;
let main: Awaited<ReturnType<typeof buildTestMain>>;
let database: Awaited<ReturnType<typeof createScratchDatabase>>;
const pods: (Program | undefined)[] = [];
const ports: number[] = [];
let nginx: Nginx;

async function startPod(index: number): Promise<void> {
  const pod = new Program(main.file, ['serve'], {
    cwd: folder,
    env: {
      SOC_BRIDGE_TOKEN: token,
      SOC_BRIDGE_PORT: String(ports[index]),
      SOC_ALLOWED_HOSTS: name,
      SOC_DATABASE_URL: database.url,
      SOC_DRAIN_SECONDS: '300',
      LOG_LEVEL: 'info',
    },
  });
  pods[index] = pod;
  await pod.url();
}

interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

interface Asked {
  method?: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
  host?: string;
  port?: number;
}

/** One request over TLS, with nginx's own certificate as the only one that is trusted. */
function ask(path: string, { method = 'POST', headers = {}, body, host = name, port }: Asked = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpsRequest(
      {
        host: '127.0.0.1',
        port: port ?? Number(new URL(nginx.url).port),
        servername: host,
        ca: nginx.certificate,
        path,
        method,
        headers: { host, ...headers },
        agent: false,
      },
      (response) => {
        const pieces: Buffer[] = [];
        response.on('data', (piece: Buffer) => pieces.push(piece));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(pieces).toString('utf8'),
          }),
        );
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

const call = (text: string, more: Asked = {}) =>
  ask('/mcp', {
    ...more,
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      authorization: `Bearer ${token}`,
      'mcp-protocol-version': '2025-11-25',
      ...more.headers,
    },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: 'repeat_text', arguments: { text, times: 2 } },
    }),
  });

withBoth('nginx in front of two pods', () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'soc-nginx-'));
    main = await buildTestMain();
    database = await createScratchDatabase();
    ports.push(await freePort(), await freePort());
    await Promise.all([startPod(0), startPod(1)]);
    nginx = await Nginx.start({
      folder: join(folder, 'nginx'),
      port: await freePort(),
      servers: ports.map((port) => `127.0.0.1:${port}`),
      publicName: name,
    });
  });
  afterAll(async () => {
    await nginx?.stop();
    for (const pod of pods) pod?.child.kill('SIGKILL');
    await Promise.all(pods.map((pod) => pod?.ended));
    await database?.drop();
    main?.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  it('calls are answered by either pod, without affinity', async () => {
    const answers = await Promise.all(Array.from({ length: 40 }, (_, index) => call(`t${index}`)));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    for (const [index, { body }] of answers.entries()) expect(body).toContain(`t${index}t${index}`);
    const answeredBy = new Set(nginx.accessLog().map(({ pod }) => pod));
    expect(answeredBy).toEqual(new Set(ports.map((port) => `127.0.0.1:${port}`)));
  });

  it('a token is asked for behind it as before', async () => {
    expect((await call('x', { headers: { authorization: 'Bearer wrong-token-wrong-token' } })).status).toBe(401);
  });

  it('says no more about itself than it must, and never in the clear', async () => {
    const { headers, status } = await ask('/healthz', { method: 'GET' });
    expect(status).toBe(200);
    expect(headers.server).toBe('nginx');
    expect(headers['strict-transport-security']).toBe('max-age=31536000');
    expect((await ask('/', { method: 'GET' })).status).toBe(404);
    expect((await ask('/metrics', { method: 'GET' })).status).toBe(404);
    const clear = await fetch(`http://127.0.0.1:${new URL(nginx.url).port}/healthz`, { headers: { host: name } });
    expect(clear.status).toBe(400);
  });

  it('whoever does not know the name gets no certificate', async () => {
    await expect(ask('/healthz', { method: 'GET', host: 'other.simulated.example' })).rejects.toThrow(
      /unrecognized name|alert/i,
    );
    // The name of the handshake and of the request are two; the bridge looks at the second.
    const other = await ask('/mcp', {
      headers: { host: 'evil.simulated.example', authorization: `Bearer ${token}` },
      body: '{}',
    });
    expect(other.status).toBeGreaterThanOrEqual(400);
  });

  it('what is too large ends at nginx', async () => {
    const large = await ask('/mcp', {
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: Buffer.alloc(4 * 1024 * 1024 + 1, 32),
    });
    expect(large.status).toBe(413);
    const header = await ask('/healthz', { method: 'GET', headers: { 'x-large': 'a'.repeat(40_000) } });
    expect(header.status).toBe(400);
    expect((await ask('/slack/interactions', { body: 'a'.repeat(600_000) })).status).toBe(413);
  });

  it('reading a case is all that can be done with it', async () => {
    expect(
      (await ask('/cases/INV-1', { method: 'DELETE', headers: { authorization: `Bearer ${token}` } })).status,
    ).toBe(403);
  });

  it('the log tells who called what, and nothing that was in it', () => {
    const lines = JSON.stringify(nginx.accessLog());
    expect(lines).toContain('"path":"/mcp"');
    expect(lines).not.toMatch(/Bearer|simulated-bridge-token|t1t1|"text"/);
  });

  describe('with other settings', () => {
    let strict: Nginx;
    const strictPort = () => Number(new URL(strict.url).port);
    beforeAll(async () => {
      strict = await Nginx.start({
        folder: join(folder, 'strict'),
        port: await freePort(),
        servers: ports.map((port) => `127.0.0.1:${port}`),
        publicName: name,
        allow: 'allow 10.1.2.3; deny all;\n',
        callsPerSecond: 1,
      });
    });
    afterAll(() => strict?.stop());
    const asStrict = (path: string, asked: Asked = {}) => {
      const mine = nginx;
      nginx = strict;
      const answer = ask(path, { ...asked, port: strictPort() });
      nginx = mine;
      return answer;
    };

    it('only the networks on the list may call; Slack is let in by its signature instead', async () => {
      expect((await asStrict('/mcp', { body: '{}' })).status).toBe(403);
      expect((await asStrict('/alerts', { body: '{}' })).status).toBe(403);
      expect((await asStrict('/cases/INV-1', { method: 'GET' })).status).toBe(403);
      const slack = await asStrict('/slack/interactions', {
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: 'payload=%7B%7D',
      });
      expect(slack.status).not.toBe(403);
    });

    it('one address has a limit', async () => {
      const answers = await Promise.all(Array.from({ length: 160 }, () => asStrict('/cases/INV-1', { method: 'GET' })));
      expect(answers.some(({ status }) => status === 429)).toBe(true);
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([403, 429]));
    });
  });

  it('a rolling restart loses no call', async () => {
    const failures: string[] = [];
    let answered = 0;
    let going = true;
    const client = async (id: number) => {
      for (let turn = 0; going; turn += 1) {
        const text = `r${id}-${turn}`;
        try {
          const { status, body } = await call(text);
          if (status !== 200 || !body.includes(text + text)) failures.push(`${status} ${body.slice(0, 200)}`);
          else answered += 1;
        } catch (error) {
          failures.push(String(error));
        }
      }
    };
    const clients = Array.from({ length: 4 }, (_, id) => client(id));
    while (answered < 20) await new Promise((wait) => setTimeout(wait, 20));
    for (const index of [0, 1]) {
      const pod = pods[index];
      pod?.child.kill('SIGTERM');
      // It goes as soon as nobody holds a connection, long before the drain ends: kept ones are told to close with their next answer.
      await pod?.ended;
      await startPod(index);
      // Longer than fail_timeout, as `minReadySeconds` of an orchestrator.
      await new Promise((wait) => setTimeout(wait, 2500));
    }
    going = false;
    await Promise.all(clients);
    expect(failures).toEqual([]);
    expect(answered).toBeGreaterThan(100);
  });

  it('a pod that is killed costs at most the calls it was answering', async () => {
    pods[0]?.child.kill('SIGKILL');
    await pods[0]?.ended;
    const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => call(`k${index}`)));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    await startPod(0);
  });
});

if (problem !== undefined) it.skip(`nginx: ${problem}`, () => {});
