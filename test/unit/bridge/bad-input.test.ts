import { connect } from 'node:net';
import fc from 'fast-check';
import { JsonProblem, parseStrictJson } from '../../../bridge/src/http/strict-json';
import { jsonHeaders, postMcp, sendRaw, toolCall } from '../../support/bridge/raw-request';
import { eventually, type RunningBridge, runBridge, testToken } from '../../support/bridge/running-bridge';
import { waits } from '../../support/bridge/test-operations';

let running: RunningBridge;
beforeAll(async () => {
  running = await runBridge({});
});
afterAll(() => running?.stop());

const authorization = `Bearer ${testToken}`;
const post = (body: string, headers: Record<string, string> = {}) =>
  postMcp(running.url, body, { authorization, ...headers });
const good = toolCall('repeat_text', { text: 'x' });
const modernMeta = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
};
const modernHeaders = {
  'mcp-protocol-version': '2026-07-28',
  'mcp-method': 'tools/call',
  'mcp-name': 'wait_with_progress',
};

describe('a message that is not one plain message', () => {
  const deep = (levels: number) => toolCall('repeat_text').replace('{}', `${'['.repeat(levels)}${']'.repeat(levels)}`);
  it.each([
    ['a batch', `[${good},${good}]`, /batches/],
    ['an empty batch', '[]', /batches/],
    ['a name twice', good.replace('"method"', '"method":"tools/list","method"'), /"method" stands twice/],
    ['a name twice, once escaped', good.replace('"method"', '"m\\u0065thod":"tools/list","method"'), /stands twice/],
    ['a name twice among the arguments', good.replace('"text"', '"text":"y","text"'), /"text" stands twice/],
    ['deep nesting', deep(100), /nested deeper/],
    ['very deep nesting', deep(100_000), /nested deeper|not JSON/],
    ['no JSON', '{"jsonrpc":', /not JSON/],
    ['nothing', '', /not JSON/],
    ['a number', '7', /JSON object/],
  ])('%s is refused', async (_what, body, message) => {
    const response = await post(body);
    expect(response.status).toBe(400);
    const answer = (await response.json()) as { error: { code: number; message: string } };
    expect(answer).toMatchObject({ jsonrpc: '2.0', id: null });
    expect([-32700, -32600]).toContain(answer.error.code);
    expect(answer.error.message).toMatch(message);
  });

  it.each([
    ['text/plain'],
    ['application/x-www-form-urlencoded'],
    ['multipart/form-data; boundary=x'],
    ['application/json-patch+json'],
    [''],
  ])('content-type "%s" is refused', async (type) => {
    expect((await post(good, { 'content-type': type })).status).toBe(415);
  });

  it('compressed is refused', async () => {
    expect((await post(good, { 'content-encoding': 'gzip' })).status).toBe(415);
  });

  it('of 4 MiB + 1 is refused, and of 4 MiB is read', async () => {
    const size = 4 * 1024 * 1024;
    expect((await post(good.padEnd(size + 1))).status).toBe(413);
    expect((await post(good.padEnd(size))).status).toBe(200);
  });

  it('of 4 MiB + 1 that was not announced is refused as soon as it is too long', async () => {
    const chunk = new Uint8Array(64 * 1024).fill(0x20);
    let left = 4 * 16 + 1;
    const body = new ReadableStream({
      pull(controller) {
        left -= 1;
        if (left < 0) controller.close();
        else controller.enqueue(chunk);
      },
    });
    const response = await fetch(`${running.url}/mcp`, {
      method: 'POST',
      headers: { ...jsonHeaders, authorization },
      body,
      duplex: 'half',
    } as RequestInit);
    expect(response.status).toBe(413);
  });

  it('is read as JSON.parse reads it, unless a name stands twice', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        expect(parseStrictJson(JSON.stringify(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
    fc.assert(
      fc.property(
        fc.string(),
        fc.jsonValue({ maxDepth: 3 }),
        fc.array(fc.string(), { maxLength: 3 }),
        (name, value, path) => {
          const key = JSON.stringify(name);
          const text = JSON.stringify(value);
          const inner = `{${key}:${text} , ${key} :${text}}`;
          const wrapped = path.reduce((within, at) => `{${JSON.stringify(at)}:[1,${within}]}`, inner);
          expect(() => parseStrictJson(wrapped)).toThrow(JsonProblem);
        },
      ),
    );
  });
});

describe('what mixes things up', () => {
  const modern = (over: object = {}, headers: Record<string, string> = {}) =>
    post(
      JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/call',
        params: {
          name: 'repeat_text',
          arguments: { text: 'x' },
          _meta: {
            'io.modelcontextprotocol/protocolVersion': '2026-07-28',
            'io.modelcontextprotocol/clientCapabilities': {},
            ...over,
          },
        },
      }),
      { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': 'repeat_text', ...headers },
    );

  it('both eras in one request: headers of one and a body of the other are refused', async () => {
    expect((await modern()).status).toBe(200);
    expect((await modern({}, { 'mcp-name': 'delete_nothing' })).status).toBe(400);
    expect((await modern({}, { 'mcp-protocol-version': '2025-11-25' })).status).toBe(400);
    expect((await modern({ 'io.modelcontextprotocol/protocolVersion': '2025-11-25' })).status).toBe(400);
    expect((await modern({ 'io.modelcontextprotocol/protocolVersion': '1999-01-01' })).status).toBe(400);
  });

  it('equal ids of many callers at once: each gets its own answer', async () => {
    const answers = await Promise.all(
      Array.from({ length: 30 }, async (_, index) => {
        const response = await post(toolCall('repeat_text', { text: `caller-${index};`, times: 1 }, 7));
        return { index, text: await response.text() };
      }),
    );
    for (const { index, text } of answers) {
      expect(text).toContain(`caller-${index};`);
      expect(text.match(/caller-\d+;/g)?.every((found) => found === `caller-${index};`)).toBe(true);
    }
  });

  it.each(['/mcp?toolsets=gitlab&toolsets=all', '/mcp?toolsets=nothing', '/mcp?debug=1'])(
    '%s is refused',
    async (path) => {
      const headers = { ...jsonHeaders, authorization };
      const response = await fetch(`${running.url}${path}`, { method: 'POST', headers, body: good });
      expect(response.status).toBe(400);
    },
  );

  it('two Host headers, two Authorization headers, a body of two lengths', async () => {
    const head = `POST /mcp HTTP/1.1\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\nConnection: close\r\n`;
    const length = `Content-Length: ${good.length}\r\n`;
    const host = 'Host: localhost\r\n';
    const token = `Authorization: ${authorization}\r\n`;
    const status = async (more: string) => (await sendRaw(running.url, `${head}${more}\r\n${good}`)).slice(9, 12);
    expect(await status(`${host}${token}${length}`)).toBe('200');
    expect(await status(`${host}Host: attacker.example\r\n${token}${length}`)).toBe('403');
    expect(await status(`${host}${token}Authorization: Bearer other\r\n${length}`)).toBe('401');
    expect(await status(`${host}${token}${length}Content-Length: 3\r\n`)).toBe('400');
    expect(await status(`${host}${token}${length}Transfer-Encoding: chunked\r\n`)).toBe('400');
    expect(await status(`${host}${token}${length}X-Large: ${'x'.repeat(17_000)}\r\n`)).toBe('431');
  });

  it('a forged forwarded header changes nothing about who is answered', async () => {
    const forged = { 'x-forwarded-for': '127.0.0.1', 'x-forwarded-host': 'localhost', forwarded: 'for=127.0.0.1' };
    expect((await postMcp(running.url, good, forged)).status).toBe(401);
    const rebound = `POST /mcp HTTP/1.1\r\nHost: attacker.example\r\nX-Forwarded-Host: localhost\r\nX-Forwarded-Proto: https\r\nConnection: close\r\n\r\n`;
    expect((await sendRaw(running.url, rebound)).slice(9, 12)).toBe('403');
  });

  it.each([
    ['nobody is trusted', undefined, '127.0.0.1'],
    ['another proxy is trusted', '10.0.0.0/8', '127.0.0.1'],
    [
      'the connection comes from a trusted proxy: its own word counts, and not what a client put in front of it',
      '127.0.0.1',
      '198.51.100.7',
    ],
  ])('who was refused is told by address; when %s', async (_what, proxies, expected) => {
    const guarded = await runBridge({ SOC_TRUSTED_PROXIES: proxies });
    try {
      const from: string[] = [];
      guarded.bridge.observers.add({ refused: (refusal) => void from.push(refusal.from) });
      await postMcp(guarded.url, good, { 'x-forwarded-for': '10.1.1.1, 198.51.100.7', 'x-real-ip': '10.2.2.2' });
      expect(from).toEqual([expected]);
    } finally {
      await guarded.stop();
    }
  });
});

describe('a client that hangs up', () => {
  const hangUpAfter = (text: string) =>
    new Promise<void>((resolve) => {
      const { hostname, port } = new URL(running.url);
      const socket = connect(Number(port), hostname, () => {
        socket.write(text);
        setTimeout(() => socket.destroy(), 50);
      });
      socket.on('close', () => resolve());
    });

  it('in the middle of its request costs nothing', async () => {
    const before = running.logged().length;
    await hangUpAfter(
      `POST /mcp HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${authorization}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{`,
    );
    expect((await post(good)).status).toBe(200);
    expect(running.logged().slice(before).join('')).not.toContain('"level":50');
  });

  it('while its tool runs ends the tool, and the next caller is served', async () => {
    waits.length = 0;
    const leave = new AbortController();
    const asked = fetch(`${running.url}/mcp`, {
      method: 'POST',
      signal: leave.signal,
      headers: { ...jsonHeaders, authorization },
      body: toolCall('wait_with_progress', { steps: 1, step_ms: 600_000 }),
    }).catch(() => 'left');
    const { signal } = await eventually(() => waits[0]);
    leave.abort();
    expect(await asked).toBe('left');
    await eventually(() => (signal.aborted ? true : undefined));
    expect((await post(good)).status).toBe(200);
  });

  it('in the middle of an alert leaves no half alert behind', async () => {
    const before = running.logged().length;
    const alert = `POST /alerts HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${authorization}\r\nContent-Type: application/json\r\nContent-Length: 60\r\n\r\n{"id":"half"`;
    await hangUpAfter(alert);
    expect((await post(good)).status).toBe(200);
    const kept = await running.bridge.store.database.db.selectFrom('alerts_raw').select('body').execute();
    expect(JSON.stringify(kept)).not.toContain('half');
    expect(running.logged().slice(before).join('')).not.toContain('"level":50');
  });

  it('many at once, in both eras and while progress is sent: every tool ends, and nothing stays open', async () => {
    waits.length = 0;
    const patient = await runBridge();
    const ended: string[] = [];
    patient.bridge.observers.add({ callEnded: (_call, { outcome }) => void ended.push(outcome) });
    const leave = new AbortController();
    const asked = Array.from({ length: 40 }, (_, index) => {
      const params = {
        name: 'wait_with_progress',
        arguments: { steps: 1, step_ms: 600_000 },
        _meta: { progressToken: index },
      };
      return fetch(`${patient.url}/mcp`, {
        method: 'POST',
        signal: leave.signal,
        headers: { ...jsonHeaders, authorization, ...(index % 2 === 0 ? {} : modernHeaders) },
        body: JSON.stringify({
          jsonrpc: '2.0',
          id: index,
          method: 'tools/call',
          params: index % 2 === 0 ? params : { ...params, _meta: { ...params._meta, ...modernMeta } },
        }),
      })
        .then((response) => response.text())
        .catch(() => 'left');
    });
    try {
      await eventually(() => (waits.length === 40 ? true : undefined));
      leave.abort();
      expect(new Set(await Promise.all(asked))).toEqual(new Set(['left']));
      await eventually(() => (ended.length === 40 ? true : undefined));
      expect(new Set(ended)).toEqual(new Set(['cancelled']));
      expect(waits.every(({ signal }) => signal.aborted)).toBe(true);
      expect((await postMcp(patient.url, good, { authorization })).status).toBe(200);
      expect(patient.logged().join('')).not.toContain('"level":50');
    } finally {
      await patient.stop();
    }
  });
});

describe('a deadline', () => {
  it('ends what overlooks it, tells it as such, and nothing more is sent for it', async () => {
    const short = await runBridge({ SOC_CALL_TIMEOUT_SECONDS: '1' });
    try {
      const ended: unknown[] = [];
      short.bridge.observers.add({ callEnded: (_call, end) => void ended.push([end.outcome, end.code]) });
      const response = await postMcp(
        short.url,
        JSON.stringify({
          jsonrpc: '2.0',
          id: 1,
          method: 'tools/call',
          params: {
            name: 'wait_with_progress',
            arguments: { steps: 60, step_ms: 50, deaf: true },
            _meta: { progressToken: 'p' },
          },
        }),
        { authorization },
      );
      const messages = (await response.text()).split('\n').filter((line) => line.startsWith('data: {'));
      expect(messages.length).toBeGreaterThan(2);
      expect(messages.at(-1)).toContain('timeout: wait_with_progress did not finish within 1 s');
      expect(messages.slice(0, -1).every((line) => line.includes('notifications/progress'))).toBe(true);
      expect(ended).toEqual([['error', 'timeout']]);
    } finally {
      await short.stop();
    }
  });
});
