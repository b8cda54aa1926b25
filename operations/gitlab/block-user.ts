import { z } from 'zod';
import { defineOperation } from '../operation';
import { blockOutput, changeUser, refusal, userInput } from './user-block';

const input = z.object({
  ...userInput,
  allow_bot: z
    .boolean()
    .default(false)
    .describe(
      'Whether a bot account, such as that of an access token, may be blocked, which stops what runs with it. Default: false',
    ),
});

export const blockUser = defineOperation({
  name: 'block_user',
  toolset: 'gitlab',
  resource: 'User',
  title: 'Block',
  action: 'Block a user',
  description:
    'Blocks a user of a GitLab instance: no sign-in, no Git, no API, tokens included, until unblock_user. A dry run by default. Refuses administrators, the user of its own token, and bots unless allowed. Reads the state before and after and says verified, unverified or failed. Needs a token of an administrator; runs on the bridge, and only where GITLAB_ALLOW=destructive.',
  effect: 'destructive',
  idempotent: true,
  services: ['gitlab'],
  permissions: ['api', 'administrator'],
  runs: 'bridge',
  input,
  output: blockOutput,
  example: { username: 'jonas.lindqvist' },
  echoOnError: ['username', 'user_id'],
  run: (ports, given) =>
    changeUser(ports, given, {
      verb: 'block',
      undoneBy: 'unblock_user',
      to: 'blocked',
      already: ['blocked', 'ldap_blocked', 'banned'],
      refuse: (user, self) => {
        if (user.id === self.id)
          throw refusal('is the user of the bridge’s own token; blocking it would lock the bridge out', 'own_user');
        // Not knowing whether somebody is an administrator is no permission.
        if (user.is_admin !== false)
          throw refusal(
            `${user.username} is an administrator, or GitLab did not say; administrators are not blocked from here`,
            'administrator',
          );
        if (user.bot !== false && !given.allow_bot) {
          throw refusal(
            `${user.username} is a bot, or GitLab did not say; what runs with it would stop. Give allow_bot: true to block it`,
            'bot',
          );
        }
      },
    }),
});
