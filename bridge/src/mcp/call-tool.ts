import type { CallToolResult } from '@modelcontextprotocol/server';
import {
  CancelledError,
  DeadlineError,
  type ErrorCode,
  OperationError,
  toErrorShape,
} from '../../../operations/errors';
import { type Operation, runOperation } from '../../../operations/operation';
import { dataNotice, stripHidden, stripHiddenDeep } from '../../../operations/text';
import type { CallLog } from '../hosting/call-log';
import type { Host } from '../hosting/host';
import type { CallEnd } from '../observing/observers';
import type { Progress } from './progress';

/** What a transport knows about one call. */
export interface ToolCall {
  /** Aborts when the client cancels or its connection closes. */
  signal: AbortSignal;
  log: CallLog;
  progress: Pick<Progress, 'report'>;
  /** Whom the transport authenticated; undefined for the bridge's one token. */
  principal?: string;
  /** What stands in the place of a result (given also as its JSON) that is too long; undefined when it is not. */
  shorten?: (result: Record<string, unknown>, text: string) => Promise<Record<string, unknown> | undefined>;
}

/** The answer, and how it came about. */
export interface ToolAnswer {
  result: CallToolResult;
  outcome: CallEnd['outcome'];
  code: ErrorCode | null;
}

/**
 * Runs one operation for MCP under its own deadline: clients give up after a minute or so without telling an HTTP
 * server, and work for nobody has to end. Never throws.
 */
export async function callTool(host: Host, operation: Operation, input: unknown, call: ToolCall): Promise<ToolAnswer> {
  const { log, principal, progress, shorten } = call;
  const deadline = new CallDeadline(call.signal, host.config.callDeadlineMs);
  const begun = Date.now();
  try {
    const ports = host.ports({ signal: deadline.signal, principal, progress: progress.report, log });
    const output = await deadline.orEnd(runOperation(operation, ports, input));
    log.info({ ms: Date.now() - begun }, 'tool done');
    const { result, text } = clean(output);
    const shorter = await shorten?.(result, text);
    return { result: shorter === undefined ? toResult(result, text) : toResult(shorter), outcome: 'ok', code: null };
  } catch (error) {
    const seconds = host.config.callDeadlineMs / 1000;
    const shown = deadline.isOver
      ? new DeadlineError(operation.name, seconds, 'Ask for less, or raise SOC_CALL_TIMEOUT_SECONDS.')
      : error;
    const { code } = toErrorShape(shown);
    const ms = Date.now() - begun;
    if (error instanceof OperationError) log.info({ ms, code }, 'tool failed');
    else log.logger.error({ err: error, ms }, 'tool stopped on an unexpected condition');
    return { result: toErrorResult(shown), outcome: call.signal.aborted ? 'cancelled' : 'error', code };
  } finally {
    deadline.end();
  }
}

/** One controller and one timer: joined signals cost more than all the rest of a short call. */
class CallDeadline {
  /** Aborts at the deadline, and with the call's own signal. */
  readonly signal: AbortSignal;
  /** Whether the deadline ended the call, and not its client. */
  isOver = false;
  private readonly controller = new AbortController();
  private readonly timer: NodeJS.Timeout;
  private giveUp: ((error: CancelledError) => void) | undefined = undefined;

  constructor(
    private readonly client: AbortSignal,
    ms: number,
  ) {
    this.signal = this.controller.signal;
    this.timer = setTimeout(() => {
      this.isOver = !client.aborted;
      this.stop();
    }, ms).unref();
    if (client.aborted) this.stop(client.reason);
    else client.addEventListener('abort', this, { once: true });
  }

  /** The client's signal calls it. */
  handleEvent(): void {
    this.stop(this.client.reason);
  }

  /** The result, or CancelledError as soon as the signal aborts: an operation that overlooks its signal holds nobody. */
  orEnd<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.giveUp = reject;
      if (this.signal.aborted) reject(new CancelledError('The call'));
      // When the signal won, what the work comes to is for nobody.
      work.then(resolve, reject);
    });
  }

  end(): void {
    clearTimeout(this.timer);
    this.client.removeEventListener('abort', this);
  }

  private stop(reason?: unknown): void {
    this.controller.abort(reason);
    this.giveUp?.(new CancelledError('The call'));
  }
}

/** Anything in a JSON text but plain ASCII: hidden characters are among it, written out or as an escape. */
const notPlainJson = /[^\x20-\x7e]|\\(?:u|[bfr])/;

/** Operations clean what they take in; what one of them overlooked ends here, before it can act on a model or on a terminal. */
function clean(output: Record<string, unknown>): { result: Record<string, unknown>; text: string } {
  const text = JSON.stringify(output);
  if (!notPlainJson.test(text)) return { result: output, text };
  const result = stripHiddenDeep(output) as Record<string, unknown>;
  return { result, text: JSON.stringify(result) };
}

/** The answer in both of its forms, each with the notice in front of all texts from outside. */
function toResult(result: Record<string, unknown>, json = JSON.stringify(result)): CallToolResult {
  const text = json === '{}' ? JSON.stringify(notice) : `${noticeStart},${json.slice(1)}`;
  return { content: [{ type: 'text', text }], structuredContent: { ...notice, ...result } };
}

const notice = { [dataNotice.key]: dataNotice.text };
const noticeStart = JSON.stringify(notice).slice(0, -1);

/**
 * n8n shows the first text of an error and nothing else, so that text says everything; details follow as JSON. What a service said
 * is quoted in it, so the notice comes behind, in a text of its own.
 */
export function toErrorResult(error: unknown): CallToolResult {
  const { code, message, details } = toErrorShape(error);
  const facts = Object.keys(details).length === 0 ? '' : `\n${JSON.stringify(stripHiddenDeep(details))}`;
  return {
    isError: true,
    content: [
      { type: 'text', text: `${code}: ${stripHidden(message)}${facts}` },
      { type: 'text', text: dataNotice.text },
    ],
  };
}
