import type { ApprovalRecord } from '../../../operations/approvals';
import { NotFoundOrNoAccessError, OperationError } from '../../../operations/errors';
import type { Ports } from '../../../operations/ports';
import { Deadline } from '../../../operations/retry';
import type { Message } from '../../../operations/slack/blocks';
import { SlackClient } from '../../../operations/slack/client';
import { findPost, type Post, type Posted, permalinkOf, postOnce } from '../../../operations/slack/post-once';
import { sendUpdate } from '../../../operations/slack/send-update';
import type { Approvals, ApprovalTasks } from '../store/tables';
import { cardOf, markOf, noticeOf } from './approval-messages';
import { type StoredRequest, storedRequest } from './approval-rows';
import type { ApprovalSettings } from './approval-settings';
import type { ApprovalStore } from './approval-store';
import { noteOnCase } from './case-note';
import { announce, checkedResumeUrl } from './resume-call';
import type { TaskLedger } from './task-ledger';

/** How long one task may talk to Slack, in milliseconds. */
const taskDeadlineMs = 25_000;
/** About an hour with the pauses between them: n8n may be restarting. */
const mostAnnouncements = 70;
/** A card that is not posted yet has no thread. */
const waitForCardMs = 2000;

interface Work {
  task: ApprovalTasks;
  row: Approvals;
  record: ApprovalRecord;
  request: StoredRequest;
  client: SlackClient;
}

/** Does what an approval owes to the outside, one task at a time. */
export class TaskWork {
  constructor(
    private readonly store: ApprovalStore,
    private readonly ledger: TaskLedger,
    private readonly settings: ApprovalSettings,
    private readonly ports: (signal: AbortSignal) => Ports,
    private readonly stopping: AbortSignal,
  ) {}

  /** Does a claimed task. Throws OperationError when it could not be done now. */
  async perform(task: ApprovalTasks): Promise<void> {
    const loaded = await this.store.load(task.approval_id);
    if (loaded === undefined) return this.ledger.drop(task, 'there is no such approval');
    const request = storedRequest(loaded.row);
    if (task.kind === 'resume') return this.announce(task, loaded.record, request);
    const ports = this.ports(this.stopping);
    if (task.kind === 'asked' || task.kind === 'case') {
      await noteOnCase(ports, loaded.record, task.kind);
      return this.ledger.finish(task, {});
    }
    const client = await SlackClient.connect(ports, new Deadline(ports, taskDeadlineMs));
    const work: Work = { task, ...loaded, request, client };
    if (task.kind === 'card' || task.kind === 'escalation') return this.card(work, task.kind);
    return this.notice(work);
  }

  private async card(work: Work, kind: 'card' | 'escalation'): Promise<void> {
    const { task, row, record, request, client } = work;
    const mark = markOf(task);
    const { message, rest } = cardOf(record, kind, this.settings, request.approvers);
    const shown_revision = row.revision;
    const known = place(task);
    if (known !== undefined && task.shown_revision > 0) {
      await sendUpdate(client, known, message).catch((error: unknown) => {
        // Somebody deleted the message: there is nothing to keep up to date any more.
        if (!(error instanceof NotFoundOrNoAccessError)) throw error;
        client.ports.log.warn('the message of an approval is gone', { approval_id: record.approval_id });
      });
      return this.ledger.finish(task, { shown_revision });
    }
    const channel = kind === 'card' ? (request.channel ?? this.settings.channel) : this.settings.escalationChannel;
    if (channel === undefined) return this.ledger.drop(task, 'no channel is set up for it');
    // A try before this one may have posted it without living to tell.
    const tried = task.attempts > 1;
    const posted =
      known ??
      (tried ? await findPost(client, { channel, mark }).catch(unlessGone(record)) : undefined) ??
      (record.status === 'pending' ? await postOnce(client, { channel, message, mark }) : undefined);
    if (posted === undefined) return this.ledger.drop(task, `it was ${record.status} before it was posted`);
    if (known === undefined) {
      await this.ledger.place(task, { ...posted, permalink: await permalinkOf(client, posted) });
    }
    const thread = { channel: posted.channel, threadTs: posted.ts };
    for (const [index, part] of rest.entries()) {
      const partMark = { eventType: `${mark.eventType}_part`, effect: `${mark.effect}#${index + 1}` };
      await once(client, { ...thread, message: part, mark: partMark }, tried);
    }
    // A message that was found shows what it showed then.
    if (tried) await sendUpdate(client, posted, message);
    return this.ledger.finish(task, { shown_revision });
  }

  /** The reminder, or the outcome, in the thread of the card. */
  private async notice({ task, record, request, client }: Work): Promise<void> {
    const reminder = task.kind === 'reminder';
    if (reminder && record.status !== 'pending') return this.ledger.drop(task, `it is ${record.status} already`);
    if (record.channel === null || record.ts === null) {
      if (reminder) return this.ledger.postpone(task, 'the card is not posted yet', waitForCardMs);
      return task.attempts > 30
        ? this.ledger.drop(task, 'the card was never posted')
        : this.ledger.postpone(task, 'the card is not posted yet', waitForCardMs);
    }
    const message: Message = noticeOf(record, this.settings, request.approvers);
    const thread = { channel: record.channel, threadTs: record.ts };
    const posted = await once(client, { ...thread, message, mark: markOf(task) }, task.attempts > 1);
    return this.ledger.finish(task, posted);
  }

  private async announce(task: ApprovalTasks, record: ApprovalRecord, request: StoredRequest): Promise<void> {
    const { approval_id, status } = record;
    if (request.resume_url === null) return this.ledger.drop(task, 'there is no address');
    // The configuration may have changed since: what is not allowed now is not called now.
    const address = checkedResumeUrl(request.resume_url, this.settings.resumeOrigins);
    const problem = await announce(address, { approval_id, status }, this.stopping);
    if (problem === undefined) return this.ledger.finish(task, {});
    if (task.attempts >= mostAnnouncements) return this.ledger.drop(task, problem);
    return this.ledger.postpone(task, problem);
  }
}

/** A settled approval whose channel cannot be read has no message to bring up to date. */
function unlessGone({ status }: ApprovalRecord): (error: unknown) => undefined {
  return (error) => {
    if (status === 'pending' || !isLasting(error)) throw error;
    return undefined;
  };
}

/** Posts, unless an earlier try may have done it and it is found. */
async function once(client: SlackClient, post: Post, tried: boolean): Promise<Posted> {
  return (tried ? await findPost(client, post) : undefined) ?? (await postOnce(client, post));
}

function place({ channel, ts }: ApprovalTasks): Posted | undefined {
  return channel === null || ts === null ? undefined : { channel, ts };
}

/** Errors that another try does not heal: the channel, the token or the message is wrong. */
export function isLasting(error: unknown): error is OperationError {
  const lasting = ['invalid_input', 'unauthenticated', 'missing_permission', 'not_found_or_no_access', 'conflict'];
  return error instanceof OperationError && lasting.includes(error.code);
}
