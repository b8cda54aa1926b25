import { actor, type Hunt, span, within } from './hunt';

export const roleChain: Hunt = {
  name: 'role_chain',
  title: 'One role assumes many others',
  hypothesis: 'Somebody goes from role to role to reach further accounts.',
  severity: 'MEDIUM',
  techniques: ['T1550.001', 'T1021.007'],
  noise: 'Scanners and deployment roles that assume one role an account; they do so every day.',
  parameters: [
    {
      name: 'roles',
      description: 'Different roles assumed within the hour, from which it is a finding',
      default: 3,
      min: 2,
      max: 10000,
    },
  ],
  sql: (
    window,
    value,
  ) => `SELECT ${actor} AS actor, DATE_TRUNC('hour', p_event_time) AS in_hour, COUNT(DISTINCT requestParameters:roleArn::string) AS roles, ${span}
${within(window)}
  AND eventName = 'AssumeRole'
  AND errorCode IS NULL
  AND userIdentity:type::string = 'AssumedRole'
GROUP BY 1, 2
HAVING COUNT(DISTINCT requestParameters:roleArn::string) >= ${value('roles')}
ORDER BY first_at`,
};
