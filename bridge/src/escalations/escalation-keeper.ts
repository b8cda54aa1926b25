import { OperationError } from '../../../operations/errors';
import type { Ports } from '../../../operations/ports';
import { backoffMs } from '../../../operations/retry';
import { cleanLine } from '../../../operations/text';
import type { Logger } from '../hosting/logging';
import { RepeatedLook } from '../repeated-look';
import { whileHolding } from '../store/lease';
import { type EscalationStore, longestPauseMs } from './escalation-store';
import type { EscalationWork } from './escalation-work';

const mostAtOnce = 4;
const firstPauseMs = 2000;

/**
 * Looks for escalations that owe something: a call that is due, a click or a change of the case to show. Timers are rows
 * of the database, so a restart loses none; any number of processes may look.
 */
export class EscalationKeeper {
  private readonly running = new Map<string, Promise<void>>();
  private readonly again = new Set<string>();
  private readonly stopping = new AbortController();
  private readonly looks = new RepeatedLook(
    () => this.look(),
    () => this.parts.everyMs,
  );

  constructor(
    private readonly rows: EscalationStore,
    private readonly work: EscalationWork,
    private readonly parts: { ports: (signal: AbortSignal) => Ports; logger: Logger; everyMs: number },
  ) {}

  start(): void {
    this.looks.start();
  }

  /** Ends what is under way: requests that were sent are finished, and the rest is for another process. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.looks.stop();
    await Promise.allSettled(this.running.values());
  }

  /** Does what one escalation owes now, in the background. */
  kick(caseId: string): void {
    if (this.stopping.signal.aborted) return;
    if (this.running.has(caseId)) {
      this.again.add(caseId);
      return;
    }
    const run = this.run(caseId)
      .catch((error: unknown) => this.parts.logger.error({ err: error, case_id: caseId }, 'escalation not recorded'))
      .finally(() => {
        this.running.delete(caseId);
        if (this.again.delete(caseId)) this.kick(caseId);
      });
    this.running.set(caseId, run);
  }

  private async look(): Promise<void> {
    const room = mostAtOnce - this.running.size;
    if (room <= 0) return;
    try {
      for (const caseId of await this.rows.due(room)) this.kick(caseId);
    } catch (error) {
      this.parts.logger.warn({ err: error }, 'could not look for what escalations owe');
    }
  }

  private async run(caseId: string): Promise<void> {
    const row = await this.rows.claim(caseId);
    if (row === undefined) return;
    const { signal } = this.stopping;
    try {
      const work = () => this.work.perform(this.parts.ports(signal), row);
      await whileHolding(this.rows.leaseMs, () => this.rows.renew(caseId), work);
      await this.rows.release(caseId);
    } catch (error) {
      const reason = error instanceof OperationError ? `${error.code}: ${error.message}` : String(error);
      if (!signal.aborted) this.parts.logger.warn({ case_id: caseId, reason }, 'an escalation could not be kept up');
      const pause = firstPauseMs / 2 + backoffMs(row.attempts, Math.random(), firstPauseMs, longestPauseMs);
      const retryAt = new Date(Date.now() + (signal.aborted ? 0 : pause));
      await this.rows.release(caseId, { error: cleanLine(reason, 500), retryAt });
    }
  }
}
