import { ConnectionError } from '../operations/ports';

/** The request certainly did not arrive: nobody listened, or there is no such host or route to it. */
const refused = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL']);
const timedOut = new Set([
  'ECONNABORTED',
  'ETIMEDOUT',
  'ESOCKETTIMEDOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
]);
const lost = new Set(['ECONNRESET', 'EPIPE', 'ERR_BAD_RESPONSE', 'ERR_STREAM_PREMATURE_CLOSE', 'UND_ERR_SOCKET']);

/**
 * What n8n's request helper threw, as a ConnectionError when it was about the connection; undefined when it was not,
 * for example when n8n's own policy forbids the address. n8n wraps the error of its HTTP client, so the code may sit
 * anywhere along the chain of causes; n8n also replaces the message, so the code alone decides.
 */
export function connectionFailure(error: unknown): ConnectionError | undefined {
  const codes = codesOf(error);
  const found = (set: Set<string>) => codes.find((code) => set.has(code));
  const reached = (code: string) => `no answer (${code})`;
  // A time-out of the connection attempt and one of the answer share codes; after it nobody knows what arrived.
  const late = found(timedOut);
  if (late !== undefined) return new ConnectionError('timeout', reached(late));
  const closed = found(refused);
  if (closed !== undefined) return new ConnectionError('refused', reached(closed));
  const broken = found(lost);
  if (broken !== undefined) return new ConnectionError('lost', reached(broken));
  return undefined;
}

function codesOf(error: unknown): string[] {
  const codes: string[] = [];
  let current: unknown = error;
  for (let depth = 0; depth < 8 && typeof current === 'object' && current !== null; depth += 1) {
    const { code, httpCode, cause, message } = current as Record<string, unknown>;
    for (const value of [code, httpCode]) if (typeof value === 'string') codes.push(value.toUpperCase());
    if (typeof message === 'string' && /socket hang up|premature close/i.test(message)) codes.push('ECONNRESET');
    current = cause;
  }
  return codes;
}
