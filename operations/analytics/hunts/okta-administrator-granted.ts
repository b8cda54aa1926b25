import { type Hunt, oktaLog, span, within } from './hunt';

export const oktaAdministratorGranted: Hunt = {
  name: 'okta_administrator_granted',
  title: 'Administrator rights given in Okta',
  hypothesis: 'Somebody makes an account of theirs an administrator, to keep a way in to every application.',
  severity: 'HIGH',
  techniques: ['T1098.003'],
  noise: 'New administrators; look for a request.',
  log: oktaLog,
  parameters: [],
  sql: (
    window,
  ) => `SELECT COALESCE(actor:alternateId::string, actor:id::string, 'unknown') AS actor, eventType AS event_name, GET_PATH(target, '[0].alternateId')::string AS target, client:ipAddress::string AS source_ip, ${span}
${within(window, oktaLog)}
  AND eventType IN ('user.account.privilege.grant', 'group.privilege.grant')
  AND COALESCE(outcome:result::string, 'SUCCESS') IN ('SUCCESS', 'ALLOW')
GROUP BY 1, 2, 3, 4
ORDER BY first_at`,
};
