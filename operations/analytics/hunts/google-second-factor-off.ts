import { googleLog, type Hunt, span, within } from './hunt';

export const googleSecondFactorOff: Hunt = {
  name: 'google_second_factor_off',
  title: 'Second factor turned off in Google',
  hypothesis: 'Somebody turns the second step of an account off, for themselves or as an administrator.',
  severity: 'MEDIUM',
  techniques: ['T1556.006'],
  noise: 'Lost and replaced telephones; it is turned on again within the hour.',
  log: googleLog,
  parameters: [],
  sql: (
    window,
  ) => `SELECT COALESCE(actor:email::string, 'unknown') AS actor, name AS event_name, parameters:USER_EMAIL::string AS target, ipAddress AS source_ip, ${span}
${within(window, googleLog)}
  AND name IN ('2sv_disable', 'UNENROLL_USER_FROM_STRONG_AUTH', 'TURN_OFF_2_STEP_VERIFICATION')
GROUP BY 1, 2, 3, 4
ORDER BY first_at`,
};
