import type { JsonObject } from '../../../sandbox/src/panther/cloudtrail-row';
import { call, user } from './cloudtrail-event';

const denied = { errorCode: 'AccessDenied' };
const everything = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action": "*","Resource":"*"}]}';
const little = '{"Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}';
const session: JsonObject = {
  type: 'AssumedRole',
  arn: 'arn:aws:sts::123456789012:assumed-role/deploy/run',
  accountId: '123456789012',
  sessionContext: { sessionIssuer: { arn: 'arn:aws:iam::123456789012:role/deploy' } },
};
const role = (number: number) => ({ roleArn: `arn:aws:iam::${number}23456789012:role/target` });
const many = <T>(number: number, make: (index: number) => T): T[] =>
  Array.from({ length: number }, (_, index) => make(index));
const key = (ip: string, accessKeyId: string) =>
  call('ListBuckets', { sourceIPAddress: ip, userIdentity: { ...user('simulated.user'), accessKeyId } });
const failure = (userName: string, ip = '192.0.2.10') =>
  call('ConsoleLogin', {
    sourceIPAddress: ip,
    userIdentity: user(userName),
    responseElements: { ConsoleLogin: 'Failure' },
  });

/** As in hunt-cases.ts: what each hunt has to find, and look-alikes that it has to leave alone. */
export const moreCases: Record<string, { found: JsonObject[]; left: JsonObject[] }> = {
  policy_written_with_all_rights: {
    found: [call('PutUserPolicy', { requestParameters: { userName: 'other', policyDocument: everything } })],
    left: [
      call('PutUserPolicy', { requestParameters: { userName: 'other', policyDocument: little } }),
      call('PutUserPolicy', { requestParameters: { userName: 'other', policyDocument: everything }, ...denied }),
    ],
  },
  rights_given_to_oneself: {
    found: [call('AddUserToGroup', { requestParameters: { userName: 'simulated.user', groupName: 'admins' } })],
    left: [
      call('AddUserToGroup', { requestParameters: { userName: 'other', groupName: 'admins' } }),
      call('AttachUserPolicy', { requestParameters: { userName: 'simulated.user' }, ...denied }),
    ],
  },
  policy_version_swapped: {
    found: [call('CreatePolicyVersion', { requestParameters: { policyArn: 'arn:policy', setAsDefault: true } })],
    left: [
      call('CreatePolicyVersion', { requestParameters: { policyArn: 'arn:policy', setAsDefault: false } }),
      call('SetDefaultPolicyVersion', denied),
    ],
  },
  trust_policy_changed: {
    found: [call('UpdateAssumeRolePolicy', { requestParameters: { roleName: 'deploy' } })],
    left: [call('UpdateRole'), call('UpdateAssumeRolePolicy', denied)],
  },
  role_passed_to_compute: {
    found: [call('RunInstances', { requestParameters: { iamInstanceProfile: { name: 'admin' } } })],
    left: [
      call('RunInstances', { requestParameters: { instanceType: 't3.micro' } }),
      call('RunInstances', { requestParameters: { iamInstanceProfile: { name: 'admin' } }, userIdentity: session }),
    ],
  },
  identity_provider_added: {
    found: [call('CreateSAMLProvider')],
    left: [call('GetSAMLProvider'), call('CreateSAMLProvider', denied)],
  },
  console_after_api: {
    found: [call('GetFederationToken', { eventSource: 'sts.amazonaws.com' })],
    left: [
      call('GetSessionToken'),
      call('GetFederationToken', denied),
      call('GetSigninToken', { userIdentity: { ...user('simulated.user'), invokedBy: 'sso.amazonaws.com' } }),
    ],
  },
  role_chain: {
    found: many(3, (index) => call('AssumeRole', { userIdentity: session, requestParameters: role(index) })),
    left: [
      ...many(9, () => call('AssumeRole', { userIdentity: session, requestParameters: role(1) })),
      ...many(9, (index) => call('AssumeRole', { requestParameters: role(index) })),
    ],
  },
  role_assumed_from_other_account: {
    found: [
      call('AssumeRole', {
        userIdentity: { ...user('partner'), accountId: '999999999999' },
        requestParameters: role(1),
      }),
    ],
    left: [
      call('AssumeRole', { requestParameters: role(1) }),
      call('AssumeRole', {
        userIdentity: { type: 'AWSService', invokedBy: 'ec2.amazonaws.com' },
        requestParameters: role(1),
      }),
    ],
  },
  disk_or_image_shared: {
    found: [call('ModifySnapshotAttribute', { requestParameters: { snapshotId: 'snap-1' } })],
    left: [call('ModifySnapshotAttribute', denied), call('DescribeSnapshotAttribute')],
  },
  bucket_opened: {
    found: [call('DeleteBucketPublicAccessBlock', { requestParameters: { bucketName: 'reports' } })],
    left: [call('PutBucketPublicAccessBlock'), call('DeleteBucketPublicAccessBlock', denied)],
  },
  mass_object_reads: {
    found: many(500, (index) => call('GetObject', { requestParameters: { bucketName: 'reports', key: `${index}` } })),
    left: [
      ...many(600, () => call('GetObject', { requestParameters: { bucketName: 'reports', key: 'same' } })),
      ...many(400, (index) => call('GetObject', { requestParameters: { bucketName: 'other', key: `${index}` } })),
    ],
  },
  backups_destroyed: {
    found: many(5, () => call('DeleteSnapshot')),
    left: [...many(4, () => call('DeleteSnapshot')), ...many(9, () => call('DeleteRecoveryPoint', denied))],
  },
  key_deletion_scheduled: {
    found: [call('ScheduleKeyDeletion', { requestParameters: { keyId: 'key-1' } })],
    left: [call('CancelKeyDeletion'), call('ScheduleKeyDeletion', denied)],
  },
  expensive_machines: {
    found: [call('RunInstances', { requestParameters: { instanceType: 'p5.48xlarge' } })],
    left: [
      call('RunInstances', { requestParameters: { instanceType: 't3.micro' } }),
      call('RunInstances', { requestParameters: { instanceType: 'p5.48xlarge' }, errorCode: 'Client.DryRunOperation' }),
    ],
  },
  commands_on_machines: {
    found: [call('SendCommand', { eventSource: 'ssm.amazonaws.com' })],
    left: [
      call('ListCommands'),
      call('SendCommand', denied),
      call('SendCommand', { userIdentity: { ...session, invokedBy: 'ssm.amazonaws.com' } }),
    ],
  },
  passwords_of_machines: {
    found: many(3, (index) => call('GetPasswordData', { requestParameters: { instanceId: `i-${index}` } })),
    left: [
      ...many(9, () => call('GetPasswordData', { requestParameters: { instanceId: 'i-1' } })),
      ...many(9, (index) =>
        call('DescribeInstanceAttribute', {
          requestParameters: { instanceId: `i-${index}`, attribute: 'instanceType' },
        }),
      ),
    ],
  },
  failed_console_sign_ins: {
    found: many(10, (index) => failure(`user${index}`)),
    left: [
      ...many(9, (index) => failure(`user${index}`)),
      ...many(12, () => call('ConsoleLogin', { responseElements: { ConsoleLogin: 'Success' } })),
    ],
  },
  alarms_silenced: {
    found: [call('DeleteAlarms')],
    left: [
      call('DescribeAlarms'),
      call('DeleteAlarms', denied),
      call('DeleteLogGroup', { userIdentity: { ...session, invokedBy: 'cloudformation.amazonaws.com' } }),
    ],
  },
  function_changed_by_hand: {
    found: [call('UpdateFunctionCode20150331v2', { requestParameters: { functionName: 'worker' } })],
    left: [
      call('UpdateFunctionCode20150331v2', { userIdentity: session }),
      call('GetFunction20150331v2'),
      call('UpdateFunctionCode20150331v2', denied),
    ],
  },
  key_from_many_networks: {
    found: ['192.0.2.1', '198.51.100.1', '203.0.113.1'].map((ip) => key(ip, 'AKIAEXAMPLE')),
    left: [
      ...['192.0.2.1', '192.0.3.1', '192.0.4.1'].map((ip) => key(ip, 'AKIAEXAMPLE')),
      ...['192.0.2.1', '198.51.100.1', '203.0.113.1'].map((ip) => key(ip, 'ASIAEXAMPLE')),
    ],
  },
};
