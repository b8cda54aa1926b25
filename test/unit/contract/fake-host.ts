import { CancelledError } from '../../../operations/errors';
import type { HttpRequest, HttpResponse, Ports } from '../../../operations/ports';

export interface FakeHost extends Ports {
  /** Requests in order, with the time they were sent at, in milliseconds since the start. */
  sent: { at: number; request: HttpRequest }[];
  waits: number[];
  elapsed(): number;
}

/**
 * A host whose clock moves only when somebody waits, or when an answer takes `tookMs`. `answer` is asked for every
 * request; what it throws, the port throws.
 */
export function fakeHost(
  answer: (request: HttpRequest, index: number) => (Partial<HttpResponse> & { tookMs?: number }) | Error,
  options: { random?: () => number; signal?: AbortSignal } = {},
): FakeHost {
  const start = Date.parse('2026-05-01T00:00:00Z');
  let elapsed = 0;
  const host: FakeHost = {
    sent: [],
    waits: [],
    elapsed: () => elapsed,
    now: () => new Date(start + elapsed),
    random: options.random ?? (() => 0.5),
    signal: options.signal ?? new AbortController().signal,
    log: { debug() {}, info() {}, warn() {} },
    progress() {},
    connection: async () => ({ baseUrl: 'https://service.example', defaults: {} }),
    sleep: async (ms, signal) => {
      if (signal?.aborted) throw new CancelledError('The wait');
      host.waits.push(ms);
      elapsed += ms;
    },
    http: async (request) => {
      host.sent.push({ at: elapsed, request });
      const given = answer(request, host.sent.length - 1);
      if (given instanceof Error) throw given;
      const { tookMs = 0, ...response } = given;
      elapsed += Math.min(tookMs, request.timeoutMs);
      return { status: 200, headers: {}, body: '', ...response };
    },
  };
  return host;
}
