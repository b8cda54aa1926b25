import {
  BadResponseError,
  CancelledError,
  DeadlineError,
  OperationError,
  RateLimitedError,
  UnavailableError,
} from './errors';
import { ConnectionError, type HttpRequest, type HttpResponse, type Ports, type Service } from './ports';
import { askedDelayMs, backoffMs, type Deadline } from './retry';
import { cleanLine } from './text';

export interface ServiceCall {
  service: Service;
  method: HttpRequest['method'];
  /** Absolute address on the credential's origin. */
  url: string;
  headers?: Record<string, string>;
  body?: string;
  /** A read may be tried again after any failure to answer. A mutation only when it certainly did not happen. */
  safeToRepeat: boolean;
  deadline: Deadline;
  /** Longest wait that a service may ask for between two tries, in milliseconds; as long as the deadline allows unless given. */
  longestWaitMs?: number;
  /** One try, in milliseconds; 30 s unless given. */
  timeoutMs?: number;
  maxBytes?: number;
  /** Which part of a longer body is kept; its beginning unless given. */
  keep?: HttpRequest['keep'];
}

const serviceNames: Record<Service, string> = { panther: 'Panther', gitlab: 'GitLab', slack: 'Slack', okta: 'Okta' };
const maxTries = 5;
const maxRedirects = 3;

export function serviceName(service: Service): string {
  return serviceNames[service];
}

/**
 * One call with the rules of the house: repeats reads on 429, 502-504 and lost connections, mutations only
 * on 429 and refused connections, waits as long as the service asks, and follows redirects only within the
 * credential's origin. Resolves to any other answer, whatever its status. Sends nothing once the deadline has passed: a
 * mutation without time for its answer would be one with an unknown outcome. Throws RateLimitedError, UnavailableError,
 * DeadlineError, CancelledError.
 */
export async function callService(ports: Ports, call: ServiceCall): Promise<HttpResponse> {
  const name = serviceName(call.service);
  for (let attempt = 0; ; attempt += 1) {
    if (ports.signal.aborted) throw new CancelledError(`The call to ${name}`);
    if (call.deadline.leftMs === 0) throw outOfTime(name, call.deadline);
    const outcome = await oneTry(ports, call);
    if (!(outcome instanceof OperationError) && !isRepeatable(outcome.status, call.safeToRepeat)) return outcome;

    const asked = outcome instanceof OperationError ? undefined : askedDelayMs(outcome.headers, ports.now());
    const delay = asked ?? backoffMs(attempt, ports.random());
    const failure =
      outcome instanceof OperationError
        ? outcome
        : outcome.status === 429
          ? new RateLimitedError(name, Math.max(1, Math.ceil(delay / 1000)))
          : new UnavailableError(name, `it answered ${outcome.status}${summary(outcome)}`, { status: outcome.status });
    const mayRepeat = outcome instanceof OperationError ? outcome.details.repeat === true : true;
    const isTooLong = delay > (call.longestWaitMs ?? Number.POSITIVE_INFINITY);
    if (!mayRepeat || isTooLong || attempt + 1 >= maxTries || !(await call.deadline.wait(delay))) throw failure;
    ports.log.info('repeating a call', {
      service: call.service,
      attempt: attempt + 1,
      delay_ms: Math.round(delay),
      code: failure.code,
    });
  }
}

function outOfTime(name: string, deadline: Deadline): DeadlineError {
  return new DeadlineError(
    `The work on ${name}`,
    Math.round(deadline.totalMs / 1000),
    'Ask for less, or allow more time.',
  );
}

function isRepeatable(status: number, safeToRepeat: boolean): boolean {
  return status === 429 || (safeToRepeat && (status === 502 || status === 503 || status === 504));
}

/** The answer, or an UnavailableError whose `repeat` detail says whether another try is allowed. */
async function oneTry(ports: Ports, call: ServiceCall): Promise<HttpResponse | OperationError> {
  const name = serviceName(call.service);
  let url = call.url;
  try {
    for (let hop = 0; ; hop += 1) {
      const response = await ports.http({
        service: call.service,
        method: call.method,
        url,
        headers: call.headers,
        body: call.body,
        timeoutMs: Math.max(1, Math.min(call.timeoutMs ?? 30_000, call.deadline.leftMs)),
        maxBytes: call.maxBytes,
        keep: call.keep,
        signal: ports.signal,
      });
      const location = response.headers.location;
      if (![301, 302, 307, 308].includes(response.status) || location === undefined) return response;
      if (call.method !== 'GET' || hop >= maxRedirects) {
        throw new BadResponseError(
          name,
          `it redirected ${call.method} ${new URL(url).pathname} and this was not followed`,
        );
      }
      url = sameOrigin(name, url, location);
    }
  } catch (error) {
    if (ports.signal.aborted) throw new CancelledError(`The call to ${name}`);
    if (!(error instanceof ConnectionError)) throw error;
    const problem = {
      refused: 'no connection could be made',
      lost: 'the connection broke',
      timeout: 'it did not answer in time',
    }[error.kind];
    return new UnavailableError(name, problem, {
      repeat: error.kind === 'refused' || call.safeToRepeat,
      connection: error.kind,
    });
  }
}

/** An address given by the service, allowed only on the origin it was given by: anything else would carry the credential away. */
export function sameOrigin(name: string, from: string, to: string): string {
  let target: URL;
  try {
    target = new URL(to, from);
  } catch {
    throw new BadResponseError(name, `it pointed to an address that is none: ${cleanLine(to, 100)}`);
  }
  if (target.origin !== new URL(from).origin || target.username !== '' || target.password !== '') {
    throw new BadResponseError(
      name,
      `it pointed to another host (${cleanLine(target.host, 100)}); the credential does not go there`,
    );
  }
  return target.href;
}

function summary(response: HttpResponse): string {
  const text = cleanLine(response.body.replace(/<[^>]*>/g, ' '), 120);
  return text === '' ? '' : ` ("${text}")`;
}

/** Parses a JSON body. HTML from a load balancer, cut or empty bodies become BadResponseError with the status named. */
export function parseJson(service: Service, response: HttpResponse): unknown {
  const name = serviceName(service);
  if (response.truncated) throw new BadResponseError(name, 'the answer is larger than this call allows');
  try {
    return JSON.parse(response.body) as unknown;
  } catch {
    const kind = /^\s*</.test(response.body)
      ? 'HTML'
      : response.body.trim() === ''
        ? 'nothing'
        : 'text that is not JSON';
    throw new BadResponseError(name, `status ${response.status} with ${kind} where JSON belongs${summary(response)}`, {
      status: response.status,
    });
  }
}
