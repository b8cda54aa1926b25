import { azureLog, type Hunt, span, within } from './hunt';

export const azurePolicyWeakened: Hunt = {
  name: 'azure_policy_weakened',
  title: 'Conditional access policy of Azure changed or deleted',
  hypothesis: 'Somebody takes away what asks for a second factor.',
  severity: 'HIGH',
  techniques: ['T1556.009'],
  noise: 'Changes of the identity team; rare, and announced.',
  log: azureLog,
  parameters: [],
  sql: (
    window,
  ) => `SELECT COALESCE(properties:initiatedBy:user:userPrincipalName::string, properties:initiatedBy:app:displayName::string, 'unknown') AS actor, properties:activityDisplayName::string AS event_name, properties:initiatedBy:user:ipAddress::string AS source_ip, ${span}
${within(window, azureLog)}
  AND category = 'AuditLogs'
  AND (properties:activityDisplayName::string LIKE 'Delete conditional access policy%' OR properties:activityDisplayName::string LIKE 'Update conditional access policy%')
  AND COALESCE(properties:result::string, 'success') = 'success'
GROUP BY 1, 2, 3
ORDER BY first_at`,
};
