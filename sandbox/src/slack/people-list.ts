import type { SlackState } from './state';
import { type SlackUser, TEAM } from './workspace';

/** Somebody one can be on the page. */
export interface ListedPerson {
  id: string;
  username: string;
  name: string;
  title: string;
  kind: 'member' | 'guest' | 'foreign' | 'deactivated';
  /** Handles of the user groups the person is in. */
  groups: string[];
}

/** Everyone with an account but the app itself; those of the SOC first, the odd ones last. */
export function peopleOf(state: SlackState): ListedPerson[] {
  const people = [...state.users.values()]
    .filter((user) => !user.bot)
    .map((user) => ({
      id: user.id,
      username: user.name,
      name: user.displayName,
      title: user.title,
      kind: kindOf(user),
      groups: state.userGroups.filter((group) => group.users.includes(user.id)).map((group) => group.handle),
    }));
  const rank = (person: ListedPerson) => (person.kind !== 'member' ? 2 : person.groups.length > 0 ? 0 : 1);
  return people.sort((a, b) => rank(a) - rank(b));
}

function kindOf(user: SlackUser): ListedPerson['kind'] {
  if (user.deleted) return 'deactivated';
  if (user.teamId !== undefined && user.teamId !== TEAM.id) return 'foreign';
  return user.restricted ? 'guest' : 'member';
}
