import { ApiError } from './answers';
import type { RequestContext } from './request-context';
import type { ServerHabits } from './server-habits';

export const EDITIONS = ['free', 'premium', 'ultimate'] as const;
export type Edition = (typeof EDITIONS)[number];

/** Roles with GitLab's access levels; an administrator stands above all of them. */
export const ACCESS_LEVELS = { guest: 10, reporter: 20, developer: 30, maintainer: 40, owner: 50, admin: 100 } as const;
export type TokenRole = keyof typeof ACCESS_LEVELS;

/** What a test or a demo may change while the stand-in runs. */
export interface GitLabSettings extends ServerHabits {
  /** What the instance is licensed for. */
  edition: Edition;
  /** Role of the token's user in every group; `admin` is an administrator of the instance. */
  tokenRole: TokenRole;
  /** `read_api` may not write, whoever the user is. */
  tokenScope: 'api' | 'read_api';
  /** Every log is made this long, in bytes, by lines in the middle of its script; 0 leaves it as it is. */
  longTraceBytes: number;
  /** Waits this long before each piece of a log, in milliseconds; pieces are then sent one by one. */
  traceDelayMs: number;
  /** Whether the log endpoint knows `byte_offset`; older servers do not. */
  traceOffsets: boolean;
}

export function hasRole(c: RequestContext, role: TokenRole): boolean {
  return ACCESS_LEVELS[c.settings.tokenRole] >= ACCESS_LEVELS[role];
}

/** 403 below the role, as GitLab answers on an object that may itself be seen. */
export function requireRole(c: RequestContext, role: TokenRole): void {
  if (!hasRole(c, role)) throw new ApiError(403, { message: '403 Forbidden' });
}

export function hasEdition(c: RequestContext, edition: Edition): boolean {
  return EDITIONS.indexOf(c.settings.edition) >= EDITIONS.indexOf(edition);
}

/** GitLab is not uniform here: some features that the licence lacks answer 403, others 404 or 402. */
export function requireEdition(c: RequestContext, edition: Edition, status: 402 | 403 | 404): void {
  if (hasEdition(c, edition)) return;
  const messages = { 402: '402 Payment Required', 403: '403 Forbidden', 404: '404 Not Found' };
  throw new ApiError(status, { message: messages[status] });
}
