import { type Hunt, oktaLog, span, within } from './hunt';

export const oktaPasswordSpray: Hunt = {
  name: 'okta_password_spray',
  title: 'Many users failing from one address in Okta',
  hypothesis: 'Somebody tries a few passwords on many users.',
  severity: 'MEDIUM',
  techniques: ['T1110.003'],
  noise: 'An office behind one address after a change of passwords; then each user fails often.',
  log: oktaLog,
  parameters: [
    {
      name: 'users',
      description: 'Different users failing within the hour, from which it is a finding',
      default: 10,
      min: 2,
      max: 10000,
    },
  ],
  sql: (
    window,
    value,
  ) => `SELECT COALESCE(client:ipAddress::string, 'unknown') AS actor, DATE_TRUNC('hour', p_event_time) AS in_hour, client:ipAddress::string AS source_ip, COUNT(DISTINCT actor:alternateId::string) AS users, ${span}
${within(window, oktaLog)}
  AND eventType = 'user.session.start'
  AND outcome:result::string = 'FAILURE'
GROUP BY 1, 2, 3
HAVING COUNT(DISTINCT actor:alternateId::string) >= ${value('users')}
ORDER BY first_at`,
};
