import { z } from 'zod';
import { ConflictError, InvalidInputError, NotFoundOrNoAccessError } from '../errors';
import { defineOperation } from '../operation';
import { Deadline } from '../retry';
import { channelId } from './channels';
import { SlackClient } from './client';
import { limits } from './limits';
import { messageTs, placeInput, placeOfMessage } from './message-place';
import { textMessage } from './message-text';
import { permalinkOf } from './post-once';
import { readMessage } from './read-message';
import { sendUpdate } from './send-update';

/** The only messages whose text callers may change. Cards of approvals and escalations say what is the case, and nobody else does. */
const ours = 'soc_message';
const longest = limits.allBlocks - 200;

export const updateMessage = defineOperation({
  name: 'update_message',
  toolset: 'slack',
  resource: 'Message',
  title: 'Update',
  action: 'Update a message',
  description:
    'Replaces the text of a message that this app posted with post_message or reply_in_thread. Escalations, approvals and messages of others are refused. The text is shown literally: nobody is mentioned and nothing becomes a link.',
  effect: 'write',
  idempotent: true,
  services: ['slack'],
  permissions: ['chat:write', 'channels:history', 'groups:history', 'channels:read', 'groups:read'],
  runs: 'anywhere',
  input: z.object({
    text: z.string().min(1).max(longest).describe(`The new text, up to ${longest} characters, shown literally`),
    ...placeInput,
    ts: messageTs.optional().describe('Timestamp (ts) of the message'),
  }),
  output: z.object({
    channel: z.string().describe('Channel id'),
    ts: z.string(),
    permalink: z.string().nullable(),
    updated: z.literal(true),
  }),
  example: {
    channel: '#soc-alerts',
    ts: '1700000000.000100',
    text: 'The nightly key rotation finished. One key was skipped.',
  },
  varies: ['ts', 'permalink'],
  echoOnError: ['permalink', 'channel', 'ts'],
  async run(ports, { text, ...given }) {
    const place = placeOfMessage(given);
    const client = await SlackClient.connect(ports, new Deadline(ports, 60_000));
    const channel = await channelId(client, place.channel);
    const { message, rest } = textMessage(text);
    if (rest.length > 0) throw new InvalidInputError('text', 'is too long for one message; post the rest as a reply');
    const found = await readMessage(client, { channel, ts: place.ts, thread: place.thread });
    if (found === undefined) throw new NotFoundOrNoAccessError('Slack', `message ${place.ts} in channel ${channel}`);
    if (!found.own || found.metadata?.event_type !== ours) {
      throw new ConflictError(
        'Only messages posted with post_message or reply_in_thread can be updated; this one is of somebody else, or one that the bridge keeps up to date.',
        { channel, ts: place.ts },
      );
    }
    await sendUpdate(client, { channel, ts: place.ts }, message);
    return {
      channel,
      ts: place.ts,
      permalink: await permalinkOf(client, { channel, ts: place.ts }),
      updated: true as const,
    };
  },
});
