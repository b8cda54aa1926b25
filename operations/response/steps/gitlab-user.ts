import { z } from 'zod';
import { gitLabError } from '../../gitlab/gitlab-error';
import { sendToGitLab } from '../../gitlab/post';
import { readUser } from '../../gitlab/user-account';
import { readWire, wireField } from '../../gitlab/wire-types';
import { urlSegment } from '../../url-segment';
import type { Json } from '../response-port';
import { type Parameters, parameter, type StepKind, type Systems } from './step-kind';

const idOf = (given: Parameters) => Number(parameter(given, 'user_id'));

async function setState(systems: Systems, given: Parameters, verb: 'block' | 'unblock'): Promise<void> {
  const gitlab = await systems.gitlab();
  const response = await sendToGitLab(gitlab, {
    method: 'POST',
    url: `${gitlab.apiUrl}/users/${idOf(given)}/${verb}`,
    safeToRepeat: true,
  });
  if (response.status < 200 || response.status > 299)
    throw gitLabError(response, { what: `${verb}ing user ${idOf(given)}`, byPath: false });
}

/** No sign-in, no Git, no API, tokens included, until the user is unblocked. */
export const blockGitLabUser: StepKind = {
  kind: 'gitlab_block_user',
  call: 'POST /users/:id/block',
  parameters: ['user_id', 'username'],
  what: ({ username, user_id }) => `Block the GitLab user ${username} (${user_id})`,
  async read(systems, given): Promise<Json> {
    return (await readUser(await systems.gitlab(), idOf(given))).state;
  },
  isDone: (state) => state === 'blocked' || state === 'ldap_blocked' || state === 'banned',
  apply: (systems, given) => setState(systems, given, 'block'),
  async revert(systems, given, before) {
    if (before === 'active') await setState(systems, given, 'unblock');
  },
};

const wireToken = z.object({ id: wireField.id, revoked: wireField.flag, active: wireField.flag });

/** A revoked token never works again, whatever becomes of its user: it is made anew when it is needed. */
export const revokeGitLabToken: StepKind = {
  kind: 'gitlab_revoke_token',
  call: 'DELETE /personal_access_tokens/:id',
  parameters: ['token_id', 'token_name', 'username'],
  what: ({ token_id, token_name, username }) =>
    `Revoke the personal access token ${token_id} (${token_name}) of the GitLab user ${username}, for good`,
  async read(systems, given): Promise<Json> {
    const id = parameter(given, 'token_id');
    const gitlab = await systems.gitlab();
    const wire = readWire(
      wireToken,
      await gitlab.get(`/personal_access_tokens/${id}`, {}, `token ${id}`),
      `token ${id}`,
    );
    return wire.revoked === true || wire.active === false ? 'revoked' : 'active';
  },
  isDone: (state) => state === 'revoked',
  async apply(systems, given) {
    const gitlab = await systems.gitlab();
    const id = parameter(given, 'token_id');
    const response = await sendToGitLab(gitlab, {
      method: 'DELETE',
      url: `${gitlab.apiUrl}/personal_access_tokens/${urlSegment(id)}`,
      safeToRepeat: true,
    });
    // 404: somebody else was faster; the second read tells.
    if ((response.status < 200 || response.status > 299) && response.status !== 404)
      throw gitLabError(response, { what: `revoking token ${id}`, byPath: false });
  },
};
