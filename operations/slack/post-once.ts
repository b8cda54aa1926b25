import { z } from 'zod';
import { BadResponseError, CancelledError, OperationError, UnavailableError } from '../errors';
import type { Ports } from '../ports';
import { cleanLine } from '../text';
import type { Message } from './blocks';
import { channelId } from './channels';
import type { SlackClient } from './client';
import { assertWithinLimits } from './limits';
import { ourselves } from './read-message';

export interface Post {
  /** Channel id, or a name as `#soc-alerts`. */
  channel: string;
  message: Message;
  threadTs?: string;
  /** A reply that also stands in the channel. */
  broadcast?: boolean;
  /** Written into the message's metadata, so that it can be found again. Anybody in the workspace may read it. */
  mark: Mark;
}

export interface Mark {
  eventType: string;
  /** Tells this effect from every other. */
  effect: string;
}

export interface Posted {
  /** Channel id, as Slack gave it: later calls need it. */
  channel: string;
  ts: string;
}

const postedAnswer = z.object({ channel: z.string().min(1), ts: z.string().min(1) });
const historyAnswer = z.object({
  messages: z.array(
    z.object({
      ts: z.string(),
      bot_id: z.string().nullish(),
      user: z.string().nullish(),
      metadata: z
        .object({ event_type: z.string(), event_payload: z.record(z.unknown()) })
        .nullish()
        .catch(null),
    }),
  ),
  has_more: z.boolean().nullish(),
  response_metadata: z.object({ next_cursor: z.string().nullish() }).nullish(),
});
const pageSize = 200;
const mostPages = 10;

/** Enough to tell effects apart; it is no secret. */
export function newEffectId(ports: Pick<Ports, 'now' | 'random'>): string {
  const part = () => Math.floor(ports.random() * 2 ** 32).toString(36);
  return `${ports.now().getTime().toString(36)}-${part()}${part()}`;
}

/**
 * Posts a message at most once. When the answer is lost, the channel is searched for the message's mark before anything
 * is sent again (Slack has no idempotency key). Throws UnavailableError with `outcome: 'unknown'` when
 * the channel cannot be searched, and OperationError for everything Slack refuses.
 */
export async function postOnce(client: SlackClient, post: Post): Promise<Posted> {
  assertWithinLimits(post.message);
  try {
    return await send(client, post);
  } catch (error) {
    if (!outcomeUnknown(error)) throw error;
    client.ports.log.warn('the answer to a Slack post was lost; looking for the message', { effect: post.mark.effect });
    const found = await findPost(client, post).catch((problem: unknown) => {
      throw problem instanceof CancelledError ? problem : unknownOutcome(post, problem);
    });
    if (found !== undefined) return found;
    // What timed out may still arrive; only after a broken connection without a trace is a second try safe.
    if (error instanceof UnavailableError && error.details.connection === 'timeout') throw unknownOutcome(post, error);
    return await send(client, post).catch((second: unknown) => {
      throw outcomeUnknown(second) ? unknownOutcome(post, second) : second;
    });
  }
}

function send(client: SlackClient, { channel, message, threadTs, broadcast, mark }: Post): Promise<Posted> {
  return client.write(
    'chat.postMessage',
    {
      channel,
      text: message.text,
      blocks: message.blocks,
      ...(threadTs === undefined ? {} : { thread_ts: threadTs }),
      ...(threadTs !== undefined && broadcast ? { reply_broadcast: true } : {}),
      metadata: { event_type: mark.eventType, event_payload: { effect: mark.effect } },
      // Nothing in the text becomes a mention, and no address in it is fetched.
      parse: 'none',
      link_names: false,
      mrkdwn: false,
      unfurl_links: false,
      unfurl_media: false,
    },
    postedAnswer,
    { what: 'to post a message', scope: 'chat:write', channel },
  );
}

/** Whether a request may have taken effect although no answer says so. */
export function outcomeUnknown(error: unknown): boolean {
  if (error instanceof BadResponseError) {
    const { status, slack_error: code } = error.details;
    return code === undefined && !(typeof status === 'number' && status >= 300 && status < 500);
  }
  return error instanceof UnavailableError && error.details.connection !== 'refused';
}

function unknownOutcome(post: Post, cause: unknown): UnavailableError {
  const why = cause instanceof OperationError ? ` (${cause.code})` : '';
  return new UnavailableError(
    'Slack',
    `the answer to a post was lost, and the channel could not be searched for it${why}; look into ${cleanLine(post.channel, 100)} before posting again`,
    { outcome: 'unknown', effect: post.mark.effect },
  );
}

/**
 * The message with this mark in a channel or thread, if it was posted by our own app: metadata can be written by any
 * app of the workspace, so somebody else's mark must not pass for ours. Looks through the newest 2,000 messages.
 * Needs channels:history (groups:history), and channels:read when the channel is given by name.
 */
export async function findPost(
  client: SlackClient,
  { channel, threadTs, mark }: Pick<Post, 'channel' | 'threadTs' | 'mark'>,
): Promise<Posted | undefined> {
  const id = await channelId(client, channel);
  const self = await ourselves(client);
  const method = threadTs === undefined ? 'conversations.history' : 'conversations.replies';
  let cursor: string | undefined;
  for (let page = 0; page < mostPages; page += 1) {
    const answer = await client.read(
      method,
      { channel: id, ts: threadTs, limit: pageSize, include_all_metadata: true, cursor },
      historyAnswer,
      { what: 'to read messages', scope: 'channels:history', channel },
    );
    const own = answer.messages.find(
      (message) =>
        message.metadata?.event_type === mark.eventType &&
        message.metadata.event_payload.effect === mark.effect &&
        ((self.bot_id != null && message.bot_id === self.bot_id) ||
          (self.user_id != null && message.user === self.user_id)),
    );
    if (own !== undefined) return { channel: id, ts: own.ts };
    cursor = answer.response_metadata?.next_cursor || undefined;
    if (cursor === undefined) return undefined;
  }
  return undefined;
}

/** The address of a message; null when Slack does not give it, which is not worth failing for. */
export async function permalinkOf(client: SlackClient, posted: Posted): Promise<string | null> {
  try {
    const { permalink } = await client.read(
      'chat.getPermalink',
      { channel: posted.channel, message_ts: posted.ts },
      z.object({ permalink: z.string() }),
      { what: 'to get the address of a message', scope: 'none', channel: posted.channel },
    );
    return /^https?:\/\//.test(permalink) ? cleanLine(permalink, 500) : null;
  } catch (error) {
    client.ports.log.info('no permalink for a message', {
      code: error instanceof OperationError ? error.code : 'other',
    });
    return null;
  }
}
