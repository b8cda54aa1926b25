import { PassThrough, Writable } from 'node:stream';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { DirectCalls } from '../../../bridge/src/mcp/direct-calls';
import { StdioTransport } from '../../../bridge/src/mcp/stdio-transport';
import { eventually, type RunningBridge, runBridge } from '../../support/bridge/running-bridge';
import { waits } from '../../support/bridge/test-operations';

jest.setTimeout(30_000);

interface Answer {
  id?: unknown;
  method?: string;
  params?: Record<string, unknown>;
  result?: Record<string, unknown>;
  error?: Record<string, unknown>;
}

let running: RunningBridge;
/** What metrics and the audit trail were told, without what differs from call to call. */
let told: unknown[] = [];
beforeAll(async () => {
  running = await runBridge({ SOC_TOOLSETS: 'all' });
  running.bridge.observers.add({
    callBegan: ({ requestId: _, startedAt: _at, meta: _meta, ...call }) => void told.push(['began', call]),
    callEnded: ({ tool }, { durationMs: _, ...end }) => void told.push(['ended', tool, end]),
    methodEnded: ({ durationMs: _, ...end }) => void told.push(['method', end]),
    refused: (refusal) => void told.push(['refused', refusal]),
  });
});
afterAll(() => running?.stop());

/** One client of a bridge on stdio; it counts the calls that did not go by way of the SDK. */
function connect() {
  const input = new PassThrough();
  const writes: string[] = [];
  const output = new Writable({
    write(chunk: Buffer, _encoding, done) {
      writes.push(chunk.toString('utf8'));
      done();
    },
  });
  const direct: string[] = [];
  const errors: Error[] = [];
  const { factory, callLocally } = running.bridge.createToolServer();
  const calls = new DirectCalls(
    (params, request, version) => {
      direct.push(params.name);
      return callLocally(params, request, version);
    },
    (json) => transport.write(json),
  );
  const transport = new StdioTransport(input, output, calls);
  const handle = serveStdio(calls.watch(factory), { transport, onerror: (error) => void errors.push(error) });
  const answers = () =>
    writes
      .join('')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Answer);
  const send = (message: object) => input.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  const answerTo = (id: string | number) => eventually(() => answers().find((answer) => answer.id === id));
  const call = (id: string | number, name: string, given: object, more: object = {}) =>
    send({ id, method: 'tools/call', params: { name, arguments: given, ...more } });
  return { input, output, writes, direct, errors, handle, answers, send, answerTo, call };
}

async function connected() {
  const client = connect();
  client.send({
    id: 'hello',
    method: 'initialize',
    params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
  });
  await client.answerTo('hello');
  client.send({ method: 'notifications/initialized' });
  return client;
}

/** Something about a call that leaves it to the SDK, and changes nothing else. */
const unusual = { _meta: { 'io.modelcontextprotocol/test': true } };

describe('plain calls on stdio', () => {
  it.each<[string, string, object]>([
    ['a result', 'repeat_text', { text: 'grüße "x"', times: 2 }],
    ['a refused argument', 'repeat_text', { text: 'x', times: 9 }],
    ['an argument that is not known', 'repeat_text', { text: 'x', toString: 1, __proto_: {} }],
    ['a failure', 'fail_as', { way: 'permission' }],
    ['a bug', 'fail_as', { way: 'bug' }],
    ['a tool that does not exist', 'no_such_tool', {}],
  ])('are answered as by way of the SDK: %s', async (_what, name, given) => {
    const client = await connected();
    told = [];
    client.call(1, name, given);
    const { id: _one, ...short } = await client.answerTo(1);
    const toldOfShort = told;
    told = [];
    client.call(2, name, given, unusual);
    const { id: _two, ...long } = await client.answerTo(2);
    expect(client.direct).toEqual([name]);
    expect(short).toEqual(long);
    expect(toldOfShort).toEqual(told);
    expect(told.length).toBeGreaterThan(0);
    await client.handle.close();
  });

  it('are left to the SDK before the client has been greeted', async () => {
    const client = connect();
    client.call(1, 'repeat_text', { text: 'x' });
    expect((await client.answerTo(1)).result).toHaveProperty('structuredContent.text', 'xx');
    client.send({ method: 'notifications/initialized' });
    client.call(2, 'repeat_text', { text: 'y' });
    await client.answerTo(2);
    expect(client.direct).toEqual(['repeat_text']);
    await client.handle.close();
  });

  it.each<[string, object]>([
    ['a name that is none', { name: 7 }],
    ['arguments that are a list', { name: 'repeat_text', arguments: [] }],
    ['no name', {}],
    ['a retry of the protocol of 2026', { name: 'repeat_text', arguments: { text: 'x' }, requestState: 'x' }],
  ])('are left to the SDK with %s', async (_what, params) => {
    const client = await connected();
    client.send({ id: 1, method: 'tools/call', params });
    await client.answerTo(1);
    expect(client.direct).toEqual([]);
    await client.handle.close();
  });

  it('are left to the SDK with a progress token that is none, which takes them for no message', async () => {
    const client = await connected();
    client.call(1, 'repeat_text', { text: 'x' }, { _meta: { progressToken: {} } });
    client.send({ id: 2, method: 'ping' });
    await client.answerTo(2);
    expect(client.answers().map(({ id }) => id)).toEqual(['hello', 2]);
    expect(client.errors).toHaveLength(1);
    expect(client.direct).toEqual([]);
    await client.handle.close();
  });

  it('are left to the SDK in the protocol of 2026', async () => {
    const client = connect();
    const _meta = {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
      'io.modelcontextprotocol/clientCapabilities': {},
    };
    client.call(1, 'repeat_text', { text: 'x' }, { _meta });
    expect((await client.answerTo(1)).result).toMatchObject({ resultType: 'complete' });
    client.send({ method: 'notifications/initialized', params: {} });
    client.call(2, 'repeat_text', { text: 'x' });
    expect((await client.answerTo(2)).error).toBeDefined();
    expect(client.direct).toEqual([]);
    await client.handle.close();
  });

  it('tell their progress, and are answered no more once they were cancelled', async () => {
    const client = await connected();
    waits.length = 0;
    client.call(1, 'wait_with_progress', { steps: 1, step_ms: 60_000 }, { _meta: { progressToken: 'p' } });
    const told = await eventually(() => client.answers().find(({ method }) => method === 'notifications/progress'));
    expect(told.params).toMatchObject({ progressToken: 'p', message: 'Step 0', total: 1 });
    client.send({ method: 'notifications/cancelled', params: { requestId: 1, reason: 'enough' } });
    await eventually(() => (waits[0]?.signal.aborted ? true : undefined));
    client.call(2, 'repeat_text', { text: 'x' });
    await client.answerTo(2);
    expect(client.answers().some(({ id }) => id === 1)).toBe(false);
    await client.handle.close();
  });

  it('end with the connection', async () => {
    const client = await connected();
    waits.length = 0;
    client.call(1, 'wait_with_progress', { steps: 1, step_ms: 60_000 });
    await eventually(() => waits[0]);
    client.input.end();
    await eventually(() => (waits[0]?.signal.aborted ? true : undefined));
    expect(client.answers().some(({ id }) => id === 1)).toBe(false);
  });

  it('under one id at once are both answered', async () => {
    const client = await connected();
    client.call(1, 'wait_with_progress', { steps: 1, step_ms: 30 });
    client.call(1, 'repeat_text', { text: 'x' });
    const both = await eventually(() => {
      const found = client.answers().filter(({ id }) => id === 1);
      return found.length === 2 ? found : undefined;
    });
    expect(both.map(({ result }) => Object.keys(result?.structuredContent ?? {}))).toEqual([
      ['untrusted_text', 'text', 'note'],
      ['untrusted_text', 'steps'],
    ]);
    await client.handle.close();
  });
});

