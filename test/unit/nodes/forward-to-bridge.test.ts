import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { type CallToolResult, createMcpHandler, fromJsonSchema, McpServer } from '@modelcontextprotocol/server';
import { forwardToBridge } from '../../../nodes-host/forward-to-bridge';
import { toolCall } from '../../../nodes-host/mcp-message';
import { n8nPorts } from '../../../nodes-host/n8n-ports';
import { runItems } from '../../../nodes-host/run-items';
import { wholeResults } from '../../../operations/whole-results';
import { type Execution, execution } from './execution';
import { openSampleCase, sampleOperations } from './sample-operations';

const token = 'simulated-bridge-token';
type ToolHandler = (name: string, input: Record<string, unknown>) => CallToolResult | Promise<CallToolResult>;

/** A real MCP server with the sample tools, behind a token; `refuse` answers in its place. */
class Bridge {
  calls: { name: string; input: Record<string, unknown>; headers: IncomingMessage['headers'] }[] = [];
  refuse: (request: IncomingMessage, response: ServerResponse) => boolean = () => false;
  private server: Server | undefined;

  constructor(
    private answer: ToolHandler,
    private port = 0,
  ) {}

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async start(): Promise<this> {
    const mcp = toNodeHandler(createMcpHandler(() => this.toServer(), { legacy: 'stateless' }));
    const server = createServer((request, response) => {
      this.calls.push({ name: String(request.headers['mcp-name']), input: {}, headers: request.headers });
      if (this.refuse(request, response)) return;
      if (request.headers.authorization !== `Bearer ${token}`) return response.writeHead(401).end();
      if (request.url !== '/mcp') return response.writeHead(404).end('not here');
      return mcp(request, response);
    });
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve));
    this.port = (server.address() as AddressInfo).port;
    this.server = server;
    return this;
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.server?.close(resolve));
    this.server?.closeAllConnections();
    await closed;
  }

  private toServer(): McpServer {
    const server = new McpServer({ name: 'bridge', version: '0' }, { capabilities: { tools: {} } });
    for (const { name } of sampleOperations) {
      const open = fromJsonSchema<Record<string, unknown>>({ type: 'object' });
      server.registerTool(name, { inputSchema: open, outputSchema: open }, async (input) => {
        const call = this.calls.at(-1);
        if (call !== undefined) call.input = input;
        return this.answer(name, input);
      });
    }
    return server;
  }
}

const opened = (title: unknown): CallToolResult => ({
  content: [{ type: 'text', text: 'opened' }],
  structuredContent: { case_id: `case-for-${String(title)}`, created: true },
});

const openCase = (bridge: Bridge, operation = 'openSampleCase', titles = ['one']): Execution =>
  execution({
    items: titles.map((title) => ({ json: { title } })),
    parameters: { resource: 'case', operation, title: (json: { title?: unknown }) => json.title },
    credentials: { socBridgeApi: { url: `${bridge.url}/mcp`, token } },
  });
const run = ({ context }: Execution) => runItems(context, 'investigation', false, sampleOperations);

