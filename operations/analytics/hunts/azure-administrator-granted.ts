import { azureLog, type Hunt, span, within } from './hunt';

export const azureAdministratorGranted: Hunt = {
  name: 'azure_administrator_granted',
  title: 'Member added to a role in Azure',
  hypothesis: 'Somebody gives an account of theirs a role of the directory.',
  severity: 'HIGH',
  techniques: ['T1098.003'],
  noise: 'New administrators, and rights that are given for an hour; look for a request.',
  log: azureLog,
  parameters: [],
  sql: (
    window,
  ) => `SELECT COALESCE(properties:initiatedBy:user:userPrincipalName::string, properties:initiatedBy:app:displayName::string, 'unknown') AS actor, properties:activityDisplayName::string AS event_name, GET_PATH(properties, 'targetResources[0].userPrincipalName')::string AS target, properties:initiatedBy:user:ipAddress::string AS source_ip, ${span}
${within(window, azureLog)}
  AND category = 'AuditLogs'
  AND (properties:activityDisplayName::string LIKE 'Add member to role%' OR properties:activityDisplayName::string LIKE 'Add eligible member to role%')
  AND COALESCE(properties:result::string, 'success') = 'success'
GROUP BY 1, 2, 3, 4
ORDER BY first_at`,
};
