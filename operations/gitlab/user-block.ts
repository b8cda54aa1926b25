import { z } from 'zod';
import { InvalidInputError, OperationError } from '../errors';
import type { Ports } from '../ports';
import { attempt } from './approvals';
import { GitLab } from './client';
import { gitLabError } from './gitlab-error';
import { postToGitLab } from './post';
import { findUser, readUser, requireAdministrator, type UserAccount, userAccountSchema } from './user-account';

const totalMs = 60_000;

export const userInput = {
  username: z
    .string()
    .max(255)
    .optional()
    .describe('User name, exact, with or without @. Give this, user_id, or both to be sure'),
  user_id: z.number().int().min(1).optional().describe('Numeric id of the user'),
  reason: z.string().max(500).optional().describe('Why, for the record of this call; GitLab does not keep it'),
  dry_run: z
    .boolean()
    .default(true)
    .describe(
      'Whether to only check and say what would happen. Default: true, so nothing changes unless false is given',
    ),
};

export const blockOutcomes = ['planned', 'unchanged', 'verified', 'unverified', 'failed'] as const;

export const blockOutput = z.object({
  outcome: z
    .enum(blockOutcomes)
    .describe(
      'planned: dry run, nothing was changed; unchanged: the user was in that state before; verified: done, and read again; unverified: sent, but the state afterwards is not known; failed: GitLab still shows the state before',
    ),
  dry_run: z.boolean(),
  user: userAccountSchema.describe('As it was before'),
  state_before: z.string(),
  state_after: z.string().nullable().describe('null when it was not or could not be read again'),
  statement: z.string(),
  undo: z
    .object({ tool: z.string(), username: z.string(), user_id: z.number().int() })
    .nullable()
    .describe('What takes it back; null when nothing was changed'),
  reason: z.string().nullable(),
});
export type BlockOutput = z.infer<typeof blockOutput>;

interface Given {
  username?: string;
  user_id?: number;
  reason?: string;
  dry_run: boolean;
}

/** One of the two calls: what it is called, what it leads to, and whom it refuses. */
export interface Change {
  verb: 'block' | 'unblock';
  undoneBy: string;
  /** The state it leads to. */
  to: string;
  /** States in which nothing is left to do. */
  already: readonly string[];
  /** Throws for a user that this may not be done to. */
  refuse(user: UserAccount, self: { id: number }): void;
}

/**
 * Checks, and unless it is a dry run changes and reads again. Setting a state twice is the same as once, so a call without
 * an answer is repeated; when its outcome stays unknown, the state is read and told all the same.
 */
export async function changeUser(ports: Ports, given: Given, change: Change): Promise<BlockOutput> {
  const gitlab = await GitLab.open(ports, totalMs);
  const self = await requireAdministrator(gitlab);
  const user = await findUser(gitlab, given);
  const done = change.already.includes(user.state);
  if (!done) change.refuse(user, self);
  const report = (outcome: BlockOutput['outcome'], after: string | null, statement: string): BlockOutput => ({
    outcome,
    dry_run: given.dry_run,
    user,
    state_before: user.state,
    state_after: after,
    statement,
    undo:
      outcome === 'verified' || outcome === 'unverified'
        ? { tool: change.undoneBy, username: user.username, user_id: user.id }
        : null,
    reason: given.reason?.trim() || null,
  });
  const who = `${user.username} (${user.id})`;
  if (done) return report('unchanged', user.state, `${who} is ${user.state} already; nothing was sent.`);
  if (given.dry_run) {
    return report(
      'planned',
      null,
      `Dry run: ${change.verb}ing ${who}, now ${user.state}, is possible. Nothing was changed.`,
    );
  }
  const problem = await send(gitlab, user, change.verb);
  const after = await attempt(() => readUser(gitlab, user.id));
  if (after instanceof OperationError) {
    return report(
      'unverified',
      null,
      `${change.verb} was sent for ${who}, but the state afterwards could not be read: ${after.message}`,
    );
  }
  if (after.state === change.to)
    return report('verified', after.state, `${who} was ${user.state} and is now ${after.state}.`);
  return report('failed', after.state, `${who} is still ${after.state}.${problem === null ? '' : ` ${problem}`}`);
}

/** null when GitLab took it, else what is known of an outcome that is not. A refusal is thrown. */
async function send(gitlab: GitLab, user: UserAccount, verb: Change['verb']): Promise<string | null> {
  try {
    const url = `${gitlab.apiUrl}/users/${user.id}/${verb}`;
    const response = await postToGitLab(gitlab, { url, safeToRepeat: true });
    if (response.status >= 200 && response.status <= 299) return null;
    throw gitLabError(response, { what: `${verb}ing user ${user.username}`, byPath: false });
  } catch (error) {
    // Whether it happened is not known: the second read tells.
    if (error instanceof OperationError && error.code === 'unavailable') return error.message;
    throw error;
  }
}

export function refusal(problem: string, why: string): InvalidInputError {
  return new InvalidInputError('username', problem, { refused: why });
}
