import type { CaseRecord } from '../../operations/cases';
import { settledStatuses } from '../../operations/cases';
import { ConflictError, OperationError } from '../../operations/errors';
import type { Ports } from '../../operations/ports';
import { backoffMs } from '../../operations/retry';
import { cleanLine } from '../../operations/text';
import type { Host } from './hosting/host';
import type { Logger } from './hosting/logging';
import { Driving } from './store/driving';
import { whileHolding } from './store/lease';

/** Goes on with a case from whatever was finished before. Resolves when it is settled. */
export type ResumeCase = (ports: Ports, caseId: string) => Promise<CaseRecord>;

/** Longest pause before a failed case is tried again. */
const retryCapMs = 600_000;
/**
 * Investigations at a time in one process. Each writes some fifty times and has three queries under way: a storm of alerts that were all
 * investigated at once would leave the database no time to take the alerts, and the warehouse none for people.
 */
export const maxRuns = 4;
/** Ids kept for later; of what does not fit, the lease runs out and the reconciler finds it. */
const mostWaiting = 10_000;

/** Drives cases inside this process: those that came in by HTTP, and those that nobody drives any more. */
export class CaseRunner {
  readonly driving: Driving;
  private readonly stopping = new AbortController();
  private readonly running = new Map<string, Promise<void>>();
  /** Opened here and not begun yet, oldest first. When the lease runs out before their turn, another process may be quicker. */
  private readonly waiting = new Set<string>();

  constructor(
    private readonly host: Host,
    private readonly resume: ResumeCase,
    private readonly logger: Logger,
    /** The first pause before a failed case is tried again, in milliseconds; it doubles up to ten minutes, jittered. */
    private readonly retryBaseMs = 5000,
  ) {
    this.driving = new Driving(host.store, Math.max(host.config.leaseMs, host.config.caseLeaseMs));
  }

  get count(): number {
    return this.running.size;
  }

  /** Drives a case that this process has just opened: at once, or when one of those that run has ended. */
  begin(caseId: string): void {
    if (this.running.size < maxRuns) this.track(caseId, true);
    else if (this.waiting.size < mostWaiting) this.waiting.add(caseId);
  }

  /** Takes over a case that nobody drives; does nothing when somebody else was quicker. */
  takeOver(caseId: string): void {
    this.track(caseId, false);
  }

  /** Stops all runs and gives their cases back, so that another process can go on at once. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await Promise.allSettled(this.running.values());
    if (this.waiting.size === 0) return;
    this.waiting.clear();
    await this.driving.releaseAll();
  }

  private track(caseId: string, own: boolean): void {
    if (this.stopping.signal.aborted || this.running.has(caseId)) return;
    this.waiting.delete(caseId);
    const run = this.run(caseId, own)
      // The database failed: the lease runs out by itself and the case is found again.
      .catch((error: unknown) => this.logger.error({ err: error, case_id: caseId }, 'run not recorded'))
      .finally(() => {
        this.running.delete(caseId);
        const [next] = this.waiting;
        if (next !== undefined && this.running.size < maxRuns) this.track(next, true);
      });
    this.running.set(caseId, run);
  }

  private async run(caseId: string, own: boolean): Promise<void> {
    const attempts = await this.driving.claim(caseId, own);
    if (attempts === undefined) return;
    const logger = this.logger.child({ case_id: caseId, attempt: attempts });
    const { maxAttempts } = this.host.config;
    if (attempts > maxAttempts) {
      const reason = (await this.driving.lastError(caseId)) ?? 'the process ended while the case was investigated';
      await this.bury(caseId, attempts - 1, reason, logger);
      return;
    }
    try {
      await this.drive(caseId, logger);
      await this.driving.release(caseId, {});
      logger.info('case settled');
    } catch (error) {
      if (this.stopping.signal.aborted) {
        await this.driving.release(caseId, { uncounted: true });
        return;
      }
      const reason = reasonOf(error);
      logger.warn({ err: error instanceof OperationError ? undefined : error, reason }, 'run failed');
      if (attempts >= maxAttempts) {
        await this.bury(caseId, attempts, reason, logger);
        return;
      }
      const pause = this.retryBaseMs / 2 + backoffMs(attempts - 1, Math.random(), this.retryBaseMs, retryCapMs);
      await this.driving.release(caseId, { error: reason, retryAt: new Date(Date.now() + pause) });
    }
  }

  /** Runs the pipeline while renewing the claim; ends it when the claim is lost. */
  private async drive(caseId: string, logger: Logger): Promise<void> {
    const { leaseMs } = this.host.config;
    const lost = new AbortController();
    const signal = AbortSignal.any([this.stopping.signal, lost.signal]);
    const renew = async () => {
      if (!(await this.driving.renew(caseId))) lost.abort();
    };
    const ports = this.host.ports({ signal, logger, caseLeaseMs: leaseMs });
    const record = await whileHolding(leaseMs, renew, () => this.resume(ports, caseId));
    if (!settledStatuses.includes(record.status)) {
      throw new ConflictError(`Case ${caseId} is still ${record.status} after its run.`, { status: record.status });
    }
  }

  private async bury(caseId: string, attempts: number, reason: string, logger: Logger): Promise<void> {
    await this.driving.bury(caseId, attempts, reason);
    await this.driving.release(caseId, { error: reason });
    logger.error({ reason, attempts }, 'case given up');
  }
}

/** For people, in the case: our own errors as they are, anything else without its internals. */
function reasonOf(error: unknown): string {
  return error instanceof OperationError
    ? cleanLine(`${error.code}: ${error.message}`, 1000)
    : 'unavailable: the investigation stopped on an unexpected condition; the log of the bridge has the details';
}
