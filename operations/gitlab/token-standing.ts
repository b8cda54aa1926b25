import { z } from 'zod';
import { OperationError } from '../errors';
import { attempt } from './approvals';
import type { GitLab } from './client';
import { readWire, wireField } from './wire-types';

/** GitLab's access levels; an administrator may do what an owner may, everywhere. */
export const accessLevels = { Reporter: 20, Developer: 30, Maintainer: 40, Owner: 50 } as const;
export type Role = keyof typeof accessLevels | 'administrator';

/** What is known of the token's user. null means that GitLab did not say, which is neither yes nor no. */
export interface Standing {
  userId: number | null;
  username: string | null;
  isAdmin: boolean | null;
  /** Access level in the project or group that was asked about, inherited ones included. */
  level: number | null;
}

const wireSelf = z.object({ id: wireField.id, username: z.string(), is_admin: wireField.flag });
const wireMember = z.object({ access_level: wireField.whole });

/**
 * Who the token is, and what it may do in the project or group at `path` (`/projects/..`, `/groups/..`, or empty for the
 * instance). Only administrators are told that they are ones, so for others `isAdmin` is false when GitLab answered.
 */
export async function readStanding(gitlab: GitLab, path: string): Promise<Standing> {
  const self = await attempt(async () =>
    readWire(wireSelf, await gitlab.get('/user', {}, 'the user of the token'), 'the user'),
  );
  if (self instanceof OperationError) return { userId: null, username: null, isAdmin: null, level: null };
  const who = { userId: self.id, username: self.username, isAdmin: self.is_admin === true };
  if (path === '' || who.isAdmin) return { ...who, level: null };
  const member = await attempt(async () => {
    const value = await gitlab.get(`${path}/members/all/${self.id}`, {}, 'the membership of the token');
    return readWire(wireMember, value, 'the membership');
  });
  return { ...who, level: member instanceof OperationError ? null : member.access_level };
}

/** Whether the token has a role; null when that is not known. */
export function hasRole(standing: Standing, role: Role): boolean | null {
  if (standing.isAdmin) return true;
  if (role === 'administrator') return standing.isAdmin;
  return standing.level === null ? null : standing.level >= accessLevels[role];
}
