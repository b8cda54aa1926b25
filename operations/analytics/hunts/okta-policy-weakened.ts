import { type Hunt, oktaLog, span, within } from './hunt';

export const oktaPolicyWeakened: Hunt = {
  name: 'okta_policy_weakened',
  title: 'Sign-in policy or network zone of Okta weakened',
  hypothesis: 'Somebody takes away what asks for a second factor, or keeps strangers out.',
  severity: 'HIGH',
  techniques: ['T1556.009', 'T1562'],
  noise: 'Changes of the identity team; rare, and announced.',
  log: oktaLog,
  parameters: [],
  sql: (
    window,
  ) => `SELECT COALESCE(actor:alternateId::string, actor:id::string, 'unknown') AS actor, eventType AS event_name, client:ipAddress::string AS source_ip, ${span}
${within(window, oktaLog)}
  AND eventType IN ('policy.lifecycle.deactivate', 'policy.lifecycle.delete', 'policy.rule.deactivate', 'policy.rule.delete', 'zone.deactivate', 'zone.delete')
  AND COALESCE(outcome:result::string, 'SUCCESS') IN ('SUCCESS', 'ALLOW')
GROUP BY 1, 2, 3
ORDER BY first_at`,
};
