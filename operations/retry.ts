import { CancelledError } from './errors';
import type { Ports } from './ports';

/** Full-jitter exponential back-off: uniform in [0, min(cap, base * 2^attempt)) milliseconds. */
export function backoffMs(attempt: number, random: number, baseMs = 250, capMs = 15_000): number {
  return random * Math.min(capMs, baseMs * 2 ** Math.min(attempt, 30));
}

/** One total deadline for everything done on behalf of one call: tries, waits and pages together. */
export class Deadline {
  private readonly endsAt: number;

  constructor(
    private readonly ports: Pick<Ports, 'now' | 'sleep' | 'signal'>,
    readonly totalMs: number,
  ) {
    this.endsAt = ports.now().getTime() + totalMs;
  }

  /** Milliseconds left, never negative. */
  get leftMs(): number {
    return Math.max(0, this.endsAt - this.ports.now().getTime());
  }

  /** Waits, unless that would not leave time to do anything afterwards: then false, at once. */
  async wait(ms: number): Promise<boolean> {
    if (this.ports.signal.aborted) throw new CancelledError('The call');
    if (ms >= this.leftMs) return false;
    await this.ports.sleep(ms, this.ports.signal);
    return true;
  }
}

/**
 * How long a service asks us to wait, in milliseconds; undefined when it does not say. Reads `Retry-After` (seconds or
 * a date) first, then GitLab's `RateLimit-Reset` (Unix seconds), which every answer carries and so counts only when
 * nothing remains: another limit, or a 502, has nothing to do with it. The service's own clock counts, where it tells the
 * time: a host whose clock is off would wait for minutes, or not at all.
 */
export function askedDelayMs(headers: Record<string, string>, now: Date): number | undefined {
  const after = headers['retry-after']?.trim();
  if (after !== undefined && after !== '') {
    if (/^\d+(\.\d+)?$/.test(after)) return Number(after) * 1000;
    const date = Date.parse(after);
    if (!Number.isNaN(date)) return Math.max(0, date - now.getTime());
  }
  const reset = headers['ratelimit-reset']?.trim();
  const hasLeft = /^[1-9]\d*$/.test(headers['ratelimit-remaining']?.trim() ?? '');
  if (hasLeft || reset === undefined || !/^\d+$/.test(reset)) return undefined;
  const sent = Date.parse(headers.date ?? '');
  return Math.max(0, Number(reset) * 1000 - (Number.isNaN(sent) ? now.getTime() : sent));
}
