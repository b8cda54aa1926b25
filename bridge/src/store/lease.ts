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

/** Waits between looks at somebody else's claim: 25 ms at first, 1 s at most, `maxWaitMs` in all. */
export class Turn {
  private waitedMs = 0;
  private nextMs = 25;

  constructor(
    private readonly what: string,
    private readonly maxWaitMs: number,
    private readonly signal: AbortSignal | undefined,
  ) {}

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
