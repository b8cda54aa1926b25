import { z } from 'zod';
import { overriding } from '../clean-up-ports';
import { CancelledError, OperationError } from '../errors';
import { callService } from '../service-call';
import { plain, section } from './blocks';
import type { SlackClient } from './client';
import { escapeMrkdwn, plainText } from './escape';
import type { BlockAction } from './interaction-payload';
import { responseAddress } from './response-address';

/** Where somebody clicked, for an answer that they alone see. */
export interface PersonPlace {
  user: string;
  channel: string | null;
  /** Only for a message within a thread: nobody sees an answer in a thread that is not open. */
  threadTs: string | null;
  /** See BlockAction. */
  responseUrl: string | null;
}

const longest = 1000;
const silent = { parse: 'none', link_names: false, unfurl_links: false, unfurl_media: false };
const answerMs = 5000;

export function placeOfClick(click: BlockAction): PersonPlace {
  const { user, channel_id: channel, thread_ts: thread, message_ts: ts, response_url: responseUrl } = click;
  return { user: user.id, channel, threadTs: thread === ts ? null : thread, responseUrl };
}

/**
 * Tells one person and nobody else, where they clicked. First at the address that came with the click, which also reaches
 * whoever sees the channel without being in it; then in the channel; then in a direct message. Resolves to whether it
 * arrived: it is a courtesy, and changes nothing.
 */
export async function tellPerson(client: SlackClient, place: PersonPlace, text: string): Promise<boolean> {
  const { user, channel, threadTs } = place;
  const thread = threadTs === null ? {} : { thread_ts: threadTs };
  const body = { text: escapeMrkdwn(text, longest), blocks: [section(plain(plainText(text, longest)))], ...silent };
  const answer = z.object({ ok: z.literal(true) });
  const subject = { what: 'to tell one person', scope: 'chat:write' };
  const ways = [
    () => atResponseUrl(client, place, { ...thread, ...body }),
    async () => {
      if (channel === null) return false;
      await client.write('chat.postEphemeral', { channel, user, ...thread, ...body }, answer, { ...subject, channel });
      return true;
    },
    async () => {
      await client.write('chat.postMessage', { channel: user, ...body }, answer, subject);
      return true;
    },
  ];
  for (const way of ways) {
    try {
      if (await way()) return true;
    } catch (error) {
      if (error instanceof CancelledError || !(error instanceof OperationError)) throw error;
      client.ports.log.info('a note about a click was not delivered this way', { code: error.code });
    }
  }
  return false;
}

/** Slack answers 200 when it took it; an address that is too old or was used five times is refused. */
async function atResponseUrl(client: SlackClient, { responseUrl }: PersonPlace, body: object): Promise<boolean> {
  const { ports, deadline, baseUrl } = client;
  const url = responseAddress(baseUrl, responseUrl);
  if (url === undefined) return false;
  const withoutToken = overriding(ports, { http: (request) => ports.http({ ...request, upload: true }) });
  const { status } = await callService(withoutToken, {
    service: 'slack',
    method: 'POST',
    url,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify({ response_type: 'ephemeral', replace_original: false, ...body }),
    safeToRepeat: false,
    timeoutMs: answerMs,
    longestWaitMs: 1000,
    deadline,
  });
  return status === 200;
}