describe('the lines of stdio', () => {
  it('may come in any pieces, within a character, with CRLF, and several at once', async () => {
    const client = await connected();
    const line = (id: number) =>
      `${JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params: { name: 'repeat_text', arguments: { text: 'ü€😀' } } })}\r\n`;
    for (const byte of Buffer.from(line(1))) {
      client.input.write(Buffer.of(byte));
      await new Promise((turn) => setImmediate(turn));
    }
    client.input.write(Buffer.from(`\n${line(2)}no JSON\n${line(3)}`));
    for (const id of [1, 2, 3])
      expect((await client.answerTo(id)).result).toHaveProperty('structuredContent.text', 'ü€😀ü€😀');
    await client.handle.close();
  });

  it('of one turn are written together', async () => {
    const client = await connected();
    client.writes.length = 0;
    const many = Array.from({ length: 8 }, (_, id) =>
      JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params: { name: 'no_such_tool', arguments: {} } }),
    );
    client.input.write(`${many.join('\n')}\n`);
    await client.answerTo(7);
    expect(client.answers()).toHaveLength(8);
    expect(client.writes).toHaveLength(1);
    await client.handle.close();
  });

  it('that are no messages are told and not answered, batches among them', async () => {
    const client = await connected();
    client.input.write('[{"jsonrpc":"2.0","id":5,"method":"ping"}]\n{"id":6}\nnull\n');
    client.send({ id: 7, method: 'ping' });
    await client.answerTo(7);
    expect(client.answers().map(({ id }) => id)).toEqual(['hello', 7]);
    expect(client.errors).toHaveLength(3);
    await client.handle.close();
  });

  it('that never end are not kept: the connection is closed', async () => {
    const client = await connected();
    const piece = Buffer.alloc(1024 * 1024, 'x');
    for (let sent = 0; sent < 11; sent += 1) client.input.write(piece);
    const [error] = await eventually(() => (client.errors.length > 0 ? client.errors : undefined));
    expect(error?.message).toContain('longer than');
    client.call(1, 'repeat_text', { text: 'x' });
    await new Promise((turn) => setTimeout(turn, 20));
    expect(client.answers().map(({ id }) => id)).toEqual(['hello']);
  });

  it('wait for a reader that is slow, and end with one that is gone', async () => {
    let release: () => void = () => {};
    const slow = new Writable({
      highWaterMark: 1,
      write(_chunk, _encoding, done) {
        release = done;
      },
    });
    const transport = new StdioTransport(new PassThrough(), slow);
    const closed = new Promise<void>((resolve) => {
      transport.onclose = resolve;
    });
    await transport.start();
    await transport.send({ jsonrpc: '2.0', method: 'notifications/a' });
    await new Promise((turn) => setImmediate(turn));
    let done = false;
    const second = transport.send({ jsonrpc: '2.0', method: 'notifications/b' }).then(() => {
      done = true;
    });
    await new Promise((turn) => setImmediate(turn));
    expect(done).toBe(false);
    release();
    await eventually(() => {
      release();
      return done ? true : undefined;
    });
    await second;
    slow.destroy(new Error('EPIPE'));
    await closed;
    await expect(transport.send({ jsonrpc: '2.0', method: 'notifications/c' })).rejects.toThrow('closed');
  });
});
