import { at, type CloudEvent, isObject, textOf } from './cloud-event';
import { isContained, isGuarding, isLabelling } from './effect-names';
import {
  grantsAdmin,
  ingressRules,
  isEscalating,
  isForTheWeb,
  listAt,
  logsTurnedOff,
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

/**
 * AWS's own policies for services, for looking and for single tasks; their names cannot be taken by anybody else. Those that
 * administer or may do everything with a service are not among them.
 */
const narrowPolicies =
  /^arn:aws[a-z-]*:iam::aws:policy\/(?:(?:(?:aws-)?service-role|aws-service-role)\/\S+|(?!\S*(?:Admin|FullAccess|PowerUser|DataScientist|IAM(?!UserChangePassword)|Compromised|Exposed))\S+)$/;

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
  if (isGuarding(event.service, name)) return 'guarding';
  if (isContained(event.service, name) || isLabelling(name)) return 'contained';
  return byCompany(name, event, events) ?? byParameters(name, event);
}

/** Effects that other calls of the same principal in the window take part in. */
function byCompany(name: string, event: CloudEvent, events: readonly CloudEvent[]): Effect | undefined {
  const mine = events.filter((other) => other.principal.key === event.principal.key && other.error === null);
  switch (name) {
    case 'BatchGetSecretValue':
    case 'GetSecretValue':
    case 'GetParameter':
    case 'GetParameters':
    case 'GetParametersByPath':
    case 'GetParameterHistory':
      return secretsRead(mine) <= fewSecrets ? 'contained' : 'open';
    case 'GetRoleCredentials':
      return accountsEntered(mine) <= fewSecrets ? 'contained' : 'open';
    case 'DescribeInstanceAttribute':
      return scriptsRead(mine) <= fewSecrets ? 'contained' : 'open';
    case 'CreateAccessKey':
      return isOwnRotation(event, mine) ? 'contained' : 'open';
    case 'CreateLoginProfile':
      return isFirstPassword(event, mine) ? 'contained' : 'open';
    case 'AuthorizeSecurityGroupIngress':
      return isForOwnMachine(event, mine) ? 'contained' : undefined;
    case 'AttachRolePolicy':
    case 'AttachUserPolicy':
    case 'AttachGroupPolicy':
      return isOwnNarrowPolicy(event, mine) ? 'contained' : undefined;
    default:
      return undefined;
  }
}

/** A program reads the secret it was made for, and a tool the start script of the machine it keeps. More are looked at by somebody. */
const fewSecrets = 2;

function secretsRead(mine: readonly CloudEvent[]): number {
  const reads = mine
    .filter(({ name }) =>
      /^(?:BatchGetSecretValue|Get(?:SecretValue|Parameters?|ParametersByPath|ParameterHistory))$/.test(name),
    )
    .filter(({ name, request }) => name.endsWith('SecretValue') || request.withDecryption === true);
  // Names that are not shown are all alike; a few secrets are read in a few calls.
  if (reads.length > fewSecrets * 2) return reads.length;
  const names = reads.flatMap((event) => [
    requested(event, 'secretId') || requested(event, 'name'),
    // All that is below a path, or that a filter finds, is more than a few.
    ...(event.name === 'GetParametersByPath' || event.request.filters !== undefined ? ['all', 'of', 'them'] : []),
    ...[...listAt(event.request, 'names'), ...listAt(event.request, 'secretIdList')].map(String),
  ]);
  return new Set(names.filter((name) => name !== '')).size;
}

/** Accounts for which an identity centre gave somebody the credentials of a role: at work it is one or two. */
function accountsEntered(mine: readonly CloudEvent[]): number {
  const asked = mine.filter(({ name }) => name === 'GetRoleCredentials');
  return new Set(asked.map((event) => requested(event, 'accountId') || requested(event, 'account_id'))).size;
}

function scriptsRead(mine: readonly CloudEvent[]): number {
  const machines = mine
    .filter(({ name, request }) => name === 'DescribeInstanceAttribute' && request.attribute === 'userData')
    .map((event) => requested(event, 'instanceId'));
  return new Set(machines).size;
}

/** A new key of one's own for an older one that is switched off or deleted: afterwards there is none more. */
export function isOwnRotation(event: CloudEvent, mine: readonly CloudEvent[]): boolean {
  const target = requested(event, 'userName').toLowerCase();
  if (event.principal.kind !== 'user' || (target !== '' && target !== event.principal.name)) return false;
  const made = textOf(at(event.response, 'accessKey', 'accessKeyId'));
  return mine.some(
    (other) =>
      (other.name === 'DeleteAccessKey' ||
        (other.name === 'UpdateAccessKey' && requested(other, 'status') === 'Inactive')) &&
      requested(other, 'userName') === requested(event, 'userName') &&
      requested(other, 'accessKeyId') !== made,
  );
}