describe('an operation that runs on the bridge', () => {
  let bridge: Bridge;
  let answer: ToolHandler;
  beforeEach(async () => {
    answer = (_, { title }) => opened(title);
    bridge = await new Bridge((name, input) => answer(name, input)).start();
  });
  afterEach(() => bridge.stop());

  it('is one POST with the item as arguments, and gives the structured content', async () => {
    expect(await run(openCase(bridge, 'openSampleCase', ['one', 'two']))).toEqual([
      { json: { case_id: 'case-for-one', created: true }, pairedItem: { item: 0 } },
      { json: { case_id: 'case-for-two', created: true }, pairedItem: { item: 1 } },
    ]);
    expect(bridge.calls).toHaveLength(2);
    expect(bridge.calls[0]).toMatchObject({
      name: 'open_sample_case',
      input: { title: 'one' },
      headers: { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': 'open_sample_case' },
    });
  });

  it('reads an answer that comes as an event stream', async () => {
    bridge.refuse = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('event: message\ndata: {"jsonrpc":"2.0","method":"notifications/progress","params":{}}\n\n');
      response.end(
        'event: message\r\ndata: {"jsonrpc":"2.0","id":1,"result":{"content":[],\r\ndata: "structuredContent":{"case_id":"c","created":false}}}\r\n\r\n',
      );
      return true;
    };
    expect(await run(openCase(bridge))).toMatchObject([{ json: { case_id: 'c', created: false } }]);
  });

  it('goes there by its input, when what could run here is for a case', async () => {
    answer = (_, input) => ({
      content: [],
      structuredContent: { record_id: 'r', found: 'there', case_id: String(input.case_id) },
    });
    const { context } = execution({
      items: [{ json: {} }],
      parameters: { operation: 'lookUpRecord', recordId: 'r', options: { caseId: 'case-7' } },
      credentials: {
        socBridgeApi: { url: bridge.url, token },
        gitLabSocApi: { url: 'http://127.0.0.1:9', accessToken: 'unused' },
      },
    });
    expect(await runItems(context, 'investigation', false, sampleOperations)).toMatchObject([
      { json: { case_id: 'case-7' } },
    ]);
    expect(bridge.calls[0]?.input).toEqual({ record_id: 'r', case_id: 'case-7' });
  });

  it('goes there when only the bridge has the credential of the service', async () => {
    answer = () => ({ content: [], structuredContent: { record_id: 'r', found: 'there', case_id: null } });
    const { context } = execution({
      items: [{ json: {} }],
      parameters: { operation: 'lookUpRecord', recordId: 'r' },
      credentials: { socBridgeApi: { url: bridge.url, token } },
    });
    expect(await runItems(context, 'investigation', false, sampleOperations)).toMatchObject([
      { json: { found: 'there' } },
    ]);
  });

  it('fails with the error that it ended with there', async () => {
    answer = () => ({
      isError: true,
      content: [
        { type: 'text', text: 'conflict: The case is closed.\nOpen a new one.\n{"case_id":"case-1","version":3}' },
      ],
    });
    await expect(run(openCase(bridge))).rejects.toMatchObject({
      message: 'The case is closed.\nOpen a new one.',
      context: { data: { code: 'conflict', case_id: 'case-1', version: 3 }, itemIndex: 0 },
    });
  });

  it.each([
    ['an unknown kind of error', 'Something odd', 'bad_response', /could not run open_sample_case: Something odd/],
    ['an error without details', 'timeout: Not in time.', 'timeout', /^Not in time\.$/],
    ['details that are none', 'timeout: Not in time.\n{"a":', 'timeout', /^Not in time\.\n\{"a":$/],
  ])('understands %s', async (_, text, code, message) => {
    answer = () => ({ isError: true, content: [{ type: 'text', text }] });
    await expect(run(openCase(bridge))).rejects.toMatchObject({
      message: expect.stringMatching(message),
      context: { data: { code } },
    });
  });

  it('refuses a result of another shape, and says what to check', async () => {
    answer = () => ({ content: [], structuredContent: { case_id: 5 } });
    await expect(run(openCase(bridge))).rejects.toMatchObject({
      message: expect.stringMatching(/does not fit at case_id .* same version/),
      context: { data: { code: 'bad_response' } },
    });
  });

  it('says which token to check', async () => {
    const { context } = execution({
      items: [{ json: {} }],
      parameters: { operation: 'openSampleCase', title: 'one' },
      credentials: { socBridgeApi: { url: bridge.url, token: 'another' } },
    });
    await expect(runItems(context, 'investigation', false, sampleOperations)).rejects.toMatchObject({
      message: expect.stringMatching(/did not accept the credential\. Check the token/),
      context: { data: { code: 'unauthenticated' } },
    });
  });

  it('passes on why the bridge refused the request', async () => {
    bridge.refuse = (_, response) => {
      response.writeHead(403, { 'content-type': 'application/json' });
      response.end('{"code":"missing_permission","message":"The host name is not one of this bridge\'s."}');
      return true;
    };
    await expect(run(openCase(bridge))).rejects.toMatchObject({
      message: "The SOC bridge refused the call: The host name is not one of this bridge's.",
      context: { data: { code: 'missing_permission', status: 403 } },
    });
  });

  it.each([
    ['the bridge says which', { data: { tool: 'open_sample_case', scope: 'cases:write' } }, undefined, 'cases:write'],
    ['only a challenge says which', {}, 'Bearer error="insufficient_scope", scope="cases:write"', 'cases:write'],
    ['nobody says which', { data: 'none' }, undefined, undefined],
  ])('a scope that is missing is a missing permission, when %s', async (_what, more, challenge, scope) => {
    bridge.refuse = (_, response) => {
      const headers = challenge === undefined ? {} : { 'www-authenticate': challenge };
      response.writeHead(403, { 'content-type': 'application/json', ...headers });
      response.end(
        JSON.stringify({ jsonrpc: '2.0', id: 1, error: { code: -32600, message: 'needs a scope', ...more } }),
      );
      return true;
    };
    await expect(run(openCase(bridge))).rejects.toMatchObject({
      message: expect.stringContaining(scope === undefined ? 'needs a scope' : `lacks the scope ${scope}`),
      context: { data: { code: 'missing_permission', tool: 'open_sample_case', ...(scope && { scope }) } },
    });
    expect(bridge.calls).toHaveLength(1);
  });

  it('asks for whole results, however long', () => {
    expect(JSON.parse(toolCall('open_sample_case', {}).body)).toMatchObject({
      params: { _meta: { [wholeResults.name]: wholeResults.value } },
    });
  });

  it('tells a tool that the bridge does not offer', async () => {
    const [sample] = sampleOperations.filter(({ name }) => name === 'open_sample_case');
    const other = { ...sample, name: 'denied_tool' } as (typeof sampleOperations)[number];
    const { context } = execution({
      items: [{ json: {} }],
      parameters: { operation: 'deniedTool', title: 'one' },
      credentials: { socBridgeApi: { url: bridge.url, token } },
    });
    await expect(runItems(context, 'investigation', false, [other])).rejects.toMatchObject({
      message: expect.stringMatching(/does not offer denied_tool/),
      context: { data: { code: 'not_found_or_no_access', tool: 'denied_tool' } },
    });
  });

  it('says so when something else answers at the address', async () => {
    bridge.refuse = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>welcome</html>');
      return true;
    };
    await expect(run(openCase(bridge))).rejects.toMatchObject({
      message: expect.stringMatching(/without an MCP result .* check the address/),
    });
  });
});

