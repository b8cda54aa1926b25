import { z } from 'zod';
import { cleanLine } from '../text';
import type { SlackClient } from './client';

const text = z.string().nullish();
const flag = z.boolean().nullish();

const userAnswer = z.object({
  user: z.object({
    id: z.string(),
    team_id: text,
    enterprise_user: z.object({ enterprise_id: text }).nullish(),
    name: text,
    deleted: flag,
    real_name: text,
    tz: text,
    is_bot: flag,
    is_restricted: flag,
    is_ultra_restricted: flag,
    is_stranger: flag,
    profile: z.object({ real_name: text, display_name: text, title: text, email: text }).partial().nullish(),
  }),
});

/** An account as Slack has it now. Names and titles are written by their owners: to read, never to decide by. */
export interface SlackPerson {
  id: string;
  team_id: string | null;
  handle: string | null;
  name: string | null;
  title: string | null;
  email: string | null;
  time_zone: string | null;
  deactivated: boolean;
  /** Single- and multi-channel guests alike. */
  guest: boolean;
  bot: boolean;
  /** Of another workspace, seen in a shared channel. */
  external: boolean;
}

function shaped({ user }: z.output<typeof userAnswer>, own: Workspace): SlackPerson {
  const { profile } = user;
  const line = (value: string | null | undefined, most = 200) => {
    const cleaned = cleanLine(value ?? '', most);
    return cleaned === '' ? null : cleaned;
  };
  return {
    id: cleanLine(user.id, 100),
    team_id: line(user.team_id, 100),
    handle: line(user.name),
    name: line(profile?.display_name) ?? line(profile?.real_name) ?? line(user.real_name),
    title: line(profile?.title),
    email: line(profile?.email, 320),
    time_zone: line(user.tz, 100),
    deactivated: user.deleted === true,
    guest: user.is_restricted === true || user.is_ultra_restricted === true,
    bot: user.is_bot === true,
    external: user.is_stranger === true || !isOurs(user, own),
  };
}

const ownAnswer = z.object({ team_id: z.string(), enterprise_id: text });

/** The workspace that the token belongs to, and its organisation where it has one. */
export type Workspace = z.output<typeof ownAnswer>;

export function ownWorkspace(client: SlackClient): Promise<Workspace> {
  return client.read('auth.test', {}, ownAnswer, { what: 'to ask which workspace this is', scope: 'none' });
}

/** Of this workspace or of the same organisation: a shared channel shows others, too. */
function isOurs({ team_id: team, enterprise_user: of }: z.output<typeof userAnswer>['user'], own: Workspace): boolean {
  if (team == null || team === own.team_id) return true;
  return own.enterprise_id != null && of?.enterprise_id === own.enterprise_id;
}

/**
 * One account as it is now. `own` is asked at the same time, unless it is known. Throws NotFoundOrNoAccessError for an
 * unknown id.
 */
export async function personById(
  client: SlackClient,
  id: string,
  own: Promise<Workspace> = ownWorkspace(client),
): Promise<SlackPerson> {
  const subject = { what: 'to look up a user', scope: 'users:read', missing: `user ${cleanLine(id, 50)}` };
  const [answer, workspace] = await Promise.all([client.read('users.info', { user: id }, userAnswer, subject), own]);
  return shaped(answer, workspace);
}

/** Slack does not find deactivated accounts by e-mail. Throws NotFoundOrNoAccessError. */
export async function personByEmail(client: SlackClient, email: string): Promise<SlackPerson> {
  const subject = {
    what: 'to look up a user',
    scope: 'users:read.email',
    missing: `active user with that e-mail address`,
  };
  const read = client.read('users.lookupByEmail', { email }, userAnswer, subject);
  const [answer, workspace] = await Promise.all([read, ownWorkspace(client)]);
  return shaped(answer, workspace);
}

/** Ids of the members of a user group. Throws NotFoundOrNoAccessError for an unknown one. */
export async function groupMembers(client: SlackClient, group: string): Promise<string[]> {
  const subject = {
    what: 'to read a user group',
    scope: 'usergroups:read',
    missing: `user group ${cleanLine(group, 50)}`,
  };
  const schema = z.object({ users: z.array(z.string()) });
  const { users } = await client.read('usergroups.users.list', { usergroup: group }, schema, subject);
  return users;
}

/** Whether this account belongs to a colleague who may act: anybody else is refused, with the reason. */
export function refusalOf(person: SlackPerson): string | undefined {
  if (person.bot) return 'an app';
  if (person.deactivated) return 'a deactivated account';
  if (person.external) return 'an account of another workspace';
  return person.guest ? 'a guest account' : undefined;
}
