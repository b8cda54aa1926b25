import { SIMULATED_PEOPLE, type SimulatedPerson } from '../simulated-people';
import { uuid } from './query-log';
import { ALL_PERMISSIONS } from './token-access';

/** A console user, in the shape GraphQL gives. */
export interface PantherUser {
  __typename: 'User';
  id: string;
  email: string;
  givenName: string;
  familyName: string;
  enabled: boolean;
  status: string;
  createdAt: string;
  lastLoggedInAt: string | null;
  role: object;
}

const CREATED = '2025-01-15T09:00:00.000Z';

function user(person: SimulatedPerson, lastLoggedInAt: string | null): PantherUser {
  const [givenName = '', ...rest] = person.name.split(' ');
  const analyst = person.team === 'soc';
  return {
    __typename: 'User',
    id: uuid(`user/${person.number}`),
    email: person.email,
    givenName,
    familyName: rest.join(' '),
    enabled: person.deactivated !== true,
    status: person.deactivated ? 'DISABLED' : 'CONFIRMED',
    createdAt: CREATED,
    lastLoggedInAt,
    role: {
      id: uuid(`role/${analyst ? 'Analyst' : 'AnalystReadOnly'}`),
      name: analyst ? 'Analyst' : 'AnalystReadOnly',
      createdAt: CREATED,
      updatedAt: CREATED,
      updatedBy: null,
      logTypeAccess: null,
      logTypeAccessKind: 'ALLOW_ALL',
      permissions: analyst ? ALL_PERMISSIONS : ALL_PERMISSIONS.filter((permission) => permission.endsWith('Read')),
    },
  };
}

/** The users of the stand-in: the SOC team, a platform lead who may look, and one account that is switched off. */
export const USERS: readonly PantherUser[] = [
  SIMULATED_PEOPLE.eva,
  SIMULATED_PEOPLE.rafael,
  SIMULATED_PEOPLE.sian,
  SIMULATED_PEOPLE.aylin,
  SIMULATED_PEOPLE.mira,
  SIMULATED_PEOPLE.nils,
].map((person) => user(person, person === SIMULATED_PEOPLE.nils ? null : '2026-01-05T08:30:00.000Z'));

/** The calling token, as GraphQL names an actor; `value` is never shown again after creation. */
export function apiToken(permissions: readonly string[]): { __typename: 'APIToken' } & Record<string, unknown> {
  return {
    __typename: 'APIToken',
    id: uuid('token/self'),
    name: 'simulated SOC token',
    permissions,
    allowedCIDRBlocks: [],
    createdAt: CREATED,
    createdBy: USERS[0],
    updatedAt: CREATED,
    updatedBy: USERS[0],
    expiresAt: null,
    lastUsedAt: null,
    rotatedAt: null,
    rotatedBy: null,
    value: null,
  };
}
