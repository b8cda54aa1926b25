import { z } from 'zod';
import type { SlackClient } from './client';

const answerSchema = z.object({
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
});
const ourselvesSchema = z.object({ user_id: z.string().nullish(), bot_id: z.string().nullish() });

export interface ReadMessage {
  ts: string;
  /** Posted by this app. */
  own: boolean;
  metadata: { event_type: string; event_payload: Record<string, unknown> } | null;
}

/** Who the token speaks as. */
export function ourselves(client: SlackClient) {
  return client.read('auth.test', {}, ourselvesSchema, { what: 'to ask who we are', scope: 'none' });
}

/** One message by its place; undefined when there is none. `thread` is the message its thread hangs on. */
export async function readMessage(
  client: SlackClient,
  { channel, ts, thread }: { channel: string; ts: string; thread: string },
): Promise<ReadMessage | undefined> {
  const self = await ourselves(client);
  const window = { channel, latest: ts, oldest: ts, inclusive: true, include_all_metadata: true, limit: 2 };
  const subject = { what: 'to read a message', scope: 'channels:history', channel };
  const find = async (inThread: string | undefined) => {
    const answer =
      inThread === undefined
        ? await client.read('conversations.history', window, answerSchema, subject)
        : await client.read('conversations.replies', { ...window, ts: inThread }, answerSchema, subject);
    return answer.messages.find((message) => message.ts === ts);
  };
  // A reply is not in the channel's history; asked for by its own timestamp, its thread is found.
  const found = thread === ts ? ((await find(undefined)) ?? (await find(ts))) : await find(thread);
  if (found === undefined) return undefined;
  const own =
    (self.bot_id != null && found.bot_id === self.bot_id) || (self.user_id != null && found.user === self.user_id);
  return { ts: found.ts, own, metadata: found.metadata ?? null };
}
