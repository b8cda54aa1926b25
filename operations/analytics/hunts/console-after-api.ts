import { actor, type Hunt, span, within } from './hunt';

export const consoleAfterApi: Hunt = {
  name: 'console_after_api',
  title: 'Console opened out of API credentials',
  hypothesis: 'Somebody turns a stolen key into a console session.',
  severity: 'MEDIUM',
  techniques: ['T1550.001', 'T1078.004'],
  noise: 'Tools that open the console for engineers; they run from the same role and network.',
  parameters: [],
  sql: (window) => `SELECT ${actor} AS actor, eventName AS event_name, sourceIPAddress AS source_ip, ${span}
${within(window)}
  AND eventName IN ('GetFederationToken', 'GetSigninToken')
  AND errorCode IS NULL
  AND userIdentity:invokedBy::string IS NULL
GROUP BY 1, 2, 3
ORDER BY first_at`,
};
