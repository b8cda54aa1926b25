import type { CallToolResult } from '@modelcontextprotocol/server';
import { CancelledError, DeadlineError, OperationError, toErrorShape } from '../../../operations/errors';
import { type Operation, runOperation } from '../../../operations/operation';
import type { Host } from '../hosting/host';
import type { Logger } from '../hosting/logging';

/** What a transport knows about one call. */
export interface ToolCall {
  /** Aborts when the client cancels or its connection closes. */
  signal: AbortSignal;
  logger: Logger;
  /** Sends one progress notification; undefined when the client did not ask for them. */
  sendProgress?: (progress: { progress: number; total?: number; message: string }) => Promise<void>;
}

/**
 * Runs one operation for MCP under its own deadline: clients give up after a minute or so without telling an HTTP
 * server, and work for nobody has to end. Never throws.
 */
export async function callTool(
  host: Host,
  operation: Operation,
  input: unknown,
  call: ToolCall,
): Promise<CallToolResult> {
  const { callDeadlineMs } = host.config;
  const deadline = AbortSignal.timeout(callDeadlineMs);
  const signal = AbortSignal.any([call.signal, deadline]);
  const begun = Date.now();
  try {
    const ports = host.ports({ signal, logger: call.logger, progress: progressSender(call) });
    const output = await orAbort(signal, runOperation(operation, ports, input));
    call.logger.info({ ms: Date.now() - begun }, 'tool done');
    return { content: [{ type: 'text', text: JSON.stringify(output) }], structuredContent: output };
  } catch (error) {
    const late = deadline.aborted && !call.signal.aborted;
    const shown = late
      ? new DeadlineError(operation.name, callDeadlineMs / 1000, 'Ask for less, or raise SOC_CALL_TIMEOUT_SECONDS.')
      : error;
    if (error instanceof OperationError) {
      call.logger.info({ ms: Date.now() - begun, code: toErrorShape(shown).code }, 'tool failed');
    } else call.logger.error({ err: error, ms: Date.now() - begun }, 'tool stopped on an unexpected condition');
    return toErrorResult(shown);
  }
}

/** n8n shows the first text of an error and nothing else, so that text says everything; details follow as JSON. */
export function toErrorResult(error: unknown): CallToolResult {
  const { code, message, details } = toErrorShape(error);
  const facts = Object.keys(details).length === 0 ? '' : `\n${JSON.stringify(details)}`;
  return { isError: true, content: [{ type: 'text', text: `${code}: ${message}${facts}` }] };
}

/** Progress values have to grow with every notification, also when an operation reports the same count twice. */
function progressSender(call: ToolCall): (message: string, done: number, total?: number) => void {
  const { sendProgress } = call;
  if (sendProgress === undefined) return () => {};
  let last = -1;
  return (message, done, total) => {
    if (call.signal.aborted) return;
    last = done > last ? done : last + 0.001;
    sendProgress({ progress: last, message, ...(total === undefined ? {} : { total: Math.max(total, last) }) }).catch(
      (error: unknown) => call.logger.debug({ err: error }, 'progress not delivered'),
    );
  };
}

/** The result, or CancelledError as soon as the signal aborts: an operation that overlooks its signal holds nobody. */
async function orAbort<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  let stop: () => void = () => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(new CancelledError('The call'));
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
    // When the signal won, the work's own rejection comes later and to nobody.
    work.catch(() => {});
  }
}