/** The first password of a user made in the window, that has to be changed at once: who set it cannot go on using it unseen. */
export function isFirstPassword(event: CloudEvent, mine: readonly CloudEvent[]): boolean {
  const user = requested(event, 'userName');
  return (
    event.request.passwordResetRequired === true &&
    mine.some((other) => other.name === 'CreateUser' && requested(other, 'userName') === user)
  );
}

/**
 * A group made for a machine that is started with it exposes that machine alone, which is how consoles start one. `mine` are
 * the calls of the same principal that worked.
 */
export function isForOwnMachine(event: CloudEvent, mine: readonly CloudEvent[]): boolean {
  const group = requested(event, 'groupId') || requested(event, 'groupName');
  const made = mine.some(
    (other) =>
      other.name === 'CreateSecurityGroup' && other.at <= event.at && textOf(at(other.response, 'groupId')) === group,
  );
  return (
    made && mine.some((other) => other.name === 'RunInstances' && JSON.stringify(other.request).includes(`"${group}"`))
  );
}

/** A policy that the same principal wrote in the window, narrow as far as it can be read. */
function isOwnNarrowPolicy(event: CloudEvent, mine: readonly CloudEvent[]): boolean {
  const arn = requested(event, 'policyArn');
  return mine.some(
    (other) =>
      other.name === 'CreatePolicy' &&
      isNarrow(other.request.policyDocument) &&
      (textOf(at(other.response, 'policy', 'arn')) ?? '') === arn &&
      arn !== '',
  );
}

