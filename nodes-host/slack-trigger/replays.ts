import { signatureWindowSeconds } from '../../operations/slack/request-signature';

const keptAtMost = 5_000;

/**
 * Requests seen lately, by their signature: a copy of one stays validly signed for five minutes. Remembered in this
 * process alone; approvals are settled once by n8n itself, whatever gets past here.
 */
export class Replays {
  private readonly seen = new Map<string, number>();

  constructor(private readonly now: () => number) {}

  /** Whether this is the first time; from now on it no longer is. */
  first(signature: string): boolean {
    const now = this.now();
    const until = now + 2 * signatureWindowSeconds * 1000;
    for (const [key, end] of this.seen) {
      if (end > now && this.seen.size <= keptAtMost) break;
      this.seen.delete(key);
    }
    if (this.seen.has(signature)) return false;
    this.seen.set(signature, until);
    return true;
  }
}
