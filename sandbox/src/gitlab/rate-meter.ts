import type { ServiceResponse } from '../service';
import type { ServerHabits } from './server-habits';

/** Counts requests in fixed windows for the RateLimit headers, and refuses those above the limit when one is set. */
export class RateMeter {
  private window = 0;
  private seen = 0;

  constructor(private readonly settings: ServerHabits) {}

  clear(): void {
    this.seen = 0;
  }

  /** Counts one request; an answer when it is one too many. */
  take(): ServiceResponse | undefined {
    const seconds = this.settings.rateSeconds;
    const window = Math.floor(Date.now() / 1000 / seconds);
    if (window !== this.window) [this.window, this.seen] = [window, 0];
    this.seen += 1;
    const { rateLimit, rateAnswer } = this.settings;
    if (rateLimit === 0 || this.seen <= rateLimit) return undefined;
    const reset = this.resetAt();
    const wait = String(Math.max(1, Math.ceil(reset - Date.now() / 1000)));
    switch (rateAnswer) {
      case 'retry_after':
        return { status: 429, headers: { 'retry-after': wait }, body: { message: { error: TOO_MANY } } };
      case 'reset_only':
        return { status: 429, body: { message: { error: TOO_MANY } } };
      case 'old_403':
        return { status: 403, body: { message: 'User API Key Rate limit exceeded.' } };
      case 'html':
        return {
          status: 429,
          headers: { 'content-type': 'text/html', 'retry-after': wait },
          body: '<!DOCTYPE html><html><head><title>Rate limited</title></head><body>You are being rate limited</body></html>',
        };
      default:
        return { status: 429, headers: { 'content-type': 'text/plain', 'retry-after': wait }, body: 'Retry later\n' };
    }
  }

  headers(): Record<string, string> {
    const limit = this.settings.rateLimit || this.settings.toldLimit;
    const reset = this.resetAt();
    return {
      'ratelimit-limit': String(limit),
      'ratelimit-observed': String(this.seen),
      'ratelimit-remaining': String(Math.max(0, limit - this.seen)),
      'ratelimit-reset': String(reset),
      'ratelimit-resettime': new Date(reset * 1000).toUTCString(),
      'ratelimit-name': 'throttle_authenticated_api',
    };
  }

  private resetAt(): number {
    return (this.window + 1) * this.settings.rateSeconds;
  }
}

const TOO_MANY = 'This endpoint has been requested too many times. Try again later.';
