import { actor, type Hunt, span, within } from './hunt';

export const massSecretReads: Hunt = {
  name: 'mass_secret_reads',
  title: 'Many different secrets read',
  hypothesis: 'Somebody empties the stores of secrets.',
  severity: 'HIGH',
  techniques: ['T1555.006'],
  noise: 'Deployments that read all secrets of one application; their roles do so every day.',
  parameters: [
    {
      name: 'secrets',
      description: 'Different secrets within the hour, from which it is a finding',
      default: 5,
      min: 2,
      max: 1000,
    },
  ],
  sql: (window, value) => `SELECT ${actor} AS actor, DATE_TRUNC('hour', p_event_time) AS in_hour,
  COUNT(DISTINCT COALESCE(requestParameters:secretId::string, requestParameters:name::string)) AS secrets, ${span}
${within(window)}
  AND eventName IN ('GetSecretValue', 'BatchGetSecretValue', 'GetParameter')
  AND errorCode IS NULL
GROUP BY 1, 2
HAVING COUNT(DISTINCT COALESCE(requestParameters:secretId::string, requestParameters:name::string)) >= ${value('secrets')}
ORDER BY first_at`,
};
