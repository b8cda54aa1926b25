import { at, isObject, type JsonObject, member, objectOf, textOf } from './cloud-event';
import type { SignInFacts, SignInKind } from './sign-in';

/** Okta's names of events, from its catalogue of System Log events. */
const kinds: readonly [RegExp, SignInKind][] = [
  [/^user\.(?:session\.start|authentication\.(?:sso|verify|auth_via_(?:social|idp|radius)))$/, 'sign_in'],
  [/^user\.mfa\.okta_verify\.deny_push/, 'mfa_refused'],
  [/^(?:system\.push\.send_factor_verify_push|user\.authentication\.auth_via_mfa)$/, 'mfa_challenge'],
  [/^user\.mfa\.factor\.(?:reset_all|deactivate|suspend)$/, 'factor_removed'],
  [/^user\.mfa\.factor\.activate$/, 'factor_added'],
  [/^(?:user\.account|group)\.privilege\.grant$/, 'admin_granted'],
  [
    /^(?:policy\.(?:lifecycle\.(?:deactivate|delete)|rule\.(?:deactivate|delete))|zone\.(?:deactivate|delete)|security\.threat\.configuration\.update)$/,
    'policy_weakened',
  ],
  [/^system\.api_token\.create$/, 'token_created'],
  [/^user\.session\.impersonation\.(?:grant|initiate)$/, 'impersonation'],
  [/^app\.oauth2\.(?:as\.)?consent\.grant$/, 'consent_granted'],
  [/^user\.account\.report_suspicious_activity_by_enduser$/, 'reported_by_user'],
  [/^(?:security\.threat\.detected|user\.risk\.detect|policy\.entity_risk\.evaluate)$/, 'flagged_by_provider'],
];

/** A row of okta_systemlog; undefined for anything else. */
export function oktaSignIn(row: JsonObject): SignInFacts | undefined {
  const type = textOf(member(row, 'eventType'));
  const kind = kinds.find(([pattern]) => type !== null && pattern.test(type))?.[1];
  if (kind === undefined) return undefined;
  const actor = objectOf(member(row, 'actor'));
  const client = objectOf(member(row, 'client'));
  const security = objectOf(member(row, 'securityContext'));
  const result = textOf(at(objectOf(member(row, 'outcome')), 'result'));
  const targets = member(row, 'target');
  const users = (Array.isArray(targets) ? targets : []).filter(isObject).filter((one) => one.type === 'User');
  const target = textOf(users[0]?.alternateId);
  return {
    kind: kind === 'mfa_challenge' && result === 'FAILURE' ? 'mfa_refused' : kind,
    ok: result === null || result === 'SUCCESS' || result === 'ALLOW',
    actor: textOf(actor.alternateId) ?? textOf(actor.id),
    target,
    time: member(row, 'published'),
    ip: client.ipAddress,
    country: at(client, 'geographicalContext', 'country'),
    latitude: at(client, 'geographicalContext', 'geolocation', 'lat'),
    longitude: at(client, 'geographicalContext', 'geolocation', 'lon'),
    asn: security.asNumber,
    proxy: security.isProxy === true,
  };
}
