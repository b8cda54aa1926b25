import { actor, type Hunt, span, within } from './hunt';

export const trustPolicyChanged: Hunt = {
  name: 'trust_policy_changed',
  title: 'Who may assume a role was changed',
  hypothesis: 'Somebody lets a principal of theirs assume a role: a way back in that no user list shows.',
  severity: 'MEDIUM',
  techniques: ['T1098.003', 'T1484.002'],
  noise: 'Infrastructure as code; compare the new trust policy with the repository.',
  parameters: [],
  sql: (
    window,
  ) => `SELECT ${actor} AS actor, requestParameters:roleName::string AS role_name, sourceIPAddress AS source_ip, ${span}
${within(window)}
  AND eventName = 'UpdateAssumeRolePolicy'
  AND errorCode IS NULL
GROUP BY 1, 2, 3
ORDER BY first_at`,
};
