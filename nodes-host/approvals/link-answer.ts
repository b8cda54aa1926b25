import type { IWebhookFunctions, IWebhookResponseData } from 'n8n-workflow';
import { OperationError } from '../../operations/errors';
import { Deadline } from '../../operations/retry';
import type { Message } from '../../operations/slack/blocks';
import { SlackClient } from '../../operations/slack/client';
import { replaceMessage } from '../../operations/slack/message-changes';
import { cleanText } from '../../operations/text';
import { n8nPorts } from '../n8n-ports';
import { answer, type HttpAnswer } from '../slack-trigger/http-answer';
import { settledCard, settledLinkCard } from './card';
import { Claims } from './claims';
import { askPage, type LinkPage, notePage } from './link-page';
import { type AnonymousDecision, asItem, resultOf } from './result';
import type { Waiting } from './waiting';

const claims = new Claims(() => Date.now());

/**
 * The page behind the link. Looking at it changes nothing, whoever or whatever fetches it; a decision is a POST from its
 * form. Who sent that is unknown, and the result says so.
 */
export async function answerLink(
  context: IWebhookFunctions,
  response: HttpAnswer,
  waiting: Waiting,
): Promise<IWebhookResponseData> {
  const { method } = context.getRequestObject();
  if (Date.now() > Date.parse(waiting.expires_at)) {
    await showInSlack(
      context,
      waiting,
      settledCard(waiting, { status: 'timed_out', decidedBy: [], at: new Date(waiting.expires_at) }),
    );
    return show(response, 410, notePage('Time is up', 'Nobody decided in time, so it counts as not approved.'));
  }
  if (method !== 'POST') return show(response, 200, askPage(waiting));
  const form = context.getBodyData();
  const decision = form.decision === 'approved' || form.decision === 'denied' ? form.decision : undefined;
  if (decision === undefined) return show(response, 400, askPage(waiting, 'Choose Approve or Deny.'));
  const reason = cleanText(typeof form.reason === 'string' ? form.reason : '', 1000).trim();
  if (decision === 'denied' && waiting.ask_reason && reason === '') {
    return show(response, 400, askPage(waiting, 'Say why it should not be done.'));
  }
  if (!claims.take(waiting.approval_id)) {
    return show(response, 409, notePage('Already decided', 'Somebody else decided a moment ago.'));
  }
  const decided: AnonymousDecision = {
    id: null,
    anonymous: true,
    decision,
    at: new Date().toISOString(),
    ...(decision === 'denied' && reason !== '' ? { reason } : {}),
  };
  await showInSlack(context, waiting, settledLinkCard(waiting, decision, new Date(decided.at), decided.reason));
  const word = decision === 'approved' ? 'Approved' : 'Denied';
  return {
    workflowData: [[asItem(resultOf(waiting, decision, [decided], decided.reason))]],
    webhookResponse: notePage(word, 'The workflow goes on with this decision. It does not know who made it.').html,
  };
}

/** Nothing may be loaded into the page, and no other page may show it in a frame to have its buttons pressed. */
const pageHeaders = {
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  'x-frame-options': 'DENY',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};

function show(response: HttpAnswer, status: number, { html }: LinkPage): IWebhookResponseData {
  return answer(response, status, 'text/html; charset=utf-8', html, pageHeaders);
}

/** The decision counts whether or not Slack can show it. */
async function showInSlack(context: IWebhookFunctions, waiting: Waiting, message: Message): Promise<void> {
  if (waiting.channel === null || waiting.ts === null) return;
  const ports = n8nPorts(context);
  try {
    const client = await SlackClient.connect(ports, new Deadline(ports, 10_000));
    await replaceMessage(client, { channel: waiting.channel, ts: waiting.ts }, message);
  } catch (error) {
    if (!(error instanceof OperationError)) throw error;
    ports.log.warn('the message of a decided approval could not be updated', { code: error.code });
  }
}
