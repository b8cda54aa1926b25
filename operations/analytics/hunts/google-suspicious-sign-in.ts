import { googleLog, type Hunt, span, within } from './hunt';

export const googleSuspiciousSignIn: Hunt = {
  name: 'google_suspicious_sign_in',
  title: 'Sign-in that Google calls suspicious',
  hypothesis: 'Somebody signs in with a stolen password or session from where the user never was.',
  severity: 'MEDIUM',
  techniques: ['T1078.004'],
  noise: 'Travel and new devices; the user confirms it.',
  log: googleLog,
  parameters: [],
  sql: (
    window,
  ) => `SELECT COALESCE(actor:email::string, 'unknown') AS actor, name AS event_name, ipAddress AS source_ip, ${span}
${within(window, googleLog)}
  AND name IN ('suspicious_login', 'suspicious_login_less_secure_app', 'suspicious_programmatic_login', 'gov_attack_warning')
GROUP BY 1, 2, 3
ORDER BY first_at`,
};
