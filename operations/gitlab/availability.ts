import { z } from 'zod';
import { OperationError } from '../errors';
import { attempt } from './approvals';
import type { GitLab } from './client';
import { hasRole, type Role, type Standing } from './token-standing';
import { readWire, wireField } from './wire-types';

export const availabilities = ['available', 'not_in_this_edition', 'not_permitted', 'not_found'] as const;

/** Stands beside every answer that an edition or a token may not give, so that nothing there is not taken for nothing to see. */
export const availabilityFields = {
  availability: z
    .enum(availabilities)
    .describe(
      'available: read; not_in_this_edition: the licence lacks it; not_permitted: the token lacks a role or scope; not_found: there is no such thing, or it is hidden from the token. Anything but available means that nothing is known',
    ),
  availability_reason: z.string().nullable().describe('Why it is not available, and what would help; null when it is'),
};

export interface Available {
  availability: 'available';
  availability_reason: null;
}
export interface Unavailable {
  availability: Exclude<(typeof availabilities)[number], 'available'>;
  availability_reason: string;
}
export const available: Available = { availability: 'available', availability_reason: null };

/** What a feature asks for, by GitLab's documentation. */
export interface Need {
  /** For sentences, e.g. `Audit events`. */
  what: string;
  role: Role;
  /** The lowest edition that has it. */
  edition: 'Free' | 'Premium' | 'Ultimate';
}

const wireMetadata = z.object({ enterprise: wireField.flag });

/**
 * Why GitLab refused a feature of a project, a group or the instance that can itself be read. 402 is the licence. 403 and 404 are
 * used both for a role that is too low and for an edition without the feature, so the token's role and the kind of
 * installation decide; where they cannot, both reasons are named. Any other error is thrown again.
 */
export async function explainRefusal(
  gitlab: GitLab,
  error: OperationError,
  need: Need,
  standing: Standing,
): Promise<Unavailable> {
  const { status, permission } = error.details;
  if (error.code !== 'missing_permission' && error.code !== 'not_found_or_no_access') throw error;
  const { what, role, edition } = need;
  const byLicence = `${what} are part of GitLab ${edition}, which this instance or namespace does not have.`;
  if (status === 402) return { availability: 'not_in_this_edition', availability_reason: byLicence };
  const scope = typeof permission === 'string' ? /^the scope (.{1,100})$/.exec(permission)?.[1] : undefined;
  if (scope !== undefined) {
    return {
      availability: 'not_permitted',
      availability_reason: `${what} need a token with one of the scopes ${scope}.`,
    };
  }
  const isCommunity = edition !== 'Free' && (await isWithoutPaidCode(gitlab));
  if (isCommunity) {
    return {
      availability: 'not_in_this_edition',
      availability_reason: `${what} are part of GitLab ${edition}; this is the Community Edition.`,
    };
  }
  const held = hasRole(standing, role);
  if (held === true && edition !== 'Free')
    return { availability: 'not_in_this_edition', availability_reason: byLicence };
  if (held === false) {
    return {
      availability: 'not_permitted',
      availability_reason: `${what} need ${roleWords(role)}, which the token does not have.`,
    };
  }
  const both = `GitLab answered ${status ?? 'with a refusal'} to ${what.toLowerCase()}: either the token lacks ${roleWords(role)}${edition === 'Free' ? ', or there are none' : `, or the edition lacks them (${edition})`}.`;
  return { availability: status === 404 ? 'not_found' : 'not_permitted', availability_reason: both };
}

function roleWords(role: Role): string {
  return role === 'administrator' ? 'administrator access' : `the role ${role} or a higher one`;
}

/** True only when GitLab says so: the Community Edition, whose code has none of the paid features. */
async function isWithoutPaidCode(gitlab: GitLab): Promise<boolean> {
  const metadata = await attempt(async () =>
    readWire(wireMetadata, await gitlab.get('/metadata', {}, 'the version of GitLab'), 'the version'),
  );
  return !(metadata instanceof OperationError) && metadata.enterprise === false;
}

/** A project, group or instance that cannot be read at all: everything about it is then not found, or not permitted. */
export function unreadable(error: OperationError): Unavailable {
  if (error.code === 'not_found_or_no_access') return { availability: 'not_found', availability_reason: error.message };
  if (error.code === 'missing_permission') return { availability: 'not_permitted', availability_reason: error.message };
  throw error;
}
