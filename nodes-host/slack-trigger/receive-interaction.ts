import type { IDataObject, IWebhookFunctions, IWebhookResponseData } from 'n8n-workflow';
import { sleep } from 'n8n-workflow';
import { denialReason } from '../../operations/slack/approval-card';
import type { BlockAction, Interaction, ViewAnswer } from '../../operations/slack/interaction-payload';
import { clickActions, denialCallback } from '../approvals/card';
import { metadataOf } from '../approvals/click-answer';
import { forwardClick, sendSlackBody } from './forward-click';
import { acknowledge, answer, answerJson, type HttpAnswer } from './http-answer';
import { builtInSlackAddress, ownInstance, waitingAddress } from './own-instance';
import { Replays } from './replays';
import { showOutcome } from './show-outcome';
import { readSignedInteraction, type SignedInteraction } from './signed-interaction';

export interface TriggerSettings {
  /** `action_id`s of buttons, and `callback_id`s of modals, that start the workflow. */
  startOn: string[];
  /** Where this n8n reaches itself, when its public address does not lead back to it. */
  internalUrl: string;
}

/** Slack waits three seconds for the answer to a modal. */
const modalAnswerMs = 2_500;
/** n8n's own Slack node answers Slack itself. */
const builtInAnswerMs = 2_800;

/** Its host may have changed since it was asked, or another n8n asked. */
const notOurs = {
  outcome: 'failed',
  problem: 'the request was not made by this n8n, or under another address of it',
} as const;

const replays = new Replays(() => Date.now());

/**
 * One request of Slack to the app's Request URL: who sends it, then whether it is new, then what it is about. Clicks on
 * approvals go to the execution that waits for them; those of n8n's own Slack node to where n8n takes them; what the node
 * is told to listen for starts the workflow; everything else is acknowledged and left alone. Never throws: n8n would record
 * an execution for whatever a stranger sends.
 */
export async function receiveInteraction(
  context: IWebhookFunctions,
  settings: TriggerSettings,
): Promise<IWebhookResponseData> {
  const response: HttpAnswer = context.getResponseObject();
  let answered = false;
  const once: HttpAnswer = {
    writeHead: (status, headers) => {
      answered = true;
      return response.writeHead(status, headers);
    },
    end: (body) => response.end(body),
  };
  try {
    return await receive(context, once, settings);
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    context.logger.error('an interaction of Slack could not be taken', { problem });
    if (answered) return { noWebhookResponse: true };
    return answerJson(response, 503, { code: 'unavailable', message: 'The interaction could not be taken.' });
  }
}

async function receive(
  context: IWebhookFunctions,
  response: HttpAnswer,
  settings: TriggerSettings,
): Promise<IWebhookResponseData> {
  const signed = await readSignedInteraction(context);
  if ('problem' in signed) {
    const code = signed.status === 401 ? 'unauthenticated' : 'invalid_input';
    return answerJson(response, signed.status, { code, message: signed.problem });
  }
  if (!replays.first(signed.body.signature ?? '')) return acknowledge(response);
  const { interaction } = signed;
  if (interaction.kind === 'other') return acknowledge(response);
  if (interaction.kind === 'block_action') {
    if (interaction.value?.startsWith('nhitl1|')) return passToBuiltIn(context, response, settings, signed);
    if (Object.values<string>(clickActions).includes(interaction.action_id)) {
      return click(context, response, settings, signed, interaction);
    }
  } else if (interaction.callback_id === denialCallback) {
    if (interaction.kind === 'view_closed') return acknowledge(response);
    return denial(context, response, settings, signed, interaction);
  }
  return startsOn(context, settings, interaction) ? start(signed, interaction) : acknowledge(response);
}

/** Acknowledged at once: what the click led to is shown in Slack when it is known. */
async function click(
  context: IWebhookFunctions,
  response: HttpAnswer,
  settings: TriggerSettings,
  { body }: SignedInteraction,
  interaction: BlockAction,
): Promise<IWebhookResponseData> {
  const done = acknowledge(response);
  const own = ownInstance(context, settings.internalUrl);
  const address = own === undefined ? undefined : waitingAddress(own, interaction.value ?? '');
  if (address === undefined) {
    context.logger.warn('a click carries an address that is not of this n8n; it was forwarded nowhere');
    await showOutcome(context, { interaction }, notOurs);
    return done;
  }
  const outcome = await forwardClick(context, address, body);
  await showOutcome(context, { interaction }, outcome);
  return done;
}

