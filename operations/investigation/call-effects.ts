import { at, type CloudEvent, isObject, textOf } from './cloud-event';
import {
  grantsAdmin,
  isEscalating,
  listAt,
  outsiders,
  policyOf,
  regionOfSource,
  requested,
  shortName,
  statementsOf,
} from './rules/request-fields';
import { baseCallName } from './sensitive-calls';

/**
 * What a sensitive call can have led to. `none`: it failed before it changed anything. `guarding`: it closes, protects or
 * records something. `contained`: what it made or changed stays within the account and gives nobody rights over others.
 * `open`: anything else, and whatever we do not know.
 */
export type Effect = 'none' | 'denied' | 'guarding' | 'contained' | 'open';

/** Calls that can only close, protect or record, by their name alone. */
const guardingNames = new Set([
  'AssociateResolverQueryLogConfig',
  'AssociateWebACL',
  'CancelKeyDeletion',
  'CreateDetector',
  'CreateFlowLogs',
  'CreateTrail',
  'DeleteFunctionUrlConfig',
  'DisableSerialConsoleAccess',
  'EnableAlarmActions',
  'EnableEbsEncryptionByDefault',
  'EnableKey',
  'EnableKeyRotation',
  'EnableMacie',
  'EnableSecurityHub',
  'EnableSnapshotBlockPublicAccess',
  'EnableImageBlockPublicAccess',
  'PutBucketEncryption',
  'PutInsightSelectors',
  'RemovePermission',
  'RestoreSecret',
  'RevokeSecurityGroupEgress',
  'RevokeSecurityGroupIngress',
  'StartConfigurationRecorder',
  'StartLogging',
]);

/** Calls whose result stays within the account whatever their parameters say. */
const containedNames = new Set([
  'AddRoleToInstanceProfile',
  'AssociateRouteTable',
  'CreateAlias',
  'CreateDBSnapshot',
  'CreateDBClusterSnapshot',
  'CreateGroup',
  'CreateImage',
  'CreateInstanceProfile',
  'CreateKey',
  'CreateRouteTable',
  'CreateSecret',
  'CreateServiceLinkedRole',
  'CreateSnapshot',
  'CreateUser',
  'CreateVirtualMFADevice',
  'DeleteFunction',
  'DeleteGroup',
  'DeleteInstanceProfile',
  'DeletePolicy',
  'DeletePolicyVersion',
  'DeleteRole',
  'DeleteRolePolicy',
  'DeleteRoute',
  'DeleteRouteTable',
  'DeleteSnapshot',
  'DeregisterImage',
  'DetachRolePolicy',
  'DisassociateRouteTable',
  'EnableMFADevice',
  'PutImage',
  'PutParameter',
  'PutSecretValue',
  'RegisterImage',
  'RemoveRoleFromInstanceProfile',
  'TagInstanceProfile',
  'TagPolicy',
  'TagResource',
  'TagRole',
  'UntagResource',
  'UntagRole',
  'UpdateAlias',
]);

/** AWS's own policies for services and for looking; their names cannot be taken by anybody else. */
const narrowPolicies =
  /^arn:aws[a-z-]*:iam::aws:policy\/(?:(?:aws-)?service-role\/\S+|\S*(?:ReadOnlyAccess|ViewOnlyAccess)|AmazonSSMManagedInstanceCore|SecurityAudit)$/;

/**
 * Whether a call is about a trail that the same principal made in the window, in the same region: it recorded nothing before,
 * so that taking it away hides nothing.
 */
export function isOfOwnNewTrail(event: CloudEvent, events: readonly CloudEvent[]): boolean {
  const wanted = shortName(requested(event, 'name') || requested(event, 'trailName'));
  if (event.service !== 'cloudtrail' || wanted === '') return false;
  return events.some(
    (other) =>
      other.service === 'cloudtrail' &&
      other.name === 'CreateTrail' &&
      other.error === null &&
      other.region === event.region &&
      other.principal.key === event.principal.key &&
      other.at <= event.at &&
      shortName(requested(other, 'name')) === wanted,
  );
}

/** Judged by what AWS answered and by the parameters that make the effect, never by names, tags or descriptions. */
export function effectOf(event: CloudEvent, events: readonly CloudEvent[]): Effect {
  if (event.denied) return 'denied';
  if (event.error !== null) return 'none';
  if (isOfOwnNewTrail(event, events)) return 'contained';
  const name = baseCallName(event.name);
  if (guardingNames.has(name)) return 'guarding';
  if (containedNames.has(name)) return 'contained';
  return byParameters(name, event);
}

