import { z } from 'zod';
import { OperationError } from '../../../operations/errors';
import type { SlackClient } from '../../../operations/slack/client';
import {
  type ClosingOutcome,
  closingCallback,
  closingModal,
  closingOutcome,
  closingOutcomes,
  closingReason,
} from '../../../operations/slack/closing-modal';
import type { BlockAction, ViewAnswer } from '../../../operations/slack/interaction-payload';
import { openModal } from '../../../operations/slack/message-changes';
import { type PersonPlace, placeOfClick, tellPerson } from '../../../operations/slack/tell-person';
import { cleanText } from '../../../operations/text';
import { Approvers } from '../approvals/approvers';
import type { ActedInteraction } from '../interactions/inbox';
import type { EscalationEngine } from './escalation-engine';

const metadataSchema = z.object({
  case_id: z.string(),
  version: z.number().int(),
  channel: z.string().nullable(),
  thread_ts: z.string().nullable(),
  response_url: z.string().nullable(),
});

/** Nobody asked for it by Slack, so nobody is left out of deciding. */
const noRequester = { principal: '', slack_user_id: null, stated: null };

/**
 * Closing a case by a person's decision in Slack. Who may is looked up when the button is pressed and again when the answer
 * comes, by the same checks as approvals; the decision is about the version of the case that was shown.
 */
export class CaseClosing {
  private readonly closers: Approvers;

  constructor(
    private readonly engine: EscalationEngine,
    listed: readonly string[],
  ) {
    this.closers = new Approvers(listed, engine.parts.store.settings.now);
  }

  /** An answer that leaves something open stays open. */
  refuse(interaction: ActedInteraction): Record<string, unknown> | undefined {
    if (interaction.kind !== 'view_submission' || interaction.callback_id !== closingCallback) return undefined;
    const { outcome, reason } = answerIn(interaction);
    const errors = {
      ...(outcome === undefined ? { [closingOutcome.blockId]: 'Choose how it ended.' } : {}),
      ...(reason === '' ? { [closingReason.blockId]: 'Say why, in a few words.' } : {}),
    };
    return Object.keys(errors).length === 0 ? undefined : { response_action: 'errors', errors };
  }

  /** The button was pressed: asks how it ended. Nothing is closed yet. */
  async ask(client: SlackClient, click: BlockAction, caseId: string): Promise<void> {
    const place = placeOfClick(click);
    const refusal = await this.refusalOf(client, click, caseId);
    if (refusal !== undefined) return tell(client, place, refusal);
    const record = await this.engine.parts.store.get(caseId);
    if (record === undefined) return tell(client, place, 'This case is not known any more. Nothing was closed.');
    if (record.status === 'closed')
      return tell(client, place, `It was closed already${record.closed_by === null ? '' : ` by ${record.closed_by}`}.`);
    const metadata = JSON.stringify({
      case_id: caseId,
      version: record.version,
      channel: place.channel,
      thread_ts: place.threadTs,
      response_url: place.responseUrl,
    });
    try {
      await openModal(client, click.trigger_id ?? '', closingModal(record, metadata));
    } catch (error) {
      if (!(error instanceof OperationError)) throw error;
      client.ports.log.warn('the question how a case ended could not be shown', { code: error.code, case_id: caseId });
      await tell(
        client,
        place,
        'The question how it ended could not be shown in time. Nothing was closed; please click Close again.',
      );
    }
  }

  /** The answer was sent off. Done again after a crash, it comes to the same. */
  async close(client: SlackClient, answer: ViewAnswer): Promise<void> {
    const asked = placeIn(answer);
    const { outcome, reason } = answerIn(answer);
    if (asked === undefined || outcome === undefined || reason === '') return;
    const { caseId, version, place } = asked;
    const refusal = await this.refusalOf(client, answer, caseId);
    if (refusal !== undefined) return tell(client, place, refusal);
    const said = await this.engine.close(caseId, { version, outcome, reason }, `Slack user ${answer.user.id}`);
    await tell(client, place, said);
  }

  /** Where to tell whoever sent an answer that could not be worked on; undefined when that cannot be read. */
  placeOf(answer: ViewAnswer): PersonPlace | undefined {
    return placeIn(answer)?.place;
  }

  private async refusalOf(
    client: SlackClient,
    click: Pick<ActedInteraction, 'user' | 'team_id'>,
    caseId: string,
  ): Promise<string | undefined> {
    const person = await this.closers.check(client, click, null, noRequester);
    if (person.allowed) return undefined;
    client.ports.log.warn('somebody who may not close cases tried to', {
      case_id: caseId,
      user: click.user.id,
      why: person.problem,
    });
    return person.problem === 'not_listed'
      ? 'You are not among those who may close cases. Nothing was closed.'
      : person.message;
  }
}

async function tell(client: SlackClient, place: PersonPlace, text: string): Promise<void> {
  await tellPerson(client, place, text);
}

function answerIn({ values }: ViewAnswer): { outcome: ClosingOutcome | undefined; reason: string } {
  const chosen = values[closingOutcome.blockId]?.[closingOutcome.actionId] ?? '';
  const reason = cleanText(values[closingReason.blockId]?.[closingReason.actionId] ?? '', 1000).trim();
  return { outcome: Object.hasOwn(closingOutcomes, chosen) ? (chosen as ClosingOutcome) : undefined, reason };
}

function placeIn({
  private_metadata: text,
  user,
}: ViewAnswer): { caseId: string; version: number; place: PersonPlace } | undefined {
  try {
    const { case_id, version, channel, thread_ts, response_url } = metadataSchema.parse(JSON.parse(text));
    return {
      caseId: case_id,
      version,
      place: { user: user.id, channel, threadTs: thread_ts, responseUrl: response_url },
    };
  } catch {
    return undefined;
  }
}
