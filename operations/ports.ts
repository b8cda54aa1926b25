import type { HuntSchedulePort } from './analytics/schedule/hunt-schedule-port';
import type { ApprovalsPort } from './approvals';
import type { CasesPort } from './cases';
import type { PackagesPort } from './compliance/packages-port';
import type { EscalationsPort } from './escalations';
import type { ResponsePort } from './response/response-port';

/** The services an operation can talk to. Each has its own credential, which goes only to that service's address. */
export type Service = 'panther' | 'gitlab' | 'slack' | 'okta';

export interface HttpRequest {
  service: Service;
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Absolute; the host refuses an origin other than the credential's. */
  url: string;
  headers?: Record<string, string>;
  body?: string;
  /**
   * Sent without the credential, to an address that the service gave and that is the permission itself: for an upload, or
   * to answer a click. The host takes it only where `isUploadAddress` does.
   */
  upload?: true;
  timeoutMs: number;
  /** The host keeps at most this many bytes of the body and sets `truncated` when there are more. */
  maxBytes?: number;
  /**
   * Which part of a longer body is kept; its beginning unless given. For its end the host reads all of it, with no more
   * than `maxBytes` in memory.
   */
  keep?: 'start' | 'end';
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
  /** Bytes of the whole body, when the host read to its end. */
  totalBytes?: number;
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
  /**
   * Names the credential without telling it: the same address and secret give the same text, others another one. Supplied
   * by the host, which alone knows the secret. Without it nothing may be remembered from one call to the next.
   */
  account?: string;
}

/** A query that was started, or is being started, for somebody. */
export interface RememberedQuery {
  /** Panther's id; null from the moment a worker sets out to start the query until Panther has told the id. */
  query_id: string | null;
  /** When that worker set out, ISO 8601 by the clock of the host. */
  started_at: string;
}

/**
 * What the host remembers of queries, so that a call which comes again (after a crash, from a client that gave up, or
 * with the same question) finds the query that runs or has run instead of paying for another one. Keys are opaque, and
 * differ by account. An entry is a hint and no truth: whoever uses one asks Panther first. Entries expire after a few
 * hours. A host without one has every query started anew.
 */
export interface QueryMemory {
  /** Whether entries outlive the process. */
  readonly durable: boolean;
  find(key: string): Promise<RememberedQuery | undefined>;
  /** Stores an entry without an id where the key has none, in one step. False when the key has an entry. */
  claim(key: string, startedAt: string): Promise<boolean>;
  /** Stores an entry, whatever the key had. */
  remember(key: string, query: RememberedQuery): Promise<void>;
  /** Removes the entry if it still is this one. */
  forget(key: string, query: RememberedQuery): Promise<void>;
}

/** One question to a language model. Both texts are ours; what is quoted in them is marked as data. */
export interface ModelQuestion {
  system: string;
  user: string;
  timeoutMs: number;
  signal: AbortSignal;
}

/** A language model that the host's owner configured. */
export interface ModelPort {
  /** The text of the answer, which is nobody's instruction. One try; rejects when there is none in time. */
  complete(question: ModelQuestion): Promise<string>;
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
  /** What becomes of escalations; only the bridge has it. */
  escalations?: EscalationsPort;
  /** Asking people before something is done; only the bridge has it. */
  approvals?: ApprovalsPort;
  /** Containment; only the bridge has it. */
  responses?: ResponsePort;
  /** Hunts on schedule; only the bridge has them. */
  hunts?: HuntSchedulePort;
  /** Queries of the data lake that were started; absent where nothing is remembered. */
  queries?: QueryMemory;
  /** Where evidence packages go; absent where a host has nowhere to put them. */
  packages?: PackagesPort;
  /** A model for a second opinion; absent unless the host's owner configured one. */
  model?: ModelPort;
}

/** The same ports but for some of them. The others are made when they are asked for, as before, so a spread would not do. */
export function portsWith<Changes extends Partial<Ports>>(ports: Ports, changes: Changes): Ports & Changes {
  return Object.create(ports, Object.getOwnPropertyDescriptors(changes)) as Ports & Changes;
}
