import { z } from 'zod';
import type { ApprovalRecord } from '../../../operations/approvals';
import { OperationError } from '../../../operations/errors';
import { Deadline } from '../../../operations/retry';
import { denialModal, denialReason } from '../../../operations/slack/approval-card';
import type { Approver } from '../../../operations/slack/approver-check';
import { SlackClient } from '../../../operations/slack/client';
import type { BlockAction, ViewAnswer } from '../../../operations/slack/interaction-payload';
import { openModal } from '../../../operations/slack/message-changes';
import { type PersonPlace, placeOfClick, tellPerson } from '../../../operations/slack/tell-person';
import { cleanLine, cleanText } from '../../../operations/text';
import type { InteractionHandler } from '../interactions/dispatcher';
import type { ActedInteraction, InboxEntry } from '../interactions/inbox';
import type { ApprovalEngine } from './approval-engine';
import { approvalActions, approvalPrefix, blockIdOf, denialCallback } from './approval-messages';
import { storedRequest } from './approval-rows';

/** How long one click may talk to Slack, in milliseconds. */
const clickDeadlineMs = 20_000;
/** Telling somebody that nothing happened is worth a moment, not a queue. */
const noteDeadlineMs = 4000;

const metadataSchema = z.object({
  approval_id: z.string(),
  block_id: z.string(),
  channel: z.string().nullable(),
  thread_ts: z.string().nullable(),
  response_url: z.string().nullable().default(null),
});

/** Where a click came from, and what it is about. */
interface Click {
  entry: InboxEntry;
  approvalId: string;
  blockId: string;
  place: PersonPlace;
}

/** The one way in for decisions: what people click under an approval, as Slack signed it. */
export class ApprovalClicks implements InteractionHandler {
  readonly prefix = approvalPrefix;

  constructor(private readonly engine: ApprovalEngine) {}

  /** A denial without a reason stays open. */
  refuse(interaction: ActedInteraction): Record<string, unknown> | undefined {
    if (interaction.kind !== 'view_submission' || interaction.callback_id !== denialCallback) return undefined;
    if (reasonOf(interaction) !== '') return undefined;
    return { response_action: 'errors', errors: { [denialReason.blockId]: 'Say why, in a few words.' } };
  }

  async handle(entry: InboxEntry): Promise<void> {
    const { interaction } = entry;
    // A modal that was closed without an answer decides nothing.
    if (interaction.kind === 'view_closed') return;
    const click = interaction.kind === 'block_action' ? clickOf(entry, interaction) : answerOf(entry, interaction);
    if (click === undefined) return;
    const ports = this.engine.parts.ports(AbortSignal.timeout(clickDeadlineMs + 5000));
    const client = await SlackClient.connect(ports, new Deadline(ports, clickDeadlineMs));
    const record = await this.engine.get(click.approvalId);
    if (record === undefined) return this.note(click, 'This approval is not known any more. Nothing was recorded.');
    if (click.blockId !== blockIdOf(record)) {
      return this.note(click, 'This message shows an older version of the request. Nothing was recorded.');
    }
    if (record.status !== 'pending') return this.note(click, lateNote(record, interaction.user.id));
    const loaded = await this.engine.store.load(click.approvalId);
    const narrowed = loaded === undefined ? null : storedRequest(loaded.row).approvers;
    const person = await this.engine.approvers.check(client, interaction, narrowed, record.requested_by);
    if (!person.allowed) {
      ports.log.warn('somebody who may not decide clicked', {
        approval_id: record.approval_id,
        user: interaction.user.id,
        why: person.problem,
      });
      return this.note(click, person.message);
    }
    if (interaction.kind !== 'block_action') return this.vote(click, person.approver, 'denied', reasonOf(interaction));
    if (interaction.action_id === approvalActions.approve) return this.vote(click, person.approver, 'approved', null);
    if (interaction.action_id === approvalActions.deny) return this.askWhy(client, click, record, interaction);
  }

