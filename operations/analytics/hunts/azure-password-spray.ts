import { azureLog, type Hunt, span, within } from './hunt';

export const azurePasswordSpray: Hunt = {
  name: 'azure_password_spray',
  title: 'Many users failing from one address in Azure',
  hypothesis: 'Somebody tries a few passwords on many users.',
  severity: 'MEDIUM',
  techniques: ['T1110.003'],
  noise: 'An office behind one address after a change of passwords; then each user fails often.',
  log: azureLog,
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
  ) => `SELECT COALESCE(properties:ipAddress::string, callerIpAddress, 'unknown') AS actor, DATE_TRUNC('hour', p_event_time) AS in_hour, COUNT(DISTINCT properties:userPrincipalName::string) AS users, ${span}
${within(window, azureLog)}
  AND category LIKE '%SignInLogs'
  AND properties:status:errorCode::string IN ('50126', '50053', '50056', '50034')
GROUP BY 1, 2
HAVING COUNT(DISTINCT properties:userPrincipalName::string) >= ${value('users')}
ORDER BY first_at`,
};
