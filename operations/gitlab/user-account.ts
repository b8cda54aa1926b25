import { z } from 'zod';
import { InvalidInputError, MissingPermissionError, NotFoundOrNoAccessError } from '../errors';
import { cleanLine } from '../text';
import type { GitLab } from './client';
import { lineOrNull, webUrl } from './merge-request-shape';
import { readStanding } from './token-standing';
import { readWire, wireField } from './wire-types';

export const userAccountSchema = z.object({
  id: z.number().int(),
  username: z.string(),
  name: z.string().nullable(),
  state: z.string().describe('active, blocked, ldap_blocked, blocked_pending_approval, banned or deactivated'),
  is_admin: z.boolean().nullable(),
  bot: z.boolean().nullable(),
  web_url: z.string().nullable(),
});
export type UserAccount = z.infer<typeof userAccountSchema>;

const wireUser = z.object({
  id: wireField.id,
  username: z.string(),
  name: wireField.text,
  state: wireField.text,
  is_admin: wireField.flag,
  bot: wireField.flag,
  web_url: wireField.text,
});

/** The user as an administrator sees it. */
export async function readUser(gitlab: GitLab, id: number): Promise<UserAccount> {
  const what = `user ${id}`;
  const wire = readWire(wireUser, await gitlab.get(`/users/${id}`, {}, what), what);
  if (wire.id !== id) throw new NotFoundOrNoAccessError('GitLab', what);
  return {
    id: wire.id,
    username: cleanLine(wire.username, 255),
    name: lineOrNull(wire.name),
    state: cleanLine(wire.state ?? 'unknown', 40),
    is_admin: wire.is_admin,
    bot: wire.bot,
    web_url: webUrl(wire.web_url),
  };
}

/** The user named by id, by user name, or by both when they belong together. Nothing but an exact name counts. */
export async function findUser(gitlab: GitLab, given: { user_id?: number; username?: string }): Promise<UserAccount> {
  const username = given.username?.trim().replace(/^@/, '') ?? '';
  if (given.user_id === undefined && username === '')
    throw new InvalidInputError('username', 'is needed; or give user_id');
  const id = given.user_id ?? (await idOf(gitlab, username));
  const user = await readUser(gitlab, id);
  if (username !== '' && user.username.toLowerCase() !== username.toLowerCase()) {
    throw new InvalidInputError(
      'username',
      `user ${id} is ${user.username}, not "${cleanLine(username, 100)}"; nothing was changed`,
    );
  }
  return user;
}

async function idOf(gitlab: GitLab, username: string): Promise<number> {
  const page = await gitlab.page('/users', { username, per_page: 5 }, `user ${cleanLine(username, 100)}`, (value) =>
    readWire(wireUser, value, 'a user of the list'),
  );
  const found = page.items.filter((user) => user.username.toLowerCase() === username.toLowerCase());
  const [only] = found;
  if (only === undefined || found.length > 1)
    throw new NotFoundOrNoAccessError('GitLab', `user ${cleanLine(username, 100)}`);
  return only.id;
}

/** The token's own user, who has to be an administrator: nobody else may block people, or is told who is an administrator. */
export async function requireAdministrator(gitlab: GitLab): Promise<{ id: number }> {
  const standing = await readStanding(gitlab, '');
  if (standing.userId === null || standing.isAdmin !== true) {
    throw new MissingPermissionError(
      'GitLab',
      'administrator access (a token of an administrator with the scope api, and admin_mode where the instance uses Admin Mode)',
      'blocking or unblocking a user',
    );
  }
  return { id: standing.userId };
}