  async giveUp(entry: InboxEntry): Promise<void> {
    const { interaction } = entry;
    const click =
      interaction.kind === 'block_action' ? clickOf(entry, interaction) : answerOf(entry, interaction as ViewAnswer);
    const text =
      'It could not be checked whether you may decide on this, so nothing was recorded. Please try again later.';
    if (click !== undefined) await this.note(click, text);
  }

  private async vote(
    click: Click,
    { id: userId, name, email }: Approver,
    decision: 'approved' | 'denied',
    reason: string | null,
  ): Promise<void> {
    const outcome = await this.engine.store.vote(click.approvalId, {
      userId,
      decision,
      name,
      email: email ?? null,
      reason,
      interactionId: click.entry.id,
    });
    this.engine.changed(click.approvalId);
    if (outcome?.kind === 'repeated')
      return this.note(click, 'Your approval is counted already; somebody else is needed.');
    if (outcome?.kind === 'expired' || outcome?.kind === 'late') {
      const record = await this.engine.get(click.approvalId);
      if (record !== undefined) await this.note(click, lateNote(record, userId));
    }
  }

  /** Nothing is decided until the reason is sent off. */
  private async askWhy(
    client: SlackClient,
    click: Click,
    record: ApprovalRecord,
    { trigger_id: trigger }: BlockAction,
  ) {
    const metadata = JSON.stringify({
      approval_id: click.approvalId,
      block_id: click.blockId,
      channel: click.place.channel,
      thread_ts: click.place.threadTs,
      response_url: click.place.responseUrl,
    });
    try {
      await openModal(client, trigger ?? '', denialModal(record, denialCallback, metadata));
    } catch (error) {
      if (!(error instanceof OperationError)) throw error;
      client.ports.log.warn('the question for a reason could not be shown', {
        code: error.code,
        slack: error.details.slack_error ?? null,
      });
      await this.note(
        click,
        'The question for your reason could not be shown in time. Nothing was recorded; please click Deny again.',
      );
    }
  }

  /** Tells one person, and nobody else. Whether it arrives changes nothing. */
  private async note({ place }: Click, text: string): Promise<void> {
    const ports = this.engine.parts.ports(AbortSignal.timeout(noteDeadlineMs));
    try {
      const client = await SlackClient.connect(ports, new Deadline(ports, noteDeadlineMs));
      await tellPerson(client, place, text);
    } catch (error) {
      ports.log.info('a note about a click was not delivered', {
        code: error instanceof OperationError ? error.code : 'other',
      });
    }
  }
}

function clickOf(entry: InboxEntry, action: BlockAction): Click | undefined {
  const { value, block_id: blockId } = action;
  if (value === null) return undefined;
  return { entry, approvalId: value, blockId, place: placeOfClick(action) };
}

function answerOf(entry: InboxEntry, { private_metadata: text, user }: ViewAnswer): Click | undefined {
  try {
    const metadata = metadataSchema.parse(JSON.parse(text));
    const {
      approval_id: approvalId,
      block_id: blockId,
      channel,
      thread_ts: threadTs,
      response_url: responseUrl,
    } = metadata;
    return { entry, approvalId, blockId, place: { user: user.id, channel, threadTs, responseUrl } };
  } catch {
    return undefined;
  }
}

function reasonOf({ values }: ViewAnswer): string {
  return cleanText(values[denialReason.blockId]?.[denialReason.actionId] ?? '', 1000).trim();
}

function lateNote({ status, decided_by: decisions, settled_at: at }: ApprovalRecord, userId: string): string {
  const last = decisions.at(-1);
  if (last?.id === userId && last.decision === status) return `Your decision was counted: it is ${status}.`;
  const when = at === null ? '' : ` at ${at.slice(0, 16).replace('T', ' ')} UTC`;
  if (status === 'timed_out') return `Too late: it expired${when} and was not approved. Your click changes nothing.`;
  if (status === 'cancelled') return `It was cancelled${when}. Your click changes nothing.`;
  return `It was ${status} by ${cleanLine(last?.name ?? 'somebody', 100)}${when}. Your click changes nothing.`;
}
