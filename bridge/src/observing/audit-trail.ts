import { randomBytes } from 'node:crypto';
import { UnavailableError } from '../../../operations/errors';
import type { Effect } from '../../../operations/operation';
import { cleanLine } from '../../../operations/text';
import type { Principal } from '../access/principal';
import type { Logger } from '../hosting/logging';
import { canonicalJson, sha256Hex } from '../store/event-chain';
import { type AuditEntry, type ChainHead, linked, startOf } from './audit-chain';
import type { AuditStore } from './audit-store';
import type { CallEnd, CallStart, Observer, Refused } from './observers';
import { traceIdOf } from './trace-context';

/** Entries in one statement. SQLite takes 32,766 values in one, PostgreSQL 65,535; a row has 18. */
const batch = 500;
/** Entries that may wait for a store that is away; beyond them calls that read are refused as well. */
const mostPending = 10_000;
/** Refusals at the door written in one minute; more of them are counted, or whoever knocks could fill the store. */
const refusalsPerMinute = 120;
const retryMs = 1000;
/** How long what only read waits for company: a statement for each would cost more than the call. */
const gatherMs = 250;

interface Waiting {
  entry: AuditEntry;
  done?: { resolve(): void; reject(error: Error): void };
}

const empty: AuditEntry = {
  at: '',
  kind: '',
  request_id: null,
  principal: null,
  proof: null,
  credential_id: null,
  transport: null,
  tool: null,
  arguments_sha256: null,
  outcome: null,
  code: null,
  duration_ms: null,
  trace_id: null,
  detail: null,
};

/**
 * Who called what, with which arguments (their digest), and how it ended: one hash chain for this process, in the store. A
 * call that can change something is on record before it runs, and its answer waits until its end is; when that cannot be
 * written it is not run. Reads are written soon after. Of arguments and answers nothing is kept.
 */
export class AuditTrail implements Observer {
  private head: ChainHead;
  private queue: Waiting[] = [];
  private writing: Promise<void> | undefined;
  private gathering: NodeJS.Timeout | undefined;
  private refusals = { minute: 0, written: 0, left: 0 };
  private stopped = false;
  /** Set once a write failed: what the store holds of this chain is read before the next. */
  private unsure = false;

  constructor(
    private readonly store: AuditStore,
    private readonly effects: ReadonlyMap<string, Effect>,
    private readonly logger: Logger,
    private readonly now: () => Date = () => new Date(),
  ) {
    this.head = startOf(`${now().toISOString()}-${randomBytes(4).toString('hex')}`);
  }

  get chain(): string {
    return this.head.chain;
  }

  /** Entries that are not durable yet. */
  get pending(): number {
    return this.queue.length;
  }

  /** Begins the chain; it names the heads of all others, so that none can lose its end unnoticed. */
  async open(): Promise<void> {
    const heads = await this.store.heads();
    await this.durable({ ...this.entry('opened'), detail: canonicalJson({ heads }) });
  }

  async close(): Promise<void> {
    if (this.stopped) return;
    this.stopped = true;
    await this.durable(this.entry('closed')).catch((error: unknown) =>
      this.logger.error({ err: error, entries: this.pending }, 'the audit trail could not be ended'),
    );
  }

  callBegan(call: CallStart): void | Promise<void> {
    if (this.queue.length >= mostPending)
      throw new UnavailableError('The audit trail', 'its store has been away too long; nothing is run unrecorded');
    return this.changes(call.tool) ? this.durable(this.ofCall('begun', call)) : undefined;
  }

  callEnded(call: CallStart, end: CallEnd): void | Promise<void> {
    const entry = this.ofCall('ended', call, end);
    if (this.changes(call.tool) && end.outcome !== 'withheld') return this.durable(entry);
    return this.soon(entry);
  }

