import { actor, type Hunt, span, within } from './hunt';

export const consoleWithoutMfa: Hunt = {
  name: 'console_without_mfa',
  title: 'Console opened with a password alone',
  hypothesis: 'A stolen password is enough: an IAM user or root signs in without a second factor.',
  severity: 'LOW',
  techniques: ['T1078.004'],
  noise: 'Users without a device. Federated sign-ins say "No" by design and are left out.',
  parameters: [],
  sql: (
    window,
  ) => `SELECT ${actor} AS actor, userIdentity:type::string AS actor_type, sourceIPAddress AS source_ip, ${span}
${within(window)}
  AND eventName = 'ConsoleLogin'
  AND userIdentity:type::string IN ('IAMUser', 'Root')
  AND responseElements:ConsoleLogin::string = 'Success'
  AND additionalEventData:MFAUsed::string = 'No'
GROUP BY 1, 2, 3
ORDER BY first_at`,
};
