import { isForOwnMachine } from '../call-effects';
import { type CloudEvent, isObject, textOf } from '../cloud-event';
import { baseCallName } from '../sensitive-calls';
import { ingressRules, isForTheWeb, isOutside, listAt, outsiders, requested } from './request-fields';
import { callRule } from './rule';

/** Whom a snapshot or image was opened to: other accounts, or `all`. */
function newReaders(event: CloudEvent): string[] {
  const launch = listAt(event.request, 'launchPermission', 'add');
  const volume = listAt(event.request, 'createVolumePermission', 'add');
  const listed = [...launch, ...volume].filter(isObject).flatMap((item) => [textOf(item.userId), textOf(item.group)]);
  const database = listAt(event.request, 'valuesToAdd').map(textOf);
  return [...listed, ...database]
    .filter((value) => value !== null)
    .filter((value) => value === 'all' || isOutside(value, event.account));
}

function shown(readers: readonly string[]): string {
  const names = [...new Set(readers.map((reader) => (reader === '*' || reader === 'all' ? 'everybody' : reader)))];
  return names.slice(0, 3).join(', ') + (names.length > 3 ? ` and ${names.length - 3} more` : '');
}

/** A disk, image or database copy opened to another account. ATT&CK T1537; Stratus exfiltration.*-share-*. */
export const snapshotShared = callRule({
  name: 'snapshot_or_image_shared_outside',
  group: 'exfiltration',
  weight: 2.6,
  severity: 'CRITICAL',
  techniques: ['T1537'],
  match(event) {
    if (event.service === 'redshift' && event.name === 'AuthorizeSnapshotAccess') {
      const reader = requested(event, 'accountWithRestoreAccess');
      return isOutside(reader, event.account) ? { what: `shared a copy of a warehouse with ${reader}` } : undefined;
    }
    if (!/^Modify(?:Snapshot|Image|DBSnapshot|DBClusterSnapshot)Attribute$/.test(event.name)) return undefined;
    const readers = newReaders(event);
    const what = event.name
      .replace(/^Modify|Attribute$/g, '')
      .replace(/(?<=[a-z])(?=[A-Z])/g, ' ')
      .toLowerCase();
    return readers.length === 0 ? undefined : { what: `shared a ${what} with ${shown(readers)}` };
  },
});

/** A bucket opened to everybody or to another account. ATT&CK T1537, T1530; Stratus s3-backdoor-bucket-policy. */
export const bucketShared = callRule({
  name: 'bucket_shared_outside',
  group: 'exfiltration',
  weight: 2.4,
  severity: 'HIGH',
  techniques: ['T1537'],
  refused: 0.25,
  match(event) {
    if (event.service !== 's3') return undefined;
    const bucket = requested(event, 'bucketName');
    if (event.name === 'PutBucketPolicy') {
      const readers = outsiders(event.request.bucketPolicy, event.account);
      return readers.length === 0 ? undefined : { what: `opened bucket ${bucket} to ${shown(readers)}` };
    }
    if (
      event.name === 'PutBucketAcl' &&
      /AllUsers|AuthenticatedUsers|public-read/.test(JSON.stringify(event.request))
    ) {
      return { what: `opened bucket ${bucket} to everybody` };
    }
    if (/^Delete(?:BucketPublicAccessBlock|PublicAccessBlock|AccountPublicAccessBlock)$/.test(event.name)) {
      return {
        what: `removed the block of public access${bucket === '' ? ' of the account' : ` of bucket ${bucket}`}`,
        factor: 0.5,
      };
    }
    return undefined;
  },
});

/** A role that principals of another account may assume. ATT&CK T1098.003; Stratus iam-backdoor-role, -create-backdoor-role. */
export const trustedOutside = callRule({
  name: 'role_trusts_outside_account',
  group: 'outside_trust',
  weight: 2.6,
  severity: 'CRITICAL',
  techniques: ['T1098.003', 'T1484.002'],
  match(event) {
    if (event.service !== 'iam') return undefined;
    const document =
      event.name === 'UpdateAssumeRolePolicy'
        ? event.request.policyDocument
        : event.name === 'CreateRole'
          ? event.request.assumeRolePolicyDocument
          : undefined;
    const readers = outsiders(document, event.account);
    return readers.length === 0
      ? undefined
      : {
          what: `let ${shown(readers.map((reader) => reader.slice(0, 120)))} assume role ${requested(event, 'roleName')}`,
        };
  },
});

/** A function that everybody or another account may call. ATT&CK T1648; Stratus lambda-backdoor-function. */
export const functionShared = callRule({
  name: 'function_callable_from_outside',
  group: 'outside_trust',
  weight: 2.4,
  severity: 'HIGH',
  techniques: ['T1648'],
  match(event) {
    if (event.service !== 'lambda') return undefined;
    const name = baseCallName(event.name);
    const principal = requested(event, 'principal');
    const url = /^(?:Create|Update)FunctionUrlConfig$/.test(name) && requested(event, 'authType') === 'NONE';
    const added = /^Add(?:LayerVersion)?Permission$/.test(name) && isOutside(principal, event.account);
    return url || added
      ? {
          what: `let ${url || principal === '*' ? 'everybody' : principal} call function ${requested(event, 'functionName')}`,
        }
      : undefined;
  },
});

const adminPorts = [22, 3389, 5432, 3306, 1433, 6379, 27017, 9200];

/**
 * A firewall opened to the whole internet. ATT&CK T1562.007; Stratus ec2-security-group-open-port-22-ingress. A group made for a
 * machine started with it exposes that machine alone, and the web's own ports are there to be reached.
 */
export const securityGroupOpened = callRule({
  name: 'security_group_opened_to_world',
  group: 'exposure',
  weight: 2.3,
  severity: 'HIGH',
  techniques: ['T1562.007'],
  refused: 0.25,
  match(event, { events }) {
    if (!/^(?:AuthorizeSecurityGroupIngress|ModifySecurityGroupRules)$/.test(event.name)) return undefined;
    const open = ingressRules(event).filter(({ ranges }) => ranges.some((range) => range.endsWith('/0')));
    if (open.every(isForTheWeb)) return undefined;
    const mine = events.filter((other) => other.principal.key === event.principal.key && other.error === null);
    if (isForOwnMachine(event, mine)) return undefined;
    const reachesAdmin = open.some(({ from, to }) => adminPorts.some((port) => from <= port && port <= to));
    const group = requested(event, 'groupId') || requested(event, 'groupName');
    return {
      what: `opened ${reachesAdmin ? 'administration ports' : 'ports'} of ${group} to the whole internet`,
      factor: reachesAdmin ? 1 : 0.35,
    };
  },
});
