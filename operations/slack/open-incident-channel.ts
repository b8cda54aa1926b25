import { z } from 'zod';
import { InvalidInputError, NotFoundOrNoAccessError } from '../errors';
import { defineOperation } from '../operation';
import { Deadline } from '../retry';
import { caseIdSchema } from './channels';
import { SlackClient } from './client';
import { createOrFind, invitePeople, pinMessage, setTopicOnce } from './incident-channel';
import { textMessage } from './message-text';
import { findPost, permalinkOf, postOnce } from './post-once';
import { postReplies } from './post-replies';

const invitee = z
  .string()
  .min(2)
  .max(320)
  .regex(
    /^([UWS][A-Z0-9]{2,20}|[^\s@<>]+@[^\s@<>]+)$/,
    'is no e-mail address and no id of a user (U...) or group (S...)',
  );

export const openIncidentChannel = defineOperation({
  name: 'open_incident_channel',
  toolset: 'slack',
  resource: 'Channel',
  title: 'Open Incident Channel',
  action: 'Open an incident channel',
  description:
    'Makes a channel for an incident in one call: creates it (private unless told otherwise), invites people and user groups, sets the topic, posts the summary and pins it. Called again it finds the channel it made before and completes what is missing, so nothing happens twice. A channel of that name made by somebody else is refused. Who could not be invited is named, with the reason.',
  effect: 'write',
  idempotent: true,
  services: ['slack'],
  permissions: [
    'channels:manage',
    'groups:write',
    'channels:read',
    'groups:read',
    'channels:history',
    'groups:history',
    'chat:write',
    'pins:write',
    'users:read',
    'users:read.email',
    'usergroups:read',
  ],
  runs: 'anywhere',
  runsFor: ({ case_id }) => (case_id === undefined ? 'anywhere' : 'bridge'),
  input: z.object({
    title: z.string().min(1).max(200).describe('What happened, in one line: the topic begins with it'),
    summary: z.string().min(1).max(8000).describe('What is known so far, up to 8000 characters; posted and pinned'),
    name: z
      .string()
      .regex(/^[a-z0-9_-]{1,80}$/, 'may hold small letters, digits, - and _ only, up to 80')
      .optional()
      .describe('Name of the channel, e.g. inc-2026-key-leak; default: inc- and the case id'),
    case_id: caseIdSchema.optional().describe('Case it is about; the case keeps an event of it'),
    invite: z
      .array(invitee)
      .max(50)
      .default([])
      .describe('E-mail addresses, user ids (U...) and user group ids (S...) to invite, up to 50'),
    is_private: z.boolean().default(true).describe('Private channel. Default: true'),
  }),
  output: z.object({
    channel: z.string().describe('Channel id'),
    name: z.string(),
    is_private: z.boolean(),
    created: z.boolean().describe('False when it had been made before'),
    invited: z.array(z.string()).describe('User ids that are in the channel now'),
    not_invited: z.array(z.object({ who: z.string(), reason: z.string() })),
    ts: z.string().describe('Timestamp of the pinned summary'),
    permalink: z.string().nullable(),
    complete: z.boolean().describe('False when somebody could not be invited, or part of the summary not posted'),
  }),
  example: {
    title: 'Access keys created for other users',
    summary: 'A session of an assumed role created access keys for two users that it does not own.',
    name: 'inc-simulated-keys',
    invite: ['eva.novak@simulated-corp.example', 'S0SIM0001'],
  },
  varies: ['channel', 'ts', 'permalink', 'created'],
  echoOnError: ['name', 'case_id'],
  async run(ports, { title, summary, name, case_id, invite, is_private }) {
    const wanted =
      name ?? (case_id === undefined ? undefined : `inc-${case_id.toLowerCase().replace(/[^a-z0-9_-]/g, '-')}`);
    if (wanted === undefined) throw new InvalidInputError('name', 'give a name, or the case it is about');
    if (case_id !== undefined && ports.cases && (await ports.cases.get(case_id)) === undefined)
      throw new NotFoundOrNoAccessError('The case store', `case ${case_id}`);
    const { message, rest } = textMessage(summary, { caseId: case_id, heading: title });
    const client = await SlackClient.connect(ports, new Deadline(ports, 120_000));

    const channel = await createOrFind(client, wanted.slice(0, 80), is_private);
    ports.progress(`Channel #${channel.name} is there`, 1, 4);
    const people = await invitePeople(client, channel.id, invite);
    ports.progress('People were invited', 2, 4);
    await setTopicOnce(client, channel, case_id === undefined ? title : `${title} · ${case_id}`);
    const mark = { eventType: 'soc_incident', effect: `${channel.id}:incident` };
    const before = channel.created ? undefined : await findPost(client, { channel: channel.id, mark });
    const posted = before ?? (await postOnce(client, { channel: channel.id, message, mark }));
    const whole =
      before !== undefined || (await postReplies(client, { channel: channel.id, threadTs: posted.ts, mark }, rest));
    ports.progress('The summary is posted', 3, 4);
    await pinMessage(client, posted);
    const permalink = await permalinkOf(client, posted);
    if (case_id !== undefined) {
      const cases = ports.cases;
      await cases?.stage(case_id, `incident_channel:${channel.id}`, async () => {
        const event = { type: 'incident_channel_opened', summary: `Incident channel in Slack: #${channel.name}` };
        await cases.change(case_id, {}, event);
        return { channel: channel.id };
      });
    }
    return {
      channel: channel.id,
      name: channel.name,
      is_private: channel.isPrivate,
      created: channel.created,
      ...people,
      ts: posted.ts,
      permalink,
      complete: whole && people.not_invited.length === 0,
    };
  },
});
