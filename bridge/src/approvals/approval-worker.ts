import type { Logger } from '../hosting/logging';
import { RepeatedLook } from '../repeated-look';
import { whileHolding } from '../store/lease';
import type { ApprovalStore } from './approval-store';
import type { TaskKey, TaskLedger } from './task-ledger';
import { isLasting, type TaskWork } from './task-work';

const mostAtOnce = 8;
const expireAtOnce = 100;
/** A channel that is gone, or a scope that is missing, may be put right by somebody. */
const lastingPauseMs = 60_000;
/** About a day of such pauses; after it nobody is coming. */
const mostLastingAttempts = 1440;

/**
 * Brings the outside up to date with the store: expires what nobody decided, posts, reminds, escalates, redraws and
 * announces. Looks every `everyMs`; what happens in this process is done at once. Any number of processes may run one.
 */
export class ApprovalWorker {
  private readonly running = new Set<Promise<void>>();
  private readonly looks = new RepeatedLook(
    () => this.look(),
    () => this.everyMs,
  );

  constructor(
    private readonly store: ApprovalStore,
    private readonly ledger: TaskLedger,
    private readonly work: TaskWork,
    private readonly settled: (approvalId: string) => void,
    private readonly everyMs: number,
    private readonly logger: Logger,
  ) {}

  start(): void {
    this.looks.start();
  }

  /** Ends after what is under way. */
  async stop(): Promise<void> {
    await this.looks.stop();
    await Promise.allSettled(this.running);
  }

  /** Does what is due for one approval now, in the background. */
  kick(approvalId: string): void {
    this.track(this.doDue(approvalId));
  }

  /** Does one task now, due or not, if it is free. Rejects with what went wrong; the task is tried again later all the same. */
  async now(key: TaskKey): Promise<void> {
    const problem = await this.run(key, true);
    if (problem !== undefined) throw problem;
  }

  private async look(): Promise<void> {
    try {
      for (const id of await this.store.expire(expireAtOnce)) this.settled(id);
      await this.doDue();
    } catch (error) {
      this.logger.warn({ err: error }, 'could not look for what approvals owe');
    }
  }

  private async doDue(approvalId?: string): Promise<void> {
    const due = await this.ledger.due(approvalId === undefined ? 100 : 10, approvalId);
    // The card first: what goes into its thread needs it.
    const [cards, others] = [due.filter(({ kind }) => kind === 'card'), due.filter(({ kind }) => kind !== 'card')];
    await this.each(cards);
    await this.each(others);
  }

  private async each(keys: TaskKey[]): Promise<void> {
    const waiting = [...keys];
    const lane = async () => {
      for (let key = waiting.shift(); key !== undefined && !this.looks.isStopped; key = waiting.shift())
        await this.run(key);
    };
    await Promise.all(Array.from({ length: Math.min(mostAtOnce, waiting.length) }, lane));
  }

  private async run(key: TaskKey, early = false): Promise<unknown> {
    const task = await this.ledger.claim(key, early);
    if (task === undefined) return undefined;
    try {
      await whileHolding(
        this.ledger.leaseMs,
        () => this.ledger.renew(task),
        () => this.work.perform(task),
      );
      return undefined;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.logger.warn(
        { approval_id: key.approval_id, task: key.kind, attempt: task.attempts, reason },
        'not done yet',
      );
      // Cut off by our own end, it says nothing about the task: the next process may have it at once.
      if (this.looks.isStopped) await this.ledger.postpone(task, reason, 0);
      else if (!isLasting(error)) await this.ledger.postpone(task, reason);
      else if (task.attempts < mostLastingAttempts) await this.ledger.postpone(task, reason, lastingPauseMs);
      else await this.ledger.drop(task, reason);
      return error;
    }
  }

  private track(work: Promise<void>): void {
    const tracked: Promise<void> = work
      .catch((error: unknown) => this.logger.warn({ err: error }, 'an approval is not up to date'))
      .finally(() => this.running.delete(tracked));
    this.running.add(tracked);
  }
}
