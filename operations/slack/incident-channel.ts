import { z } from 'zod';
import { ConflictError, OperationError } from '../errors';
import { cleanLine } from '../text';
import { findChannel } from './channels';
import type { SlackClient } from './client';
import { escapeMrkdwnLine } from './escape';
import type { Posted } from './post-once';
import { ourselves } from './read-message';
import { groupMembers, personByEmail } from './slack-users';

export interface IncidentChannel {
  id: string;
  name: string;
  isPrivate: boolean;
  /** By this call. */
  created: boolean;
  topic: string;
}

const channelAnswer = z.object({
  channel: z
    .object({
      id: z.string(),
      name: z.string(),
      is_private: z.boolean().nullish(),
      topic: z.object({ value: z.string().nullish() }).nullish(),
    })
    .optional(),
});

/**
 * Creates the channel, or finds the one this app created before: Slack refuses a second one of the same name, so a lost
 * answer leads here too. Throws ConflictError when the name belongs to a channel that is not ours.
 */
export async function createOrFind(client: SlackClient, name: string, isPrivate: boolean): Promise<IncidentChannel> {
  const { channel } = await client.write(
    'conversations.create',
    { name, is_private: isPrivate },
    channelAnswer,
    { what: 'to create a channel', scope: isPrivate ? 'groups:write' : 'channels:manage', channel: name },
    { repeatable: true, expected: ['name_taken'] },
  );
  if (channel !== undefined) {
    return { id: channel.id, name: channel.name, isPrivate: channel.is_private ?? isPrivate, created: true, topic: '' };
  }
  const [found, self] = [await findChannel(client, name), await ourselves(client)];
  if (found === undefined || self.user_id == null || found.creator !== self.user_id) {
    throw new ConflictError(
      `There is a channel #${cleanLine(name, 80)} already that this app did not create, or it is archived. Choose another name.`,
      { name },
    );
  }
  return {
    id: found.id,
    name: found.name ?? name,
    isPrivate: found.is_private ?? isPrivate,
    created: false,
    topic: found.topic?.value ?? '',
  };
}

const inviteAnswer = z.object({
  ok: z.boolean(),
  error: z.string().nullish(),
  errors: z.array(z.object({ user: z.string().nullish(), error: z.string() })).nullish(),
});
const expectedOfInvite = [
  'already_in_channel',
  'cant_invite',
  'cant_invite_self',
  'user_not_found',
  'user_is_restricted',
  'ura_max_channels',
];
const mostInvited = 100;

/** Invites people by id, e-mail address and user group; who cannot be is told, and stops nobody else. */
export async function invitePeople(
  client: SlackClient,
  channel: string,
  wanted: readonly string[],
): Promise<{ invited: string[]; not_invited: { who: string; reason: string }[] }> {
  const failed: { who: string; reason: string }[] = [];
  const ids = new Map<string, string>();
  for (const who of wanted) {
    try {
      for (const id of await idsOf(client, who)) if (!ids.has(id)) ids.set(id, who);
    } catch (error) {
      if (!(error instanceof OperationError) || error.code !== 'not_found_or_no_access') throw error;
      failed.push({ who: cleanLine(who, 320), reason: 'not found' });
    }
  }
  const left = [...ids.keys()];
  for (const id of left.splice(mostInvited)) failed.push({ who: id, reason: `more than ${mostInvited} people` });
  if (left.length === 0) return { invited: [], not_invited: failed };
  const answer = await client.write(
    'conversations.invite',
    { channel, users: left.join(','), force: true },
    inviteAnswer,
    { what: 'to invite people', scope: 'groups:write or channels:manage', channel },
    { repeatable: true, expected: expectedOfInvite },
  );
  // Who is in already is where he should be; without a list of errors, the one error is about everybody.
  const problems = new Map((answer.errors ?? []).flatMap(({ user, error }) => (user ? [[user, error] as const] : [])));
  if (!answer.ok && problems.size === 0) for (const id of left) problems.set(id, answer.error ?? 'refused');
  const invited: string[] = [];
  for (const id of left) {
    const problem = problems.get(id);
    if (problem === undefined || problem === 'already_in_channel' || problem === 'cant_invite_self') invited.push(id);
    else failed.push({ who: id, reason: cleanLine(problem, 80).replaceAll('_', ' ') });
  }
  return { invited, not_invited: failed };
}

async function idsOf(client: SlackClient, who: string): Promise<string[]> {
  if (who.includes('@')) return [(await personByEmail(client, who)).id];
  return who.startsWith('S') ? groupMembers(client, who) : [who];
}

const longestTopic = 250;

/** The topic is text from outside: it is escaped like any other. */
export async function setTopicOnce(client: SlackClient, channel: IncidentChannel, text: string): Promise<void> {
  const topic = escapeMrkdwnLine(text, longestTopic);
  if (channel.topic === topic) return;
  await client.write(
    'conversations.setTopic',
    { channel: channel.id, topic },
    z.object({ ok: z.literal(true) }),
    { what: 'to set a topic', scope: channel.isPrivate ? 'groups:write' : 'channels:manage', channel: channel.name },
    { repeatable: true },
  );
}

export async function pinMessage(client: SlackClient, { channel, ts }: Posted): Promise<void> {
  await client.write(
    'pins.add',
    { channel, timestamp: ts },
    z.object({ ok: z.boolean() }),
    { what: 'to pin a message', scope: 'pins:write', channel },
    { repeatable: true, expected: ['already_pinned'] },
  );
}
