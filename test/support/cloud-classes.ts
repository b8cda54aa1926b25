import { account, call, type Row } from './cloud-rows';

const admin = 'arn:aws:iam::aws:policy/AdministratorAccess';
const denied = { error_code: 'AccessDenied' };
const root = { actor_type: 'Root', actor_arn: `arn:aws:iam::${account}:root`, actor_name: null };
const allow = (action: unknown, principal?: unknown, condition?: unknown) =>
  JSON.stringify({
    Statement: [{ Effect: 'Allow', Action: action, Resource: '*', Principal: principal, Condition: condition }],
  });
const machine = {
  actor_type: 'AssumedRole',
  actor_arn: `arn:aws:sts::${account}:assumed-role/web/i-0123456789abcdef0`,
  issuer_arn: `arn:aws:iam::${account}:role/web`,
  actor_name: null,
};
const ask = (service: string, name: string, change: Row = {}) => call(service, name, {}, change);

/** For each rule about a class of calls: calls on which it fires, and near misses on which it must not. */
export const cloudClasses: [rule: string, hit: Row[], miss: Row[]][] = [
  [
    'escalation_policy_written',
    [call('iam', 'PutRolePolicy', { roleName: 'r', policyName: 'p', policyDocument: allow(['iam:PassRole']) })],
    [call('iam', 'PutRolePolicy', { roleName: 'r', policyName: 'p', policyDocument: allow(['s3:GetObject']) })],
  ],
  [
    'permission_guardrail_removed',
    [call('iam', 'DeleteRolePermissionsBoundary', { roleName: 'r' })],
    [call('organizations', 'CreatePolicy', { name: 'p' })],
  ],
  [
    'control_over_accounts_given',
    [call('sso', 'AttachManagedPolicyToPermissionSet', { managedPolicyArn: admin })],
    [call('sso', 'AttachManagedPolicyToPermissionSet', { managedPolicyArn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' })],
  ],
  [
    'credential_registered_for_other',
    [call('iam', 'EnableMFADevice', { userName: 'bob' })],
    [call('iam', 'EnableMFADevice', { userName: 'eve' })],
  ],
  [
    'root_access_key_created',
    [call('iam', 'CreateAccessKey', {}, root)],
    [call('iam', 'CreateAccessKey', { userName: 'bob' }, root), call('iam', 'CreateAccessKey', {})],
  ],
  [
    'key_quarantined_by_aws',
    [
      call('iam', 'AttachUserPolicy', {
        userName: 'bob',
        policyArn: 'arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3',
      }),
    ],
    [call('iam', 'AttachUserPolicy', { userName: 'bob', policyArn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' })],
  ],
  [
    'machine_role_or_metadata_changed',
    [call('ec2', 'ModifyInstanceMetadataOptions', { httpTokens: 'optional' })],
    [call('ec2', 'ModifyInstanceMetadataOptions', { httpTokens: 'required' })],
  ],
  [
    'protection_weakened',
    [call('s3', 'PutBucketLogging', { bucketName: 'b', BucketLoggingStatus: { xmlns: 'x' } })],
    [
      call('s3', 'PutBucketLogging', {
        bucketName: 'b',
        BucketLoggingStatus: { LoggingEnabled: { TargetBucket: 'l' } },
      }),
    ],
  ],
  [
    'findings_suppressed',
    [call('guardduty', 'CreateFilter', { action: 'ARCHIVE' })],
    [call('guardduty', 'CreateFilter', { action: 'NOOP' })],
  ],
  [
    'log_retention_cut',
    [call('logs', 'PutRetentionPolicy', { retentionInDays: 1 })],
    [call('logs', 'PutRetentionPolicy', { retentionInDays: 365 })],
  ],
  [
    'resource_opened_outside',
    [
      call('kms', 'PutKeyPolicy', { policy: allow('kms:Decrypt', { AWS: 'arn:aws:iam::999988887777:root' }) }),
      call('sqs', 'SetQueueAttributes', { attributes: { Policy: allow('sqs:*', '*') } }),
    ],
    [
      call('kms', 'PutKeyPolicy', { policy: allow('kms:Decrypt', { AWS: `arn:aws:iam::${account}:root` }) }),
      call('secretsmanager', 'PutResourcePolicy', {
        resourcePolicy: allow('secretsmanager:GetSecretValue', '*', { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } }),
      }),
    ],
  ],
  [
    'data_exported',
    [call('rds', 'StartExportTask', { s3BucketName: 'b' })],
    [
      call('rds', 'CopyDBSnapshot', {
        sourceDBSnapshotIdentifier: `arn:aws:rds:eu-west-1:${account}:snapshot:s`,
        targetDBSnapshotIdentifier: 't',
      }),
    ],
  ],
  [
    'traffic_mirrored',
    [call('ec2', 'CreateTrafficMirrorSession', {})],
    [call('ec2', 'DeleteTrafficMirrorSession', {})],
  ],
  [
    'database_exposed',
    [call('rds', 'ModifyDBInstance', { publiclyAccessible: true })],
    [call('rds', 'ModifyDBInstance', { allocatedStorage: 20 })],
  ],
  [
    'secrets_fetched_by_filter',
    [call('secretsmanager', 'BatchGetSecretValue', { filters: [{ key: 'name', values: ['!x'] }] })],
    [call('secretsmanager', 'BatchGetSecretValue', { secretIdList: ['a'] })],
  ],
  [
    'machine_role_enumerates_account',
    [
      ask('iam', 'GetAccountAuthorizationDetails', machine),
      ask('iam', 'ListUsers', { ...machine, ...denied }),
      ask('s3', 'ListBuckets', { ...machine, ...denied }),
      ask('guardduty', 'ListDetectors', { ...machine, ...denied }),
    ],
    [ask('ec2', 'DescribeInstances', { ...machine, ...denied }), ask('s3', 'ListBuckets', { ...machine, ...denied })],
  ],
  [
    'mail_service_enumerated',
    ['GetSendQuota', 'ListIdentities', 'GetAccountSendingEnabled'].map((name) => ask('ses', name, denied)),
    ['GetSendQuota', 'ListIdentities'].map((name) => ask('ses', name, denied)),
  ],
  [
    'shells_on_several_machines',
    ['i-1', 'i-2'].map((target) => call('ssm', 'StartSession', { target })),
    ['i-1', 'i-1'].map((instanceId) => call('ec2-instance-connect', 'SendSSHPublicKey', { instanceId })),
  ],
  [
    'role_borrowed_through_service',
    [call('codebuild', 'StartBuild', { projectName: 'p', buildspecOverride: 'version: 0.2' })],
    [call('codebuild', 'StartBuild', { projectName: 'p' })],
  ],
  [
    'bucket_emptied_then_written',
    [call('s3', 'DeleteObjects', { bucketName: 'b' }), call('s3', 'PutObject', { bucketName: 'b', key: 'note.txt' })],
    [
      call('s3', 'DeleteObjects', { bucketName: 'b' }),
      call('s3', 'PutObject', { bucketName: 'b' }),
      call('s3', 'DeleteBucket', { bucketName: 'b' }),
    ],
  ],
  [
    'objects_encrypted_with_foreign_key',
    [call('s3', 'CopyObject', { bucketName: 'b', 'x-amz-server-side-encryption-customer-algorithm': 'AES256' })],
    [call('s3', 'CopyObject', { bucketName: 'b', 'x-amz-server-side-encryption': 'aws:kms' })],
  ],
  [
    'console_session_from_key',
    [call('signin', 'GetSigninToken', {}, { ...machine, actor_type: 'AssumedRole' })],
    [
      call(
        'signin',
        'GetSigninToken',
        {},
        {
          actor_type: 'AssumedRole',
          actor_arn: `arn:aws:sts::${account}:assumed-role/AWSReservedSSO_Admin_0123456789abcdef/eve@example.com`,
          actor_name: null,
        },
      ),
    ],
  ],
  [
    'attack_tool_client',
    [call('sts', 'GetCallerIdentity', {}, { user_agent: 'TruffleHog' })],
    [call('sts', 'GetCallerIdentity', {}, { user_agent: 'aws-cli/2.15.0 kalimba' })],
  ],
  [
    'cluster_control_given',
    [
      call('eks', 'AssociateAccessPolicy', {
        name: 'prod',
        principalArn: `arn:aws:iam::${account}:user/eve`,
        policyArn: 'arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy',
      }),
    ],
    [
      call('eks', 'AssociateAccessPolicy', {
        name: 'prod',
        principalArn: `arn:aws:iam::${account}:role/developers`,
        policyArn: 'arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy',
      }),
    ],
  ],
  [
    'cluster_control_given',
    [call('eks', 'CreateAccessEntry', { name: 'prod', principalArn: 'arn:aws:iam::999988887777:role/x' })],
    [call('eks', 'CreateAccessEntry', { name: 'prod', principalArn: `arn:aws:iam::${account}:role/x` })],
  ],
  [
    'self_privilege_grant',
    [
      call('iam', 'UpdateAssumeRolePolicy', {
        roleName: 'admin',
        policyDocument: allow('sts:AssumeRole', { AWS: `arn:aws:iam::${account}:user/eve` }),
      }),
    ],
    [
      call('iam', 'UpdateAssumeRolePolicy', {
        roleName: 'admin',
        policyDocument: allow('sts:AssumeRole', { AWS: `arn:aws:iam::${account}:root` }),
      }),
    ],
  ],
  ['log_tampering', [ask('securityhub', 'BatchDisableStandards')], [ask('securityhub', 'BatchEnableStandards')]],
  ['log_tampering', [ask('wafv2', 'DeleteLoggingConfiguration')], [ask('wafv2', 'PutLoggingConfiguration')]],
  [
    'protection_weakened',
    [
      call('elasticloadbalancing', 'ModifyLoadBalancerAttributes', {
        attributes: [{ key: 'access_logs.s3.enabled', value: 'false' }],
      }),
    ],
    [
      call('elasticloadbalancing', 'ModifyLoadBalancerAttributes', {
        attributes: [{ key: 'idle_timeout.timeout_seconds', value: '60' }],
      }),
    ],
  ],
  [
    'resource_opened_outside',
    [call('kms', 'CreateGrant', { keyId: 'k', granteePrincipal: 'arn:aws:iam::999988887777:root' })],
    [call('kms', 'CreateGrant', { keyId: 'k', granteePrincipal: `arn:aws:iam::${account}:role/app` })],
  ],
  [
    'resource_opened_outside',
    [call('ram', 'CreateResourceShare', { principals: ['999988887777'] })],
    [call('ram', 'CreateResourceShare', { principals: ['arn:aws:organizations::1:ou/o-a/ou-b'] })],
  ],
  [
    'resource_opened_outside',
    [call('sqs', 'AddPermission', { aWSAccountIds: ['999988887777'] })],
    [call('sqs', 'AddPermission', { aWSAccountIds: [account] })],
  ],
  [
    'data_exported',
    [
      call('s3', 'PutBucketReplication', {
        ReplicationConfiguration: { Rule: { Destination: { Bucket: 'arn:aws:s3:::x', Account: '999988887777' } } },
      }),
    ],
    [
      call('s3', 'PutBucketReplication', {
        ReplicationConfiguration: { Rule: { Destination: { Bucket: 'arn:aws:s3:::x' } } },
      }),
    ],
  ],
  [
    'data_exported',
    [call('logs', 'PutSubscriptionFilter', { destinationArn: 'arn:aws:logs:eu-west-1:999988887777:destination:d' })],
    [call('logs', 'PutSubscriptionFilter', { destinationArn: `arn:aws:lambda:eu-west-1:${account}:function:f` })],
  ],
  [
    'snapshot_or_image_shared_outside',
    [call('redshift', 'AuthorizeSnapshotAccess', { accountWithRestoreAccess: '999988887777' })],
    [call('redshift', 'AuthorizeSnapshotAccess', { accountWithRestoreAccess: account })],
  ],
  [
    'security_group_opened_to_world',
    [
      call('ec2', 'ModifySecurityGroupRules', {
        ModifySecurityGroupRulesRequest: {
          SecurityGroupRule: { SecurityGroupRule: { FromPort: 22, ToPort: 22, CidrIpv4: '0.0.0.0/0' } },
        },
      }),
    ],
    [
      call('ec2', 'AuthorizeSecurityGroupIngress', {
        groupId: 'sg-1',
        fromPort: 443,
        toPort: 443,
        cidrIp: '0.0.0.0/0',
      }),
    ],
  ],
  [
    'short_lived_bucket_content',
    [
      call('s3', 'PutBucketLifecycle', {
        LifecycleConfiguration: { Rule: { Expiration: { Date: '2024-01-01T00:00:00Z' } } },
      }),
    ],
    [
      call('s3', 'PutBucketLifecycle', {
        LifecycleConfiguration: { Rule: { Expiration: { Date: '2036-01-01T00:00:00Z' } } },
      }),
    ],
  ],
  [
    'new_user_with_access',
    [
      call('iam', 'CreateUser', { userName: 'x' }),
      call('iam', 'AddUserToGroup', { userName: 'x', groupName: 'g' }),
      call('iam', 'CreateLoginProfile', { userName: 'x', passwordResetRequired: false }),
    ],
    [
      call('iam', 'CreateUser', { userName: 'x' }),
      call('iam', 'AttachUserPolicy', { userName: 'x', policyArn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' }),
      call('iam', 'CreateLoginProfile', { userName: 'x', passwordResetRequired: true }),
    ],
  ],
  [
    'unusual_machines_started',
    [call('ecs', 'CreateCluster'), call('ecs', 'CreateService', { desiredCount: 40 })],
    [call('ecs', 'CreateCluster'), call('ecs', 'CreateService', { desiredCount: 4 })],
  ],
  [
    'bucket_emptied_then_written',
    [
      call('s3', 'PutBucketVersioning', { bucketName: 'b', VersioningConfiguration: { Status: 'Suspended' } }),
      call('s3', 'DeleteObjects', { bucketName: 'b' }),
    ],
    [
      call('s3', 'PutBucketVersioning', { bucketName: 'b', VersioningConfiguration: { Status: 'Enabled' } }),
      call('s3', 'DeleteObjects', { bucketName: 'b' }),
    ],
  ],
];
