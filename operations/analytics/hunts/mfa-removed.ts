import { actor, type Hunt, span, within } from './hunt';

export const mfaRemoved: Hunt = {
  name: 'mfa_removed',
  title: 'Second factor removed',
  hypothesis: 'Somebody takes a second factor away, to sign in with a password alone.',
  severity: 'MEDIUM',
  techniques: ['T1556.006'],
  noise: 'Lost and replaced devices: a new one is enabled within the hour.',
  parameters: [],
  sql: (
    window,
  ) => `SELECT ${actor} AS actor, eventName AS event_name, requestParameters:userName::string AS target, sourceIPAddress AS source_ip, ${span}
${within(window)}
  AND eventName IN ('DeactivateMFADevice', 'DeleteVirtualMFADevice')
  AND errorCode IS NULL
GROUP BY 1, 2, 3, 4
ORDER BY first_at`,
};
