import { at, isObject, type JsonObject, member, objectOf, textOf } from './cloud-event';
import type { SignInFacts, SignInKind } from './sign-in';

/** Activities of Microsoft Entra's audit log, by their display names in its reference. */
const activities: readonly [RegExp, SignInKind][] = [
  [/^Add (?:eligible )?member to role/i, 'admin_granted'],
  [/^(?:Admin deleted security info|User deleted security info|Disable Strong Authentication)/i, 'factor_removed'],
  [/^(?:User registered security info|Admin registered security info)/i, 'factor_added'],
  [/^Consent to application/i, 'consent_granted'],
  [/^(?:Delete|Update) conditional access policy|^Disable Strong Authentication policy/i, 'policy_weakened'],
  [/^Add service principal credentials|^Update application.{1,5}Certificates and secrets/i, 'token_created'],
];

/** Error codes of sign-ins stopped at the second factor: not done, refused, timed out (AADSTS reference). */
const secondFactor = new Set(['50074', '50076', '500121', '50072', '50079']);

/** A row of the sign-in or audit log that Panther stores for Azure; undefined for anything else. */
export function azureSignIn(row: JsonObject): SignInFacts | undefined {
  const category = textOf(member(row, 'category')) ?? '';
  const properties = objectOf(member(row, 'properties'));
  if (/SignInLogs$/.test(category)) return signIn(row, properties);
  if (category !== 'AuditLogs') return undefined;
  const activity = textOf(properties.activityDisplayName) ?? textOf(member(row, 'operationName')) ?? '';
  const kind = activities.find(([pattern]) => pattern.test(activity))?.[1];
  if (kind === undefined) return undefined;
  const resources = properties.targetResources;
  const target = (Array.isArray(resources) ? resources : []).filter(isObject).find((one) => one.type === 'User');
  const by = objectOf(at(properties, 'initiatedBy', 'user'));
  return {
    ...nowhere,
    kind,
    ok: (textOf(properties.result) ?? 'success') === 'success',
    actor: textOf(by.userPrincipalName) ?? textOf(at(properties, 'initiatedBy', 'app', 'displayName')),
    target: textOf(target?.userPrincipalName),
    time: textOf(properties.activityDateTime) ?? member(row, 'time'),
    ip: by.ipAddress ?? member(row, 'callerIpAddress'),
  };
}

const nowhere = { country: null, latitude: null, longitude: null, asn: null, proxy: false };

function signIn(row: JsonObject, properties: JsonObject): SignInFacts {
  const code = textOf(at(properties, 'status', 'errorCode')) ?? textOf(member(row, 'resultType')) ?? '0';
  const risk = textOf(properties.riskLevelAggregated) ?? 'none';
  return {
    kind: secondFactor.has(code) ? 'mfa_refused' : code === '0' && risk === 'high' ? 'flagged_by_provider' : 'sign_in',
    ok: code === '0',
    actor: textOf(properties.userPrincipalName),
    target: null,
    time: textOf(properties.createdDateTime) ?? member(row, 'time'),
    ip: properties.ipAddress ?? member(row, 'callerIpAddress'),
    country: at(properties, 'location', 'countryOrRegion'),
    latitude: at(properties, 'location', 'geoCoordinates', 'latitude'),
    longitude: at(properties, 'location', 'geoCoordinates', 'longitude'),
    asn: properties.autonomousSystemNumber,
    proxy: false,
  };
}
