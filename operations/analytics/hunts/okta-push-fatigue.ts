import { type Hunt, oktaLog, span, within } from './hunt';

export const oktaPushFatigue: Hunt = {
  name: 'okta_push_fatigue',
  title: 'Many refused push messages of Okta',
  hypothesis: 'Somebody has a password and asks for the second factor until it is given.',
  severity: 'HIGH',
  techniques: ['T1621'],
  noise: 'A forgotten device that signs in by itself; the requests come at even pauses.',
  log: oktaLog,
  parameters: [
    {
      name: 'refusals',
      description: 'Refused requests within the hour, from which it is a finding',
      default: 5,
      min: 2,
      max: 10000,
    },
  ],
  sql: (
    window,
    value,
  ) => `SELECT COALESCE(actor:alternateId::string, actor:id::string, 'unknown') AS actor, DATE_TRUNC('hour', p_event_time) AS in_hour, client:ipAddress::string AS source_ip, ${span}
${within(window, oktaLog)}
  AND (eventType LIKE 'user.mfa.okta_verify.deny_push%' OR (eventType = 'user.authentication.auth_via_mfa' AND outcome:result::string = 'FAILURE'))
GROUP BY 1, 2, 3
HAVING COUNT(*) >= ${value('refusals')}
ORDER BY first_at`,
};
