import { type CaseRunner, maxRuns } from './case-runner';
import type { Logger } from './hosting/logging';
import { RepeatedLook } from './repeated-look';

/** Looks for cases that nobody drives, at the start and then every `everyMs` milliseconds, and has them driven here. */
export class Reconciler {
  private readonly looks = new RepeatedLook(
    () => this.look(),
    () => this.everyMs,
  );

  constructor(
    private readonly runner: CaseRunner,
    private readonly everyMs: number,
    private readonly logger: Logger,
  ) {}

  start(): void {
    this.looks.start();
  }

  stop(): Promise<void> {
    return this.looks.stop();
  }

  private async look(): Promise<void> {
    const room = maxRuns - this.runner.count;
    if (room <= 0) return;
    try {
      for (const caseId of await this.runner.driving.stuck(room)) {
        this.logger.info({ case_id: caseId }, 'nobody drives this case; taking over');
        this.runner.takeOver(caseId);
      }
    } catch (error) {
      this.logger.warn({ err: error }, 'could not look for stuck cases');
    }
  }
}
