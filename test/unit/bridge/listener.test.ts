import { copyFileSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import type { RequestListener, Server } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { answer, readBytes } from '../../../bridge/src/http/exchange';
import { createListener } from '../../../bridge/src/http/listener';
import { makeCertificate } from '../../support/bridge/certificate';
import { sendRaw, toolCall } from '../../support/bridge/raw-request';
import { eventually, runBridge, testToken } from '../../support/bridge/running-bridge';
import { untilTrue } from '../../support/eventually';

/** Times are short here; that they are kept, and by whom, does not depend on their length. */
const limits = { headMs: 400, wholeRequestMs: 900, takeMs: 500, lookMs: 50, certificateMs: 20 };
/** For what is not about slow clients: a slow machine is none. */
const patience = { ...limits, headMs: 60_000, wholeRequestMs: 60_000, takeMs: 60_000 };

let server: Server;
let port: number;
/** What became of reading the bodies. */
let ended: string[] = [];
let handle: RequestListener;

beforeAll(async () => {
  server = createListener(undefined, (request, response) => handle(request, response), limits);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  ended = [];
  handle = (request, response) => {
    readBytes(request, 10_000).then(
      () => answer(response, 200, 'text/plain', 'read'),
      () => void ended.push('broken off'),
    );
  };
});

/** Sends `head` and then a byte now and again, and never comes to an end. */
function drip(head: string): Promise<string> {
  return new Promise((resolve) => {
    let received = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(head));
    const dripping = setInterval(() => socket.write('a'), 40);
    socket.on('data', (chunk) => {
      received += chunk;
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      clearInterval(dripping);
      resolve(received);
    });
  });
}
const openConnections = () => new Promise<number>((resolve) => server.getConnections((_, count) => resolve(count)));

describe('a slow client', () => {
  it('that never ends its head is sent away', async () => {
    expect(await drip('POST /mcp HTTP/1.1\r\nHost: localhost\r\nX-Slow: ')).toMatch(/^HTTP\/1\.1 408 /);
    await eventually(async () => ((await openConnections()) === 0 ? true : undefined));
  });

  it('that never ends its body is sent away, and nobody goes on reading it', async () => {
    const received = await drip('POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000\r\n\r\n');
    expect(received).toMatch(/^HTTP\/1\.1 408 |^$/);
    await eventually(() => ended[0]);
    expect(ended).toEqual(['broken off']);
    await eventually(async () => ((await openConnections()) === 0 ? true : undefined));
  });

  it('that sends nothing at all holds its place no longer', async () => {
    const silent = await Promise.all(
      Array.from(
        { length: 20 },
        () =>
          new Promise<Socket>((resolve) => {
            const socket = connect(port, '127.0.0.1', () => resolve(socket));
            socket.on('error', () => {});
          }),
      ),
    );
    await Promise.all(silent.map((socket) => new Promise((gone) => socket.resume().on('close', gone))));
    expect(await openConnections()).toBe(0);
  });

  it('that does not read its answer is given up, and its answer with it', async () => {
    let closed = false;
    handle = (_request, response) => {
      response.once('close', () => {
        closed = true;
      });
      answer(response, 200, 'text/plain', 'x'.repeat(30_000_000));
    };
    const socket = connect(port, '127.0.0.1', () => socket.write('GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n'));
    socket.on('error', () => {});
    socket.pause();
    await eventually(() => (closed ? true : undefined));
    socket.destroy();
    await eventually(async () => ((await openConnections()) === 0 ? true : undefined));
  });

  it('that reads is served as before', async () => {
    const sent = () => fetch(`http://127.0.0.1:${port}/x`, { method: 'POST', body: 'y' }).then((got) => got.text());
    // On a busy machine even a quick client may be too slow for limits as short as these.
    await untilTrue(async () => (await sent().catch(() => 'sent away')) === 'read');
  });
});

