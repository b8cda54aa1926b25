import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isLoopback } from '../config';
import type { Logger } from '../hosting/logging';
import type { Metrics, StoreFigures } from './metrics';

/** Several scrapers, or one in a hurry, do not make the store count again and again. */
const figuresTtlMs = 5000;
const figuresWithinMs = 2000;

export interface MetricsServerParts {
  metrics: Metrics;
  host: string;
  port: number;
  /** Reads the store; may reject. */
  figures: () => Promise<StoreFigures>;
  logger: Logger;
}

/**
 * `GET /metrics` on a port of its own, so that what counts calls is never reached by who makes them. On loopback only a
 * request that names loopback is answered: a web page of somebody else can be made to resolve here.
 */
export class MetricsServer {
  private readonly server: Server;
  private readUntil = 0;
  private reading: Promise<void> | undefined;

  constructor(private readonly parts: MetricsServerParts) {
    this.server = createServer((request, response) => {
      this.answer(request, response).catch((error: unknown) => {
        parts.logger.error({ err: error }, 'metrics not served');
        if (!response.headersSent) response.writeHead(500);
        response.end();
      });
    });
    this.server.requestTimeout = 10_000;
    this.server.headersTimeout = 10_000;
    this.server.maxConnections = 16;
  }

  /** Resolves to the address. Rejects with the system's error. */
  async listen(): Promise<string> {
    const { host, port } = this.parts;
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, host, resolve);
    });
    const { address, family, port: got } = this.server.address() as AddressInfo;
    return `http://${family === 'IPv6' ? `[${address}]` : address}:${got}/metrics`;
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeAllConnections();
    await closed;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const name = (request.headers.host ?? '')
      .replace(/:\d+$/, '')
      .replace(/^\[|\]$/g, '')
      .toLowerCase();
    if (isLoopback(this.parts.host) && !isLoopback(name)) return refuse(response, 403);
    if ((request.url ?? '').replace(/\?.*$/, '') !== '/metrics') return refuse(response, 404);
    if (request.method !== 'GET') return refuse(response, 405);
    await this.refresh();
    const { registry } = this.parts.metrics;
    const text = await registry.metrics();
    response.writeHead(200, { 'content-type': registry.contentType, 'cache-control': 'no-store' });
    response.end(text);
  }

  private async refresh(): Promise<void> {
    if (Date.now() < this.readUntil) return;
    this.reading ??= this.read().finally(() => {
      this.reading = undefined;
    });
    await this.reading;
  }

  /** A store that hangs does not make the process look dead: what is counted in memory is served all the same. */
  private async read(): Promise<void> {
    const { metrics, figures, logger } = this.parts;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), figuresWithinMs);
    });
    const read = figures().catch((error: unknown) => {
      logger.warn({ err: error }, 'the case store could not be counted');
      return undefined;
    });
    metrics.store(await Promise.race([read, late]));
    clearTimeout(timer);
    this.readUntil = Date.now() + figuresTtlMs;
  }
}

function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status, { connection: 'close' });
  response.end();
}
