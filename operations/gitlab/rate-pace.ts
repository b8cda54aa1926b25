/** Below this share of the limit, requests are spread over the time that is left until it is reset. */
const lowShare = 0.05;
const lowest = 10;
/** Longest pause before one request, in milliseconds; what an empty budget needs beyond it, GitLab says by itself. */
const longestPauseMs = 5_000;

/**
 * Slows down when GitLab's `RateLimit-*` headers say that few requests are left, so that the last ones do not go all at
 * once and other programs with the same credential are not shut out. Answers without these headers change nothing.
 */
export class RatePace {
  private remaining = Number.POSITIVE_INFINITY;
  private limit = 0;
  private resetsAt = 0;
  private nextAt = 0;

  /** Reads the headers of an answer. `now` is this host's clock; the server's own `Date` counts where it differs. */
  see(headers: Record<string, string>, now: Date): void {
    const remaining = wholeNumber(headers['ratelimit-remaining']);
    const reset = wholeNumber(headers['ratelimit-reset']);
    if (remaining === undefined || reset === undefined) return;
    const serverNow = Date.parse(headers.date ?? '');
    const resetsAt = now.getTime() + reset * 1000 - (Number.isNaN(serverNow) ? now.getTime() : serverNow);
    // Answers overtake each other: within one period the lowest count is the truest.
    const isSamePeriod = Math.abs(resetsAt - this.resetsAt) < 2_000;
    this.remaining = isSamePeriod ? Math.min(this.remaining, remaining) : remaining;
    this.limit = wholeNumber(headers['ratelimit-limit']) ?? 0;
    this.resetsAt = resetsAt;
  }

  /** Milliseconds that the next request has to wait; reserves its turn. */
  delayMs(now: Date): number {
    const time = now.getTime();
    if (time >= this.resetsAt) this.remaining = Number.POSITIVE_INFINITY;
    if (this.remaining > Math.max(lowest, this.limit * lowShare)) return 0;
    const pause = Math.min(longestPauseMs, (this.resetsAt - time) / (this.remaining + 1));
    const at = Math.min(Math.max(time, this.nextAt) + pause, time + longestPauseMs);
    this.nextAt = at;
    this.remaining = Math.max(0, this.remaining - 1);
    return at - time;
  }
}

function wholeNumber(text: string | undefined): number | undefined {
  const trimmed = text?.trim() ?? '';
  return /^\d{1,12}$/.test(trimmed) ? Number(trimmed) : undefined;
}
