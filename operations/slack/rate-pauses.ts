import type { Ports } from '../ports';
import { askedDelayMs, type Deadline } from '../retry';
import { type SlackMethod, slackMethods } from './methods';

/**
 * What Slack asked us to wait, by account and method, and for posts by channel: whoever calls the same next waits for it
 * instead of asking again, and nobody else does. Nothing is remembered for a connection without an account, because its
 * neighbour might be another workspace.
 */
export class RatePauses {
  private readonly until = new Map<string, number>();

  /** Waits until the pause is over. False, at once, when the deadline comes first. */
  async pass(key: string | undefined, now: () => Date, deadline: Deadline): Promise<boolean> {
    const until = key === undefined ? undefined : this.until.get(key);
    const left = until === undefined ? 0 : until - now().getTime();
    if (left <= 0) {
      if (key !== undefined) this.until.delete(key);
      return true;
    }
    return deadline.wait(left);
  }

  /** Milliseconds that are left of a pause. */
  left(key: string | undefined, now: Date): number {
    return Math.max(0, (key === undefined ? 0 : (this.until.get(key) ?? 0)) - now.getTime());
  }

  /** The same `http`, which remembers what a 429 asks for. */
  watching(key: string | undefined, ports: Pick<Ports, 'http' | 'now'>): Ports['http'] {
    if (key === undefined) return (request) => ports.http(request);
    return async (request) => {
      const response = await ports.http(request);
      if (response.status === 429) this.pause(key, ports.now(), askedDelayMs(response.headers, ports.now()) ?? 1000);
      return response;
    };
  }

  pause(key: string | undefined, now: Date, ms: number): void {
    if (key === undefined) return;
    if (this.until.size >= mostPauses) this.forgetPast(now);
    this.until.set(key, Math.max(this.until.get(key) ?? 0, now.getTime() + Math.min(ms, longestPauseMs)));
  }

  /** Forgets everything. */
  clear(): void {
    this.until.clear();
  }

  private forgetPast(now: Date): void {
    for (const [key, until] of this.until) if (until <= now.getTime()) this.until.delete(key);
    // Still full: all of these are of the future, and the oldest are the nearest to their end.
    for (const key of [...this.until.keys()].slice(0, this.until.size - mostPauses + 1)) this.until.delete(key);
  }
}

const mostPauses = 2000;
/** No answer of a service, however wrong, stops us for longer. */
const longestPauseMs = 10 * 60_000;

/** Shared by all calls of this process. */
export const ratePauses = new RatePauses();

/** What a call is metered by; undefined when nothing may be remembered. */
export function meterKey(account: string | undefined, method: SlackMethod, channel: unknown): string | undefined {
  if (account === undefined) return undefined;
  const place = slackMethods[method].meter === 'channel' && typeof channel === 'string' ? ` ${channel}` : '';
  return `${account} ${method}${place}`;
}
