import { at, type CloudEvent, isObject, textOf } from '../cloud-event';
import { baseCallName } from '../sensitive-calls';
import { isOutside, listAt, outsiders, policyOf, regionOfSource, requested } from './request-fields';
import { callRule } from './rule';

/** Calls that carry the policy of a resource other than a bucket, a role or a function, which have rules of their own. */
const policyCalls =
  /^(?:PutKeyPolicy|CreateKey|PutResourcePolicy|CreateSecret|SetRepositoryPolicy|PutRegistryPolicy|PutRepositoryPermissionsPolicy|PutDomainPermissionsPolicy|SetQueueAttributes|CreateQueue|SetTopicAttributes|CreateTopic|(?:Create|Update)(?:Elasticsearch)?Domain(?:Config)?|PutBackupVaultAccessPolicy|PutFileSystemPolicy|SetVaultAccessPolicy|PutContainerPolicy|PutImagePolicy|PutPermissionPolicy|PutDestinationPolicy|PutAccessPointPolicy)$/;

function everybodyOr(readers: readonly string[]): string {
  return readers.includes('*') ? 'everybody' : readers.slice(0, 3).join(', ').slice(0, 200);
}

/** Accounts and principals that a call lets in by its parameters, without a policy. */
function namedReaders(name: string, { service, request, account }: CloudEvent): string[] {
  const lists: Readonly<Record<string, readonly string[]>> = {
    'kms:CreateGrant': ['granteePrincipal'],
    'ram:AssociateResourceShare': ['principals'],
    'ram:CreateResourceShare': ['principals'],
    'route53domains:TransferDomainToAnotherAwsAccount': ['accountId'],
    'sns:AddPermission': ['aWSAccountId', 'awsAccountId'],
    'sqs:AddPermission': ['aWSAccountIds', 'awsAccountIds'],
    'ssm:ModifyDocumentPermission': ['accountIdsToAdd'],
  };
  return (lists[`${service}:${name}`] ?? [])
    .flatMap((field) => listAt(request, field))
    .map((reader) => textOf(reader) ?? '')
    .filter((reader) => /^all$/i.test(reader) || isOutside(reader, account))
    .map((reader) => (/^all$/i.test(reader) ? '*' : reader));
}

/** A queue, topic, key, secret, image or file system opened to everybody or another account. ATT&CK T1537; AWS Access Analyzer. */
export const resourceShared = callRule({
  name: 'resource_opened_outside',
  group: 'exfiltration',
  weight: 2.4,
  severity: 'HIGH',
  techniques: ['T1537'],
  refused: 0.25,
  match(event) {
    const name = baseCallName(event.name);
    if (name === 'UpdateProjectVisibility' && requested(event, 'projectVisibility') === 'PUBLIC_READ') {
      return { what: 'made builds readable for everybody' };
    }
    if (event.service === 'events' && name === 'PutPermission' && requested(event, 'principal') === '*') {
      return at(event.request, 'condition') === undefined ? { what: 'let everybody send to an event bus' } : undefined;
    }
    const named = namedReaders(name, event);
    if (named.length > 0) return { what: `opened a resource of ${event.service} to ${everybodyOr(named)} by ${name}` };
    if (!policyCalls.test(name)) return undefined;
    const readers = outsiders(policyOf(event), event.account);
    return readers.length === 0
      ? undefined
      : { what: `opened a resource of ${event.service} to ${everybodyOr(readers)} by ${name}` };
  },
});

/** A database that can be reached from the internet, or got another master password. ATT&CK T1190, T1098. */
export const databaseExposed = callRule({
  name: 'database_exposed',
  group: 'exposure',
  weight: 2.3,
  severity: 'HIGH',
  techniques: ['T1190'],
  refused: 0.25,
  match({ service, name, request }) {
    if (service !== 'rds' && service !== 'redshift') return undefined;
    if (!/^(?:Modify|Create|Restore)(?:DBInstance|Cluster|DBCluster|DBInstanceFrom)/.test(name)) return undefined;
    if (request.publiclyAccessible === true) return { what: `let a database be reached from the internet by ${name}` };
    return name.startsWith('Modify') && request.masterUserPassword !== undefined
      ? { what: `set another master password of a database by ${name}`, factor: 0.6, techniques: ['T1098'] }
      : undefined;
  },
});

/** Traffic of machines copied to another place. ATT&CK T1040, T1020.001. */
export const trafficMirrored = callRule({
  name: 'traffic_mirrored',
  group: 'collection',
  weight: 2.3,
  severity: 'HIGH',
  techniques: ['T1040'],
  match: ({ service, name }) =>
    service === 'ec2' && /^(?:Create|Modify)TrafficMirror(?:Session|Target|Filter|FilterRule)$/.test(name)
      ? { what: `prepared a copy of network traffic by ${name}`, factor: /Session|Target/.test(name) ? 1 : 0.6 }
      : undefined,
});

/** Machines' own credentials made easier to steal or stronger: old metadata service, another role. ATT&CK T1552.005, T1098.003. */
export const machineRoleWidened = callRule({
  name: 'machine_role_or_metadata_changed',
  group: 'credentials',
  weight: 1.4,
  severity: 'MEDIUM',
  techniques: ['T1552.005'],
  match(event) {
    if (event.service !== 'ec2') return undefined;
    if (event.name === 'ModifyInstanceMetadataOptions' && requested(event, 'httpTokens') === 'optional') {
      return { what: 'allowed the old metadata service again', factor: 0.8 };
    }
    return /^(?:Associate|Replace)IamInstanceProfile/.test(event.name)
      ? { what: `gave a machine another role by ${event.name}`, techniques: ['T1098.003'] }
      : undefined;
  },
});

/** Copies of data taken to a place of their own: exports of snapshots, images and machines, copies into other regions. T1537, T1074. */
export const dataExported = callRule({
  name: 'data_exported',
  group: 'exfiltration',
  weight: 2.3,
  severity: 'HIGH',
  techniques: ['T1537'],
  refused: 0.25,
  match(event) {
    const { name, service } = event;
    if (/^(?:StartExportTask|CreateInstanceExportTask|ExportImage|ExportTableToPointInTime)$/.test(name)) {
      return { what: `exported data of ${service} by ${name}` };
    }
    if (service === 's3' && name === 'PutBucketReplication') {
      const target = listAt(event.request, 'ReplicationConfiguration', 'Rule')
        .filter(isObject)
        .map((rule) => textOf(at(rule, 'Destination', 'Account')) ?? '')
        .find((account) => isOutside(account, event.account));
      return target === undefined
        ? undefined
        : { what: `lets bucket ${requested(event, 'bucketName')} be copied to account ${target}` };
    }
    if (service === 'logs' && name === 'PutSubscriptionFilter') {
      const target = requested(event, 'destinationArn').split(':')[4] ?? '';
      // Logs gathered in one account of an organisation go the same way.
      return isOutside(target, event.account) ? { what: `sends logs to account ${target}`, factor: 0.6 } : undefined;
    }
    if (/^Copy(?:DBSnapshot|DBClusterSnapshot|Snapshot|Image)$/.test(name)) {
      const from = regionOfSource(event);
      return from !== event.region ? { what: `copied data from region ${from} by ${name}`, factor: 0.6 } : undefined;
    }
    return undefined;
  },
});
