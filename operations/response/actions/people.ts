import { z } from 'zod';
import { InvalidInputError, NotFoundOrNoAccessError } from '../../errors';
import { findUser, requireAdministrator } from '../../gitlab/user-account';
import { readWire, wireField } from '../../gitlab/wire-types';
import { cleanLine } from '../../text';
import { refuseProtected, requireObserved } from '../guards';
import type { DraftPlan, ResponseAction } from '../plan';
import { blockGitLabUser, revokeGitLabToken } from '../steps/gitlab-user';
import { clearOktaSessions, suspendOktaUser } from '../steps/okta-user';

const wireTokens = z.array(z.object({ id: wireField.id, name: wireField.text, user_id: wireField.whole }));
const mostTokens = 100;

/** Blocks the user and revokes its personal access tokens. */
export const isolateGitLabUser: ResponseAction = {
  name: 'isolate_user',
  system: 'gitlab',
  async draft({ record, target, settings, systems }) {
    const username = target.trim().replace(/^@/, '');
    requireObserved(record, ['gitlab_user'], username);
    refuseProtected(settings, username);
    const gitlab = await systems.gitlab();
    const self = await requireAdministrator(gitlab);
    const user = await findUser(gitlab, { username });
    if (user.id === self.id)
      throw new InvalidInputError('target', `${user.username} is the user of the bridge’s own token`, {
        refused: 'own_identity',
      });
    if (user.is_admin !== false)
      throw new InvalidInputError('target', `${user.username} is an administrator, or GitLab did not say`, {
        refused: 'administrator',
      });
    const what = `tokens of ${user.username}`;
    const query = { user_id: String(user.id), state: 'active', per_page: String(mostTokens) };
    const tokens = readWire(wireTokens, await gitlab.get('/personal_access_tokens', query, what), what)
      // A server that ignores the filter would have us revoke everybody's tokens.
      .filter(({ user_id }) => user_id === user.id);
    return {
      label: `${user.username} (${user.id})`,
      steps: [
        [blockGitLabUser, { user_id: String(user.id), username: user.username }],
        ...tokens.map(({ id, name }): DraftPlan['steps'][number] => [
          revokeGitLabToken,
          { token_id: String(id), token_name: cleanLine(name ?? 'unnamed', 100) || 'unnamed', username: user.username },
        ]),
      ],
      warnings: [
        ...(tokens.length > 0 ? ['Revoked tokens cannot be brought back; a rollback unblocks the user only.'] : []),
        ...(tokens.length === mostTokens ? [`Only the first ${mostTokens} tokens are in the plan.`] : []),
        ...(user.bot === false ? [] : [`${user.username} is a bot, or GitLab did not say: what runs with it stops.`]),
      ],
    };
  },
};

/** Suspends the user and ends its sessions. */
export const isolateOktaUser: ResponseAction = {
  name: 'isolate_user',
  system: 'okta',
  async draft({ record, target, settings, systems }) {
    const login = target.trim();
    requireObserved(record, ['user'], login);
    refuseProtected(settings, login);
    const user = await systems.okta().user(login);
    if (user === undefined) throw new NotFoundOrNoAccessError('Okta', `user ${cleanLine(login, 200)}`);
    if (user.login.toLowerCase() !== login.toLowerCase())
      throw new InvalidInputError('target', `Okta answered with another user, ${cleanLine(user.login, 200)}`, {
        refused: 'other_user',
      });
    refuseProtected(settings, user.login, user.id);
    const given = { user_id: user.id, login: cleanLine(user.login, 200) };
    return {
      label: `${given.login} (${user.id})`,
      steps: [
        [suspendOktaUser, given],
        [clearOktaSessions, given],
      ],
      warnings: ['Okta does not list sessions, so that they ended cannot be read afterwards.'],
    };
  },
};
