import { z } from 'zod';
import type { CasesPort } from '../cases';
import { NotFoundOrNoAccessError } from '../errors';
import { defineOperation } from '../operation';
import { Deadline } from '../retry';
import { caseIdSchema, channelSchema, defaultChannel } from './channels';
import { SlackClient } from './client';
import { type Escalation, escalationMessage } from './escalation-message';
import { findPost, newEffectId, permalinkOf, postOnce } from './post-once';
import { postReplies } from './post-replies';

const eventType = 'soc_escalation';

const input = z.object({
  title: z.string().min(1).max(300).describe('One line, up to 300 characters; the header shows the first 130 or so'),
  summary: z.string().min(1).max(10_000).describe('What happened and why it matters, up to 10000 characters'),
  urgency: z.enum(['low', 'medium', 'high', 'critical']).describe('Chooses the channel and the sign in the header'),
  findings: z.array(z.string().min(1).max(1000)).max(20).default([]).describe('Up to 20 findings of 1000 characters'),
  next_steps: z.array(z.string().min(1).max(500)).max(20).default([]).describe('Up to 20 steps of 500 characters'),
  case_id: caseIdSchema
    .optional()
    .describe('Case to escalate. With it, a second call returns the message of the first instead of posting again.'),
  channel: channelSchema
    .optional()
    .describe(
      "Channel id (C...) or name (#soc-critical); default: the connection's channel for this urgency (channel_critical, channel_high, channel_medium, channel_low), else channel_default",
    ),
  links: z.array(z.string().min(1).max(500)).max(5).default([]).describe('Up to 5 http(s) addresses for the analyst'),
});

const output = z.object({
  channel: z.string().describe('Channel id'),
  ts: z.string().describe('Timestamp of the message; replies to it form the thread of the case'),
  permalink: z.string().nullable(),
  posted: z.boolean().describe('False when the case had been escalated to this channel before; nothing was posted'),
  urgency: z.enum(['low', 'medium', 'high', 'critical']),
  complete: z.boolean().describe('False when a continuation in the thread could not be posted'),
});

const deliverySchema = output.pick({ channel: true, ts: true, permalink: true, complete: true });
type Delivery = z.infer<typeof deliverySchema>;

export const escalateToSocTeam = defineOperation({
  name: 'escalate_to_soc_team',
  toolset: 'slack',
  resource: 'Message',
  title: 'Escalate to SOC Team',
  action: 'Escalate to the SOC team',
  description:
    'Posts an escalation to the Slack channel for its urgency, with facts, findings and next steps; long text goes on in its thread. Nobody is mentioned; text is shown literally. With case_id it is posted once per case and channel, and the case keeps the thread.',
  effect: 'write',
  idempotent: false,
  services: ['slack'],
  permissions: ['chat:write', 'channels:history', 'groups:history', 'channels:read', 'groups:read'],
  runs: 'anywhere',
  runsFor: ({ case_id }) => (case_id === undefined ? 'anywhere' : 'bridge'),
  input,
  output,
  example: {
    title: 'Access keys created for another user',
    summary: 'A session of an assumed role created access keys for two users that it does not own.',
    urgency: 'high',
    channel: '#soc-high',
    findings: ['2 CreateAccessKey calls by the same session within 4 minutes'],
    next_steps: ['Ask the owner of the role whether the change was planned'],
  },
  varies: ['ts', 'permalink'],
  echoOnError: ['case_id', 'urgency', 'channel'],
  async run(ports, { channel, case_id, ...content }) {
    const client = await SlackClient.connect(ports, new Deadline(ports, 90_000));
    const target = channel ?? defaultChannel(client, `channel_${content.urgency}`, 'channel_default');
    const escalation: Escalation = { ...content, case_id };
    const { cases } = ports;
    if (case_id === undefined || cases === undefined) {
      const effect = `${case_id === undefined ? '' : `${case_id}:escalate:slack:`}${newEffectId(ports)}`;
      return { ...(await post(client, target, escalation, effect)), posted: true, urgency: content.urgency };
    }
    if ((await cases.get(case_id)) === undefined) {
      throw new NotFoundOrNoAccessError('The case store', `case ${case_id}`);
    }
    const effect = `${case_id}:escalate:slack:${target.replace(/^#/, '')}`;
    const { result, performed } = await cases.effect<Delivery>(
      effect,
      () => post(client, target, escalation, effect),
      () => recover(client, target, effect),
    );
    const delivery = deliverySchema.parse(result);
    await keepOnCase(cases, case_id, delivery, content.urgency);
    return { ...delivery, posted: performed, urgency: content.urgency };
  },
});

async function post(client: SlackClient, channel: string, escalation: Escalation, effect: string): Promise<Delivery> {
  const { message, rest } = escalationMessage(escalation);
  const mark = { eventType, effect };
  const posted = await postOnce(client, { channel, message, mark });
  const complete = await postReplies(client, { channel: posted.channel, threadTs: posted.ts, mark }, rest);
  return { ...posted, permalink: await permalinkOf(client, posted), complete };
}

/** After a crash: the message that was posted but never recorded. Its continuation may have been cut off with it. */
async function recover(client: SlackClient, channel: string, effect: string): Promise<Delivery | undefined> {
  const found = await findPost(client, { channel, mark: { eventType, effect } });
  if (found === undefined) return undefined;
  return { ...found, permalink: await permalinkOf(client, found), complete: false };
}

/** Written once per message, also when an earlier call posted it and stopped before it could write this. */
async function keepOnCase(cases: CasesPort, caseId: string, delivery: Delivery, urgency: string): Promise<void> {
  await cases.stage(caseId, `escalation_kept:${delivery.channel}:${delivery.ts}`, async () => {
    const { channel, ts, permalink } = delivery;
    await cases.change(
      caseId,
      { escalation: { channel, ts, permalink } },
      { type: 'escalated', summary: `Escalated to Slack (${urgency}): ${permalink ?? `${channel} ${ts}`}` },
    );
    return { channel, ts };
  });
}
