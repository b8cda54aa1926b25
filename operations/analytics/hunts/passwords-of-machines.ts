import { actor, type Hunt, span, within } from './hunt';

export const passwordsOfMachines: Hunt = {
  name: 'passwords_of_machines',
  title: 'Passwords or start scripts of many machines read',
  hypothesis: 'Somebody collects what machines hold: Windows passwords, secrets in start scripts.',
  severity: 'MEDIUM',
  techniques: ['T1552.005', 'T1552.001'],
  noise: 'Inventories that read start scripts; they read all of them and always.',
  parameters: [
    { name: 'machines', description: 'Different machines, from which it is a finding', default: 3, min: 2, max: 10000 },
  ],
  sql: (
    window,
    value,
  ) => `SELECT ${actor} AS actor, eventName AS event_name, COUNT(DISTINCT requestParameters:instanceId::string) AS machines, ${span}
${within(window)}
  AND (eventName = 'GetPasswordData' OR (eventName = 'DescribeInstanceAttribute' AND requestParameters:attribute::string = 'userData'))
GROUP BY 1, 2
HAVING COUNT(DISTINCT requestParameters:instanceId::string) >= ${value('machines')}
ORDER BY first_at`,
};
