import { actor, type Hunt, span, within } from './hunt';

export const policyVersionSwapped: Hunt = {
  name: 'policy_version_swapped',
  title: 'Default version of a policy swapped',
  hypothesis: 'Somebody makes an older or new version of a policy the one in force, and so changes what many may do.',
  severity: 'MEDIUM',
  techniques: ['T1098.003'],
  noise: 'Infrastructure as code writes new versions; it does so from the same role each time.',
  parameters: [],
  sql: (
    window,
  ) => `SELECT ${actor} AS actor, eventName AS event_name, requestParameters:policyArn::string AS policy, ${span}
${within(window)}
  AND errorCode IS NULL
  AND (eventName = 'SetDefaultPolicyVersion' OR (eventName = 'CreatePolicyVersion' AND requestParameters:setAsDefault::string = 'true'))
GROUP BY 1, 2, 3
ORDER BY first_at`,
};
