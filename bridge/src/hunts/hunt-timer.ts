import type { HuntSchedulePort } from '../../../operations/analytics/schedule/hunt-schedule-port';
import type { Logger } from '../hosting/logging';
import { RepeatedLook } from '../repeated-look';

/** Looked for at least this often, so that several processes keep one rhythm, whichever of them is there. */
const longestPauseMs = 60_000;

/**
 * Runs the scheduled hunts when they are due: so many hours after the last run began, whoever ran it. A run that was due while
 * no process was there comes at once, and says so. Two processes that see it due at once make one run, by the lease.
 */
export class HuntTimer {
  private readonly looks = new RepeatedLook(
    () => this.look(),
    () => this.nextPauseMs(),
  );
  private readonly stopping = new AbortController();
  private failures = 0;

  constructor(
    private readonly everyMs: number,
    private readonly schedule: HuntSchedulePort,
    private readonly run: (signal: AbortSignal) => Promise<void>,
    private readonly logger: Logger,
    private readonly now: () => Date = () => new Date(),
    private readonly pauseMs = Math.min(longestPauseMs, everyMs / 4),
  ) {}

  start(): void {
    this.looks.start();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.looks.stop();
  }

  /** After a failure longer and longer, so that a data lake that is away is not asked every minute. */
  private nextPauseMs(): number {
    return Math.max(this.pauseMs, Math.min(this.everyMs / 4, this.pauseMs * 2 ** this.failures));
  }

  private async look(): Promise<void> {
    try {
      const last = await this.schedule.lastRun();
      const isDue = last === undefined || this.now().getTime() - Date.parse(last.started_at) >= this.everyMs;
      // One that was broken off is made up for at once; another process may still be at it, and then nothing happens.
      if (!isDue && last.finished_at !== null) return;
      await this.run(this.stopping.signal);
      this.failures = 0;
    } catch (error) {
      if (this.stopping.signal.aborted) return;
      this.failures = Math.min(10, this.failures + 1);
      this.logger.warn({ err: error }, 'the scheduled hunts did not run to their end');
    }
  }
}
