import { z } from 'zod';
import { NotFoundOrNoAccessError } from '../errors';
import { defineOperation } from '../operation';
import { Deadline } from '../retry';
import { caseIdSchema, channelSchema, defaultChannel } from './channels';
import { SlackClient } from './client';
import { escalationMessage } from './escalation-message';
import { deliverEscalation, isLastingFailure, postEscalation } from './escalation-post';
import { newEffectId } from './post-once';

const input = z.object({
  title: z.string().min(1).max(300).describe('One line, up to 300 characters; the header shows the first 130 or so'),
  summary: z.string().min(1).max(10_000).describe('What happened and why it matters, up to 10000 characters'),
  urgency: z.enum(['low', 'medium', 'high', 'critical']).describe('Chooses the channel and the sign in the header'),
  findings: z.array(z.string().min(1).max(1000)).max(20).default([]).describe('Up to 20 findings of 1000 characters'),
  next_steps: z.array(z.string().min(1).max(500)).max(20).default([]).describe('Up to 20 steps of 500 characters'),
  case_id: caseIdSchema
    .optional()
    .describe('Case to escalate. With it, a second call returns the message of the first instead of posting again'),
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
  posted: z
    .boolean()
    .describe('False when the case had been escalated before: this is its message, and nothing was posted'),
  urgency: z.enum(['low', 'medium', 'high', 'critical']),
  complete: z.boolean().describe('False when a continuation in the thread could not be posted'),
});

export const escalateToSocTeam = defineOperation({
  name: 'escalate_to_soc_team',
  toolset: 'slack',
  resource: 'Message',
  title: 'Escalate to SOC Team',
  action: 'Escalate to the SOC team',
  description:
    'Posts an escalation to the Slack channel for its urgency, with facts, findings and next steps; long text goes on in its thread. Nobody is mentioned but whom the connection names for the urgency; text is shown literally. With case_id there is one message and one thread for the case, whoever escalates it again; a higher urgency shows on it. Where the bridge takes clicks it has the buttons Acknowledge and Investigate, and people are reminded, then others called, until somebody acknowledges.',
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
    const { cases, escalations } = ports;
    if (case_id === undefined || cases === undefined) {
      const effect = `${case_id === undefined ? '' : `${case_id}:escalate:slack:`}${newEffectId(ports)}`;
      const delivery = await postEscalation(client, target, { ...content, case_id }, effect, false);
      return { ...delivery, posted: true, urgency: content.urgency };
    }
    const record = await cases.get(case_id);
    if (record === undefined) {
      throw new NotFoundOrNoAccessError('The case store', `case ${case_id}`);
    }
    // A link that cannot be shown is refused before anything is remembered.
    escalationMessage({ ...content, case_id });
    const agreed = await escalations?.register(case_id, { channel: target, content });
    if (agreed?.created === false && record.escalation !== null) {
      // The ledger knows the post by the channel as it was asked for, and the escalation has Slack's id of it by now.
      await escalations?.posted(case_id, record.escalation);
      return { ...record.escalation, complete: true, posted: false, urgency: content.urgency };
    }
    const escalation = { ...(agreed?.content ?? content), case_id };
    const place = agreed?.channel ?? target;
    const buttons = escalations?.interactive ?? false;
    try {
      const { delivery, performed } = await deliverEscalation(client, cases, place, escalation, buttons);
      await escalations?.posted(case_id, delivery);
      return { ...delivery, posted: performed, urgency: content.urgency };
    } catch (error) {
      if (isLastingFailure(error)) await escalations?.withdraw(case_id);
      throw error;
    }
  },
});
