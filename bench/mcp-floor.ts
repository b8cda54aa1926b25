import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, fromJsonSchema, McpServer } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';

/** Made once: the SDK makes a server for every request, and the schemas would be compiled with each. */
const input = fromJsonSchema<{ text: string; times: number }>({
  type: 'object',
  properties: {
    text: { type: 'string', minLength: 1, maxLength: 100 },
    times: { type: 'integer', minimum: 1, maximum: 5 },
  },
  required: ['text', 'times'],
});
const output = fromJsonSchema<{ text: string; note: string | null }>({
  type: 'object',
  properties: { text: { type: 'string' }, note: { type: ['string', 'null'] } },
  required: ['text', 'note'],
});

/**
 * The floor: what the SDK alone costs, with one tool that repeats a text and nothing around it. `serve` prints its address,
 * `stdio` speaks on stdin and stdout.
 */
function factory(): McpServer {
  const server = new McpServer({ name: 'floor', version: '1.0.0' });
  server.registerTool(
    'repeat_text',
    {
      description: 'Repeats a text.',
      inputSchema: input,
      outputSchema: output,
    },
    async ({ text, times }) => {
      const structuredContent = { text: text.repeat(times), note: null };
      return { content: [{ type: 'text', text: JSON.stringify(structuredContent) }], structuredContent };
    },
  );
  return server;
}

if (process.argv[2] === 'stdio') serveStdio(factory);
else {
  const server = createServer(toNodeHandler(createMcpHandler(factory, { legacy: 'stateless' })));
  server.listen(0, '127.0.0.1', () =>
    process.stdout.write(
      `${JSON.stringify({ ready: true, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })}\n`,
    ),
  );
}
