import { type CloudEvent, textOf } from '../cloud-event';
import { grantsAdmin, isAdminPolicyArn, requested, shortName, statementsOf } from './request-fields';
import { callRule } from './rule';

const grants = new Set([
  'AttachUserPolicy',
  'PutUserPolicy',
  'AddUserToGroup',
  'AttachRolePolicy',
  'PutRolePolicy',
  'PutUserPermissionsBoundary',
  'DeleteUserPermissionsBoundary',
  'DeleteRolePermissionsBoundary',
]);

/** A trust policy that names the very user or role that writes it. */
function trustsItself({ request, row, principal }: CloudEvent): boolean {
  const own = [textOf(row.issuer_arn), principal.kind === 'user' ? textOf(row.actor_arn) : null];
  return statementsOf(request.policyDocument).some(
    ({ allow, principals }) => allow && principals.some((name) => own.includes(name)),
  );
}

/**
 * A principal that gives itself permissions. ATT&CK T1098.003; Panther rule AWS.IAM.AttachAdminUserPolicy; listed as
 * privilege escalation methods by Rhino Security Labs.
 */
export const selfPrivilegeGrant = callRule({
  name: 'self_privilege_grant',
  group: 'privilege',
  weight: 3,
  severity: 'CRITICAL',
  techniques: ['T1098.003'],
  mayBeRoutine: false,
  match(event) {
    if (event.service === 'iam' && event.name === 'UpdateAssumeRolePolicy') {
      return trustsItself(event)
        ? { what: `let itself assume role ${requested(event, 'roleName')}`, factor: 0.8 }
        : undefined;
    }
    if (event.service !== 'iam' || !grants.has(event.name)) return undefined;
    const target = (requested(event, 'userName') || requested(event, 'roleName')).toLowerCase();
    if (target === '' || target !== event.principal.name) return undefined;
    const what = requested(event, 'policyArn') || requested(event, 'policyName') || requested(event, 'groupName');
    return { what: `changed its own permissions by ${event.name}${what === '' ? '' : ` of ${shortName(what)}`}` };
  },
});

/** Full administration given to a user, role, group or policy. ATT&CK T1098.003; Stratus iam-create-admin-user. */
export const adminPolicyAttached = callRule({
  name: 'admin_policy_attached',
  group: 'privilege',
  weight: 2.4,
  severity: 'HIGH',
  techniques: ['T1098.003'],
  match(event) {
    if (event.service !== 'iam') return undefined;
    const arn = requested(event, 'policyArn');
    const attached = /^Attach(?:User|Role|Group)Policy$/.test(event.name) && isAdminPolicyArn(arn);
    const written =
      /^(?:Put(?:User|Role|Group)Policy|CreatePolicy|CreatePolicyVersion)$/.test(event.name) &&
      grantsAdmin(event.request.policyDocument);
    if (!attached && !written) return undefined;
    const target = requested(event, 'userName') || requested(event, 'roleName') || requested(event, 'groupName');
    const policy = shortName(arn) || requested(event, 'policyName') || 'a policy';
    return { what: `gave full administration by ${event.name} (${policy}${target === '' ? '' : ` to ${target}`})` };
  },
});

/** An older, wider version of a policy made the default again: an escalation that writes no policy text. */
export const policyVersionSet = callRule({
  name: 'policy_version_set',
  group: 'privilege',
  weight: 1.2,
  severity: 'MEDIUM',
  techniques: ['T1098.003'],
  match: (event) =>
    event.service === 'iam' && event.name === 'SetDefaultPolicyVersion'
      ? { what: `made ${requested(event, 'versionId')} the default of ${shortName(requested(event, 'policyArn'))}` }
      : undefined,
});
