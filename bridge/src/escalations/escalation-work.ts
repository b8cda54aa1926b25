import type { CaseRecord } from '../../../operations/cases';
import { NotFoundOrNoAccessError, OperationError } from '../../../operations/errors';
import { type EscalationState, isMoreUrgent } from '../../../operations/escalations';
import { canonicalJson, sha256 } from '../../../operations/investigation/canonical-json';
import type { Ports } from '../../../operations/ports';
import { Deadline } from '../../../operations/retry';
import type { Message } from '../../../operations/slack/blocks';
import { SlackClient } from '../../../operations/slack/client';
import { escalationMessage } from '../../../operations/slack/escalation-message';
import {
  pointerMessage,
  relatedMessage,
  reminderMessage,
  verdictMessages,
} from '../../../operations/slack/escalation-notices';
import { deliverEscalation, isLastingFailure } from '../../../operations/slack/escalation-post';
import { mentionOf, mentionsFor } from '../../../operations/slack/mentions';
import { findPost, type Post, type Posted, postOnce } from '../../../operations/slack/post-once';
import { postReplies } from '../../../operations/slack/post-replies';
import { sendUpdate } from '../../../operations/slack/send-update';
import type { Escalations } from '../store/tables';
import {
  contentOf,
  pointersOf,
  type StoredPointer,
  stateOf,
  urgencyOfSeverity,
  verdictDigest,
} from './escalation-rows';
import type { EscalationSettings } from './escalation-settings';
import type { EscalationStore } from './escalation-store';

const workDeadlineMs = 120_000;
/** Related alerts that get a message of their own in the thread. */
const mostRelatedTold = 20;

/** Does what one escalation owes: its message, reminders and further calls, the verdict in its thread, its redrawing. */
export class EscalationWork {
  constructor(
    private readonly store: EscalationStore,
    private readonly settings: EscalationSettings,
    private readonly interactive: boolean,
    /** Whether there is anybody who may close cases by a click. */
    private readonly closing: boolean,
  ) {}

  /** Works on a claimed row. Throws OperationError when something could not be done now; what was done stays done. */
  async perform(ports: Ports, claimed: Escalations): Promise<void> {
    const { cases } = ports;
    const record = await cases?.get(claimed.case_id);
    if (cases === undefined || record === undefined) return;
    const client = await SlackClient.connect(ports, new Deadline(ports, workDeadlineMs));
    await this.post(client, claimed);
    const severity = urgencyOfSeverity[record.severity];
    if (record.outcome !== null && record.status !== 'closed') await this.store.raise(claimed.case_id, severity);
    const row = await this.store.get(claimed.case_id);
    if (row === undefined || row.ts === null) return;
    const task: Task = { client, row, record, place: { channel: row.channel, ts: row.ts } };
    await this.call(task);
    await this.tellRaised(task);
    await this.tellRelated(task);
    await this.tellVerdict(task);
    await this.draw(task);
  }

  /** A message that its process did not live to post. */
  private async post(client: SlackClient, row: Escalations): Promise<void> {
    const { cases } = client.ports;
    if (row.ts !== null || cases === undefined) return;
    const escalation = { ...contentOf(row), case_id: row.case_id };
    try {
      const { delivery } = await deliverEscalation(client, cases, row.channel, escalation, this.interactive);
      await this.store.posted(row.case_id, delivery);
    } catch (error) {
      if (isLastingFailure(error)) await this.store.withdraw(row.case_id);
      throw error;
    }
  }

  /** Nobody acknowledged it in time: first a reminder, then the next one on the list. */
  private async call(task: Task): Promise<void> {
    const { row, record, client } = task;
    const now = client.ports.now();
    if (row.next_at === null || row.next_at > now.toISOString()) return;
    if (row.acknowledged !== null || record.status === 'closed') {
      await this.keep(task, { next_at: null });
      return;
    }
    const wait = this.settings.acknowledgeMs[row.urgency];
    const target = row.step === 0 ? undefined : this.settings.escalateTo[row.step - 1];
    const minutes = (now.getTime() - Date.parse(row.created_at)) / 60_000;
    if (row.step === 0 || target !== undefined) {
      await this.callOn(task, target, minutes);
      await this.note(
        task,
        'escalation_unanswered',
        target === undefined
          ? `Nobody acknowledged the escalation in time: reminded in its thread`
          : `Nobody acknowledged the escalation in time: called ${target}`,
      );
    }
    const left = row.step < this.settings.escalateTo.length && wait > 0;
    await this.keep(task, {
      step: row.step + 1,
      unanswered: row.unanswered + 1,
      next_at: left ? new Date(now.getTime() + wait).toISOString() : null,
      revision: row.revision + 1,
    });
  }

