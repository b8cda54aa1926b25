import type { CaseRecord } from '../../../operations/cases';
import {
  type EscalationContent,
  isMoreUrgent,
  type MessagePlace,
  type Responder,
  type Urgency,
} from '../../../operations/escalations';
import type { CaseStore } from '../store/case-store';
import { leaseBounds } from '../store/lease';
import type { Escalations } from '../store/tables';
import { contentOf, verdictDigest } from './escalation-rows';
import type { EscalationSettings } from './escalation-settings';

/** A message that was registered and not posted for so long was left by a process that ended. */
const abandonedMs = 90_000;
/** Longest pause between two tries, in milliseconds. */
export const longestPauseMs = 300_000;

/** The escalations of cases, one row each. */
export class EscalationStore {
  constructor(
    private readonly store: CaseStore,
    private readonly settings: EscalationSettings,
    /** Whether anybody can acknowledge. */
    private readonly interactive: boolean,
    readonly leaseMs: number,
  ) {}

  private get db() {
    return this.store.database.db;
  }

  private now(): Date {
    return this.store.settings.now();
  }

  /** See EscalationsPort.register. */
  async register(
    record: CaseRecord,
    wanted: { channel: string; content: EscalationContent },
  ): Promise<{ channel: string; content: EscalationContent; created: boolean }> {
    const at = this.now().toISOString();
    const { urgency } = wanted.content;
    const inserted = await this.db
      .insertInto('escalations')
      .values({
        case_id: record.id,
        channel: wanted.channel,
        content: JSON.stringify(wanted.content),
        urgency,
        told_urgency: urgency,
        told_verdict: verdictDigest(record),
        step: 0,
        unanswered: 0,
        pointers: '[]',
        revision: 1,
        shown_revision: 1,
        case_version: record.version,
        created_at: at,
        due_at: at,
        attempts: 0,
      })
      .onConflict((conflict) => conflict.column('case_id').doNothing())
      .executeTakeFirst();
    if (inserted.numInsertedOrUpdatedRows === 1n) return { ...wanted, created: true };
    const row = await this.get(record.id);
    // Withdrawn in this very moment: it is ours after all.
    if (row === undefined) return this.register(record, wanted);
    await this.raise(row.case_id, urgency);
    return { channel: row.channel, content: contentOf(row), created: false };
  }

  async posted(caseId: string, { channel, ts, permalink }: MessagePlace & { permalink: string | null }): Promise<void> {
    const row = await this.get(caseId);
    if (row === undefined || row.ts !== null) return;
    await this.db
      .updateTable('escalations')
      .set({ channel, ts, permalink, next_at: this.nextCall(row.urgency) })
      .where('case_id', '=', caseId)
      .where('ts', 'is', null)
      .execute();
  }

  /** When people are called again if nobody acknowledges; null for never. */
  private nextCall(urgency: Urgency): string | null {
    const wait = this.interactive ? this.settings.acknowledgeMs[urgency] : 0;
    return wait === 0 ? null : new Date(this.now().getTime() + wait).toISOString();
  }

  async withdraw(caseId: string): Promise<void> {
    await this.db.deleteFrom('escalations').where('case_id', '=', caseId).where('ts', 'is', null).execute();
  }

  async get(caseId: string): Promise<Escalations | undefined> {
    return this.db.selectFrom('escalations').selectAll().where('case_id', '=', caseId).executeTakeFirst();
  }

  /** Urgency only rises, and with it the time to acknowledge gets shorter. True when it did. */
  async raise(caseId: string, urgency: Urgency): Promise<boolean> {
    const row = await this.get(caseId);
    if (row === undefined || !isMoreUrgent(urgency, row.urgency)) return false;
    const nextAt = row.ts === null || row.acknowledged !== null ? null : this.nextCall(urgency);
    // Nobody was to be called, or later: all of the list is before us, or the clock is put forward.
    const sooner = nextAt !== null && (row.next_at === null ? row.step === 0 : nextAt < row.next_at);
    const raised = await this.db
      .updateTable('escalations')
      .set((column) => ({
        urgency,
        revision: column('revision', '+', 1),
        ...(sooner ? { next_at: nextAt } : {}),
      }))
      .where('case_id', '=', caseId)
      .where('urgency', '=', row.urgency)
      .executeTakeFirst();
    return raised.numUpdatedRows === 1n;
  }

