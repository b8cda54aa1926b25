import { SIMULATED_PEOPLE, type SimulatedPerson } from '../simulated-people';
import { requireRole } from './access';
import { ApiError, page } from './answers';
import { iso, type Json } from './entities';
import type { RequestContext, Route } from './request-context';
import type { World } from './world';

const revoked = new WeakMap<World, Set<number>>();

interface AccessToken {
  id: number;
  name: string;
  person: SimulatedPerson;
}

/** Two of each person who writes code, so that there is somebody else's to be left alone. */
const tokens: readonly AccessToken[] = Object.values(SIMULATED_PEOPLE)
  .filter((person) => ['platform', 'payments', 'web', 'data'].includes(person.team))
  .flatMap((person) => [
    { id: 8000 + person.number * 2, name: 'laptop (simulated)', person },
    { id: 8001 + person.number * 2, name: 'scripts (simulated)', person },
  ]);

function revokedOf(world: World): Set<number> {
  const found = revoked.get(world) ?? new Set<number>();
  revoked.set(world, found);
  return found;
}

function entity(c: RequestContext, { id, name, person }: AccessToken): Json {
  const isRevoked = revokedOf(c.world).has(id);
  return {
    id,
    name,
    revoked: isRevoked,
    active: !isRevoked,
    created_at: iso(c.world.projects[0]?.createdAt),
    scopes: ['api'],
    user_id: 200 + person.number,
    last_used_at: iso(c.world.now),
    expires_at: null,
  };
}

function tokenAt(c: RequestContext): AccessToken {
  const found = tokens.find(({ id }) => String(id) === c.param(0));
  if (found === undefined) throw new ApiError(404, { message: '404 Not Found' });
  return found;
}

/** Personal access tokens, which administrators see and revoke for everybody. */
export const ACCESS_TOKEN_ROUTES: Route[] = [
  {
    path: 'personal_access_tokens',
    answer(c) {
      requireRole(c, 'admin');
      const user = c.query.text('user_id');
      const state = c.query.text('state');
      const found = tokens
        .filter(({ person }) => user === undefined || String(200 + person.number) === user)
        .filter(({ id }) => state === undefined || (state === 'active') === !revokedOf(c.world).has(id));
      const answer = page(found, c.query, c.url);
      return { ...answer, body: answer.body.map((token) => entity(c, token)) };
    },
  },
  {
    path: 'personal_access_tokens/:id',
    answer(c) {
      requireRole(c, 'admin');
      return { status: 200, body: entity(c, tokenAt(c)) };
    },
  },
  {
    path: 'personal_access_tokens/:id',
    method: 'DELETE',
    answer(c) {
      requireRole(c, 'admin');
      revokedOf(c.world).add(tokenAt(c).id);
      return { status: 204 };
    },
  },
];
