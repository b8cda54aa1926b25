import { type Hunt, oktaLog, span, within } from './hunt';

export const oktaFactorReset: Hunt = {
  name: 'okta_factor_reset',
  title: 'Second factor reset in Okta',
  hypothesis: 'Somebody who has talked the help desk, or an administrator, into it gets a second factor of their own.',
  severity: 'MEDIUM',
  techniques: ['T1556.006'],
  noise: 'Lost and replaced telephones; then the same person enrolls again from the usual place within the hour.',
  log: oktaLog,
  parameters: [],
  sql: (
    window,
  ) => `SELECT COALESCE(actor:alternateId::string, actor:id::string, 'unknown') AS actor, eventType AS event_name, GET_PATH(target, '[0].alternateId')::string AS target, client:ipAddress::string AS source_ip, ${span}
${within(window, oktaLog)}
  AND eventType IN ('user.mfa.factor.reset_all', 'user.mfa.factor.deactivate', 'user.mfa.factor.suspend')
  AND COALESCE(outcome:result::string, 'SUCCESS') IN ('SUCCESS', 'ALLOW')
GROUP BY 1, 2, 3, 4
ORDER BY first_at`,
};
