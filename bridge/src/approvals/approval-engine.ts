import { EventEmitter } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type ApprovalRecord,
  type ApprovalRequest,
  type ApprovalsPort,
  actionDigest,
  type Requester,
} from '../../../operations/approvals';
import { CancelledError, ConflictError, InvalidInputError, OperationError } from '../../../operations/errors';
import { sha256 } from '../../../operations/investigation/canonical-json';
import type { Ports } from '../../../operations/ports';
import { Deadline } from '../../../operations/retry';
import { noApproval } from '../../../operations/slack/approval-waiting';
import { SlackClient } from '../../../operations/slack/client';
import { cleanLine, cleanText } from '../../../operations/text';
import type { Logger } from '../hosting/logging';
import type { Database } from '../store/database';
import { type ApprovalSettings, whyRefused } from './approval-settings';
import { ApprovalStore } from './approval-store';
import { ApprovalWorker } from './approval-worker';
import { Approvers } from './approvers';
import { checkedResumeUrl } from './resume-call';
import { TaskLedger } from './task-ledger';
import { isLasting, TaskWork } from './task-work';

/** Another process may settle it: the store is asked for the status, one row by its key, this often. */
const lookEveryMs = 250;
const candidatesDeadlineMs = 15_000;

export interface EngineParts {
  database: Database;
  settings: ApprovalSettings;
  /** Names this process in leases. */
  owner: string;
  /** How long a claim lives without a heartbeat, in milliseconds. */
  leaseMs: number;
  now: () => Date;
  ports: (signal: AbortSignal) => Ports;
  logger: Logger;
  /** Time between two looks for what is due, in milliseconds. */
  everyMs: number;
}

/** Approvals of the bridge: asking, waiting, cancelling, using up. Decisions come in through `ApprovalClicks` alone. */
export class ApprovalEngine {
  readonly store: ApprovalStore;
  readonly approvers: Approvers;
  private readonly worker: ApprovalWorker;
  private readonly events = new EventEmitter().setMaxListeners(0);
  private readonly stopping = new AbortController();

  constructor(readonly parts: EngineParts) {
    const { database, settings, owner, leaseMs, now, ports, logger, everyMs } = parts;
    this.store = new ApprovalStore(database, now, settings.useWithinMs);
    this.approvers = new Approvers(settings.approvers, now);
    const ledger = new TaskLedger(database, owner, leaseMs, now);
    const work = new TaskWork(this.store, ledger, settings, ports, this.stopping.signal);
    this.worker = new ApprovalWorker(this.store, ledger, work, (id) => this.changed(id), everyMs, logger);
  }

  start(): void {
    this.worker.start();
  }

  async stop(): Promise<void> {
    const stopped = this.worker.stop();
    this.stopping.abort();
    await stopped;
  }

  /** Something happened to this approval: whoever waits looks again, and its messages are brought up to date. */
  changed(approvalId: string): void {
    this.events.emit(approvalId);
    if (!this.stopping.signal.aborted) this.worker.kick(approvalId);
  }

  /** The port for one call. `principal` is whom the transport authenticated; undefined for the bridge's one token. */
  port(call: { principal?: string; signal: AbortSignal }): ApprovalsPort {
    const principal = call.principal ?? '';
    return {
      request: (request) => this.request(request, call.principal ?? null),
      get: (id) => this.get(id),
      wait: (id, waitMs) => this.wait(id, waitMs, call.signal),
      cancel: async (id, reason) => {
        if (await this.store.cancel(id, principal, cleanText(reason, 500))) this.changed(id);
        return this.mustGet(id);
      },
      pending: (limit) => this.store.pendingOf(principal, limit),
      consume: async ({ approvalId, action, usedBy }) => {
        await this.store.consume(approvalId, action, cleanLine(usedBy, 300));
        return this.mustGet(approvalId);
      },
    };
  }

  /** The record, expired if its time is over: nobody is shown a pending approval that cannot be decided any more. */
  async get(id: string): Promise<ApprovalRecord | undefined> {
    const record = await this.store.get(id);
    if (record?.status !== 'pending' || this.parts.now().toISOString() < record.expires_at) return record;
    if (await this.store.expireOne(id)) this.changed(id);
    return this.store.get(id);
  }

