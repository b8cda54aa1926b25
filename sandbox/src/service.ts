import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Duplex, pipeline, Readable } from 'node:stream';
import type { Fault, FaultBoard } from './faults';

/** One request as a stand-in sees it: the raw body is kept, because signatures and form posts need its exact bytes. */
export interface ServiceRequest {
  method: string;
  /** Path with its percent-encoding intact (GitLab ids carry `%2F`), without the query. */
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
  body: Buffer;
  /** Aborts when the caller hangs up. */
  signal: AbortSignal;
}

export interface ServiceResponse {
  status: number;
  headers?: Record<string, string | string[]>;
  /** An object is sent as JSON; a string or buffer as it is; a stream piece by piece; undefined as an empty body. */
  body?: unknown;
}

/** A handler may answer with a response, or take over the socket (server-sent events) and return undefined. */
export type ServiceHandler = (request: ServiceRequest, raw: ServerResponse) => Promise<ServiceResponse | undefined>;

/** Takes over connections that ask to become a web socket. Without it they are refused. */
export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

export interface RunningService {
  name: string;
  /** Origin without a trailing slash, e.g. `http://127.0.0.1:4010`. */
  url: string;
  close(): Promise<void>;
}

const MAX_BODY = 16 * 1024 * 1024;

/**
 * Starts one stand-in on loopback. Faults registered on the board are applied here, on the wire, so that no
 * stand-in carries a test-only path. Port 0 takes any free port. Rejects with the port named when it is taken.
 */
export async function startService(
  name: string,
  port: number,
  handler: ServiceHandler,
  faults: FaultBoard,
  upgrade?: UpgradeHandler,
): Promise<RunningService> {
  const server: Server = createServer((req, res) => {
    serve(name, handler, faults, req, res).catch((error: unknown) => {
      process.stderr.write(`sandbox ${name}: ${error instanceof Error ? error.stack : String(error)}\n`);
      if (!res.headersSent) res.writeHead(500, { 'content-type': 'application/json' });
      res.end(JSON.stringify({ message: 'internal error of the sandbox' }));
    });
  });
  if (upgrade) server.on('upgrade', upgrade);
  server.keepAliveTimeout = 30_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE' ? new Error(`The ${name} stand-in needs port ${port}, which is in use.`) : error,
      );
    });
    server.listen(port, '127.0.0.1', resolve);
  });
  const { port: bound } = server.address() as AddressInfo;
  return {
    name,
    url: `http://127.0.0.1:${bound}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function serve(
  name: string,
  handler: ServiceHandler,
  faults: FaultBoard,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY) {
      res.writeHead(413).end();
      return;
    }
    chunks.push(chunk);
  }
  const abort = new AbortController();
  res.on('close', () => abort.abort());
  const url = new URL(req.url ?? '/', 'http://sandbox');
  const request: ServiceRequest = {
    method: req.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    headers: req.headers,
    body: Buffer.concat(chunks),
    signal: abort.signal,
  };
  const fault = faults.take(name, request);
  if (fault?.delayMs) await new Promise((resolve) => setTimeout(resolve, fault.delayMs));
  if (fault?.reset === 'before') {
    req.socket.destroy();
    return;
  }
  const response = isAnswer(fault)
    ? { status: fault.status, headers: fault.headers, body: fault.body }
    : await handler(request, res);
  if (fault?.reset === 'after') {
    req.socket.destroy();
    return;
  }
  if (response) send(res, response);
}

function isAnswer(fault: Fault | undefined): fault is Fault & { status: number } {
  return fault?.status !== undefined;
}

function send(res: ServerResponse, response: ServiceResponse): void {
  const { body } = response;
  const headers: Record<string, string | string[]> = { ...response.headers };
  if (body instanceof Readable) {
    res.writeHead(response.status, headers);
    // A caller that hangs up ends the making of the rest.
    pipeline(body, res, () => {});
    return;
  }
  let payload: string | Buffer | undefined;
  if (typeof body === 'string' || Buffer.isBuffer(body)) payload = body;
  else if (body !== undefined) {
    payload = JSON.stringify(body);
    headers['content-type'] ??= 'application/json; charset=utf-8';
  }
  res.writeHead(response.status, headers);
  res.end(payload);
}
