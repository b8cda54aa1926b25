import { SIMULATED_PEOPLE, type SimulatedPerson } from '../simulated-people';
import { ACCESS_LEVELS, hasRole, requireRole } from './access';
import { ApiError, page } from './answers';
import { iso, type Json, userEntity } from './entities';
import type { RequestContext, Route } from './request-context';
import type { World } from './world';

const changes = new WeakMap<World, Map<number, 'blocked' | 'active'>>();

/** States set since the start, by the user's id; over what the simulated person's own record says. */
export function blockedUsers(world: World): Map<number, 'blocked' | 'active'> {
  const found = changes.get(world) ?? new Map<number, 'blocked' | 'active'>();
  changes.set(world, found);
  return found;
}

const people: readonly SimulatedPerson[] = Object.values(SIMULATED_PEOPLE);
const idOf = (person: SimulatedPerson) => 200 + person.number;
/** Administrators besides the token's user, when that is one. */
const ADMIN = SIMULATED_PEOPLE.mira;
/** Kept in step with a directory, which alone may block it. */
const DIRECTORY = SIMULATED_PEOPLE.kwame;

function stateOf(c: RequestContext, person: SimulatedPerson): string {
  return blockedUsers(c.world).get(idOf(person)) ?? (person.deactivated ? 'blocked' : 'active');
}

function userOf(c: RequestContext): SimulatedPerson {
  const found = people.find((person) => String(idOf(person)) === c.param(0));
  if (!found) throw new ApiError(404, { message: '404 User Not Found' });
  return found;
}

/** Only administrators are told who is one, and addresses of others. */
function fullEntity(c: RequestContext, person: SimulatedPerson): Json {
  const isSelf = person === c.world.tokenUser;
  const isAdmin = isSelf ? c.settings.tokenRole === 'admin' : person === ADMIN;
  return {
    ...userEntity(person, c.base),
    state: stateOf(c, person),
    bot: person.bot ?? false,
    created_at: iso(c.world.projects[0]?.createdAt),
    ...(hasRole(c, 'admin') ? { is_admin: isAdmin, email: person.email, external: person.guest ?? false } : {}),
  };
}

function change(c: RequestContext, to: 'blocked' | 'active') {
  requireRole(c, 'admin');
  const person = userOf(c);
  if (person === DIRECTORY)
    throw new ApiError(403, { message: '403 Forbidden - LDAP blocked users cannot be modified by the API' });
  if (person === c.world.tokenUser && to === 'blocked')
    throw new ApiError(403, { message: '403 Forbidden - The API initiating user cannot be blocked by the API' });
  if (stateOf(c, person) === to) return { status: 201, body: null };
  blockedUsers(c.world).set(idOf(person), to);
  return { status: 201, body: true };
}

/** The token's user belongs to everything, with its role; an administrator need not be a member. */
function member(c: RequestContext, sourceId: number) {
  const { tokenUser } = c.world;
  if (c.param(1) !== String(idOf(tokenUser)) || c.settings.tokenRole === 'admin')
    throw new ApiError(404, { message: '404 Not found' });
  const access_level = ACCESS_LEVELS[c.settings.tokenRole];
  return {
    status: 200,
    body: { ...userEntity(tokenUser, c.base), access_level, source_id: sourceId, expires_at: null },
  };
}

/** People, and the two calls that lock somebody out and let them in again. */
export const USER_ROUTES: Route[] = [
  { path: 'user', answer: (c) => ({ status: 200, body: fullEntity(c, c.world.tokenUser) }) },
  {
    path: 'users',
    answer: (c) => {
      const name = c.query.text('username')?.toLowerCase();
      const found = people.filter((person) => name === undefined || person.username.toLowerCase() === name);
      const answer = page(found, c.query, c.url);
      return {
        ...answer,
        body: answer.body.map((person) => ({ ...userEntity(person, c.base), state: stateOf(c, person) })),
      };
    },
  },
  { path: 'projects/:id/members/all/:id', answer: (c) => member(c, c.project().id) },
  { path: 'groups/:id/members/all/:id', answer: (c) => member(c, c.group().id) },
  { path: 'users/:id', answer: (c) => ({ status: 200, body: fullEntity(c, userOf(c)) }) },
  { path: 'users/:id/block', method: 'POST', answer: (c) => change(c, 'blocked') },
  { path: 'users/:id/unblock', method: 'POST', answer: (c) => change(c, 'active') },
];
