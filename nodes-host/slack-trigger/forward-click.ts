import type { IHttpRequestOptions, IWebhookFunctions } from 'n8n-workflow';
import { sleep } from 'n8n-workflow';
import { type Reply, replySchema } from '../approvals/reply';
import type { SlackBody } from './slack-body';

/** How long a waiting execution may take to be stored: its card is in Slack a moment before n8n has it in its database. */
const busyTries = 6;
const firstBusyDelayMs = 150;
const timeoutMs = 20_000;

export type Forwarded =
  | Reply
  /** n8n has no such waiting execution any more: it ended, or was deleted. */
  | { outcome: 'gone' }
  /** The execution is being continued at this moment. */
  | { outcome: 'busy' }
  /** n8n did not accept the address, or could not be asked. */
  | { outcome: 'failed'; problem: string };

/**
 * Sends a click, as Slack signed it, to the execution that waits for it, and reads what became of it. The raw body and
 * Slack's two headers go along unchanged, so that the waiting node can verify everything once more. Never throws.
 */
export async function forwardClick(
  context: IWebhookFunctions,
  address: string,
  body: SlackBody,
  tries = busyTries,
): Promise<Forwarded> {
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await once(context, address, body);
    if (outcome.outcome !== 'busy' || attempt >= tries) return outcome;
    await sleep(firstBusyDelayMs * 2 ** (attempt - 1));
  }
}

async function once(context: IWebhookFunctions, address: string, body: SlackBody): Promise<Forwarded> {
  try {
    const { statusCode, text } = await sendSlackBody(context, address, body, timeoutMs);
    const reply = replySchema.safeParse(parsed(text));
    if (reply.success) return reply.data;
    // Of an execution that failed or was stopped by a person, n8n says so under the same status.
    if (statusCode === 409) return { outcome: /has finished/.test(text) ? 'gone' : 'busy' };
    // n8n's page for an execution that has ended comes with 200.
    if (statusCode === 200 || statusCode === 404 || statusCode === 410) return { outcome: 'gone' };
    return { outcome: 'failed', problem: `n8n answered ${statusCode}` };
  } catch (error) {
    return { outcome: 'failed', problem: error instanceof Error ? error.message : 'no reason was given' };
  }
}

/** One request inside this n8n, with what Slack signed as it is. Any status is an answer; redirects are not followed. */
export async function sendSlackBody(
  context: IWebhookFunctions,
  address: string,
  body: SlackBody,
  timeout: number,
): Promise<{ statusCode: number; text: string }> {
  const options: IHttpRequestOptions = {
    method: 'POST',
    url: address,
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-signature': body.signature ?? '',
      'x-slack-request-timestamp': body.timestamp ?? '',
    },
    body: body.text,
    encoding: 'text',
    json: false,
    returnFullResponse: true,
    ignoreHttpStatusErrors: true,
    disableFollowRedirect: true,
    timeout,
  };
  const answer = (await context.helpers.httpRequest(options)) as { statusCode: number; body: unknown };
  return { statusCode: answer.statusCode, text: typeof answer.body === 'string' ? answer.body : '' };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
