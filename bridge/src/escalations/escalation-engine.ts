import { NotFoundOrNoAccessError, OperationError } from '../../../operations/errors';
import type { EscalationsPort, Responder } from '../../../operations/escalations';
import type { Ports } from '../../../operations/ports';
import type { ClosingOutcome } from '../../../operations/slack/closing-modal';
import { cleanLine } from '../../../operations/text';
import type { Logger } from '../hosting/logging';
import type { CaseStore } from '../store/case-store';
import { Driving } from '../store/driving';
import { EscalationKeeper } from './escalation-keeper';
import type { EscalationSettings } from './escalation-settings';
import { EscalationStore } from './escalation-store';
import { EscalationWork } from './escalation-work';

export interface EscalationEngineParts {
  store: CaseStore;
  settings: EscalationSettings;
  /** Whether clicks come in somewhere. */
  interactive: boolean;
  /** People and groups of Slack who may close cases. */
  closers: readonly string[];
  ports: (signal: AbortSignal) => Ports;
  logger: Logger;
  /** Between two looks for what escalations owe, in milliseconds. */
  everyMs: number;
}

export type Acknowledged = { kind: 'acknowledged' } | { kind: 'already'; by: Responder } | { kind: 'unknown' };
export type Investigation = 'started' | 'running' | 'waiting' | 'closed' | 'unknown';

/** Escalations of cases: who has taken them up, whom to call next, and what their messages show. */
export class EscalationEngine {
  private readonly rows: EscalationStore;
  private readonly driving: Driving;
  private readonly keeper: EscalationKeeper;
  /** Begins driving a case in this process, where cases are driven. */
  beginCase: ((caseId: string) => void) | undefined;

  constructor(readonly parts: EscalationEngineParts) {
    const { store, settings, interactive, closers } = parts;
    this.rows = new EscalationStore(store, settings, interactive, store.settings.leaseMs);
    this.driving = new Driving(store);
    this.keeper = new EscalationKeeper(
      this.rows,
      new EscalationWork(this.rows, settings, interactive, interactive && closers.length > 0),
      parts,
    );
  }

  /** See EscalationsPort. */
  port(): EscalationsPort {
    return {
      interactive: this.parts.interactive,
      register: async (caseId, wanted) => {
        const record = await this.parts.store.get(caseId);
        if (record === undefined) throw new NotFoundOrNoAccessError('The case store', `case ${caseId}`);
        const agreed = await this.rows.register(record, wanted);
        if (!agreed.created) this.keeper.kick(caseId);
        return agreed;
      },
      posted: (caseId, place) => this.rows.posted(caseId, place),
      withdraw: (caseId) => this.rows.withdraw(caseId),
    };
  }

  start(): void {
    this.keeper.start();
  }

  stop(): Promise<void> {
    return this.keeper.stop();
  }

  /** Somebody has seen it: stamped on the case and the message, and nobody else is called. The first one counts. */
  async acknowledge(caseId: string, by: Responder): Promise<Acknowledged> {
    const outcome = await this.rows.acknowledge(caseId, by);
    if (outcome === undefined) return { kind: 'unknown' };
    // Also when this click was counted before and its process ended then: the stage sees to it that the event is one.
    if (outcome.by.id === by.id) await this.stamp(caseId, 'acknowledged', outcome.by, 'Acknowledged');
    this.keeper.kick(caseId);
    return outcome.by.id === by.id ? { kind: 'acknowledged' } : { kind: 'already', by: outcome.by };
  }

  /** Starts the investigation, from the beginning if there was one; whoever starts it has also seen it. */
  async investigate(caseId: string, by: Responder): Promise<Investigation> {
    const row = await this.rows.get(caseId);
    if (row === undefined) return 'unknown';
    // The same click, handed over again after its process ended: what it started is on its way, or done.
    if (row.investigating === JSON.stringify(by)) return 'started';
    const summary = `Investigation started in Slack by ${nameOf(by)}`;
    const outcome = await this.driving.reopen(caseId, { type: 'reopened', summary });
    if (outcome === 'closed' || outcome === 'waiting') return outcome;
    await this.rows.investigating(caseId, by);
    await this.acknowledge(caseId, by);
    if (outcome !== 'reopened') await this.stamp(caseId, 'investigation_asked', by, 'Investigation asked for');
    if (outcome !== 'running') this.beginCase?.(caseId);
    this.keeper.kick(caseId);
    return outcome === 'running' ? 'running' : 'started';
  }

  /**
   * Closes a case in the name of a person who was made sure of, as they saw it. Resolves to what that person is told; whatever it
   * came to, the messages show it. Done again, it is the same.
   */
  async close(
    caseId: string,
    closing: { version: number; outcome: ClosingOutcome; reason: string },
    person: string,
  ): Promise<string> {
    const { store } = this.parts;
    try {
      const report = await store.adding.close(caseId, closing, person);
      if (report !== null) await store.settings.onReport?.({ id: caseId, report_markdown: report });
      return `Case ${caseId} is closed as ${closing.outcome.replaceAll('_', ' ')}.`;
    } catch (error) {
      if (!(error instanceof OperationError)) throw error;
      const record = await store.get(caseId);
      if (record?.status === 'closed' && record.closed_by === person && record.outcome === closing.outcome)
        return `Case ${caseId} is closed as ${closing.outcome.replaceAll('_', ' ')}.`;
      return `Nothing was closed by this. ${error.message}`;
    } finally {
      this.keeper.kick(caseId);
    }
  }

  private async stamp(caseId: string, type: string, by: Responder, what: string): Promise<void> {
    const cases = this.parts.store.port({ caseLeaseMs: 0 });
    await cases.stage(caseId, `escalation_${type}:${by.id}:${by.at}`, async () => {
      await cases.change(caseId, {}, { type, summary: `${what} in Slack by ${nameOf(by)} at ${by.at}` });
      return { stamped: true };
    });
  }
}

/** The id is what counts; the name is for people. */
function nameOf({ id, name }: Responder): string {
  return `${cleanLine(name, 100)} (${id})`;
}
