import type { IWebhookFunctions } from 'n8n-workflow';
import { sleep } from 'n8n-workflow';
import { OperationError } from '../../operations/errors';
import { Deadline } from '../../operations/retry';
import { SlackClient } from '../../operations/slack/client';
import type { BlockAction, ViewAnswer } from '../../operations/slack/interaction-payload';
import { replaceBlocks } from '../../operations/slack/message-changes';
import { type PersonPlace, placeOfClick, tellPerson } from '../../operations/slack/tell-person';
import type { DenialMetadata } from '../approvals/click-answer';
import { closeMessage, closings } from '../approvals/close-message';
import { alreadyClosed, notTaken } from '../approvals/messages';
import { hasCredential } from '../credentials';
import { n8nPorts } from '../n8n-ports';
import type { Forwarded } from './forward-click';

/** Whoever decided shows it within this; a late click must not be faster. */
const settlingMs = 3_000;

export interface Happened {
  interaction: BlockAction | ViewAnswer;
  /** Where the request is, for the answer of a modal, which does not tell. */
  place?: Partial<DenialMetadata>;
}

/**
 * Shows in Slack what a click led to: the message as it is from now on, and a line for whoever clicked when it did not
 * count. Never throws: the decision stands whether or not Slack can show it.
 */
export async function showOutcome(context: IWebhookFunctions, happened: Happened, outcome: Forwarded): Promise<void> {
  if (!hasCredential(context, 'slack')) return;
  const ports = n8nPorts(context);
  const client = await SlackClient.connect(ports, new Deadline(ports, 60_000));
  const attempt = async (what: string, run: () => Promise<void>): Promise<void> => {
    try {
      await run();
    } catch (error) {
      if (!(error instanceof OperationError)) throw error;
      ports.log.warn(`after a click on an approval, ${what} did not succeed`, { code: error.code });
    }
  };
  const card = 'card' in outcome ? outcome.card : undefined;
  if (card !== undefined) await attempt('updating its message', () => replaceBlocks(client, card, card));
  const { channel, ts } = requestOf(happened);
  await attempt('answering it', () => tell(client, happened, outcome));
  const ended = card === undefined && (outcome.outcome === 'gone' || outcome.outcome === 'closed');
  if (!ended || channel === undefined || ts === undefined) return;
  await sleep(settlingMs);
  await attempt('closing its message', () => closeMessage(client, { channel, ts }, closings.ended));
}

async function tell(client: SlackClient, happened: Happened, outcome: Forwarded): Promise<void> {
  const text = tellAfter(outcome);
  if (text === undefined) return;
  await tellPerson(client, personOf(happened), text);
}

function personOf({ interaction, place }: Happened): PersonPlace {
  if (interaction.kind === 'block_action') return placeOfClick(interaction);
  const { channel = null, response_url: responseUrl = null } = place ?? {};
  return { user: interaction.user.id, channel, threadTs: null, responseUrl };
}

/** Where the request is. */
function requestOf({ interaction, place }: Happened): { channel?: string; ts?: string } {
  if (interaction.kind !== 'block_action') return { ...place };
  return { channel: interaction.channel_id ?? undefined, ts: interaction.message_ts ?? undefined };
}

function tellAfter(outcome: Forwarded): string | undefined {
  switch (outcome.outcome) {
    case 'settled':
    case 'asked':
      return undefined;
    case 'gone':
      return alreadyClosed;
    case 'busy':
      return 'The workflow is going on at this moment, because somebody decided or its time was up. Your click changed nothing.';
    case 'failed':
      return `${notTaken} (${outcome.problem})`;
    default:
      return outcome.tell ?? notTaken;
  }
}
