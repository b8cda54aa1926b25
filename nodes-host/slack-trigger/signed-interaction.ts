import type { IWebhookFunctions } from 'n8n-workflow';
import { InvalidInputError } from '../../operations/errors';
import { type Interaction, parseInteractionBody } from '../../operations/slack/interaction-payload';
import { type SignatureCheck, verifySlackSignature } from '../../operations/slack/request-signature';
import { credentialTypes } from '../credentials';
import { readSlackBody, type SlackBody } from './slack-body';

export interface SignedInteraction {
  body: SlackBody;
  interaction: Interaction;
}

export interface Refusal {
  status: number;
  problem: string;
}

/**
 * What Slack sent, once its signature over the raw body is verified and fresh; else why it is refused. Without a signing
 * secret everything is. Nothing is parsed before the signature fits.
 */
export async function readSignedInteraction(context: IWebhookFunctions): Promise<SignedInteraction | Refusal> {
  const body = await readSlackBody(context);
  if ('status' in body) return body;
  const check = await verify(context, body);
  if (!check.valid) {
    const write = check.problem === 'not_configured' ? context.logger.error : context.logger.warn;
    write.call(context.logger, `a request to the Slack endpoint was refused: ${check.message}`);
    return { status: 401, problem: 'Unauthorized' };
  }
  try {
    return { body, interaction: parseInteractionBody(body.text) };
  } catch (error) {
    if (error instanceof InvalidInputError) return { status: 400, problem: error.message };
    throw error;
  }
}

async function verify(context: IWebhookFunctions, body: SlackBody): Promise<SignatureCheck> {
  const secrets = await signingSecrets(context);
  const { text: rawBody, signature, timestamp } = body;
  return verifySlackSignature({ rawBody, signature, timestamp }, secrets, new Date());
}

/** Empty when the node has no credential, or the credential no secret. */
export async function signingSecrets(
  context: Pick<IWebhookFunctions, 'getNode' | 'getCredentials'>,
): Promise<string[]> {
  if (context.getNode().credentials?.[credentialTypes.slack] === undefined) return [];
  const { signingSecret } = await context.getCredentials<Record<string, unknown>>(credentialTypes.slack);
  return typeof signingSecret === 'string' && signingSecret.trim() !== '' ? [signingSecret.trim()] : [];
}
