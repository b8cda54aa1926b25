import type { IWebhookFunctions, IWebhookResponseData } from 'n8n-workflow';
import type { HttpAnswer } from '../slack-trigger/http-answer';
import { addressQuery } from './address-query';
import { answerFromBridge } from './bridge-answer';
import { answerClick } from './click-answer';
import { answerLink } from './link-answer';
import { alreadyClosed, notTaken } from './messages';
import { reply, replyWith } from './reply';
import { readWaiting, type Waiting } from './waiting';

/**
 * What comes in at the address of an execution that waits for a decision. n8n has verified its own signature over the
 * address; that the address leaked is assumed all the same. Nothing but a verified decision ends the wait. Never throws:
 * n8n would take an error for the end of the execution, and whoever has the address could bring it about.
 */
export async function answerApproval(context: IWebhookFunctions): Promise<IWebhookResponseData> {
  const response: HttpAnswer = context.getResponseObject();
  try {
    const query = context.getQueryData() as Record<string, unknown>;
    const waiting = readWaiting(context);
    // A node in a loop asks again at the same address; an answer to its earlier request is none to this one.
    if (waiting === undefined || query[addressQuery.approval] !== waiting.reference) {
      return replyWith(response, 200, reply({ outcome: 'closed', tell: alreadyClosed }));
    }
    const decision = query[addressQuery.decision];
    return await answerBy[waiting.by](context, response, waiting, typeof decision === 'string' ? decision : '');
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    context.logger.error('an answer to an approval could not be taken; the execution keeps waiting', { problem });
    return replyWith(response, 503, reply({ outcome: 'unavailable', tell: notTaken }));
  }
}

type Answer = (
  context: IWebhookFunctions,
  response: HttpAnswer,
  waiting: Waiting,
  /** From the address, which n8n has signed. */
  decision: string,
) => Promise<IWebhookResponseData>;

const answerBy: Record<Waiting['by'], Answer> = {
  bridge: answerFromBridge,
  clicks: answerClick,
  link: answerLink,
};
