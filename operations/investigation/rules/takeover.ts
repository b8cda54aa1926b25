import { at, textOf } from '../cloud-event';
import { isAdminPolicyArn, isEscalating, isOutside, requested, shortName } from './request-fields';
import { callRule } from './rule';

/** AWS itself found the key in the open and fenced it in. ATT&CK T1552.001; AWS managed policy AWSCompromisedKeyQuarantine. */
export const keyQuarantined = callRule({
  name: 'key_quarantined_by_aws',
  group: 'credentials',
  weight: 2.8,
  severity: 'HIGH',
  techniques: ['T1552.001'],
  mayBeRoutine: false,
  match(event) {
    if (event.service !== 'iam' || !/^(?:Attach|Put)UserPolicy$/.test(event.name)) return undefined;
    const policy = shortName(requested(event, 'policyArn')) || requested(event, 'policyName');
    return /^(?:AWSCompromisedKeyQuarantine(?:V\d)?|AWSExposedCredentialPolicy_DO_NOT_REMOVE)$/.test(policy)
      ? { what: `put ${policy} on user ${requested(event, 'userName')}, whose key was found in the open` }
      : undefined;
  },
});

/** A policy that leads to more rights, written for somebody. ATT&CK T1098.003. */
export const escalationPolicy = callRule({
  name: 'escalation_policy_written',
  group: 'privilege',
  weight: 1.4,
  severity: 'MEDIUM',
  techniques: ['T1098.003'],
  match: (event) =>
    event.service === 'iam' &&
    /^(?:Put(?:User|Role|Group)Policy|CreatePolicy|CreatePolicyVersion)$/.test(event.name) &&
    isEscalating(event.request.policyDocument)
      ? { what: `wrote a policy that leads to more rights by ${event.name}` }
      : undefined,
});

/** The ceiling over somebody's rights taken away. ATT&CK T1098.003, T1562.001. */
export const guardrailRemoved = callRule({
  name: 'permission_guardrail_removed',
  group: 'privilege',
  weight: 2.2,
  severity: 'HIGH',
  techniques: ['T1098.003'],
  match({ service, name }) {
    if (service === 'iam' && /^Delete(?:User|Role)PermissionsBoundary$/.test(name))
      return { what: `took a limit of permissions away by ${name}` };
    return service === 'organizations' && /^(?:DetachPolicy|DeletePolicy|UpdatePolicy)$/.test(name)
      ? { what: `changed a policy over accounts by ${name}`, factor: name === 'UpdatePolicy' ? 0.6 : 1 }
      : undefined;
  },
});

/** Rights over many accounts at once: assignments of an identity centre, delegated administrators, root sessions. T1098.003, T1548.005. */
export const accountsTakenOver = callRule({
  name: 'control_over_accounts_given',
  group: 'privilege',
  weight: 2.3,
  severity: 'CRITICAL',
  techniques: ['T1098.003'],
  match(event) {
    const { service, name } = event;
    if (service === 'sts' && name === 'AssumeRoot') return { what: 'took a root session of a member account' };
    if (service === 'organizations' && name === 'RegisterDelegatedAdministrator')
      return { what: 'made an account administrator of a service for all accounts', factor: 0.7 };
    if (service !== 'sso') return undefined;
    if (name === 'AttachManagedPolicyToPermissionSet' && isAdminPolicyArn(requested(event, 'managedPolicyArn')))
      return { what: 'put full administration into a permission set' };
    if (name === 'PutInlinePolicyToPermissionSet' && isEscalating(event.request.inlinePolicy))
      return { what: 'wrote rights that lead to more into a permission set' };
    return name === 'CreateAccountAssignment' ? { what: 'assigned somebody to an account', factor: 0.5 } : undefined;
  },
});

/** AWS's access policies that may do everything in a cluster. */
const clusterAdministration = /\/AmazonEKS(?:ClusterAdminPolicy|AdminPolicy)$/;

