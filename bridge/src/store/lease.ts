import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { CancelledError, ConflictError } from '../../../operations/errors';

export interface LeaseSettings {
  /** How long a claim lives without a heartbeat, in milliseconds; heartbeats come three times as often. */
  leaseMs: number;
  /** How long a second caller waits for somebody else's work, in milliseconds. */
  maxWaitMs: number;
  now(): Date;
}

/** Each claim has its own owner, so that two callers in one process do not take each other's claim for their own. */
export function newOwner(processName: string): string {
  return `${processName}/${randomUUID().slice(0, 8)}`;
}

export function leaseEnd(settings: LeaseSettings): string {
  return new Date(settings.now().getTime() + settings.leaseMs).toISOString();
}

/**
 * Runs `work` and renews its claim beside it. A failed renewal is no reason to stop: storing the result checks the
 * owner again, so a claim lost to somebody else cannot be overwritten.
 */
export async function whileHolding<T>(
  leaseMs: number,
  renew: () => Promise<unknown>,
  work: () => Promise<T>,
): Promise<T> {
  let renewing = Promise.resolve();
  const timer = setInterval(
    () => {
      renewing = renewing.then(renew).then(
        () => {},
        () => {},
      );
    },
    Math.max(10, leaseMs / 3),
  );
  try {
    return await work();
  } finally {
    clearInterval(timer);
    await renewing;
  }
}

/** Clocks of hosts differ by less than this, in milliseconds. */
export const skewMs = 60_000;

/**
 * Until when a lease lets others wait at `now`: it is over at its end (`over`); and when it ends later than any made by this clock
 * (`unlikely`), because it was made before the clock stepped back. Whoever is alive renews it by the new clock.
 */
export function leaseBounds(now: Date, leaseMs: number): { over: string; unlikely: string } {
  return { over: now.toISOString(), unlikely: new Date(now.getTime() + leaseMs + skewMs).toISOString() };
}

/** Waits between looks at somebody else's claim: 25 ms at first, 1 s at most, `maxWaitMs` in all. */
export class Turn {
  private waitedMs = 0;
  private nextMs = 25;
  private seen: { claim: string; since: number } | undefined;

  constructor(
    private readonly what: string,
    private readonly maxWaitMs: number,
    private readonly signal: AbortSignal | undefined,
  ) {}

  /**
   * Whether nobody works on a claim any more. One that ends later than a claim of this moment would was made before the clock stepped
   * back, so that its end says nothing: it is dead when it was not renewed for one and a half leases while this turn looked on.
   */
  isDead({ owner, lease_until }: { owner: string; lease_until: string }, settings: LeaseSettings): boolean {
    if (lease_until <= settings.now().toISOString()) return true;
    if (lease_until <= leaseEnd(settings)) return false;
    const claim = `${owner} ${lease_until}`;
    if (this.seen?.claim !== claim) this.seen = { claim, since: performance.now() };
    return performance.now() - this.seen.since > 1.5 * settings.leaseMs;
  }

  /** Throws ConflictError once the whole time has passed, CancelledError when the caller has gone. */
  async wait(): Promise<void> {
    if (this.signal?.aborted) throw new CancelledError(`Waiting for ${this.what}`);
    if (this.waitedMs >= this.maxWaitMs) {
      throw new ConflictError(
        `${this.what} is being worked on by another process for more than ${Math.round(this.maxWaitMs / 1000)} s. Try again later.`,
        { waited_seconds: Math.round(this.waitedMs / 1000) },
      );
    }
    const ms = Math.min(this.nextMs, this.maxWaitMs - this.waitedMs);
    try {
      await delay(ms, undefined, { signal: this.signal });
    } catch {
      throw new CancelledError(`Waiting for ${this.what}`);
    }
    this.waitedMs += ms;
    this.nextMs = Math.min(1000, this.nextMs * 1.5);
  }
}
