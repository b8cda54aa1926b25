import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, type McpServerFactory } from '@modelcontextprotocol/server';
import { type ErrorCode, OperationError, toErrorShape } from '../../../operations/errors';
import { cleanLine } from '../../../operations/text';
import type { Host } from '../hosting/host';
import type { Logger } from '../hosting/logging';
import { answerCase } from './case-pages';
import { answerJson, TooLargeError } from './exchange';
import { Guard } from './guard';
import type { Intake } from './intake';

const maxMcpBytes = 4 * 1024 * 1024;

const statusOf: Record<ErrorCode, number> = {
  invalid_input: 400,
  unauthenticated: 502,
  missing_permission: 502,
  not_found_or_no_access: 404,
  rate_limited: 503,
  query_failed: 502,
  timeout: 504,
  conflict: 409,
  unavailable: 503,
  bad_response: 502,
  cancelled: 499,
};

export interface HttpServerParts {
  host: Host;
  factory: McpServerFactory;
  intake: Intake;
  logger: Logger;
}

/** The bridge over HTTP: `/mcp`, `/alerts`, `/cases/...`, `/healthz`. */
export class HttpServer {
  private readonly guard: Guard;
  private readonly mcp: ReturnType<typeof createMcpHandler>;
  private readonly server: Server;

  constructor(private readonly parts: HttpServerParts) {
    const { logger } = parts;
    const onerror = (error: Error) => logger.debug({ err: error }, 'mcp request refused');
    this.guard = new Guard(parts.host.config);
    this.mcp = createMcpHandler(parts.factory, { legacy: 'stateless', maxRequestBodySize: maxMcpBytes, onerror });
    const toMcp = toNodeHandler(this.mcp, { maxRequestBodySize: maxMcpBytes, onerror });
    this.server = createServer((request, response) => {
      this.route(request, response, toMcp).catch((error: unknown) => this.fail(request, response, error));
    });
    // Longer than the 60 s that proxies keep idle connections, so that none is closed while a request is on its way.
    this.server.keepAliveTimeout = 65_000;
    this.server.headersTimeout = 66_000;
    this.server.requestTimeout = 120_000;
  }

  /** Resolves to the address once connections are accepted. Rejects with the system's error, e.g. EADDRINUSE. */
  async listen(): Promise<string> {
    const { host, port } = this.parts.host.config;
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, host, resolve);
    });
    const address = this.server.address() as AddressInfo;
    return `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`;
  }

  /** Accepts nothing new, ends open MCP exchanges, and resolves when the connections are closed. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    await this.mcp.close();
    this.server.closeIdleConnections();
    const hard = setTimeout(() => this.server.closeAllConnections(), 2000);
    await closed;
    clearTimeout(hard);
  }

  private async route(
    request: IncomingMessage,
    response: ServerResponse,
    toMcp: ReturnType<typeof toNodeHandler>,
  ): Promise<void> {
    const path = (request.url ?? '/').replace(/[?#].*$/, '');
    if (path === '/healthz') return this.health(request, response);
    const refusal = this.guard.refuse(request);
    if (refusal !== undefined) {
      const { status, code, message, headers } = refusal;
      this.parts.logger.warn({ status, path: cleanLine(path, 100), from: request.socket.remoteAddress }, 'refused');
      return answerJson(response, status, { code, message }, { ...headers, connection: 'close' });
    }
    if (path === '/mcp') return toMcp(request, response);
    if (path === '/alerts') {
      if (!allow(request, response, ['POST'])) return;
      return this.parts.intake.handle(request, response);
    }
    const [, id, part] = /^\/cases\/([A-Za-z0-9-]{1,64})(?:\/(report))?$/.exec(path) ?? [];
    if (id !== undefined) {
      if (!allow(request, response, ['GET', 'HEAD'])) return;
      return answerCase(this.parts.host.store, response, id, part === undefined ? 'record' : 'report');
    }
    answerJson(response, 404, {
      code: 'not_found_or_no_access',
      message: 'Nothing is here. The bridge has /mcp, /alerts, /cases/<id>, /cases/<id>/report and /healthz.',
    });
  }

  /** Only whether the bridge works: an unauthenticated caller learns nothing else. */
  private async health(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!allow(request, response, ['GET', 'HEAD'])) return;
    const ok = await this.parts.host.store.database.alive();
    answerJson(response, ok ? 200 : 503, { ok });
  }

  private fail(request: IncomingMessage, response: ServerResponse, error: unknown): void {
    if (response.headersSent) {
      response.destroy();
      return;
    }
    const close = { connection: 'close' };
    const shape = toErrorShape(error);
    if (error instanceof TooLargeError) {
      answerJson(response, 413, { code: shape.code, message: shape.message, field: 'body' }, close);
      return;
    }
    const ours = error instanceof OperationError;
    const errorId = randomUUID();
    if (!ours) this.parts.logger.error({ err: error, error_id: errorId, method: request.method }, 'request failed');
    answerJson(response, ours ? statusOf[error.code] : 500, {
      code: shape.code,
      message: shape.message,
      ...(ours ? { details: shape.details } : { error_id: errorId }),
    });
  }
}

function allow(request: IncomingMessage, response: ServerResponse, methods: string[]): boolean {
  if (methods.includes(request.method ?? '')) return true;
  answerJson(
    response,
    405,
    { code: 'invalid_input', message: `method: use ${methods.join(' or ')}` },
    { allow: methods.join(', '), connection: 'close' },
  );
  return false;
}
