import type { ServerResponse } from 'node:http';
import type { ServiceHandler } from '../../../sandbox/src/service';

export interface Answer {
  status: number;
  headers: Record<string, string>;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: answers are foreign JSON; each test states what it expects in them
  json: any;
}

/** Asks a stand-in's handler directly, without a socket. */
export async function ask(
  handler: ServiceHandler,
  target: string,
  options: { method?: string; headers?: Record<string, string>; body?: string | Buffer } = {},
): Promise<Answer> {
  const url = new URL(target, 'http://stand-in.test');
  const response = await handler(
    {
      method: options.method ?? (options.body === undefined ? 'GET' : 'POST'),
      path: url.pathname,
      query: url.searchParams,
      headers: { host: 'stand-in.test', ...options.headers },
      body: Buffer.from(options.body ?? ''),
      signal: new AbortController().signal,
    },
    undefined as unknown as ServerResponse,
  );
  if (!response) throw new Error('the handler took over the socket');
  const { body } = response;
  const text =
    typeof body === 'string' ? body : Buffer.isBuffer(body) ? body.toString('utf8') : JSON.stringify(body ?? '');
  const headers = Object.fromEntries(
    Object.entries(response.headers ?? {}).map(([name, value]) => [name, String(value)]),
  );
  return { status: response.status, headers, text, json: JSON.parse(asJson(body, text)) };
}

function asJson(body: unknown, text: string): string {
  return typeof body === 'object' && !Buffer.isBuffer(body) ? text : 'null';
}
