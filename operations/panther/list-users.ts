import { z } from 'zod';
import { defineOperation } from '../operation';
import { Deadline } from '../retry';
import { cleanLine } from '../text';
import { PantherClient } from './client';
import { collectRest } from './rest-list';

/** Panther's own maximum. */
const pageSize = 60;

const input = z.object({
  contains: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe('Only users whose name or e-mail address contains this text; case does not matter'),
  email: z.string().min(3).max(320).optional().describe('Only the user with this e-mail address'),
  ids: z.array(z.string().min(1).max(100)).min(1).max(100).optional().describe('Only users with one of these ids'),
  status: z.string().min(1).max(60).optional().describe('Only users with this sign-in status, e.g. CONFIRMED'),
  include_deactivated: z.boolean().default(false).describe('Whether to list deactivated users too; default false'),
  limit: z.number().int().min(1).max(1000).default(100).describe('Most users to return, 1 to 1000; default 100'),
  cursor: z.string().max(4000).optional().describe('next of an earlier call with the same filters, to go on there'),
});
type Filter = Omit<z.output<typeof input>, 'limit' | 'cursor'>;

const output = z.object({
  users: z.array(
    z.object({
      id: z.string().describe('As alerts name their assignee'),
      email: z.string(),
      name: z.string().nullable(),
      enabled: z.boolean().nullable(),
      status: z.string().nullable().describe('Sign-in status'),
      role: z.string().nullable(),
      last_logged_in_at: z.string().nullable(),
    }),
  ),
  count: z.number().int().describe('Users in this answer'),
  complete: z.boolean().describe('False when there may be more'),
  next: z.string().nullable().describe('Give it as cursor to go on; null when nothing is left that can be read'),
});

const wireUser = z.object({
  id: z.string(),
  email: z.string(),
  givenName: z.string().nullish(),
  familyName: z.string().nullish(),
  enabled: z.boolean().nullish(),
  status: z.string().nullish(),
  role: z.object({ name: z.string().nullish() }).nullish().catch(null),
  lastLoggedInAt: z.string().nullish(),
});
type WireUser = z.output<typeof wireUser>;

export const listUsers = defineOperation({
  name: 'list_users',
  toolset: 'panther',
  resource: 'User',
  title: 'Get Many',
  action: 'Get many users',
  description:
    "Lists the people with an account in Panther's console, with id, e-mail address, name, role and last sign-in, at most limit (default 100). Deactivated ones only with include_deactivated. Use it to find whom to assign an alert to.",
  effect: 'read',
  idempotent: true,
  services: ['panther'],
  permissions: ['UserRead'],
  runs: 'anywhere',
  input,
  output,
  example: { contains: 'simulated-corp.example', limit: 20 },
  echoOnError: ['contains', 'email'],
  list: 'users',
  async run(ports, { limit, cursor, ...filter }) {
    const client = await PantherClient.connect(ports, new Deadline(ports, 60_000));
    const list = {
      path: '/users',
      query: filterQuery(filter),
      item: wireUser,
      largestPage: pageSize,
      permission: 'UserRead',
      what: 'to list users',
      object: 'list of users',
      noun: 'users',
    };
    const { items, complete, next } = await collectRest<WireUser>(client, list, {
      limit,
      cursor,
      keep: (user) => matches(user, filter),
    });
    return { users: items.map(shape), count: items.length, complete, next };
  },
});

/**
 * An address is searched for as text: Panther's own filter by address takes it letter by letter and sets every other
 * filter aside.
 */
function filterQuery({ contains, email, ids, status, include_deactivated }: Filter) {
  return {
    contains: email ?? contains,
    ids: ids?.join(','),
    status,
    'include-deactivated': include_deactivated || undefined,
  };
}

function matches(user: WireUser, { contains, email, ids, status, include_deactivated }: Filter): boolean {
  const same = (a: string | null | undefined, b: string): boolean => a?.toLowerCase() === b.toLowerCase();
  const text = `${fullName(user)}\n${user.email}`.toLowerCase();
  return (
    (contains === undefined || text.includes(contains.toLowerCase())) &&
    (email === undefined || same(user.email, email)) &&
    (ids === undefined || ids.includes(user.id)) &&
    (status === undefined || same(user.status, status)) &&
    (include_deactivated || user.enabled !== false)
  );
}

function fullName({ givenName, familyName }: WireUser): string {
  return [givenName, familyName].filter((part) => part != null && part !== '').join(' ');
}

function shape(user: WireUser): z.infer<typeof output>['users'][number] {
  const line = (text: string | null | undefined): string | null => (text ? cleanLine(text, 200) : null);
  return {
    id: cleanLine(user.id, 100),
    email: cleanLine(user.email, 320),
    name: line(fullName(user)),
    enabled: user.enabled ?? null,
    status: line(user.status),
    role: line(user.role?.name),
    last_logged_in_at: line(user.lastLoggedInAt),
  };
}
