import { z } from 'zod';
import type { CaseRecord } from '../cases';
import { NotFoundOrNoAccessError } from '../errors';
import { defineOperation } from '../operation';
import type { Ports } from '../ports';
import { Deadline } from '../retry';
import { caseIdSchema, channelSchema, defaultChannel } from './channels';
import { SlackClient } from './client';
import { messageTs } from './message-place';
import { textMessage } from './message-text';
import { newEffectId, permalinkOf, postOnce } from './post-once';
import { postReplies } from './post-replies';

const input = z.object({
  text: z
    .string()
    .min(1)
    .max(10_000)
    .describe(
      'The message, up to 10000 characters, shown literally: no markup, mentions or links come of it. What does not fit one Slack message goes on in its thread.',
    ),
  channel: channelSchema
    .optional()
    .describe(
      "Channel id (C...) or name (#soc-alerts); default: the case's thread, else the connection's channel_default",
    ),
  thread_ts: messageTs.optional().describe('Timestamp (ts) of the message to reply to'),
  case_id: caseIdSchema
    .optional()
    .describe("Case the message belongs to: it goes to the case's escalation thread unless a channel is given"),
});

const output = z.object({
  channel: z.string().describe('Channel id'),
  ts: z.string().describe('Timestamp of the message: its id within the channel'),
  permalink: z.string().nullable(),
  thread_ts: z.string().nullable().describe('Timestamp of the message it replies to; null outside threads'),
  complete: z.boolean().describe('False when a continuation in the thread could not be posted'),
});

export const postMessage = defineOperation({
  name: 'post_message',
  toolset: 'slack',
  resource: 'Message',
  title: 'Post',
  action: 'Post a message',
  description:
    'Posts a message to a Slack channel or thread. The text is shown literally: nobody is mentioned and nothing becomes a link. Each call posts a new message; a lost connection never posts it twice.',
  effect: 'write',
  idempotent: false,
  services: ['slack'],
  permissions: ['chat:write'],
  runs: 'anywhere',
  runsFor: ({ case_id }) => (case_id === undefined ? 'anywhere' : 'bridge'),
  input,
  output,
  example: { channel: '#soc-alerts', text: 'The nightly key rotation finished without findings.' },
  varies: ['ts', 'permalink', 'thread_ts'],
  echoOnError: ['channel', 'case_id'],
  async run(ports, { text, channel, thread_ts, case_id }) {
    const client = await SlackClient.connect(ports, new Deadline(ports, 60_000));
    const record = await findCase(ports, case_id);
    const target = whereTo(client, channel, thread_ts, record);
    const { message, rest } = textMessage(text, { caseId: case_id });
    const effect = `${case_id === undefined ? '' : `${case_id}:message:`}${newEffectId(ports)}`;
    const mark = { eventType: 'soc_message', effect };

    const posted = await postOnce(client, { ...target, message, mark });
    const threadTs = target.threadTs ?? posted.ts;
    const complete = await postReplies(client, { channel: posted.channel, threadTs, mark }, rest);
    const permalink = await permalinkOf(client, posted);
    if (record !== undefined) {
      const place = permalink ?? `${posted.channel} ${posted.ts}`;
      await ports.cases?.change(
        record.id,
        {},
        { type: 'message_posted', summary: `Message posted to Slack: ${place}` },
      );
    }
    return { channel: posted.channel, ts: posted.ts, permalink, thread_ts: target.threadTs ?? null, complete };
  },
});

async function findCase(ports: Ports, caseId: string | undefined): Promise<CaseRecord | undefined> {
  if (caseId === undefined || ports.cases === undefined) return undefined;
  const record = await ports.cases.get(caseId);
  if (record === undefined) throw new NotFoundOrNoAccessError('The case store', `case ${caseId}`);
  return record;
}

function whereTo(
  client: SlackClient,
  channel: string | undefined,
  threadTs: string | undefined,
  record: CaseRecord | undefined,
): { channel: string; threadTs?: string } {
  const escalation = record?.escalation;
  if (channel === undefined && threadTs === undefined && escalation) {
    return { channel: escalation.channel, threadTs: escalation.ts };
  }
  return { channel: channel ?? escalation?.channel ?? defaultChannel(client, 'channel_default'), threadTs };
}
