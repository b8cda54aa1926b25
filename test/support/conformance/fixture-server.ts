import { randomBytes, randomUUID } from 'node:crypto';
import {
  createMcpHandler,
  createRequestStateCodec,
  inputRequired,
  isInitializeRequest,
  isLegacyRequest,
  type McpHttpHandler,
  ProtocolError,
  ProtocolErrorCode,
  ResourceNotFoundError,
  Server,
  type ServerNotifier,
  type Tool,
  WebStandardStreamableHTTPServerTransport,
} from '@modelcontextprotocol/server';
import { promptFixture, promptList, readFixture, resourceList, schema202012, templateList } from './fixture-content';
import { fixtureTools } from './fixture-tools';

const codec = createRequestStateCodec({ key: randomBytes(32), ttlSeconds: 600 });
const hint = { ttlMs: 1000, cacheScope: 'private' } as const;

const argumentsOf: Record<string, Tool['inputSchema']> = {
  json_schema_2020_12_tool: schema202012,
  test_sampling: { type: 'object', properties: { prompt: { type: 'string' } }, required: ['prompt'] },
  test_elicitation: { type: 'object', properties: { message: { type: 'string' } }, required: ['message'] },
};
const tools: Tool[] = Object.keys(fixtureTools).map((name) => ({
  name,
  description: `Fixture of the conformance suite: ${name}`,
  inputSchema: argumentsOf[name] ?? { type: 'object', properties: {} },
}));

/** A server with everything that the official suite calls. */
function fixtureServer(notify?: ServerNotifier): Server {
  const server = new Server(
    { name: 'soc-bridge-conformance', version: '0.0.0-test' },
    {
      capabilities: {
        tools: { listChanged: true },
        resources: { subscribe: true, listChanged: true },
        prompts: { listChanged: true },
        logging: {},
        completions: {},
      },
      requestState: { verify: codec.verify },
      cacheHints: {
        'tools/list': hint,
        'resources/list': hint,
        'resources/templates/list': hint,
        'resources/read': hint,
        'prompts/list': hint,
      },
    },
  );
  server.setRequestHandler('tools/list', () => ({ tools }));
  server.setRequestHandler('tools/call', ({ params }, { mcpReq, http }) => {
    const fixture = fixtureTools[params.name];
    if (fixture === undefined)
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Tool ${params.name} not found`);
    return fixture(params.arguments ?? {}, { request: mcpReq, closeStream: http?.closeSSE, codec, notify });
  });
  server.setRequestHandler('resources/list', () => ({ resources: resourceList }));
  server.setRequestHandler('resources/templates/list', () => ({ resourceTemplates: templateList }));
  server.setRequestHandler('resources/read', ({ params }) => {
    const found = readFixture(params.uri);
    if (found === undefined) throw new ResourceNotFoundError(params.uri);
    return found;
  });
  server.setRequestHandler('resources/subscribe', () => ({}));
  server.setRequestHandler('resources/unsubscribe', () => ({}));
  server.setRequestHandler('prompts/list', () => ({ prompts: promptList }));
  server.setRequestHandler('prompts/get', ({ params }, { mcpReq }) => {
    if (params.name === 'test_input_required_result_prompt') {
      if (mcpReq.inputResponses?.user_context !== undefined) {
        return { messages: [{ role: 'user', content: { type: 'text', text: 'With your context' } }] };
      }
      const requestedSchema = {
        type: 'object' as const,
        properties: { context: { type: 'string' as const } },
        required: ['context'],
      };
      const message = 'What context should the prompt use?';
      return inputRequired({ inputRequests: { user_context: inputRequired.elicit({ message, requestedSchema }) } });
    }
    const found = promptFixture(params.name, params.arguments ?? {});
    if (found === undefined)
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Prompt ${params.name} not found`);
    return found;
  });
  server.setRequestHandler('completion/complete', () => ({
    completion: { values: ['paris', 'park'], total: 2, hasMore: false },
  }));
  server.setRequestHandler('logging/setLevel', () => ({}));
  return server;
}

/**
 * What the suite needs of a server that the bridge is not: sampling and elicitation of the era of 2025 need a session, which
 * the bridge's own handler does not have. It stands behind the bridge's own door.
 */
export function fixtureHandler(): Pick<McpHttpHandler, 'fetch' | 'close'> {
  const modern: McpHttpHandler = createMcpHandler(() => fixtureServer(modern.notify), { legacy: 'reject' });
  const sessions = new Map<string, WebStandardStreamableHTTPServerTransport>();

  async function session(
    request: Request,
    body: unknown,
  ): Promise<WebStandardStreamableHTTPServerTransport | undefined> {
    const known = sessions.get(request.headers.get('mcp-session-id') ?? '');
    if (known !== undefined || !isInitializeRequest(body)) return known;
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => void sessions.set(id, transport),
      onsessionclosed: (id) => void sessions.delete(id),
    });
    await fixtureServer().connect(transport);
    return transport;
  }

  return {
    fetch: async (request, options) => {
      if (!(await isLegacyRequest(request, options?.parsedBody))) return modern.fetch(request, options);
      const transport = await session(request, options?.parsedBody);
      if (transport === undefined) return new Response('no session', { status: 400 });
      return transport.handleRequest(request, options);
    },
    close: async () => {
      await modern.close();
      await Promise.all([...sessions.values()].map((transport) => transport.close()));
    },
  };
}