function byParameters(name: string, event: CloudEvent): Effect {
  const { request } = event;
  switch (name) {
    case 'PutBucketVersioning': {
      const text = JSON.stringify(at(request, 'VersioningConfiguration') ?? {});
      return /"Status":"Enabled"/.test(text) && !/"MfaDelete":"Disabled"/.test(text) ? 'guarding' : 'open';
    }
    case 'PutBucketLogging':
      return isObject(at(request, 'BucketLoggingStatus', 'LoggingEnabled')) ? 'guarding' : 'open';
    case 'PutEventSelectors':
      return recordsEverything(event) ? 'guarding' : 'open';
    case 'UpdateProjectVisibility':
      return requested(event, 'projectVisibility') === 'PRIVATE' ? 'guarding' : 'open';
    case 'PutBucketAcl':
      return /"(?:private|log-delivery-write)"/.test(JSON.stringify(at(request, 'x-amz-acl') ?? ''))
        ? 'contained'
        : 'open';
    case 'CreateRole':
      return withinAccount(request.assumeRolePolicyDocument, event.account) ? 'contained' : 'open';
    case 'UpdateAssumeRolePolicy':
      return withinAccount(request.policyDocument, event.account) ? 'contained' : 'open';
    case 'CopySnapshot':
    case 'CopyDBSnapshot':
    case 'CopyDBClusterSnapshot':
      return regionOfSource(event) === event.region ? 'contained' : 'open';
    case 'AttachUserPolicy':
    case 'AttachGroupPolicy':
    case 'AttachRolePolicy':
      return narrowPolicies.test(requested(event, 'policyArn')) ? 'contained' : 'open';
    case 'PutUserPolicy':
    case 'PutGroupPolicy':
    case 'PutRolePolicy':
    case 'CreatePolicy':
      return isNarrow(request.policyDocument) ? 'contained' : 'open';
    case 'DeleteSecret':
      return request.forceDeleteWithoutRecovery === true ? 'open' : 'contained';
    case 'ChangePassword':
    case 'UpdateLoginProfile': {
      const target = requested(event, 'userName').toLowerCase();
      return target === '' || target === event.principal.name ? 'contained' : 'open';
    }
    case 'UpdateAccessKey':
      return requested(event, 'status') === 'Inactive' ? 'guarding' : 'open';
    case 'CreateNetworkAclEntry':
    case 'ReplaceNetworkAclEntry':
      if (requested(event, 'ruleAction') === 'deny') return 'guarding';
      return isFewAddresses(requested(event, 'cidrBlock')) ? 'contained' : 'open';
    case 'CreateRoute':
      return requested(event, 'gatewayId') !== '' || requested(event, 'natGatewayId') !== '' ? 'contained' : 'open';
    case 'AuthorizeSecurityGroupEgress':
      return 'contained';
    case 'AuthorizeSecurityGroupIngress':
      return admitsFew(event) ? 'contained' : 'open';
    case 'ModifyDBInstance':
    case 'CreateDBInstance':
      return request.publiclyAccessible === true || request.masterUserPassword !== undefined ? 'open' : 'contained';
    case 'ModifySnapshotAttribute':
    case 'ModifyImageAttribute':
    case 'ModifyDBSnapshotAttribute':
    case 'ModifyDBClusterSnapshotAttribute':
      return opensNothing(event) ? 'guarding' : 'open';
    case 'PutBucketPolicy':
    case 'PutKeyPolicy':
    case 'PutResourcePolicy':
    case 'SetRepositoryPolicy':
      return withinAccount(policyOf(event), event.account) ? 'contained' : 'open';
    case 'SetQueueAttributes':
    case 'SetTopicAttributes': {
      const policy = policyOf(event);
      return policy === undefined || withinAccount(policy, event.account) ? 'contained' : 'open';
    }
    default:
      return 'open';
  }
}

/** A policy that can be read, and lets nobody in from another account. CloudTrail leaves long ones out: those are open. */
function withinAccount(document: unknown, account: string | null): boolean {
  return statementsOf(document).length > 0 && outsiders(document, account).length === 0;
}

/** A policy that can be read and gives neither administration nor a way to it. */
function isNarrow(document: unknown): boolean {
  return statementsOf(document).length > 0 && !grantsAdmin(document) && !isEscalating(document);
}

function opensNothing({ request }: CloudEvent): boolean {
  const added = [
    ...listAt(request, 'launchPermission', 'add'),
    ...listAt(request, 'createVolumePermission', 'add'),
    ...listAt(request, 'valuesToAdd'),
  ];
  return added.length === 0;
}

/** Only other groups, private networks, or at most 256 addresses. */
function admitsFew({ request }: CloudEvent): boolean {
  const rules = [request, ...listAt(request, 'ipPermissions')].filter(isObject);
  const ranges = rules.flatMap((rule) => [
    textOf(rule.cidrIp),
    ...[...listAt(rule, 'ipRanges'), ...listAt(rule, 'ipv6Ranges')]
      .filter(isObject)
      .flatMap((range) => [textOf(range.cidrIp), textOf(range.cidrIpv6)]),
  ]);
  return ranges.every((range) => range === null || isFewAddresses(range));
}

const privateRange = /^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.)[\d.]+\/(?:[89]|[12]\d|3[0-2])$/;

function isFewAddresses(range: string): boolean {
  if (privateRange.test(range)) return true;
  const bits = Number(range.split('/')[1] ?? Number.NaN);
  return range.includes(':') ? bits >= 64 : bits >= 24;
}

/** Selectors that keep all management events, reads and writes. */
function recordsEverything({ request }: CloudEvent): boolean {
  const basic = listAt(request, 'eventSelectors').filter(isObject);
  return basic.some(
    (selector) =>
      selector.includeManagementEvents !== false && (textOf(selector.readWriteType) ?? 'All').toLowerCase() === 'all',
  );
}