/** The modal stays open until the reason has been taken, or says why it was not. */
async function denial(
  context: IWebhookFunctions,
  response: HttpAnswer,
  settings: TriggerSettings,
  { body }: SignedInteraction,
  interaction: ViewAnswer,
): Promise<IWebhookResponseData> {
  const metadata = metadataOf(interaction.private_metadata);
  const own = ownInstance(context, settings.internalUrl);
  const address = own === undefined ? undefined : waitingAddress(own, metadata?.address ?? '');
  if (address === undefined || metadata === undefined) {
    context.logger.warn('the answer of a modal carries an address that is not of this n8n; it was forwarded nowhere');
    return answerJson(response, 200, {
      response_action: 'errors',
      errors: { [denialReason.blockId]: `Nothing was recorded: ${notOurs.problem}.` },
    });
  }
  let done: IWebhookResponseData | undefined;
  const forwarded = forwardClick(context, address, body);
  const inTime = await Promise.race([forwarded, sleep(modalAnswerMs).then(() => undefined)]);
  if (inTime !== undefined && 'tell' in inTime && inTime.tell !== undefined && inTime.outcome !== 'settled') {
    const errors = { [denialReason.blockId]: inTime.tell };
    done = answerJson(response, 200, { response_action: 'errors', errors });
  }
  done ??= acknowledge(response);
  await showOutcome(context, { interaction, place: metadata }, await forwarded);
  return done;
}

/** The same app may serve n8n's own Slack node, whose clicks n8n takes at an address of its own. It verifies them itself. */
async function passToBuiltIn(
  context: IWebhookFunctions,
  response: HttpAnswer,
  settings: TriggerSettings,
  { body }: SignedInteraction,
): Promise<IWebhookResponseData> {
  const own = ownInstance(context, settings.internalUrl);
  if (own === undefined) return acknowledge(response);
  const { statusCode, text } = await sendSlackBody(context, builtInSlackAddress(own), body, builtInAnswerMs);
  return answer(response, statusCode, 'text/plain; charset=utf-8', statusCode === 200 ? '' : text.slice(0, 1000));
}

function startsOn(
  context: IWebhookFunctions,
  { startOn }: TriggerSettings,
  interaction: BlockAction | ViewAnswer,
): boolean {
  // Whoever listens for a test event in the editor wants to see whatever comes.
  if (context.getMode() === 'manual') return true;
  return startOn.includes(interaction.kind === 'block_action' ? interaction.action_id : interaction.callback_id);
}

/** Slack gets its 200 once n8n has stored the execution. */
function start({ body }: SignedInteraction, interaction: Interaction): IWebhookResponseData {
  const payload = JSON.parse(new URLSearchParams(body.text).get('payload') ?? '{}') as Record<string, unknown>;
  // An old way to verify requests, which would let whoever reads the execution pose as Slack where it is still in use.
  const { token: _, ...raw } = payload;
  const responseUrl = typeof raw.response_url === 'string' ? raw.response_url : null;
  return {
    workflowData: [[{ json: { ...interaction, response_url: responseUrl, raw } as unknown as IDataObject }]],
    webhookResponse: '',
  };
}

/** The node's parameters. */
export function triggerSettings(parameter: (name: string, fallback: unknown) => unknown): TriggerSettings {
  const options = parameter('settings', {}) as Record<string, unknown> | null;
  const listed = parameter('startOn', '');
  const texts = Array.isArray(listed) ? listed : [listed];
  return {
    startOn: texts
      .flatMap((text) => (typeof text === 'string' ? text.split(',') : []))
      .map((text) => text.trim())
      .filter((text) => text !== ''),
    internalUrl: typeof options?.internalUrl === 'string' ? options.internalUrl : '',
  };
}
