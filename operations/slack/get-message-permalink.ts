import { z } from 'zod';
import { BadResponseError } from '../errors';
import { defineOperation } from '../operation';
import { Deadline } from '../retry';
import { cleanLine } from '../text';
import { channelId, channelSchema } from './channels';
import { SlackClient } from './client';
import { messageTs } from './message-place';

export const getMessagePermalink = defineOperation({
  name: 'get_message_permalink',
  toolset: 'slack',
  resource: 'Message',
  title: 'Get Permalink',
  action: 'Get the permalink of a message',
  description: 'Gives the address of a message, for tickets, reports and people, by its channel and timestamp.',
  effect: 'read',
  idempotent: true,
  services: ['slack'],
  permissions: ['channels:read', 'groups:read'],
  runs: 'anywhere',
  input: z.object({
    channel: channelSchema.describe('Channel id (C...) or name (#soc-alerts)'),
    ts: messageTs.describe('Timestamp (ts) of the message'),
  }),
  output: z.object({ channel: z.string().describe('Channel id'), ts: z.string(), permalink: z.string() }),
  example: { channel: '#soc-alerts', ts: '1700000000.000100' },
  varies: ['ts', 'permalink'],
  echoOnError: ['channel', 'ts'],
  async run(ports, { channel, ts }) {
    const client = await SlackClient.connect(ports, new Deadline(ports, 30_000));
    const id = await channelId(client, channel);
    const { permalink } = await client.read(
      'chat.getPermalink',
      { channel: id, message_ts: ts },
      z.object({ permalink: z.string() }),
      { what: 'to get the address of a message', scope: 'none', channel },
    );
    if (!/^https?:\/\//.test(permalink)) throw new BadResponseError('Slack', 'the permalink is no http address');
    return { channel: id, ts, permalink: cleanLine(permalink, 500) };
  },
});