describe('while the bridge restarts', () => {
  it('gives up after a minute, and says that no connection could be made', async () => {
    const bridge = await new Bridge((_, { title }) => opened(title)).start();
    await bridge.stop();
    const { context } = openCase(bridge);
    let now = Date.parse('2026-01-01T00:00:00Z');
    const waits: number[] = [];
    const ports = {
      ...n8nPorts(context),
      now: () => new Date(now),
      random: () => 0.99,
      sleep: async (ms: number) => {
        waits.push(ms);
        now += ms;
      },
    };
    await expect(forwardToBridge(context, ports, openSampleCase, { title: 'one' })).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/no connection could be made/),
    });
    const waited = waits.reduce((sum, ms) => sum + ms, 0);
    expect(waited).toBeGreaterThan(50_000);
    expect(waited).toBeLessThanOrEqual(60_000);
    expect(Math.max(...waits)).toBeLessThanOrEqual(5_000);
  });

  it('a call waits for it and loses nothing', async () => {
    const bridge = await new Bridge((_, { title }) => opened(title)).start();
    await bridge.stop();
    const running = run(openCase(bridge, 'appendSampleNote'));
    await new Promise((resolve) => setTimeout(resolve, 300));
    await bridge.start();
    expect(await running).toMatchObject([{ json: { case_id: 'case-for-one' } }]);
    expect(bridge.calls).toHaveLength(1);
    await bridge.stop();
  });

  it.each([
    ['a connection lost on the way', (response: ServerResponse) => response.destroy()],
    ['a proxy that has nobody behind it', (response: ServerResponse) => response.writeHead(502).end()],
    [
      'a bridge that ends its calls as it stops',
      (response: ServerResponse) =>
        response
          .writeHead(200, { 'content-type': 'application/json' })
          .end(
            '{"jsonrpc":"2.0","id":1,"result":{"isError":true,"content":[{"type":"text","text":"cancelled: The call was cancelled by the caller."}]}}',
          ),
    ],
  ])('%s: an idempotent call is repeated, another one is not', async (_, breakOff) => {
    const bridge = await new Bridge((_name, { title }) => opened(title)).start();
    const onceAway = () => {
      let first = true;
      bridge.calls = [];
      bridge.refuse = (_request, response) => {
        if (!first) return false;
        first = false;
        breakOff(response);
        return true;
      };
    };
    onceAway();
    expect(await run(openCase(bridge))).toMatchObject([{ json: { created: true } }]);
    expect(bridge.calls).toHaveLength(2);

    onceAway();
    await expect(run(openCase(bridge, 'appendSampleNote'))).rejects.toMatchObject({
      context: { data: { code: 'unavailable' } },
    });
    expect(bridge.calls).toHaveLength(1);
    await bridge.stop();
  });
});
