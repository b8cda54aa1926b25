import type { JsonObject } from '../../../sandbox/src/panther/cloudtrail-row';
import { BASE_TIME } from '../sandbox/panther-lake';

/** One simulated record, `minutes` before the suites' moment. */
function record(fields: JsonObject, minutes = 30): JsonObject {
  return { p_event_time: new Date(BASE_TIME.getTime() - minutes * 60_000).toISOString(), ...fields };
}

const many = (number: number, make: (index: number) => JsonObject) => Array.from({ length: number }, (_, i) => make(i));

const okta = (eventType: string, changes: JsonObject = {}, minutes = 30) =>
  record(
    {
      eventType,
      actor: { id: '00u1', type: 'User', alternateId: 'eve@example.com' },
      client: { ipAddress: '192.0.2.10' },
      outcome: { result: 'SUCCESS' },
      target: [{ type: 'User', alternateId: 'bob@example.com' }],
      ...changes,
    },
    minutes,
  );
const failed = { outcome: { result: 'FAILURE', reason: 'INVALID_CREDENTIALS' } };
const person = (name: string) => ({ actor: { id: name, type: 'User', alternateId: `${name}@example.com` } });

const google = (name: string, changes: JsonObject = {}, minutes = 30) =>
  record({ name, actor: { email: 'eve@example.com' }, ipAddress: '192.0.2.10', parameters: {}, ...changes }, minutes);

const azureAudit = (activityDisplayName: string, changes: JsonObject = {}, minutes = 30) =>
  record(
    {
      category: 'AuditLogs',
      properties: {
        activityDisplayName,
        result: 'success',
        initiatedBy: { user: { userPrincipalName: 'eve@example.com', ipAddress: '192.0.2.10' } },
        targetResources: [{ type: 'User', userPrincipalName: 'bob@example.com' }],
        ...changes,
      },
    },
    minutes,
  );
const azureSignIn = (name: string, errorCode: number, minutes = 30, ipAddress = '192.0.2.10') =>
  record(
    {
      category: 'SignInLogs',
      properties: { userPrincipalName: `${name}@example.com`, ipAddress, status: { errorCode } },
    },
    minutes,
  );

/** For each hunt over the log of an identity provider, records that it has to find, and look-alikes. */
export const identityCases: Record<string, { found: JsonObject[]; left: JsonObject[] }> = {
  okta_factor_reset: {
    found: [okta('user.mfa.factor.reset_all')],
    left: [
      okta('user.mfa.factor.reset_all', failed),
      okta('user.mfa.factor.activate'),
      okta('user.mfa.factor.deactivate', {}, 26 * 60),
    ],
  },
  okta_push_fatigue: {
    found: many(5, (n) => okta('user.mfa.okta_verify.deny_push', {}, 30 + n)),
    left: [
      ...many(4, (n) => okta('user.mfa.okta_verify.deny_push', {}, 30 + n)),
      ...many(9, (n) => okta('user.authentication.auth_via_mfa', person('busy'), 30 + n)),
      ...many(8, (n) => okta('user.mfa.okta_verify.deny_push', person(`user${n}`), 30)),
    ],
  },
  okta_password_spray: {
    found: many(10, (n) => okta('user.session.start', { ...person(`user${n}`), ...failed })),
    left: [
      ...many(30, () => okta('user.session.start', failed)),
      ...many(12, (n) => okta('user.session.start', person(`user${n}`))),
    ],
  },
  okta_administrator_granted: {
    found: [okta('user.account.privilege.grant')],
    left: [okta('user.account.privilege.grant', failed), okta('user.account.privilege.revoke')],
  },
  okta_policy_weakened: {
    found: [okta('policy.rule.deactivate')],
    left: [okta('policy.rule.activate'), okta('zone.delete', failed)],
  },
  google_second_factor_off: {
    found: [google('2sv_disable')],
    left: [google('2sv_enroll'), google('login_success')],
  },
  google_suspicious_sign_in: {
    found: [google('suspicious_login')],
    left: [google('login_success'), google('login_failure')],
  },
  azure_password_spray: {
    found: many(10, (n) => azureSignIn(`user${n}`, 50_126)),
    left: [
      ...many(30, () => azureSignIn('same', 50_126)),
      ...many(12, (n) => azureSignIn(`user${n}`, 0, 30, '192.0.2.11')),
      ...many(12, (n) => azureSignIn(`user${n}`, 50_074, 30, '192.0.2.12')),
    ],
  },
  azure_administrator_granted: {
    found: [azureAudit('Add member to role')],
    left: [azureAudit('Add member to role', { result: 'failure' }), azureAudit('Add member to group')],
  },
  azure_second_factor_off: {
    found: [azureAudit('Admin deleted security info')],
    left: [
      azureAudit('Admin registered security info'),
      azureAudit('User deleted security info', { result: 'failure' }),
    ],
  },
  azure_policy_weakened: {
    found: [azureAudit('Delete conditional access policy')],
    left: [
      azureAudit('Add conditional access policy'),
      azureAudit('Update conditional access policy', { result: 'failure' }),
    ],
  },
};
