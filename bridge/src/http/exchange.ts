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
  return (await readBytes(request, maxBytes)).toString('utf8');
}

/** Bodies that a signature was checked over: they are read once, and what was checked is what is used. */
const checked = new WeakMap<IncomingMessage, Buffer>();

/** The whole body, byte for byte. Throws TooLargeError as soon as it is too large. */
export async function readBytes(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const known = checked.get(request);
  if (known !== undefined) {
    if (known.length > maxBytes) throw new TooLargeError(maxBytes);
    return known;
  }
  const body = await receive(request, maxBytes);
  checked.set(request, body);
  return body;
}

function receive(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    if (Number(request.headers['content-length'] ?? 0) > maxBytes) return reject(new TooLargeError(maxBytes));
    const cutOff = new Error('the connection closed before the whole body was there');
    if (request.destroyed) return reject(cutOff);
    const chunks: Buffer[] = [];
    let size = 0;
    const settle = (end: () => void): void => {
      request.off('data', take).off('end', whole).off('error', broken).off('close', gone);
      end();
    };
    const take = (chunk: Buffer): void => {
      size += chunk.length;
      chunks.push(chunk);
      if (size <= maxBytes) return;
      request.pause();
      settle(() => reject(new TooLargeError(maxBytes)));
    };
    const whole = (): void =>
      settle(() => resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)));
    const broken = (error: Error): void => settle(() => reject(error));
    const gone = (): void => settle(() => reject(cutOff));
    request.on('data', take).on('end', whole).on('error', broken).on('close', gone);
  });
}