  refused({ kind, status, path, from, principal, tool }: Refused): void {
    const minute = Math.floor(this.now().getTime() / 60_000);
    if (minute !== this.refusals.minute) this.refusals = { minute, written: 0, left: this.refusals.left };
    if (this.refusals.written >= refusalsPerMinute) {
      this.refusals.left += 1;
      return;
    }
    const { left } = this.refusals;
    this.refusals = { minute, written: this.refusals.written + 1, left: 0 };
    this.soon({
      ...this.entry('refused'),
      ...(principal === undefined ? {} : ofPrincipal(principal)),
      tool: tool ?? null,
      outcome: kind,
      detail: canonicalJson({
        status,
        path: cleanLine(path, 200),
        from: cleanLine(from, 100),
        ...(left === 0 ? {} : { refusals_not_written: left }),
      }),
    });
  }

  private changes(tool: string): boolean {
    return this.effects.get(tool) !== 'read';
  }

  private entry(kind: string): AuditEntry {
    return { ...empty, at: this.now().toISOString(), kind };
  }

  /** Written out in one piece: every call makes one, and objects that are copied together cost several times as much. */
  private ofCall(kind: string, call: CallStart, end?: CallEnd): AuditEntry {
    const { principal } = call;
    return {
      at: this.now().toISOString(),
      kind,
      request_id: call.requestId,
      principal: principal.name ?? null,
      proof: principal.proof,
      credential_id: principal.credentialId ?? null,
      transport: call.transport,
      tool: call.tool,
      arguments_sha256: sha256Hex(canonicalJson(call.arguments)),
      outcome: end?.outcome ?? null,
      code: end?.code ?? null,
      duration_ms: end === undefined ? null : Math.round(end.durationMs),
      trace_id: traceIdOf(call.meta) ?? null,
      detail: null,
    };
  }

  private soon(entry: AuditEntry): void {
    if (this.queue.length >= mostPending) {
      this.logger.error({ kind: entry.kind, tool: entry.tool }, 'the audit trail is full; an entry is lost');
      return;
    }
    this.queue.push({ entry });
    if (this.queue.length >= batch) this.write();
    else this.gathering ??= setTimeout(() => this.write(), gatherMs).unref();
  }

  /** Rejects with UnavailableError when it could not be written at once. */
  private durable(entry: AuditEntry): Promise<void> {
    return new Promise((resolve, reject) => {
      this.queue.push({ entry, done: { resolve, reject } });
      this.write();
    });
  }

  private write(): void {
    clearTimeout(this.gathering);
    this.gathering = undefined;
    this.writing ??= this.drain().finally(() => {
      this.writing = undefined;
      if (this.queue.length > 0 && !(this.stopped && this.unsure)) this.write();
    });
  }

  /** One statement for all that came while the last one was under way. */
  private async drain(): Promise<void> {
    // Calls that arrive in the same turn share the statement.
    await new Promise((turn) => setImmediate(turn));
    while (this.queue.length > 0) {
      const taken = this.queue.slice(0, batch);
      try {
        // An answer that was lost may have been a yes.
        if (this.unsure) this.head = (await this.store.headOf(this.chain)) ?? startOf(this.chain);
        this.unsure = false;
        let { head } = this;
        const rows = taken.map(({ entry }) => {
          const row = linked(entry, head);
          head = row;
          return row;
        });
        await this.store.add(rows);
        this.head = { chain: head.chain, seq: head.seq, hash: head.hash };
        this.queue.splice(0, taken.length);
        for (const { done } of taken) done?.resolve();
      } catch (error) {
        this.unsure = true;
        this.giveUp(error);
        if (this.stopped) return;
        await new Promise((later) => setTimeout(later, retryMs).unref());
      }
    }
  }

  /** Nobody waits for a store that is away; what can be written later stays. */
  private giveUp(error: unknown): void {
    this.logger.error({ err: error, entries: this.queue.length }, 'audit entries not written; they are tried again');
    const waiting = this.queue;
    // A call that did not begin is not recorded as begun; one that has ended still is, later.
    this.queue = waiting
      .filter(({ entry, done }) => done === undefined || entry.kind === 'ended')
      .map(({ entry }) => ({ entry }));
    for (const { done } of waiting)
      done?.reject(
        new UnavailableError('The audit trail', 'it cannot be written at the moment, and nothing is run unrecorded'),
      );
  }
}

function ofPrincipal({ name, proof, credentialId }: Principal): Partial<AuditEntry> {
  return { principal: name ?? null, proof, credential_id: credentialId ?? null };
}