/** Rule over a cluster given to oneself or to another account. ATT&CK T1098.006. */
export const clusterTakenOver = callRule({
  name: 'cluster_control_given',
  group: 'privilege',
  weight: 2.4,
  severity: 'HIGH',
  techniques: ['T1098.006'],
  refused: 0.25,
  match(event) {
    if (event.service !== 'eks' || !/^(?:AssociateAccessPolicy|CreateAccessEntry)$/.test(event.name)) return undefined;
    const principal = requested(event, 'principalArn');
    const cluster = requested(event, 'name');
    if (isOutside(principal, event.account)) return { what: `let ${principal} into cluster ${cluster}` };
    const own = [textOf(event.row.issuer_arn), textOf(event.row.actor_arn)];
    return clusterAdministration.test(requested(event, 'policyArn')) && own.includes(principal)
      ? { what: `made itself administrator of cluster ${cluster}` }
      : undefined;
  },
});

/** A second factor or signing key registered for somebody else. ATT&CK T1098.005, T1556.006. */
export const factorForOther = callRule({
  name: 'credential_registered_for_other',
  group: 'credentials',
  weight: 1.6,
  severity: 'MEDIUM',
  techniques: ['T1098.005'],
  match(event) {
    if (
      event.service !== 'iam' ||
      !/^(?:EnableMFADevice|UploadSigningCertificate|UploadSSHPublicKey|CreateServiceSpecificCredential)$/.test(
        event.name,
      )
    )
      return undefined;
    const target = requested(event, 'userName').toLowerCase();
    return target === '' || target === event.principal.name
      ? undefined
      : { what: `registered a credential for user ${target} by ${event.name}` };
  },
});

/** A root user's key: it can do everything and nothing limits it. ATT&CK T1098.001; CIS AWS benchmark 1.4. */
export const rootKeyCreated = callRule({
  name: 'root_access_key_created',
  group: 'credentials',
  weight: 2.8,
  severity: 'CRITICAL',
  techniques: ['T1098.001'],
  mayBeRoutine: false,
  match: (event) =>
    event.service === 'iam' &&
    event.name === 'CreateAccessKey' &&
    event.principal.kind === 'root' &&
    requested(event, 'userName') === ''
      ? { what: 'created an access key of the root user' }
      : undefined,
});

/** Work handed to a service that acts with a role of its own: the role's rights for whoever may configure it. T1098.003, T1078.004. */
export const roleBorrowed = callRule({
  name: 'role_borrowed_through_service',
  group: 'execution',
  weight: 1.5,
  severity: 'MEDIUM',
  techniques: ['T1078.004'],
  match(event) {
    const { service, name } = event;
    if (service === 'glue' && /^(?:Create|Update)DevEndpoint$/.test(name))
      return { what: `opened a development endpoint with a role by ${name}` };
    if (service === 'sagemaker' && name === 'CreatePresignedNotebookInstanceUrl')
      return { what: 'opened a notebook that runs with a role' };
    if (service === 'codebuild' && name === 'StartBuild' && textOf(at(event.request, 'buildspecOverride')) !== null)
      return { what: 'ran a build with commands of its own' };
    return service === 'cloudformation' && /^(?:Create|Update)Stack$/.test(name) && requested(event, 'roleARN') !== ''
      ? { what: `let a stack act with another role by ${name}`, factor: 0.6 }
      : undefined;
  },
});

/**
 * A console session made out of a federation token or a machine's credentials, past the sign-in page and its second factor.
 * Every identity provider signs people in by the same call, with roles that are theirs: those say nothing. ATT&CK T1550.001.
 */
export const consoleFromKey = callRule({
  name: 'console_session_from_key',
  group: 'sign_in',
  weight: 2.2,
  severity: 'HIGH',
  techniques: ['T1550.001'],
  match(event) {
    if (event.service !== 'signin' || event.name !== 'GetSigninToken') return undefined;
    const arn = textOf(event.row.actor_arn) ?? '';
    if (/:federated-user\//.test(arn)) return { what: 'turned a federation token into a console session' };
    return /\/m?i-[0-9a-f]{8,17}$/i.test(arn)
      ? { what: "turned a machine's credentials into a console session" }
      : undefined;
  },
});
