import type { ServiceRequest, ServiceResponse } from '../service';
import { paged } from './alert-store';
import { type PantherUser, USERS } from './directory';
import { limit, list } from './rest-answers';

/** GET /users. `email` is an exact match that sets all other filters aside; deactivated users come only when asked for. */
export function listUsers(request: ServiceRequest): ServiceResponse {
  const { query } = request;
  const email = query.get('email');
  const ids = (query.get('ids') ?? '').split(',').filter((id) => id !== '');
  const contains = (query.get('contains') ?? '').toLowerCase();
  const status = query.get('status');
  const matches = (user: PantherUser): boolean =>
    (ids.length === 0 || ids.includes(user.id)) &&
    `${user.givenName} ${user.familyName} ${user.email}`.toLowerCase().includes(contains) &&
    (!status || user.status === status) &&
    (user.enabled || query.get('include-deactivated') === 'true');
  const found = USERS.filter((user) => (email ? user.email === email : matches(user)));
  const { items, next } = paged(found, limit(request, 60, 60), query.get('cursor'), (user) => user.id);
  return list(
    items.map(({ __typename, ...user }) => user),
    next,
  );
}
