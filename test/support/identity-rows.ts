import type { Row } from './cloud-rows';

let serial = 0;
const start = Date.parse('2026-01-15T08:00:00Z');

/** A simulated row of okta_systemlog, `minutes` after 08:00 on the day of the sample alert. */
export function okta(eventType: string, minutes: number, change: Row = {}): Row {
  serial += 1;
  const time = new Date(start + minutes * 60_000).toISOString();
  return {
    p_row_id: `okta-row-${serial}`,
    p_event_time: time.replace('T', ' ').replace('Z', ''),
    uuid: `okta-${serial}`,
    eventType,
    published: time,
    actor: { id: '00u1', alternateId: 'eve@example.com', displayName: 'Eve' },
    client: {
      ipAddress: '198.51.100.20',
      geographicalContext: { country: 'Germany', geolocation: { lat: 52.5, lon: 13.4 } },
    },
    securityContext: { asNumber: 64500, isProxy: false },
    outcome: { result: 'SUCCESS' },
    target: [],
    ...change,
  };
}

export const failed = { outcome: { result: 'FAILURE', reason: 'INVALID_CREDENTIALS' } };
export const person = (name: string) => ({ actor: { id: name, alternateId: `${name}@example.com` } });
export const from = (ip: string, lat: number, lon: number, asNumber = 64501) => ({
  client: { ipAddress: ip, geographicalContext: { country: 'Elsewhere', geolocation: { lat, lon } } },
  securityContext: { asNumber, isProxy: false },
});
const onto = (name: string) => ({ target: [{ type: 'User', alternateId: `${name}@example.com` }] });
const times = (count: number, make: (index: number) => Row) => Array.from({ length: count }, (_, index) => make(index));
const signIn = (minutes: number, change: Row = {}) => okta('user.session.start', minutes, change);
const azure = (properties: Row, minutes = 0): Row => ({
  p_event_time: new Date(start + minutes * 60_000).toISOString(),
  category: 'AuditLogs',
  properties: { result: 'success', initiatedBy: { user: { userPrincipalName: 'eve@example.com' } }, ...properties },
});

/** For each rule: records on which it fires, and near misses on which it must not. */
export const identityCases: [rule: string, hit: Row[], miss: Row[]][] = [
  [
    'mfa_fatigue',
    [...times(6, (index) => okta('user.mfa.okta_verify.deny_push', index)), signIn(8)],
    [...times(4, (index) => okta('user.mfa.okta_verify.deny_push', index)), signIn(8)],
  ],
  [
    'impossible_travel',
    [signIn(0), signIn(30, from('203.0.113.9', 35.7, 139.7))],
    [signIn(0), signIn(30, from('203.0.113.9', 48.1, 11.6))],
  ],
  [
    'factor_reset_then_sign_in',
    [okta('user.mfa.factor.reset_all', 0, onto('bob')), signIn(5, { ...person('bob'), ...from('203.0.113.9', 0, 0) })],
    [okta('user.mfa.factor.activate', 0)],
  ],
  [
    'identity_admin_granted',
    [okta('user.account.privilege.grant', 0, onto('bob'))],
    [okta('user.account.privilege.grant', 0, { ...onto('bob'), ...failed })],
  ],
  [
    'password_spray',
    times(12, (index) => signIn(index, { ...person(`user${index}`), ...failed })),
    times(12, (index) => signIn(index, failed)),
  ],
  [
    'identity_password_guessed',
    [...times(12, (index) => signIn(index, failed)), signIn(13)],
    [...times(12, (index) => signIn(index, { ...failed, ...from('203.0.113.9', 52, 13) })), signIn(13)],
  ],
  [
    'sign_in_through_proxy',
    [signIn(0, { securityContext: { asNumber: 1, isProxy: true } })],
    [signIn(0, { securityContext: { asNumber: 1, isProxy: true }, ...failed })],
  ],
  ['sign_in_reported_by_user', [okta('user.account.report_suspicious_activity_by_enduser', 0)], [signIn(0)]],
  ['sign_in_flagged_by_provider', [okta('security.threat.detected', 0)], [signIn(0)]],
  [
    'identity_policy_weakened',
    [okta('policy.rule.deactivate', 0), azure({ activityDisplayName: 'Delete conditional access policy' })],
    [okta('policy.rule.add', 0)],
  ],
  ['identity_token_created', [okta('system.api_token.create', 0)], [okta('system.api_token.revoke', 0)]],
  [
    'identity_impersonation',
    [okta('user.session.impersonation.grant', 0)],
    [okta('user.session.impersonation.end', 0)],
  ],
  [
    'application_consent_granted',
    [azure({ activityDisplayName: 'Consent to application' })],
    [azure({ activityDisplayName: 'Consent to application', result: 'failure' })],
  ],
];
