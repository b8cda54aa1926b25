import { z } from 'zod';
import { defineOperation } from '../operation';
import { blockOutput, changeUser, refusal, userInput } from './user-block';

const input = z.object(userInput);

export const unblockUser = defineOperation({
  name: 'unblock_user',
  toolset: 'gitlab',
  resource: 'User',
  title: 'Unblock',
  action: 'Unblock a user',
  description:
    'Lets a user of a GitLab instance in again who was blocked by block_user or by an administrator. A dry run by default. Leaves alone who is blocked by a directory (LDAP), banned, deactivated or waiting for approval. Reads the state before and after and says verified, unverified or failed. Needs a token of an administrator; runs on the bridge, and only where GITLAB_ALLOW=destructive.',
  // It opens a door: the same switch as for closing it.
  effect: 'destructive',
  idempotent: true,
  services: ['gitlab'],
  permissions: ['api', 'administrator'],
  runs: 'bridge',
  input,
  output: blockOutput,
  example: { username: 'nils.overgaard' },
  echoOnError: ['username', 'user_id'],
  run: (ports, given) =>
    changeUser(ports, given, {
      verb: 'unblock',
      undoneBy: 'block_user',
      to: 'active',
      already: ['active'],
      refuse: (user) => {
        if (user.state !== 'blocked') {
          throw refusal(
            `${user.username} is ${user.state}, which unblocking does not end; an administrator has to look at it`,
            'state',
          );
        }
      },
    }),
});
