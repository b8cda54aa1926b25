import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** What the protocol itself reads. A credential goes no further than the check of it. */
const protocolHeader = /^(?:accept|content-type|last-event-id|mcp-.*)$/;

/** A Node request as the web's `Request`, without its body: that was read and checked already. */
export function toWebRequest(request: IncomingMessage, signal: AbortSignal): Request {
  const headers = new Headers();
  const { rawHeaders } = request;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] ?? '').toLowerCase();
    if (protocolHeader.test(name)) headers.append(name, rawHeaders[at + 1] ?? '');
  }
  return new Request(`http://${request.headers.host ?? 'localhost'}${request.url ?? '/'}`, {
    method: request.method,
    headers,
    signal,
  });
}

/** Told to a response that was answered in the place of its handler, because that took too long. */
export const tooLate = Symbol('too late');

/** Aborts when the client goes away before it was answered, or was told not to wait any longer. */
export function abortOnClose(response: ServerResponse): AbortSignal {
  const gone = new AbortController();
  response.once(tooLate, () => gone.abort());
  response.once('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  if (response.destroyed) gone.abort();
  return gone.signal;
}

/** How long a client may leave what was sent unread while a stream goes on. */
const takeMs = 60_000;

/** Writes a web `Response` out, an event stream as it comes. Ends early when the client goes away, or does not read. */
export async function sendWebResponse(
  web: Response,
  response: ServerResponse,
  signal: AbortSignal,
  readMs = takeMs,
): Promise<void> {
  const headers: Record<string, string> = { 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' };
  // Whether the connection is kept is between the client and this server; the SDK would always keep it.
  for (const [name, value] of web.headers) if (name !== 'connection') headers[name] = value;
  if (web.body === null) {
    response.writeHead(web.status, headers).end();
    return;
  }
  if (!(headers['content-type'] ?? '').startsWith('text/event-stream')) {
    const body = Buffer.from(await web.arrayBuffer());
    response.writeHead(web.status, { ...headers, 'content-length': String(body.length) }).end(body);
    return;
  }
  response.writeHead(web.status, headers);
  const reader = web.body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done || signal.aborted) break;
      if (!response.write(value)) {
        await once(response, 'drain', { signal: AbortSignal.any([signal, AbortSignal.timeout(readMs)]) });
      }
    }
  } catch (error) {
    if (!signal.aborted && (error as Error).name !== 'AbortError') throw error;
    // Whoever does not read gets no proper end either.
    response.destroy();
    return;
  } finally {
    // Nothing to a stream that was read to its end.
    await reader.cancel().catch(() => {});
  }
  response.end();
}
