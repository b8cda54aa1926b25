import { SIMULATED_PEOPLE, type SimulatedPerson } from '../simulated-people';

export const TEAM = { id: 'T0SIM0001', name: 'Simulated Corp', domain: 'simulated-corp' };
/** A company that shares a channel with ours over Slack Connect. */
export const FOREIGN_TEAM = { id: 'T0SIM0002', name: 'Partner MSSP (simulated)', domain: 'simulated-partner' };
export const APP_ID = 'A0SIM0001';
export const BOT_ID = 'B0SIM0001';

export interface SlackUser {
  id: string;
  name: string;
  realName: string;
  displayName: string;
  email?: string;
  title: string;
  deleted: boolean;
  restricted: boolean;
  bot: boolean;
  /** Workspace of the account; ours unless given. */
  teamId?: string;
}

export interface SlackChannel {
  id: string;
  name: string;
  kind: 'public' | 'private' | 'im' | 'mpim';
  archived: boolean;
  topic: string;
  purpose: string;
  creator: string;
  /** Seconds since 1970. */
  created: number;
  members: Set<string>;
}

export interface SlackUserGroup {
  id: string;
  handle: string;
  name: string;
  users: string[];
}

/** The app's own user; the token speaks as it. */
export const BOT_USER: SlackUser = {
  id: 'U0SIMBOT1',
  name: 'soc-bot',
  realName: 'SOC Bot (simulated)',
  displayName: 'SOC Bot',
  title: 'App',
  deleted: false,
  restricted: false,
  bot: true,
};

export const userId = (person: Pick<SimulatedPerson, 'number'>) => `U0SIM${String(person.number).padStart(4, '0')}`;

const P = SIMULATED_PEOPLE;

/** Somebody of another company, seen in the channel shared with it. */
export const FOREIGN_USER: SlackUser = {
  id: 'U0SIM0021',
  name: 'noor.haddad',
  realName: 'Noor Haddad (simulated)',
  displayName: 'Noor Haddad',
  title: 'Analyst at Partner MSSP',
  deleted: false,
  restricted: false,
  bot: false,
  teamId: FOREIGN_TEAM.id,
};

/** Everyone with a Slack account: the automation accounts of GitLab have none. */
export function simulatedUsers(): SlackUser[] {
  const people = Object.values<SimulatedPerson>(P).filter((person) => !person.bot);
  const users = people.map((person) => ({
    id: userId(person),
    name: person.username,
    realName: person.name,
    displayName: person.name.replace(' (simulated)', ''),
    email: person.email,
    title: person.title,
    deleted: person.deactivated ?? false,
    restricted: person.guest ?? false,
    bot: false,
  }));
  return [BOT_USER, ...users, FOREIGN_USER];
}

const soc = [P.eva, P.rafael, P.sian, P.aylin].map(userId);
const everyone = Object.values<SimulatedPerson>(P)
  .filter((person) => !person.bot && !person.deactivated && !person.guest)
  .map(userId);

export function simulatedUserGroups(): SlackUserGroup[] {
  return [
    { id: 'S0SIM0001', handle: 'soc', name: 'SOC', users: [...soc] },
    { id: 'S0SIM0002', handle: 'soc-leads', name: 'SOC leads', users: [userId(P.eva)] },
  ];
}

/** The channels at the start. The bot sits in the four alert channels and the shared one, and nowhere else. */
export function simulatedChannels(created: number): SlackChannel[] {
  const channel = (id: number, name: string, topic: string, extra: Partial<SlackChannel> = {}): SlackChannel => ({
    id: `C0SIM${String(id).padStart(4, '0')}`,
    name,
    kind: 'public',
    archived: false,
    topic,
    purpose: 'Simulated channel',
    creator: userId(P.eva),
    created,
    members: new Set([...soc, BOT_USER.id]),
    ...extra,
  });
  return [
    channel(101, 'soc-critical', 'Act now. Page the analyst on call.'),
    channel(102, 'soc-high', 'Look within the hour.'),
    channel(103, 'soc-alerts', 'Everything that needs an analyst today.'),
    channel(104, 'soc-low', 'For the record.'),
    channel(105, 'exec-crisis', 'Private, the bot is not in it.', {
      kind: 'private',
      members: new Set([userId(P.eva)]),
    }),
    channel(106, 'soc-archive-2025', 'Old alerts.', { archived: true }),
    channel(107, 'general', 'Everyone.', { members: new Set(everyone) }),
    channel(108, 'soc-partners', 'Shared with Partner MSSP over Slack Connect; guests are here too.', {
      members: new Set([...soc, userId(P.guido), FOREIGN_USER.id, BOT_USER.id]),
    }),
  ];
}
