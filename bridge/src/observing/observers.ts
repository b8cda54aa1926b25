import type { ErrorCode } from '../../../operations/errors';
import type { Principal } from '../access/principal';
import type { Logger } from '../hosting/logging';

/** One call of a tool, as it begins. */
export interface CallStart {
  /** Made by the bridge; unlike JSON-RPC ids, no two are equal. It stands in the log lines of the call. */
  requestId: string;
  transport: 'http' | 'stdio';
  principal: Principal;
  /** A name out of the registry: an unknown tool never gets here. */
  tool: string;
  /** As the client sent them, before validation. They may hold secrets: digest them, do not keep them. */
  arguments: Record<string, unknown>;
  /** `_meta` of the request: `traceparent`, `tracestate`, protocol version, client info. From outside. */
  meta: Readonly<Record<string, unknown>>;
  startedAt: Date;
  /** What both sides agreed on; undefined where the client did not say. From outside. */
  protocolVersion?: string;
}

export interface CallEnd {
  /** `withheld`: policy or scopes said no, and the operation was not run. `cancelled`: the client went away. */
  outcome: 'ok' | 'error' | 'withheld' | 'cancelled';
  /** Null when it went well. `timeout` is the bridge's own deadline. */
  code: ErrorCode | null;
  /** Milliseconds. */
  durationMs: number;
}

/** Something at the door that was refused before any tool was known to be called by somebody known. */
export interface Refused {
  kind:
    | 'host'
    | 'origin'
    | 'no_credential'
    | 'bad_credential'
    | 'expired_credential'
    | 'bad_signature'
    | 'replayed_signature'
    | 'insufficient_scope'
    | 'rate_limited'
    | 'malformed'
    | 'too_large'
    | 'unknown_tool';
  status: number;
  /** Path without query. */
  path: string;
  /** Address of the client, behind trusted proxies the one they name. */
  from: string;
  principal?: Principal;
  tool?: string;
}

/** One answered MCP request that ran no tool. */
export interface MethodEnd {
  /** As the protocol names it, e.g. `tools/list`; `tools/call` only where there was no tool of that name. */
  method: string;
  transport: 'http' | 'stdio';
  protocolVersion: string | undefined;
  /** The code of JSON-RPC it failed with; null when it went well. */
  errorCode: number | null;
  /** Milliseconds. */
  durationMs: number;
}

/** One answered HTTP request, MCP or not. */
export interface Answered {
  method: string;
  /** One of the bridge's own routes, `other` for what is none: it is safe as a label. */
  route: string;
  status: number;
  durationMs: number;
}

/**
 * What metrics and the audit trail are told. All parts are optional. Those that return a promise are waited for: a
 * `callBegan` that rejects keeps the call from running, a `callEnded` that rejects is logged.
 */
export interface Observer {
  callBegan?(call: CallStart): void | Promise<void>;
  callEnded?(call: CallStart, end: CallEnd): void | Promise<void>;
  refused?(refusal: Refused): void;
  answered?(request: Answered): void;
  methodEnded?(request: MethodEnd): void;
}

/** All observers as one. */
export class Observers {
  private readonly list: Observer[] = [];

  constructor(private readonly logger: Logger) {}

  add(observer: Observer): void {
    this.list.push(observer);
  }

  /** Rejects when an observer refuses the call. */
  async callBegan(call: CallStart): Promise<void> {
    // Most have nothing to wait for, and each wait is a turn of the loop of promises.
    for (const observer of this.list) {
      const done = observer.callBegan?.(call);
      if (done !== undefined) await done;
    }
  }

  /** Never rejects: the call is over, and its result is the client's. */
  async callEnded(call: CallStart, end: CallEnd): Promise<void> {
    for (const observer of this.list) {
      try {
        const done = observer.callEnded?.(call, end);
        if (done !== undefined) await done;
      } catch (error) {
        this.logger.error({ err: error, request_id: call.requestId }, 'the end of a call was not recorded');
      }
    }
  }

  refused(refusal: Refused): void {
    this.each((observer) => observer.refused?.(refusal));
  }

  answered(request: Answered): void {
    this.each((observer) => observer.answered?.(request));
  }

  methodEnded(request: MethodEnd): void {
    this.each((observer) => observer.methodEnded?.(request));
  }

  private each(tell: (observer: Observer) => void): void {
    for (const observer of this.list) {
      try {
        tell(observer);
      } catch (error) {
        this.logger.error({ err: error }, 'an observer failed');
      }
    }
  }
}