  /** The first to acknowledge is kept. Resolves to whoever it is, and whether it was this one. */
  async acknowledge(caseId: string, by: Responder): Promise<{ by: Responder; first: boolean } | undefined> {
    const updated = await this.db
      .updateTable('escalations')
      .set((column) => ({
        acknowledged: JSON.stringify(by),
        next_at: null,
        revision: column('revision', '+', 1),
      }))
      .where('case_id', '=', caseId)
      .where('acknowledged', 'is', null)
      .executeTakeFirst();
    if (updated.numUpdatedRows === 1n) return { by, first: true };
    const known = (await this.get(caseId))?.acknowledged;
    return known == null ? undefined : { by: JSON.parse(known) as Responder, first: false };
  }

  async investigating(caseId: string, by: Responder): Promise<void> {
    await this.db
      .updateTable('escalations')
      .set((column) => ({ investigating: JSON.stringify(by), revision: column('revision', '+', 1) }))
      .where('case_id', '=', caseId)
      .execute();
  }

  /** Cases whose escalation owes something now, longest waiting first. */
  async due(limit: number): Promise<string[]> {
    const { over: at, unlikely } = leaseBounds(this.now(), this.leaseMs);
    const pause = leaseBounds(this.now(), 2 * longestPauseMs);
    const abandoned = new Date(this.now().getTime() - abandonedMs).toISOString();
    const rows = await this.db
      .selectFrom('escalations')
      .innerJoin('security_investigations', 'security_investigations.id', 'escalations.case_id')
      .select('escalations.case_id')
      .where((where) =>
        where.or([where('escalations.due_at', '<=', at), where('escalations.due_at', '>', pause.unlikely)]),
      )
      .where((where) =>
        where.or([
          where('escalations.lease_until', 'is', null),
          where('escalations.lease_until', '<=', at),
          where('escalations.lease_until', '>', unlikely),
        ]),
      )
      .where((where) =>
        where.or([
          where.and([where('escalations.ts', 'is', null), where('escalations.created_at', '<=', abandoned)]),
          where.and([
            where('escalations.ts', 'is not', null),
            where.or([
              where('escalations.next_at', '<=', at),
              where('escalations.revision', '>', where.ref('escalations.shown_revision')),
              where('security_investigations.version', '>', where.ref('escalations.case_version')),
            ]),
          ]),
        ]),
      )
      .orderBy('escalations.due_at')
      .limit(limit)
      .execute();
    return rows.map(({ case_id }) => case_id);
  }

  /** Takes an escalation to work on; undefined when somebody else has it. */
  async claim(caseId: string): Promise<Escalations | undefined> {
    const now = this.now();
    const { over: at, unlikely } = leaseBounds(now, this.leaseMs);
    return this.db
      .updateTable('escalations')
      .set({
        lease_owner: this.store.processName,
        lease_until: new Date(now.getTime() + this.leaseMs).toISOString(),
      })
      .where('case_id', '=', caseId)
      .where((where) =>
        where.or([
          where('lease_until', 'is', null),
          where('lease_until', '<=', at),
          where('lease_until', '>', unlikely),
        ]),
      )
      .returningAll()
      .executeTakeFirst();
  }

  /** Keeps a claim while its work goes on. */
  async renew(caseId: string): Promise<void> {
    await this.record(caseId, { lease_until: new Date(this.now().getTime() + this.leaseMs).toISOString() });
  }

  /** Writes down what was done while holding the claim. */
  async record(caseId: string, done: Partial<Escalations>): Promise<void> {
    await this.db
      .updateTable('escalations')
      .set(done)
      .where('case_id', '=', caseId)
      .where('lease_owner', '=', this.store.processName)
      .execute();
  }

  /** Counts up what its messages have to show. */
  async revise(caseId: string): Promise<void> {
    await this.db
      .updateTable('escalations')
      .set((column) => ({ revision: column('revision', '+', 1) }))
      .where('case_id', '=', caseId)
      .execute();
  }

  /** Gives it back; after a failure not before `retryAt`. */
  async release(caseId: string, failure?: { error: string; retryAt: Date }): Promise<void> {
    await this.db
      .updateTable('escalations')
      .set((column) => ({
        lease_owner: null,
        lease_until: null,
        attempts: failure === undefined ? column.val(0) : column('attempts', '+', 1),
        ...(failure === undefined ? {} : { due_at: failure.retryAt.toISOString() }),
        last_error: failure?.error ?? null,
      }))
      .where('case_id', '=', caseId)
      .where('lease_owner', '=', this.store.processName)
      .execute();
  }
}
