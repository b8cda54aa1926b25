import { z } from 'zod';
import { sha256 } from '../investigation/canonical-json';
import { defineOperation } from '../operation';
import { Deadline } from '../retry';
import { SlackClient } from './client';
import { messageTs, placeInput, placeOfMessage } from './message-place';
import { textMessage } from './message-text';
import { findPost, newEffectId, permalinkOf, postOnce } from './post-once';
import { postReplies } from './post-replies';

export const replyInThread = defineOperation({
  name: 'reply_in_thread',
  toolset: 'slack',
  resource: 'Message',
  title: 'Reply in Thread',
  action: 'Reply in the thread of a message',
  description:
    'Posts a reply into the thread of a message, named by its address or by channel and thread_ts. The text is shown literally: nobody is mentioned and nothing becomes a link. Each call posts a new reply unless once_key names it; a lost connection never posts it twice.',
  effect: 'write',
  idempotent: false,
  services: ['slack'],
  permissions: ['chat:write', 'channels:history', 'groups:history', 'channels:read', 'groups:read'],
  runs: 'anywhere',
  input: z.object({
    text: z
      .string()
      .min(1)
      .max(10_000)
      .describe('The reply, up to 10000 characters, shown literally; what does not fit one message follows as more'),
    ...placeInput,
    thread_ts: messageTs.optional().describe('Timestamp (ts) of the message to reply to'),
    once_key: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .describe(
        'Names the reply: one that this app posted under the same key into the same thread is returned, and nothing is posted. For workflows that may run again. Two calls at the same moment may both post',
      ),
    also_to_channel: z.boolean().default(false).describe('Show the reply in the channel too. Default: false'),
  }),
  output: z.object({
    channel: z.string().describe('Channel id'),
    ts: z.string().describe('Timestamp of the reply'),
    thread_ts: z.string().describe('Timestamp of the message whose thread it is in'),
    permalink: z.string().nullable(),
    complete: z.boolean().describe('False when a continuation could not be posted'),
    posted: z.boolean().describe('False when a reply with the same once_key was there already'),
  }),
  example: {
    channel: '#soc-alerts',
    thread_ts: '1700000000.000100',
    text: 'The owner of the role confirmed the change.',
  },
  varies: ['ts', 'thread_ts', 'permalink'],
  echoOnError: ['permalink', 'channel', 'thread_ts'],
  async run(ports, { text, permalink, channel, thread_ts, once_key, also_to_channel }) {
    const place = placeOfMessage({ permalink, channel, ts: thread_ts }, 'thread_ts');
    const client = await SlackClient.connect(ports, new Deadline(ports, 60_000));
    const { message, rest } = textMessage(text);
    const effect = once_key === undefined ? newEffectId(ports) : `once-${sha256(once_key).slice(0, 32)}`;
    const mark = { eventType: 'soc_message', effect };
    const earlier = { channel: place.channel, threadTs: place.thread, mark };
    const known = once_key === undefined ? undefined : await findPost(client, earlier);
    if (known !== undefined) {
      return {
        ...known,
        thread_ts: place.thread,
        permalink: await permalinkOf(client, known),
        complete: true,
        posted: false,
      };
    }
    const posted = await postOnce(client, {
      channel: place.channel,
      threadTs: place.thread,
      broadcast: also_to_channel,
      message,
      mark,
    });
    const thread = { channel: posted.channel, threadTs: place.thread, mark };
    const complete = await postReplies(client, thread, rest);
    return { ...posted, thread_ts: place.thread, permalink: await permalinkOf(client, posted), complete, posted: true };
  },
});
