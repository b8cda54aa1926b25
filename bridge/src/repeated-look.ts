/**
 * Looks at once and then again and again, a pause after the end of each look, so that two never overlap. The looks handle their
 * own errors; one that rejects goes on all the same.
 */
export class RepeatedLook {
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(
    private readonly look: () => Promise<void>,
    /** How long to wait before the next look, in milliseconds; asked after each one. */
    private readonly pauseMs: () => number,
  ) {}

  get isStopped(): boolean {
    return this.stopped;
  }

  start(): void {
    this.looking = this.look().finally(() => {
      if (!this.stopped) this.timer = setTimeout(() => this.start(), this.pauseMs());
    });
  }

  /** No further look begins, from now on; resolves when the one under way has ended. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.looking;
  }
}
