import type { IWebhookFunctions, IWebhookResponseData } from 'n8n-workflow';
import type { Decision } from '../../operations/approvals';
import { OperationError } from '../../operations/errors';
import { Deadline } from '../../operations/retry';
import { denialModal, denialReason } from '../../operations/slack/approval-card';
import { type ApproverCheck, checkApprover } from '../../operations/slack/approver-check';
import { SlackClient } from '../../operations/slack/client';
import type { BlockAction, ViewAnswer } from '../../operations/slack/interaction-payload';
import { openModal } from '../../operations/slack/message-changes';
import { cleanText } from '../../operations/text';
import { n8nPorts } from '../n8n-ports';
import type { HttpAnswer } from '../slack-trigger/http-answer';
import { readSignedInteraction } from '../slack-trigger/signed-interaction';
import { blockIdOf, clickActions, denialCallback, settledCard } from './card';
import { tooLate } from './messages';
import { reply, replyWith } from './reply';
import { asItem, resultOf, timedOut } from './result';
import type { Waiting } from './waiting';

/**
 * A click on the request, as Slack signed it, or the reason that a modal asked for. Everything is verified here, whatever
 * forwarded it did before: signature and time, message and proposal, and who clicked, as things are now.
 */
export async function answerClick(
  context: IWebhookFunctions,
  response: HttpAnswer,
  waiting: Waiting,
  decision: string,
): Promise<IWebhookResponseData> {
  const signed = await readSignedInteraction(context);
  if ('problem' in signed) {
    return replyWith(response, signed.status, reply({ outcome: 'refused', tell: 'Slack did not sign this.' }));
  }
  const { interaction } = signed;
  const meant = meaningOf(interaction, waiting, decision);
  if (meant === undefined || interaction.kind === 'other') {
    return replyWith(response, 422, reply({ outcome: 'refused', tell: 'This answers another request.' }));
  }
  // n8n looks for waits that have ended once a minute. What was promised on the card counts, and the click ends the wait.
  if (Date.now() > Date.parse(waiting.expires_at)) {
    return {
      workflowData: [[asItem(timedOut(waiting))]],
      webhookResponse: reply({ outcome: 'closed', tell: tooLate, card: timedOutCard(waiting) }),
    };
  }
  const client = await slack(context);
  const check = await judge(client, interaction, waiting);
  if (!check.allowed) return replyWith(response, 403, reply({ outcome: 'refused', tell: check.message }));
  if (meant.decision === 'denied' && interaction.kind === 'block_action' && waiting.ask_reason) {
    if (await askReason(client, interaction, waiting)) return replyWith(response, 202, reply({ outcome: 'asked' }));
  }
  const decided: Decision = {
    ...check.approver,
    decision: meant.decision,
    at: new Date().toISOString(),
    ...(meant.reason === undefined ? {} : { reason: meant.reason }),
  };
  return settle(waiting, decided);
}

interface Meaning {
  decision: 'approved' | 'denied';
  reason?: string;
}

/**
 * What an interaction says about this very proposal. Approval has to be said twice, by the button and by the address that
 * n8n signed; undefined when anything of it belongs to something else.
 */
function meaningOf(
  interaction: BlockAction | ViewAnswer | { kind: 'other' },
  waiting: Waiting,
  decision: string,
): Meaning | undefined {
  if (interaction.kind === 'block_action') {
    const { action_id: action, block_id: block, channel_id: channel, message_ts: ts } = interaction;
    if (block !== blockIdOf(waiting) || channel !== waiting.channel || ts !== waiting.ts) return undefined;
    if (action === clickActions.approve && decision === 'approve') return { decision: 'approved' };
    if (action === clickActions.deny && decision === 'deny') return { decision: 'denied' };
    return undefined;
  }
  if (interaction.kind !== 'view_submission' || interaction.callback_id !== denialCallback || decision !== 'deny') {
    return undefined;
  }
  if (metadataOf(interaction.private_metadata)?.block_id !== blockIdOf(waiting)) return undefined;
  const reason = cleanText(interaction.values[denialReason.blockId]?.[denialReason.actionId] ?? '', 1000).trim();
  return { decision: 'denied', ...(reason === '' ? {} : { reason }) };
}

/** What the modal for the reason carries: where its answer goes, and to which proposal it belongs. */
export interface DenialMetadata {
  address: string;
  block_id: string;
  channel: string;
  ts: string;
  response_url: string | null;
}

export function metadataOf(text: string): Partial<DenialMetadata> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Partial<DenialMetadata>) : undefined;
  } catch {
    return undefined;
  }
}

async function slack(context: IWebhookFunctions): Promise<SlackClient> {
  const ports = n8nPorts(context);
  // Slack gives three seconds from the click to the modal.
  return SlackClient.connect(ports, new Deadline(ports, 15_000));
}

function judge(client: SlackClient, click: BlockAction | ViewAnswer, waiting: Waiting): Promise<ApproverCheck> {
  return checkApprover(client, click, { listed: waiting.approvers, requester: waiting.requested_by });
}

/** Whether the modal is open. When it cannot be opened the denial counts without a reason: no is never lost. */
async function askReason(client: SlackClient, click: BlockAction, waiting: Waiting): Promise<boolean> {
  if (click.trigger_id === null || click.value === null) return false;
  const metadata: DenialMetadata = {
    address: click.value,
    block_id: blockIdOf(waiting),
    channel: waiting.channel ?? '',
    ts: waiting.ts ?? '',
    response_url: click.response_url,
  };
  try {
    await openModal(client, click.trigger_id, denialModal(waiting, denialCallback, JSON.stringify(metadata)));
    return true;
  } catch (error) {
    if (!(error instanceof OperationError)) throw error;
    client.ports.log.warn('the modal for the reason of a denial could not be opened', { code: error.code });
    return false;
  }
}

/** n8n answers with this once it has taken the execution out of its wait, and not before. */
function settle(waiting: Waiting, decided: Decision): IWebhookResponseData {
  const status = decided.decision;
  const card = settledCard(waiting, { status, decidedBy: [decided], at: new Date(decided.at) });
  return {
    workflowData: [[asItem(resultOf(waiting, status, [decided], decided.reason))]],
    webhookResponse: reply({
      outcome: 'settled',
      card: { channel: waiting.channel ?? '', ts: waiting.ts ?? '', text: card.text, blocks: asRecords(card.blocks) },
    }),
  };
}

function timedOutCard(waiting: Waiting) {
  const at = new Date(waiting.expires_at);
  const { text, blocks } = settledCard(waiting, { status: 'timed_out', decidedBy: [], at });
  return { channel: waiting.channel ?? '', ts: waiting.ts ?? '', text, blocks: asRecords(blocks) };
}

function asRecords(blocks: readonly object[]): Record<string, unknown>[] {
  return blocks.map((block) => ({ ...block }));
}