describe('header fields', () => {
  let patient: Server;
  beforeAll(async () => {
    patient = createListener(undefined, (request, response) => handle(request, response), patience);
    await new Promise<void>((resolve) => patient.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => {
    patient.closeAllConnections();
    patient.close();
  });
  const origin = () => `http://127.0.0.1:${(patient.address() as AddressInfo).port}`;
  const withFields = (count: number, last = '') =>
    sendRaw(
      origin(),
      `GET /x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${Array.from({ length: count }, (_, index) => `X-${index}: 1\r\n`).join('')}${last}\r\n`,
    );

  it('of a usual number are taken, and too many are refused instead of left out', async () => {
    expect(await withFields(90)).toMatch(/^HTTP\/1\.1 200 /);
    const refused = await withFields(120, 'Origin: https://attacker.example\r\n');
    expect(refused).toMatch(/^HTTP\/1\.1 431 /);
    expect(refused).toContain('at most 100 header fields');
  });

  it('of more than 16 KiB together are refused', async () => {
    expect(await withFields(1, `X-Long: ${'x'.repeat(17_000)}\r\n`)).toMatch(/^HTTP\/1\.1 431 /);
  });

  it.each([
    ['a line feed alone', 'GET /x HTTP/1.1\nHost: localhost\n\n'],
    ['a space before the colon', 'GET /x HTTP/1.1\r\nHost : localhost\r\n\r\n'],
    ['a folded line', 'GET /x HTTP/1.1\r\nHost: localhost\r\nX-A: 1\r\n b\r\n\r\n'],
    ['another protocol', 'GET /x HTTP/9.1\r\nHost: localhost\r\n\r\n'],
  ])('%s is refused', async (_what, text) => {
    expect(await sendRaw(origin(), text)).toMatch(/^HTTP\/1\.1 [45]\d\d |^$/);
  });
});

describe('TLS by file', () => {
  let folder: string;
  let files: { SOC_TLS_CERT_FILE: string; SOC_TLS_KEY_FILE: string };
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'soc-tls-'));
    makeCertificate(folder, 'localhost');
    files = { SOC_TLS_CERT_FILE: join(folder, 'tls.crt'), SOC_TLS_KEY_FILE: join(folder, 'tls.key') };
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const callOver = (url: string): Promise<number> =>
    new Promise((resolve, reject) => {
      const ca = readFileSync(files.SOC_TLS_CERT_FILE);
      const headers = {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        authorization: `Bearer ${testToken}`,
      };
      const asked = httpsRequest(
        `${url}/mcp`,
        { method: 'POST', ca, servername: 'localhost', agent: false, headers },
        (response) => {
          response.resume().on('end', () => resolve(response.statusCode ?? 0));
        },
      );
      asked.on('error', reject).end(toolCall('repeat_text', { text: 'x' }));
    });

  it('serves https, beyond loopback too, and nothing in the clear', async () => {
    const running = await runBridge({ ...files, SOC_BRIDGE_HOST: '0.0.0.0' });
    try {
      const at = new URL(running.url);
      expect(at.protocol).toBe('https:');
      const url = `https://localhost:${at.port}`;
      expect(await callOver(url)).toBe(200);
      const clear = await sendRaw(
        `http://127.0.0.1:${at.port}`,
        'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n',
      ).catch(() => '');
      expect(clear).not.toMatch(/200/);
      const old = new Promise((resolve) => {
        const socket = connectTls({
          host: '127.0.0.1',
          port: Number(at.port),
          minVersion: 'TLSv1',
          maxVersion: 'TLSv1.1',
          ciphers: 'DEFAULT@SECLEVEL=0',
          rejectUnauthorized: false,
        });
        socket.on('secureConnect', () => resolve('connected'));
        socket.on('error', () => resolve('refused'));
      });
      expect(await old).toBe('refused');
    } finally {
      await running.stop();
    }
  });

  describe('that is renewed', () => {
    let renewing: string;
    let secure: ReturnType<typeof createListener>;
    let told: (string | undefined)[];
    beforeEach(async () => {
      told = [];
      renewing = mkdtempSync(join(tmpdir(), 'soc-tls-renewed-'));
      makeCertificate(renewing, 'first.example');
      secure = createListener(
        { certFile: join(renewing, 'tls.crt'), keyFile: join(renewing, 'tls.key') },
        (_request, response) => answer(response, 200, 'text/plain', 'read'),
        patience,
        (problem) => told.push(problem?.message),
      );
      await new Promise<void>((resolve) => secure.listen(0, '127.0.0.1', resolve));
    });
    afterEach(async () => {
      await new Promise((resolve) => secure.close(resolve));
      rmSync(renewing, { recursive: true, force: true });
    });

    const shown = (): Promise<string | string[] | undefined> =>
      new Promise((resolve, reject) => {
        const { port: at } = secure.address() as { port: number };
        const socket = connectTls({ host: '127.0.0.1', port: at, rejectUnauthorized: false }, () => {
          resolve(socket.getPeerCertificate().subject.CN);
          socket.destroy();
        });
        socket.on('error', reject);
      });

    it('is taken over without a restart, and half of a pair is not', async () => {
      expect(await shown()).toBe('first.example');
      const next = mkdtempSync(join(tmpdir(), 'soc-tls-next-'));
      makeCertificate(next, 'second.example');
      copyFileSync(join(next, 'tls.crt'), join(renewing, 'tls.crt'));
      await eventually(() => told[0]);
      expect(told[0]).toMatch(/^SOC_TLS_CERT_FILE and SOC_TLS_KEY_FILE are no certificate with its key/);
      expect(await shown()).toBe('first.example');
      copyFileSync(join(next, 'tls.key'), join(renewing, 'tls.key'));
      await eventually(async () => ((await shown()) === 'second.example' ? true : undefined));
      rmSync(next, { recursive: true, force: true });
    });

    it('by a link that is set to another folder, as Kubernetes does it', async () => {
      const [one, two] = ['third.example', 'fourth.example'].map((name) => {
        const made = mkdtempSync(join(tmpdir(), 'soc-tls-link-'));
        makeCertificate(made, name);
        return made;
      }) as [string, string];
      for (const file of ['tls.crt', 'tls.key']) {
        rmSync(join(renewing, file));
        symlinkSync(join(renewing, '..data', file), join(renewing, file));
      }
      symlinkSync(one, join(renewing, '..data'));
      await eventually(async () => ((await shown()) === 'third.example' ? true : undefined));
      symlinkSync(two, join(renewing, '..tmp'));
      renameSync(join(renewing, '..tmp'), join(renewing, '..data'));
      await eventually(async () => ((await shown()) === 'fourth.example' ? true : undefined));
      for (const made of [one, two]) rmSync(made, { recursive: true, force: true });
    });
  });

  it('says which file it cannot use', async () => {
    const gone = { ...files, SOC_TLS_KEY_FILE: join(folder, 'gone.key') };
    await expect(runBridge(gone)).rejects.toThrow(/^SOC_TLS_KEY_FILE cannot be read: .*gone\.key/);
    const wrong = join(folder, 'wrong.crt');
    writeFileSync(wrong, 'no certificate');
    await expect(runBridge({ ...files, SOC_TLS_CERT_FILE: wrong })).rejects.toThrow(/SOC_TLS_CERT_FILE/);
  });
});
