import { actor, type Hunt, span, within } from './hunt';

export const administratorGranted: Hunt = {
  name: 'administrator_granted',
  title: 'Administrator rights given',
  hypothesis: 'Somebody gives a user, role or group full rights, themselves included.',
  severity: 'HIGH',
  techniques: ['T1098.003'],
  noise: 'Set-up of new accounts and break-glass roles; look for a change request.',
  parameters: [],
  sql: (window) => `SELECT ${actor} AS actor, eventName AS event_name,
  COALESCE(requestParameters:userName::string, requestParameters:roleName::string, requestParameters:groupName::string) AS target,
  requestParameters:policyArn::string AS policy, ${span}
${within(window)}
  AND eventName IN ('AttachUserPolicy', 'AttachRolePolicy', 'AttachGroupPolicy')
  AND errorCode IS NULL
  AND (requestParameters:policyArn::string LIKE '%/AdministratorAccess' OR requestParameters:policyArn::string LIKE '%/IAMFullAccess')
GROUP BY 1, 2, 3, 4
ORDER BY first_at`,
};