function byParameters(name: string, event: CloudEvent): Effect {
  const { request } = event;
  switch (name) {
    case 'GetSessionToken':
      // AWS checked the second factor.
      return requested(event, 'serialNumber') !== '' ? 'contained' : 'open';
    case 'UploadSSHPublicKey': {
      const owner = requested(event, 'userName').toLowerCase();
      return owner === event.principal.name ? 'contained' : 'open';
    }
    case 'PutUserPermissionsBoundary':
    case 'PutRolePermissionsBoundary': {
      const target = (requested(event, 'userName') || requested(event, 'roleName')).toLowerCase();
      return target !== '' && target !== event.principal.name ? 'guarding' : 'open';
    }
    case 'UpdateDetector':
      return event.request.enable === true && !JSON.stringify(request).includes('DISABLED') ? 'guarding' : 'open';
    case 'SharedSnapshotVolumeCreated':
      // Told to both sides: here the own account made a disk from somebody's copy.
      return event.principal.account !== null && event.principal.account === event.account ? 'contained' : 'open';
    case 'ModifyLoadBalancerAttributes':
      return logsTurnedOff(event) ? 'open' : 'contained';
    case 'PutSubscriptionFilter':
      return isInAccount(requested(event, 'destinationArn'), event.account) ? 'contained' : 'open';
    case 'UpdateTrail':
      return widensTrail(event) ? 'guarding' : 'open';
    case 'ModifyInstanceAttribute':
      return request.userData === undefined && requested(event, 'attribute') !== 'userData' ? 'contained' : 'open';
    case 'PutBucketLifecycle':
    case 'PutBucketLifecycleConfiguration':
      return 'contained';
    case 'PutBucketReplication':
      return staysInAccount(at(request, 'ReplicationConfiguration'), event.account) ? 'contained' : 'open';
    case 'PutRetentionPolicy':
      return Number(textOf(request.retentionInDays) ?? Number.NaN) > 7 ? 'contained' : 'open';
    case 'CreateGrant':
      return isOwnGrantee(event) ? 'contained' : 'open';
    case 'AddPermission':
    case 'AddLayerVersionPermission':
      return isOwnService(event) ? 'contained' : 'open';
    case 'CreateFunctionUrlConfig':
    case 'UpdateFunctionUrlConfig':
      return requested(event, 'authType') === 'AWS_IAM' ? 'contained' : 'open';
    case 'UpdateFunctionConfiguration':
      return listAt(request, 'layers').length === 0 ? 'contained' : 'open';
    case 'CreateVpcPeeringConnection':
      return requested(event, 'peerOwnerId') === event.account ? 'contained' : 'open';
    case 'CreateResourceShare':
      return request.allowExternalPrincipals === false ? 'contained' : 'open';
    case 'RestoreDBInstanceFromDBSnapshot':
    case 'RestoreDBInstanceToPointInTime':
    case 'RestoreDBClusterFromSnapshot':
    case 'RestoreFromClusterSnapshot':
    case 'RestoreTableFromBackup':
      return request.publiclyAccessible === true ? 'open' : 'contained';
    case 'DeleteDBInstance':
    case 'DeleteDBCluster':
      return request.skipFinalSnapshot === true || requested(event, 'finalDBSnapshotIdentifier') === ''
        ? 'open'
        : 'contained';
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
    case 'CreatePolicyVersion':
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
      // What may leave a network is open from the start.
      if (request.egress === true) return 'contained';
      return isFewAddresses(requested(event, 'cidrBlock')) ? 'contained' : 'open';
    case 'CreateRoute':
    case 'ReplaceRoute':
      return requested(event, 'gatewayId') !== '' || requested(event, 'natGatewayId') !== '' ? 'contained' : 'open';
    case 'AuthorizeSecurityGroupIngress':
    case 'ModifySecurityGroupRules':
      return ingressRules(event).every((rule) => isForTheWeb(rule) || rule.ranges.every(isFewAddresses))
        ? 'contained'
        : 'open';
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
    case 'PutFileSystemPolicy':
    case 'PutBackupVaultAccessPolicy':
    case 'PutAccessPointPolicy':
    case 'PutRegistryPolicy':
      return withinAccount(policyOf(event), event.account) ? 'contained' : 'open';
    case 'SetQueueAttributes':
    case 'SetTopicAttributes': {
      // A topic's attribute is a policy by its name; every other one is a setting.
      const isPolicy = name === 'SetQueueAttributes' || requested(event, 'attributeName') === 'Policy';
      const policy = isPolicy ? policyOf(event) : undefined;
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

/** Whom a snapshot or image is opened to is nobody, or the account it is in. */
function opensNothing({ request, account }: CloudEvent): boolean {
  const added = [
    ...listAt(request, 'launchPermission', 'add'),
    ...listAt(request, 'createVolumePermission', 'add'),
    ...listAt(request, 'valuesToAdd'),
  ];
  return added.every((reader) => {
    const fields = isObject(reader) ? Object.keys(reader) : [];
    const named = isObject(reader) ? textOf(reader.userId) : textOf(reader);
    return account !== null && named === account && fields.length <= 1;
  });
}

/** Whether an ARN is of the account, or of an AWS resource that has no account in its name. */
function isInAccount(arn: string, account: string | null): boolean {
  const named = arn.split(':')[4] ?? '';
  return account !== null && named === account;
}

/** A replication whose targets name no other account. */
function staysInAccount(configuration: unknown, account: string | null): boolean {
  if (!isObject(configuration)) return false;
  return listAt(configuration, 'Rule')
    .filter(isObject)
    .every((rule) => {
      const target = textOf(at(rule, 'Destination', 'Account'));
      return target === null || target === account;
    });
}

/** Use of a key lent to a principal of the account or to a service of AWS. */
function isOwnGrantee(event: CloudEvent): boolean {
  const grantee = requested(event, 'granteePrincipal');
  return (
    /\.amazonaws\.com$/.test(grantee) ||
    (event.account !== null && grantee.startsWith(`arn:aws:iam::${event.account}:`))
  );
}

/** A service of AWS that acts for a resource or account that is named: nobody else can make it act. */
function isOwnService(event: CloudEvent): boolean {
  const account = requested(event, 'sourceAccount') || (requested(event, 'sourceArn').split(':')[4] ?? '');
  return /\.amazonaws\.com$/.test(requested(event, 'principal')) && account !== '' && account === event.account;
}

const privateRange = /^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.)[\d.]+\/(?:[89]|[12]\d|3[0-2])$/;

function isFewAddresses(range: string): boolean {
  if (privateRange.test(range)) return true;
  const bits = Number(range.split('/')[1] ?? Number.NaN);
  return range.includes(':') ? bits >= 64 : bits >= 24;
}

/** Settings of a trail that can only record more; where it writes is another matter. */
function widensTrail({ request }: CloudEvent): boolean {
  const flags = [request.isMultiRegionTrail, request.includeGlobalServiceEvents, request.enableLogFileValidation];
  const places = ['s3BucketName', 's3KeyPrefix', 'cloudWatchLogsLogGroupArn', 'kmsKeyId'];
  return flags.includes(true) && !flags.includes(false) && !places.some((place) => textOf(at(request, place)) !== null);
}

/** Selectors that keep all management events, reads and writes. */
function recordsEverything({ request }: CloudEvent): boolean {
  const advanced = listAt(request, 'advancedEventSelectors').filter(isObject);
  const management = advanced.map((selector) => JSON.stringify(selector.fieldSelectors ?? []));
  if (management.some((fields) => fields.includes('"Management"') && !/readOnly|eventName|eventSource/.test(fields)))
    return true;
  const basic = listAt(request, 'eventSelectors').filter(isObject);
  return basic.some(
    (selector) =>
      selector.includeManagementEvents !== false && (textOf(selector.readWriteType) ?? 'All').toLowerCase() === 'all',
  );
}
