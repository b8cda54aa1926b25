import { type Hunt, span, within } from './hunt';

export const failedConsoleSignIns: Hunt = {
  name: 'failed_console_sign_ins',
  title: 'Many failed sign-ins from one address',
  hypothesis: 'Somebody tries passwords.',
  severity: 'MEDIUM',
  techniques: ['T1110.003', 'T1110.001'],
  noise: 'An office behind one address after a change of passwords; then few users fail often.',
  parameters: [
    {
      name: 'failures',
      description: 'Failed sign-ins in the window, from which it is a finding',
      default: 10,
      min: 2,
      max: 10000,
    },
  ],
  sql: (
    window,
    value,
  ) => `SELECT sourceIPAddress AS actor, sourceIPAddress AS source_ip, COUNT(DISTINCT userIdentity:userName::string) AS users, ${span}
${within(window)}
  AND eventName = 'ConsoleLogin'
  AND responseElements:ConsoleLogin::string = 'Failure'
GROUP BY 1, 2
HAVING COUNT(*) >= ${value('failures')}
ORDER BY first_at`,
};
