import type { Kysely } from 'kysely';
import type { Tables } from '../store/tables';

const windowMs = 60_000;
/** A process takes so much of a limit from the store at once, so that not every call has to ask it. */
const partsOfLimit = 50;
const mostKeys = 10_000;

interface Share {
  window: number;
  left: number;
  /** The window has no more to give. */
  spent: boolean;
}

/**
 * Limits for each minute of the clock, shared by all processes on one database. A process claims a part of a limit
 * before it lets anything through on it, so that all together never let through more; what it has claimed and not used
 * when the minute ends is lost, at most a fiftieth of the limit for each process.
 */
export class RateLimits {
  private readonly shares = new Map<string, Share>();
  private readonly asking = new Map<string, Promise<void>>();
  private tidiedIn = 0;

  constructor(
    private readonly db: Kysely<Tables>,
    private readonly now: () => Date = () => new Date(),
  ) {}

  /** Seconds to wait when the limit is reached; undefined when the call may go on. A limit of 0 is none. */
  async take(key: string, limit: number): Promise<number | undefined> {
    if (limit === 0) return undefined;
    for (;;) {
      const at = this.now().getTime();
      const window = at - (at % windowMs);
      const share = this.shareOf(key, window);
      if (share.left > 0) {
        share.left -= 1;
        return undefined;
      }
      if (share.spent) return Math.max(1, Math.ceil((window + windowMs - at) / 1000));
      const asked = this.asking.get(key) ?? this.claim(key, share, limit);
      this.asking.set(key, asked);
      try {
        await asked;
      } finally {
        if (this.asking.get(key) === asked) this.asking.delete(key);
      }
    }
  }

  private shareOf(key: string, window: number): Share {
    const known = this.shares.get(key);
    if (known?.window === window) return known;
    if (known === undefined && this.shares.size >= mostKeys) this.forgetOld(window);
    const share = { window, left: 0, spent: false };
    this.shares.set(key, share);
    return share;
  }

  private async claim(key: string, share: Share, limit: number): Promise<void> {
    const part = Math.max(1, Math.floor(limit / partsOfLimit));
    const { used } = await this.db
      .insertInto('rate_windows')
      .values({ key, window_start: new Date(share.window).toISOString(), used: part })
      .onConflict((conflict) =>
        conflict.columns(['key', 'window_start']).doUpdateSet((set) => ({ used: set('rate_windows.used', '+', part) })),
      )
      .returning('used')
      .executeTakeFirstOrThrow();
    const granted = Math.min(part, limit - (used - part));
    if (granted > 0) share.left += granted;
    else share.spent = true;
    await this.tidy(share.window);
  }

  private async tidy(window: number): Promise<void> {
    if (this.tidiedIn === window) return;
    this.tidiedIn = window;
    const before = new Date(window - windowMs).toISOString();
    await this.db.deleteFrom('rate_windows').where('window_start', '<', before).execute();
  }

  private forgetOld(window: number): void {
    for (const [key, share] of this.shares) if (share.window !== window) this.shares.delete(key);
  }
}
