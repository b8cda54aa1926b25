import { actor, type Hunt, span, within } from './hunt';

export const identityProviderAdded: Hunt = {
  name: 'identity_provider_added',
  title: 'Identity provider or trust anchor added',
  hypothesis: 'Somebody adds a provider whose tokens they can make themselves.',
  severity: 'HIGH',
  techniques: ['T1484.002'],
  noise: 'Planned work on single sign-on; there is a change request.',
  parameters: [],
  sql: (window) => `SELECT ${actor} AS actor, eventName AS event_name, sourceIPAddress AS source_ip, ${span}
${within(window)}
  AND eventName IN ('CreateSAMLProvider', 'UpdateSAMLProvider', 'CreateOpenIDConnectProvider', 'UpdateOpenIDConnectProviderThumbprint', 'CreateTrustAnchor')
  AND errorCode IS NULL
GROUP BY 1, 2, 3
ORDER BY first_at`,
};
