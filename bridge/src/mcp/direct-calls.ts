import { type CallToolResult, type JSONRPCMessage, ProtocolErrorCode } from '@modelcontextprotocol/server';
import type { CallRequest, ToolServer } from './server-factory';
import type { Shortcut } from './stdio-transport';

/** A call as the protocol of 2025 writes it, with nothing about it that needs the SDK. */
interface PlainCall {
  id: string | number;
  params: { name: string; arguments?: Record<string, unknown>; _meta?: Record<string, unknown> };
}

/** Runs a tool; rejects with ProtocolError. `protocolVersion` is the one that was agreed on. */
export type LocalCaller = (
  params: PlainCall['params'],
  request: CallRequest,
  protocolVersion: string | undefined,
) => Promise<CallToolResult>;

const members = new Set(['jsonrpc', 'id', 'method', 'params']);
const parameters = new Set(['name', 'arguments', '_meta']);
/** What the protocol of 2026 says about a request in its `_meta`; only the SDK knows what becomes of it. */
const reserved = 'io.modelcontextprotocol/';

/**
 * Calls of tools on stdio, without the way through the SDK's server: it checks each call against eight schemas and makes a
 * context for it, which costs more than everything the bridge does for a short call. The tool itself checks its arguments, as it
 * does for the SDK. Only plain calls of a client of the 2025 protocol that has said it is initialized are taken; whatever is
 * unusual about a message leaves it to the SDK.
 */
export class DirectCalls implements Shortcut {
  private readonly running = new Map<string | number, AbortController>();
  private server: ReturnType<ToolServer['factory']> | undefined;
  private isLegacy = false;
  private isAnswered = false;
  private isInitialized = false;

  constructor(
    private readonly call: LocalCaller,
    /** Sends one message, given as its JSON. */
    private readonly write: (json: string) => void,
  ) {}

  /** The factory, watched for the protocol that the connection turns out to speak. */
  watch(factory: ToolServer['factory']): ToolServer['factory'] {
    return (context) => {
      this.isLegacy = context.era === 'legacy';
      const server = factory(context);
      this.server = server;
      return server;
    };
  }

  take(message: unknown): boolean {
    if (!isObject(message)) return false;
    const { method } = message;
    if (method === 'tools/call') {
      if (!this.isOpen || !isPlainCall(message) || this.running.has(message.id)) return false;
      void this.answer(message);
      return true;
    }
    if (method === 'notifications/initialized') this.isInitialized = true;
    return method === 'notifications/cancelled' && this.cancel(message.params);
  }

  /** The SDK has answered something, and the greeting comes first. */
  answered(): void {
    this.isAnswered = true;
  }

  private get isOpen(): boolean {
    return this.isLegacy && this.isInitialized && this.isAnswered;
  }

  close(): void {
    for (const controller of this.running.values()) controller.abort(new Error('The connection is closed'));
    this.running.clear();
  }

  private async answer({ id, params }: PlainCall): Promise<void> {
    const controller = new AbortController();
    const { signal } = controller;
    this.running.set(id, controller);
    let answer: string;
    try {
      const request = { signal, _meta: params._meta, notify: this.notify };
      const result = await this.call(params, request, this.server?.getNegotiatedProtocolVersion());
      answer = `{"result":${JSON.stringify(result)},"jsonrpc":"2.0","id":${JSON.stringify(id)}}`;
    } catch (error) {
      answer = JSON.stringify({ jsonrpc: '2.0', id, error: errorOf(error) });
    }
    if (this.running.get(id) === controller) this.running.delete(id);
    // Nobody waits for the answer to what was cancelled.
    if (!signal.aborted) this.write(answer);
  }

  private readonly notify = async (notification: { method: string; params?: unknown }): Promise<void> => {
    this.write(JSON.stringify({ jsonrpc: '2.0', ...notification } as JSONRPCMessage));
  };

  private cancel(params: unknown): boolean {
    const { requestId, reason } = isObject(params) ? params : ({} as Record<string, unknown>);
    const controller = this.running.get(requestId as string | number);
    controller?.abort(reason);
    return controller !== undefined;
  }
}

function errorOf(error: unknown) {
  const { code, message, data } = Object(error) as { code?: unknown; message?: unknown; data?: unknown };
  return {
    code: Number.isSafeInteger(code) ? code : ProtocolErrorCode.InternalError,
    message: typeof message === 'string' ? message : 'Internal error',
    ...(data === undefined ? {} : { data }),
  };
}

function isPlainCall(message: Record<string, unknown>): message is Record<string, unknown> & PlainCall {
  const { jsonrpc, id, params } = message;
  if (jsonrpc !== '2.0' || !isId(id) || !isObject(params) || !holdsOnly(message, members)) return false;
  const { name, arguments: given, _meta: meta } = params;
  return (
    typeof name === 'string' &&
    holdsOnly(params, parameters) &&
    (given === undefined || isObject(given)) &&
    (meta === undefined || isPlainMeta(meta))
  );
}

function isPlainMeta(meta: unknown): boolean {
  if (!isObject(meta)) return false;
  for (const key in meta) if (key.startsWith(reserved)) return false;
  return meta.progressToken === undefined || isId(meta.progressToken);
}

function isId(value: unknown): value is string | number {
  return typeof value === 'string' || Number.isSafeInteger(value);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function holdsOnly(value: object, names: ReadonlySet<string>): boolean {
  for (const key in value) if (!names.has(key)) return false;
  return true;
}
