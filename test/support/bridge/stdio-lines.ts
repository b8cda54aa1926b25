import { createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { DirectCalls } from '../../../bridge/src/mcp/direct-calls';
import type { ToolServer } from '../../../bridge/src/mcp/server-factory';
import { StdioTransport } from '../../../bridge/src/mcp/stdio-transport';

export type Revision = '2025-11-25' | '2026-07-28';

export interface StdioLines {
  /** The answer to one request, whole. */
  request(method: string, params: Record<string, unknown>): Promise<{ result?: unknown; error?: unknown }>;
  close(): Promise<void>;
}

/** A connection on stdio inside this process, line by line as a client of the revision writes them. */
export async function stdioLines(tools: ToolServer, revision: Revision): Promise<StdioLines> {
  const [toServer, toClient] = [new PassThrough(), new PassThrough()];
  const calls = new DirectCalls(tools.callLocally, (json) => wire.write(json));
  const wire: StdioTransport = new StdioTransport(toServer, toClient, calls);
  const handle = serveStdio(calls.watch(tools.factory), { transport: wire });
  const waiting = new Map<number, (answer: { result?: unknown; error?: unknown }) => void>();
  createInterface({ input: toClient }).on('line', (line) => {
    const message = JSON.parse(line) as { id?: number; result?: unknown; error?: unknown };
    if (message.id !== undefined) waiting.get(message.id)?.(message);
  });
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': revision,
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  let last = 0;
  const request: StdioLines['request'] = (method, params) =>
    new Promise((resolve) => {
      last += 1;
      waiting.set(last, resolve);
      const all = revision === '2026-07-28' ? { ...params, _meta } : params;
      toServer.write(`${JSON.stringify({ jsonrpc: '2.0', id: last, method, params: all })}\n`);
    });
  if (revision === '2025-11-25') {
    await request('initialize', {
      protocolVersion: revision,
      capabilities: {},
      clientInfo: { name: 'test', version: '1' },
    });
    toServer.write('{"jsonrpc":"2.0","method":"notifications/initialized"}\n');
  }
  return {
    request,
    close: async () => {
      await handle.close();
      toServer.end();
      toClient.end();
    },
  };
}
