import { actor, type Hunt, span, within } from './hunt';

export const policyWrittenWithAllRights: Hunt = {
  name: 'policy_written_with_all_rights',
  title: 'Inline policy or version that allows everything',
  hypothesis: 'Somebody writes a policy of their own that allows every action, instead of attaching a known one.',
  severity: 'HIGH',
  techniques: ['T1098.003'],
  noise: 'Sandboxes and set-up scripts; the policy text is in the event.',
  parameters: [],
  sql: (
    window,
  ) => `SELECT ${actor} AS actor, eventName AS event_name, COALESCE(requestParameters:userName::string, requestParameters:roleName::string, requestParameters:groupName::string, requestParameters:policyArn::string) AS target, ${span}
${within(window)}
  AND eventName IN ('PutUserPolicy', 'PutRolePolicy', 'PutGroupPolicy', 'CreatePolicy', 'CreatePolicyVersion')
  AND errorCode IS NULL
  AND (REPLACE(requestParameters:policyDocument::string, ' ', '') LIKE '%"Action":"*"%' OR REPLACE(requestParameters:policyDocument::string, ' ', '') LIKE '%"Action":["*"]%')
GROUP BY 1, 2, 3
ORDER BY first_at`,
};
