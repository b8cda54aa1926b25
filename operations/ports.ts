import type { CasesPort } from './cases';

/** The services an operation can talk to. Each has its own credential, which goes only to that service's address. */
export type Service = 'panther' | 'gitlab' | 'slack';

export interface HttpRequest {
  service: Service;
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Absolute; the host refuses an origin other than the credential's. */
  url: string;
  headers?: Record<string, string>;
  body?: string;
  timeoutMs: number;
  /** The host stops reading past this many bytes and sets `truncated`. */
  maxBytes?: number;
  /**
   * Ends this request early. Hosts watch this one and not `Ports.signal`, so that a clean-up call after an abort
   * (cancelling a query upstream) can still be made.
   */
  signal?: AbortSignal;
}

export interface HttpResponse {
  /** Any status: hosts never throw for one, and never follow a redirect. */
  status: number;
  /** Lower-case names. */
  headers: Record<string, string>;
  body: string;
  truncated?: boolean;
}

/**
 * What an `http` port throws when no answer arrived. `refused` means that the request certainly did not reach the
 * service (connection refused, unknown host), so even a mutation may be tried again; after `lost` nobody knows.
 */
export class ConnectionError extends Error {
  constructor(
    readonly kind: 'refused' | 'lost' | 'timeout',
    message: string,
  ) {
    super(message);
    this.name = 'ConnectionError';
  }
}

/** Where a service lives and what its owner set as defaults (`group`, `channel_critical`, ...). Never holds a secret. */
export interface Connection {
  /** Without a trailing slash; may have a path (GitLab under a sub-path). */
  baseUrl: string;
  defaults: Record<string, string>;
}

export interface Log {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
}

/** Everything an operation may use from the outside. n8n and the bridge each supply it; operations import no host. */
export interface Ports {
  /** Sends one request with the service's credential attached; no retry, no redirect. Throws ConnectionError. */
  http(request: HttpRequest): Promise<HttpResponse>;
  connection(service: Service): Promise<Connection>;
  /** Resolves after `ms` milliseconds; rejects with CancelledError when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  now(): Date;
  /** Uniform in [0, 1): for jitter only. */
  random(): number;
  log: Log;
  signal: AbortSignal;
  /** For people and MCP clients: what is going on. `total` is undefined while unknown. */
  progress(message: string, done: number, total?: number): void;
  /** The case store; only the bridge has it. */
  cases?: CasesPort;
}
