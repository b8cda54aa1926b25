/** Below this share of the limit, requests are spread over the time that is left until it is reset. */
const lowShare = 0.05;
const lowest = 10;
/** Longest distance between two requests, in milliseconds: slow, and still getting on before the caller's deadline. */
const longestDistanceMs = 1_000;
/** Longest wait for one's turn, in milliseconds. */
const longestWaitMs = 5_000;

/**
 * Slows down when GitLab's `RateLimit-*` headers say that few requests are left, so that the last ones do not go all at
 * once and other programs with the same credential are not shut out. Answers without these headers change nothing.
 */
export class RatePace {
  private remaining = Number.POSITIVE_INFINITY;
  private limit = 0;
  /** As GitLab gives it, in Unix seconds of its own clock: names the period. */
  private period = 0;
  /** By this host's clock, in milliseconds. */
  private resetsAt = 0;
  private nextAt = 0;

  /** Reads the headers of an answer. `now` is this host's clock; the server's own `Date` counts where it differs. */
  see(headers: Record<string, string>, now: Date): void {
    const remaining = wholeNumber(headers['ratelimit-remaining']);
    const reset = wholeNumber(headers['ratelimit-reset']);
    if (remaining === undefined || reset === undefined) return;
    const serverNow = Date.parse(headers.date ?? '');
    const left = reset * 1000 - (Number.isNaN(serverNow) ? now.getTime() : serverNow);
    // Answers overtake each other: within one period the lowest count is the truest.
    this.remaining = reset === this.period ? Math.min(this.remaining, remaining) : remaining;
    this.limit = wholeNumber(headers['ratelimit-limit']) ?? 0;
    this.period = reset;
    this.resetsAt = now.getTime() + left;
  }

  /** Milliseconds that the next request has to wait; reserves its turn. */
  delayMs(now: Date): number {
    const time = now.getTime();
    const left = this.resetsAt - time;
    if (left <= 0) this.remaining = Number.POSITIVE_INFINITY;
    if (this.remaining > Math.max(lowest, this.limit * lowShare)) return 0;
    // With nothing left, GitLab itself says how long to wait, unless that is over in a moment.
    if (this.remaining === 0) return left <= longestWaitMs ? left : 0;
    const distance = Math.min(longestDistanceMs, left / (this.remaining + 1));
    this.nextAt = Math.min(Math.max(time, this.nextAt) + distance, time + longestWaitMs);
    this.remaining -= 1;
    return this.nextAt - time;
  }
}

function wholeNumber(text: string | undefined): number | undefined {
  const trimmed = text?.trim() ?? '';
  return /^\d{1,12}$/.test(trimmed) ? Number(trimmed) : undefined;
}