  private async callOn(task: Task, target: string | undefined, minutes: number): Promise<void> {
    const { row, place, client } = task;
    const name = `call:${row.step}`;
    if (target !== undefined && /^[#C]/.test(target)) return this.point(task, target, name, 'unanswered');
    const message = reminderMessage(minutes, target === undefined ? undefined : mentionOf(target));
    await this.once(client, row, name, {
      channel: place.channel,
      threadTs: place.ts,
      broadcast: true,
      message,
      mark: markOf(row, name),
    });
  }

  /** Those whom the higher urgency concerns are led to the thread that is there. */
  private async tellRaised(task: Task): Promise<void> {
    const { row, client } = task;
    if (!isMoreUrgent(row.urgency, row.told_urgency)) return;
    const channel = client.defaults[`channel_${row.urgency}`]?.trim();
    const own = row.channel.replace(/^#/, '');
    const known = contentOf(row).urgency;
    const same =
      channel === undefined || channel.replace(/^#/, '') === own || channel === client.defaults[`channel_${known}`];
    if (!same) await this.point(task, channel, `raise:${row.urgency}`, 'raised');
    await this.note(task, 'escalation_raised', `The urgency was raised to ${row.urgency}`);
    await this.keep(task, { told_urgency: row.urgency, revision: row.revision + 1 });
  }

  /** A channel that cannot be written to stops nothing: the thread is there, and the case says so. */
  private async point(task: Task, channel: string, name: string, why: StoredPointer['why']): Promise<void> {
    const { row, record, client } = task;
    const message = this.pointer(task, stateOf(row, record, this.closing), why);
    try {
      const posted = await this.once(client, row, name, { channel, message, mark: markOf(row, name) });
      const pointers = pointersOf(row).filter(({ channel: other, ts }) => other !== posted.channel || ts !== posted.ts);
      await this.keep(task, { pointers: JSON.stringify([...pointers, { ...posted, why }]) });
    } catch (error) {
      if (!isLastingFailure(error)) throw error;
      await this.note(task, 'escalation_call_failed', `${channel} could not be called: ${error.message}`.slice(0, 500));
    }
  }

  private pointer({ row, client }: Task, state: EscalationState, why: StoredPointer['why']): Message {
    const { case_id: caseId, permalink } = row;
    const mention = mentionsFor(client.defaults, state.urgency);
    return pointerMessage({
      caseId,
      content: contentOf(row),
      state,
      permalink,
      why,
      buttons: this.interactive,
      mention,
    });
  }

  /** Alerts that joined the case, each once; a flood of them is told by its beginning, and all are in the case. */
  private async tellRelated({ row, record, place, client }: Task): Promise<void> {
    const joined = [...record.related_alerts].sort((a, b) => (a.joined_at < b.joined_at ? -1 : 1));
    for (const related of joined.slice(0, mostRelatedTold)) {
      const { source, tenant, id, kind_of_change } = related.alert;
      const name = `related:${sha256(canonicalJson([source, tenant, id, kind_of_change])).slice(0, 32)}`;
      const message = relatedMessage(related);
      await this.once(client, row, name, {
        channel: place.channel,
        threadTs: place.ts,
        message,
        mark: markOf(row, name),
      });
    }
  }

  private async tellVerdict(task: Task): Promise<void> {
    const { row, record, place, client } = task;
    const digest = verdictDigest(record);
    if (digest === null || digest === row.told_verdict) return;
    const name = `verdict:${digest}`;
    const { message, rest } = verdictMessages(record);
    const mark = markOf(row, name);
    await this.once(client, row, name, { channel: place.channel, threadTs: place.ts, message, mark }, async () => {
      await postReplies(client, { channel: place.channel, threadTs: place.ts, mark }, rest);
    });
    await this.keep(task, { told_verdict: digest });
  }

  /** Shows on all messages what is the case now; one that somebody deleted stays deleted. */
  private async draw(task: Task): Promise<void> {
    const { row, place, client } = task;
    const record = (await client.ports.cases?.get(row.case_id)) ?? task.record;
    const state = stateOf(row, record, this.closing);
    const escalation = { ...contentOf(row), case_id: row.case_id };
    const mention = mentionsFor(client.defaults, escalation.urgency);
    const { message } = escalationMessage(escalation, { state, buttons: this.interactive, mention });
    const pointers = pointersOf(row).map((pointer) => ({
      ...pointer,
      message: this.pointer(task, state, pointer.why),
    }));
    const drawn = sha256(JSON.stringify([message, pointers.map((pointer) => pointer.message)])).slice(0, 32);
    if (drawn !== row.drawn) {
      for (const shown of [{ ...place, message }, ...pointers]) {
        await sendUpdate(client, shown, shown.message).catch((error: unknown) => {
          if (!(error instanceof NotFoundOrNoAccessError)) throw error;
          client.ports.log.warn('a message of an escalation is gone', { case_id: row.case_id });
        });
      }
    }
    // The version that the work began with: what was changed since may have more to tell than a drawing shows.
    await this.keep(task, { drawn, shown_revision: row.revision, case_version: task.record.version });
  }

  /** Posts once, whoever crashes: claimed in the ledger of effects, and looked for when a claim was left. */
  private async once(
    client: SlackClient,
    row: Escalations,
    name: string,
    post: Post,
    after: () => Promise<void> = async () => {},
  ): Promise<Posted> {
    const { cases } = client.ports;
    if (cases === undefined) throw new OperationError('unavailable', 'The case store is not there.');
    const { result } = await cases.effect<Posted>(
      `${row.case_id}:escalate:${name}`,
      async () => {
        const posted = await postOnce(client, post);
        await after();
        return posted;
      },
      () => findPost(client, post),
    );
    return result;
  }

  private async note({ client, row }: Task, type: string, summary: string): Promise<void> {
    const name = `escalation_note:${type}:${row.step}:${row.urgency}`;
    const { cases } = client.ports;
    await cases?.stage(row.case_id, name, async () => {
      await cases.change(row.case_id, {}, { type, summary });
      return { noted: true };
    });
  }

  private async keep(task: Task, done: Partial<Escalations>): Promise<void> {
    const { revision, ...rest } = done;
    await this.store.record(task.row.case_id, rest);
    // Somebody may have clicked since: revisions are counted up, never set.
    if (revision !== undefined) await this.store.revise(task.row.case_id);
    task.row = { ...task.row, ...done };
  }
}

interface Task {
  client: SlackClient;
  row: Escalations;
  record: CaseRecord;
  place: Posted;
}

function markOf(row: Escalations, name: string): Post['mark'] {
  return { eventType: 'soc_escalation_call', effect: `${row.case_id}:escalate:${name}` };
}
