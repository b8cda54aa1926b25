import type { IExecuteFunctions } from 'n8n-workflow';
import { Deadline } from '../../operations/retry';
import { defaultChannel } from '../../operations/slack/channels';
import { SlackClient } from '../../operations/slack/client';
import { type Mark, permalinkOf, postOnce } from '../../operations/slack/post-once';
import { postReplies } from '../../operations/slack/post-replies';
import { n8nPorts } from '../n8n-ports';
import { addressQuery } from './address-query';
import { clickCard, linkCard } from './card';
import type { Waiting } from './waiting';

/** Tells the message of a request from every other. */
export function approvalMark(approvalId: string): Mark {
  return { eventType: 'soc_approval', effect: approvalId };
}

/** Posts the request to Slack from this node. Resolves to where it is. Throws OperationError when it could not be posted. */
export async function postRequest(
  context: IExecuteFunctions,
  waiting: Waiting,
  channel: string | null,
): Promise<Pick<Waiting, 'channel' | 'ts' | 'permalink'>> {
  const ports = n8nPorts(context);
  const client = await SlackClient.connect(ports, new Deadline(ports, 60_000));
  const target = channel ?? defaultChannel(client, 'channel_default');
  const address = (decision: string): string =>
    context.getSignedResumeUrl({ [addressQuery.approval]: waiting.reference, [addressQuery.decision]: decision });
  const { message, rest } =
    waiting.by === 'link'
      ? linkCard(waiting, address('ask'))
      : clickCard(waiting, { approve: address('approve'), deny: address('deny') });
  const mark = approvalMark(waiting.approval_id);
  const posted = await postOnce(client, { channel: target, message, mark });
  await postReplies(client, { channel: posted.channel, threadTs: posted.ts, mark }, rest);
  return { ...posted, permalink: await permalinkOf(client, posted) };
}
