import { actor, type Hunt, span, within } from './hunt';

export const rolePassedToCompute: Hunt = {
  name: 'role_passed_to_compute',
  title: 'Role passed to a new machine or function by a person',
  hypothesis: 'Somebody without rights starts a machine or function with a role that has them.',
  severity: 'LOW',
  techniques: ['T1548.005', 'T1578.002'],
  noise: 'Engineers who start machines by hand; look at which role was passed.',
  parameters: [],
  sql: (
    window,
  ) => `SELECT ${actor} AS actor, eventName AS event_name, COALESCE(requestParameters:iamInstanceProfile:name::string, requestParameters:iamInstanceProfile:arn::string, requestParameters:role::string) AS passed_role, ${span}
${within(window)}
  AND userIdentity:type::string = 'IAMUser'
  AND errorCode IS NULL
  AND ((eventName = 'RunInstances' AND requestParameters:iamInstanceProfile IS NOT NULL) OR (eventName LIKE 'CreateFunction2%' AND requestParameters:role::string IS NOT NULL))
GROUP BY 1, 2, 3
ORDER BY first_at`,
};
