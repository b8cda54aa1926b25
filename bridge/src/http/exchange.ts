import type { IncomingMessage, ServerResponse } from 'node:http';
import { InvalidInputError } from '../../../operations/errors';

/** Writes one complete answer. Nothing the bridge serves may be cached, sniffed or framed. */
export function answer(
  response: ServerResponse,
  status: number,
  contentType: string,
  body: string,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, {
    'content-type': contentType,
    'content-length': String(Buffer.byteLength(body)),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...headers,
  });
  response.end(body);
}

export function answerJson(
  response: ServerResponse,
  status: number,
  value: unknown,
  headers: Record<string, string> = {},
): void {
  answer(response, status, 'application/json; charset=utf-8', JSON.stringify(value), headers);
}

/** The body was larger than allowed; the connection has to be closed, because the rest was not read. */
export class TooLargeError extends InvalidInputError {
  constructor(maxBytes: number) {
    super('body', `larger than ${maxBytes} bytes`);
  }
}

/** The whole body as text. Throws TooLargeError as soon as it is too large. */
export async function readText(request: IncomingMessage, maxBytes: number): Promise<string> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw new TooLargeError(maxBytes);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) throw new TooLargeError(maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
