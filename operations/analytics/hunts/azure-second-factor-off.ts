import { azureLog, type Hunt, span, within } from './hunt';

export const azureSecondFactorOff: Hunt = {
  name: 'azure_second_factor_off',
  title: 'Second factor removed in Azure',
  hypothesis: 'Somebody removes the security information of an account, to register their own.',
  severity: 'MEDIUM',
  techniques: ['T1556.006'],
  noise: 'Lost and replaced telephones; the same person registers again within the hour.',
  log: azureLog,
  parameters: [],
  sql: (
    window,
  ) => `SELECT COALESCE(properties:initiatedBy:user:userPrincipalName::string, properties:initiatedBy:app:displayName::string, 'unknown') AS actor, properties:activityDisplayName::string AS event_name, GET_PATH(properties, 'targetResources[0].userPrincipalName')::string AS target, properties:initiatedBy:user:ipAddress::string AS source_ip, ${span}
${within(window, azureLog)}
  AND category = 'AuditLogs'
  AND (properties:activityDisplayName::string LIKE '% deleted security info%' OR properties:activityDisplayName::string LIKE 'Disable Strong Authentication%')
  AND COALESCE(properties:result::string, 'success') = 'success'
GROUP BY 1, 2, 3, 4
ORDER BY first_at`,
};