  private async request(
    request: ApprovalRequest,
    principal: string | null,
  ): Promise<{ record: ApprovalRecord; created: boolean }> {
    const { settings, now } = this.parts;
    const refusal = whyRefused(settings);
    if (refusal !== undefined) throw new OperationError('unavailable', `Approvals are refused: ${refusal}.`);
    const digest = actionDigest(request.action);
    if (request.channel === null && settings.channel === undefined) {
      throw new InvalidInputError('channel', 'give one, or set SLACK_APPROVAL_CHANNEL in the bridge');
    }
    const resumeUrl = request.resume_url === null ? null : checkedResumeUrl(request.resume_url, settings.resumeOrigins);
    const requester = this.requesterOf(principal, request.requested_by);
    const minApprovals = Math.max(settings.minApprovals, request.min_approvals ?? 1);
    await this.assertEnough(request.approvers, requester, minApprovals);
    const lifeMs = request.expires_in_seconds * 1000;
    const from = now().getTime();
    const at = (percent: number) => new Date(from + (lifeMs * percent) / 100);
    const { id, created } = await this.store.create({
      dedupKey:
        request.idempotency_key === null ? null : sha256(JSON.stringify([principal ?? '', request.idempotency_key])),
      principal: principal ?? '',
      digest,
      request: { ...request, resume_url: resumeUrl, requester },
      minApprovals,
      expiresAt: at(100),
      remindAt: at(settings.remindPercent),
      escalateAt: settings.escalationChannel === undefined ? undefined : at(settings.escalatePercent),
    });
    if (created) await this.post(id, principal ?? '');
    return { record: await this.mustGet(id), created };
  }

  /** Posts the card now. What cannot be posted at all is cancelled and told; what fails for now is tried until it expires. */
  private async post(id: string, principal: string): Promise<void> {
    try {
      await this.worker.now({ approval_id: id, kind: 'card' });
    } catch (error) {
      if (!isLasting(error)) return;
      await this.store.cancel(id, principal, cleanText(`It could not be posted: ${error.message}`, 500));
      throw error;
    }
  }

  private requesterOf(principal: string | null, stated: string | null): Requester {
    const mapped = principal === null ? undefined : this.parts.settings.requesters[principal];
    const clean = stated === null ? null : cleanLine(stated, 200);
    const id = /^<?@?([UW][A-Z0-9]{2,20})>?$/.exec(clean ?? '')?.[1];
    return {
      principal: principal === null ? null : cleanLine(principal, 200),
      slack_user_id: mapped ?? id ?? null,
      // Both exclude: a mapped requester cannot free itself by stating somebody else.
      stated: id ?? clean,
    };
  }

  private async assertEnough(narrowed: string[] | null, requester: Requester, needed: number): Promise<void> {
    const ports = this.parts.ports(this.stopping.signal);
    const client = await SlackClient.connect(ports, new Deadline(ports, candidatesDeadlineMs));
    const people = await this.approvers.candidates(client, narrowed, requester);
    if (people.size >= needed) return;
    throw new ConflictError(
      `Nobody was asked: ${needed} ${needed === 1 ? 'person has' : 'different people have'} to approve, and of those set up (SLACK_APPROVERS)${narrowed === null ? '' : ' and named in approvers'}, without the requester, there ${people.size === 1 ? 'is 1' : `are ${people.size}`}.`,
      { needed, candidates: people.size },
    );
  }

  private async wait(id: string, waitMs: number, signal: AbortSignal): Promise<ApprovalRecord | undefined> {
    const until = Date.now() + waitMs;
    for (;;) {
      // Listening begins before the look, so that no change falls between the two.
      const woken = new AbortController();
      const wake = () => woken.abort();
      this.events.once(id, wake);
      try {
        const left = until - Date.now();
        if (left <= 0 || !(await this.store.isOpen(id))) return await this.get(id);
        await delay(Math.min(left, lookEveryMs), undefined, {
          signal: AbortSignal.any([woken.signal, signal, this.stopping.signal]),
        }).catch(() => {});
        // Whoever waited has gone, or the bridge stops: nothing is decided by that.
        if (signal.aborted || this.stopping.signal.aborted) throw new CancelledError('The wait for an approval');
      } finally {
        this.events.off(id, wake);
      }
    }
  }

  private async mustGet(id: string): Promise<ApprovalRecord> {
    const record = await this.get(id);
    if (record === undefined) throw noApproval(id);
    return record;
  }
}
