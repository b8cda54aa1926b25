import {
  BadResponseError,
  CancelledError,
  OperationError,
  RateLimitedError,
  UnauthenticatedError,
  UnavailableError,
} from '../operations/errors';
import type { Operation } from '../operations/operation';
import { ConnectionError, type HttpResponse, type Ports } from '../operations/ports';
import { askedDelayMs, backoffMs } from '../operations/retry';
import { type CallContext, connectionOf } from './credentials';
import { readRefusal, readToolResult, toolCall } from './mcp-message';
import { sendRequest } from './send-request';

const bridge = 'The SOC bridge';
/** How long the bridge may be away: a restart with its migrations fits well within. */
const awayMs = 60_000;
/** One call may run a whole investigation; the bridge ends it sooner by its own deadlines. */
const callTimeoutMs = 600_000;
/** Whatever happens, a call ends after this: two of the longest tries with an absence between them. */
const totalMs = 2 * callTimeoutMs + awayMs;
const maxBytes = 32 * 1024 * 1024;

/**
 * Runs an operation on the bridge: one POST with an MCP `tools/call`. When the bridge is away, the call is repeated
 * for up to a minute, so that a restart loses nothing: always after a connection that never came about, and for
 * idempotent operations also after a lost one and after 502 to 504. Resolves to the operation's output. Throws the
 * error that the operation ended with there, UnavailableError, UnauthenticatedError, BadResponseError, CancelledError.
 */
export async function forwardToBridge(
  context: CallContext,
  ports: Ports,
  operation: Operation,
  input: Record<string, unknown>,
): Promise<Record<string, unknown>> {
  const { baseUrl } = await connectionOf(context, 'bridge');
  const call = toolCall(operation.name, input);
  const request = {
    method: 'POST',
    url: `${baseUrl}/mcp`,
    ...call,
    timeoutMs: callTimeoutMs,
    maxBytes,
    signal: ports.signal,
  } as const;
  const startedAt = ports.now().getTime();
  let giveUpAt: number | undefined;
  for (let attempt = 0; ; attempt += 1) {
    if (ports.signal.aborted) throw new CancelledError(operation.name);
    const triedAt = ports.now().getTime();
    const outcome = await oneTry(operation, ports, () => sendRequest(context, 'bridge', request));
    if (!outcome.repeat) return outcome.output;

    const now = ports.now().getTime();
    // A try that lasted had reached the bridge: what comes after it is a new absence.
    if (giveUpAt === undefined || now - triedAt > awayMs) giveUpAt = now + awayMs;
    const delay = outcome.asked(ports.now()) ?? backoffMs(attempt, ports.random(), 500, 5_000);
    if (now + delay >= Math.min(giveUpAt, startedAt + totalMs)) throw outcome.failure;
    ports.log.warn('the bridge is away; repeating the call', {
      operation: operation.name,
      attempt: attempt + 1,
      problem: outcome.failure.message,
    });
    await ports.sleep(delay);
  }
}

type Try =
  | { repeat: false; output: Record<string, unknown> }
  | { repeat: true; failure: OperationError; asked: (now: Date) => number | undefined };

async function oneTry(operation: Operation, ports: Ports, send: () => Promise<HttpResponse>): Promise<Try> {
  let response: HttpResponse;
  try {
    response = await send();
  } catch (error) {
    if (!(error instanceof ConnectionError)) throw error;
    const failure = new UnavailableError(bridge, `${problems[error.kind]}; ${error.message}`, {
      connection: error.kind,
    });
    return orThrow(failure, error.kind === 'refused' || (error.kind === 'lost' && operation.idempotent));
  }
  const { status } = response;
  const asked = (now: Date) => askedDelayMs(response.headers, now);
  if (status === 429) return orThrow(new RateLimitedError(bridge, secondsOf(response)), true, asked);
  if (status === 502 || status === 503 || status === 504) {
    return orThrow(new UnavailableError(bridge, `it answered ${status}`, { status }), operation.idempotent, asked);
  }
  try {
    return { repeat: false, output: readAnswer(operation, response) };
  } catch (error) {
    // A bridge that is shutting down ends the calls it runs; nobody on this side cancelled anything.
    if (!(error instanceof OperationError) || error.code !== 'cancelled' || ports.signal.aborted) throw error;
    const failure = new UnavailableError(bridge, `it stopped while it ran ${operation.name}`, { connection: 'lost' });
    return orThrow(failure, operation.idempotent);
  }
}

const problems = {
  refused: 'no connection could be made',
  lost: 'the connection broke',
  timeout: 'it did not answer in time',
};

function orThrow(
  failure: OperationError,
  repeat: boolean,
  asked: (now: Date) => number | undefined = () => undefined,
): Try {
  if (!repeat) throw failure;
  return { repeat, failure, asked };
}

function readAnswer(operation: Operation, response: HttpResponse): Record<string, unknown> {
  const { status } = response;
  if (status === 401) {
    const said = readRefusal(response)?.message;
    throw new UnauthenticatedError(
      bridge,
      `Check the token, or the key and its secret, in the SOC Bridge credential against the bridge.${said === undefined ? '' : ` It said: ${said}`}`,
    );
  }
  if (status >= 300 && status < 400) {
    throw new BadResponseError(bridge, 'it redirected the call; put the final address into the credential', { status });
  }
  const output = readToolResult(operation.name, response);
  const checked = operation.output.safeParse(output);
  if (checked.success) return output;
  const issue = checked.error.issues[0];
  throw new BadResponseError(
    bridge,
    `its result of ${operation.name} does not fit at ${issue?.path.join('.') || 'the top'} (${issue?.message}); use the same version of the bridge and of this package`,
  );
}

function secondsOf(response: HttpResponse): number {
  const seconds = Number(response.headers['retry-after']);
  return Number.isFinite(seconds) && seconds > 0 ? Math.ceil(seconds) : 1;
}
