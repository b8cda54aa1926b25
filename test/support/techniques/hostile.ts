import { account } from '../cloud-rows';
import { denied, each, outside, outsideArn, policyFor, rights, type Step, type Technique, trustOf } from './technique';

const adminArn = 'arn:aws:iam::aws:policy/AdministratorAccess';
const hex = (index: number) => `i-0${String(index).padStart(16, '0')}`;
const machine = {
  actor_type: 'AssumedRole',
  actor_arn: `arn:aws:sts::${account}:assumed-role/web/i-0123456789abcdef0`,
  issuer_arn: `arn:aws:iam::${account}:role/web`,
  actor_name: null,
  access_key_id: 'ASIAEXAMPLEEXAMPLE01',
};
const eve = `arn:aws:iam::${account}:user/eve`;
const outsidePolicy = policyFor({ AWS: outsideArn });
const world = policyFor('*');

/** Ways to more rights (methods that Rhino Security Labs published) and to credentials that stay. */
export const escalation: Technique[] = [
  [
    'new policy version with everything',
    [
      'iam',
      'CreatePolicyVersion',
      { policyArn: `arn:aws:iam::${account}:policy/p`, policyDocument: rights('*'), setAsDefault: true },
    ],
  ],
  ['another key for another user', ['iam', 'CreateAccessKey', { userName: 'admin' }]],
  [
    'first password for another user',
    ['iam', 'CreateLoginProfile', { userName: 'admin', passwordResetRequired: false }],
  ],
  [
    'other password for another user',
    ['iam', 'UpdateLoginProfile', { userName: 'admin', passwordResetRequired: false }],
  ],
  ['administration to oneself', ['iam', 'AttachUserPolicy', { userName: 'eve', policyArn: adminArn }]],
  ['administration to a group', ['iam', 'AttachGroupPolicy', { groupName: 'dev', policyArn: adminArn }]],
  ['administration to a role', ['iam', 'AttachRolePolicy', { roleName: 'app', policyArn: adminArn }]],
  [
    'inline policy on oneself',
    ['iam', 'PutUserPolicy', { userName: 'eve', policyName: 'x', policyDocument: rights('*') }],
  ],
  [
    'inline policy on a group',
    ['iam', 'PutGroupPolicy', { groupName: 'dev', policyName: 'x', policyDocument: rights('*') }],
  ],
  [
    'inline policy on a role',
    ['iam', 'PutRolePolicy', { roleName: 'app', policyName: 'x', policyDocument: rights(['iam:*']) }],
  ],
  ['oneself into a group', ['iam', 'AddUserToGroup', { userName: 'eve', groupName: 'admins' }]],
  [
    'a role that trusts oneself',
    ['iam', 'UpdateAssumeRolePolicy', { roleName: 'admin', policyDocument: trustOf({ AWS: eve }) }],
  ],
  ['a boundary taken off oneself', ['iam', 'DeleteUserPermissionsBoundary', { userName: 'eve' }]],
  [
    'new administrator with key',
    ['iam', 'CreateUser', { userName: 'svc' }],
    ['iam', 'AttachUserPolicy', { userName: 'svc', policyArn: adminArn }],
    ['iam', 'CreateAccessKey', { userName: 'svc' }],
  ],
  [
    'new administrator with password',
    ['iam', 'CreateUser', { userName: 'svc' }],
    ['iam', 'CreateLoginProfile', { userName: 'svc', passwordResetRequired: false }],
    ['iam', 'AttachUserPolicy', { userName: 'svc', policyArn: adminArn }],
  ],
  [
    'new user into a group, with key',
    ['iam', 'CreateUser', { userName: 'svc' }],
    ['iam', 'AddUserToGroup', { userName: 'svc', groupName: 'admins' }],
    ['iam', 'CreateAccessKey', { userName: 'svc' }],
  ],
  [
    'role that trusts another account',
    ['iam', 'CreateRole', { roleName: 'audit', assumeRolePolicyDocument: trustOf({ AWS: outsideArn }) }],
    ['iam', 'AttachRolePolicy', { roleName: 'audit', policyArn: adminArn }],
  ],
  [
    'existing role opened to another account',
    [
      'iam',
      'UpdateAssumeRolePolicy',
      { roleName: 'app', policyDocument: trustOf({ AWS: [`arn:aws:iam::${account}:root`, outsideArn] }) },
    ],
  ],
  [
    'existing role opened to everybody',
    ['iam', 'UpdateAssumeRolePolicy', { roleName: 'app', policyDocument: trustOf('*') }],
  ],
  [
    'existing role opened to a user elsewhere',
    [
      'iam',
      'UpdateAssumeRolePolicy',
      { roleName: 'app', policyDocument: trustOf({ AWS: `arn:aws:iam::${outside}:user/mallory` }) },
    ],
  ],
  [
    "identity provider of one's own",
    ['iam', 'CreateSAMLProvider', { name: 'x' }],
    [
      'iam',
      'CreateRole',
      { roleName: 'fed', assumeRolePolicyDocument: trustOf({ Federated: `arn:aws:iam::${account}:saml-provider/x` }) },
    ],
    ['iam', 'AttachRolePolicy', { roleName: 'fed', policyArn: adminArn }],
  ],
  [
    'OIDC provider with a role',
    ['iam', 'CreateOpenIDConnectProvider', { url: 'https://token.example.com' }],
    [
      'iam',
      'CreateRole',
      {
        roleName: 'fed',
        assumeRolePolicyDocument: trustOf({ Federated: `arn:aws:iam::${account}:oidc-provider/token.example.com` }),
      },
    ],
    ['iam', 'PutRolePolicy', { roleName: 'fed', policyName: 'a', policyDocument: rights('*') }],
  ],
  [
    'certificate authority for roles',
    ['rolesanywhere', 'CreateTrustAnchor', { name: 'x' }],
    ['rolesanywhere', 'CreateProfile', { name: 'x', roleArns: [`arn:aws:iam::${account}:role/admin`] }],
  ],
  ['federation token', ['sts', 'GetFederationToken', { name: 'x', policy: rights('*') }]],
  [
    'key of the root user',
    ['iam', 'CreateAccessKey', {}, { actor_type: 'Root', actor_arn: `arn:aws:iam::${account}:root`, actor_name: null }],
  ],
  [
    'second factor taken off another user',
    ['iam', 'DeactivateMFADevice', { userName: 'admin', serialNumber: 'x' }],
    ['iam', 'DeleteVirtualMFADevice', { serialNumber: 'x' }],
    ['iam', 'UpdateLoginProfile', { userName: 'admin' }],
  ],
  [
    'identity centre: administration for all',
    ['sso', 'AttachManagedPolicyToPermissionSet', { managedPolicyArn: adminArn }],
    ['sso', 'CreateAccountAssignment', { targetId: account }],
  ],
  ['root session of a member account', ['sts', 'AssumeRoot', { targetPrincipal: outside }]],
  [
    'EKS: oneself administrator of a cluster',
    ['eks', 'CreateAccessEntry', { name: 'prod', principalArn: eve }],
    [
      'eks',
      'AssociateAccessPolicy',
      {
        name: 'prod',
        principalArn: eve,
        policyArn: 'arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy',
      },
    ],
  ],
  [
    'EKS: another account administrator of a cluster',
    [
      'eks',
      'AssociateAccessPolicy',
      {
        name: 'prod',
        principalArn: `arn:aws:iam::${outside}:role/x`,
        policyArn: 'arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy',
      },
    ],
  ],
];

/** Recording, detection and guards taken away. */
export const blinding: Technique[] = [
  ['trail stopped', ['cloudtrail', 'StopLogging', { name: 'main' }]],
  ['trail stopped, refused', ['cloudtrail', 'StopLogging', { name: 'main' }, denied]],
  ['trail deleted', ['cloudtrail', 'DeleteTrail', { name: 'main' }]],
  [
    'trail leaves out reads',
    [
      'cloudtrail',
      'PutEventSelectors',
      { trailName: 'main', eventSelectors: [{ readWriteType: 'WriteOnly', includeManagementEvents: true }] },
    ],
  ],
  [
    'trail leaves out everything',
    [
      'cloudtrail',
      'PutEventSelectors',
      {
        trailName: 'main',
        eventSelectors: [{ readWriteType: 'ReadOnly', includeManagementEvents: false, dataResources: [] }],
      },
    ],
  ],
  [
    'trail leaves out management by advanced selectors',
    [
      'cloudtrail',
      'PutEventSelectors',
      {
        trailName: 'main',
        advancedEventSelectors: [{ fieldSelectors: [{ field: 'eventCategory', equals: ['Data'] }] }],
      },
    ],
  ],
  [
    'trail in one region only',
    ['cloudtrail', 'UpdateTrail', { name: 'main', isMultiRegionTrail: false, includeGlobalServiceEvents: false }],
  ],
  ['event data store deleted', ['cloudtrail', 'DeleteEventDataStore', { eventDataStore: 'x' }]],
  [
    'bucket of the trail expires within a day',
    [
      's3',
      'PutBucketLifecycle',
      {
        bucketName: 'trail',
        LifecycleConfiguration: {
          Rule: { ID: 'x', Status: 'Enabled', Expiration: { Days: 1 }, Filter: { Prefix: '' } },
        },
      },
    ],
  ],
  [
    'bucket expires within a day, newer name',
    [
      's3',
      'PutBucketLifecycleConfiguration',
      {
        bucketName: 'trail',
        LifecycleConfiguration: { Rule: [{ ID: 'x', Status: 'Enabled', Expiration: { Days: 1 } }] },
      },
    ],
  ],
  [
    'bucket expires at a date gone by',
    [
      's3',
      'PutBucketLifecycle',
      {
        bucketName: 'trail',
        LifecycleConfiguration: { Rule: { ID: 'x', Status: 'Enabled', Expiration: { Date: '2024-01-01T00:00:00Z' } } },
      },
    ],
  ],
  [
    'flow logs deleted',
    ['ec2', 'DeleteFlowLogs', { DeleteFlowLogsRequest: { FlowLogId: { content: 'fl-1', tag: 1 } } }],
  ],
  ['DNS logs deleted', ['route53resolver', 'DeleteResolverQueryLogConfig', { resolverQueryLogConfigId: 'rqlc-1' }]],
  ['DNS logs cut off', ['route53resolver', 'DisassociateResolverQueryLogConfig', { resourceId: 'vpc-1' }]],
  ['GuardDuty deleted', ['guardduty', 'DeleteDetector', { detectorId: 'x' }]],
  ['GuardDuty off', ['guardduty', 'UpdateDetector', { detectorId: 'x', enable: false }]],
  ['GuardDuty archives by filter', ['guardduty', 'CreateFilter', { detectorId: 'x', action: 'ARCHIVE' }]],
  ['GuardDuty trusts addresses', ['guardduty', 'CreateIPSet', { detectorId: 'x', activate: true }]],
  ['GuardDuty leaves its administrator', ['guardduty', 'DisassociateFromAdministratorAccount', { detectorId: 'x' }]],
  ['Config stopped', ['config', 'StopConfigurationRecorder', { configurationRecorderName: 'default' }]],
  [
    'Config recorder and channel deleted',
    ['config', 'DeleteDeliveryChannel', { deliveryChannelName: 'default' }],
    ['config', 'DeleteConfigurationRecorder', { configurationRecorderName: 'default' }],
  ],
  [
    'Config rules deleted',
    ...each(3, (index): Step => ['config', 'DeleteConfigRule', { configRuleName: `rule-${index}` }]),
  ],
  ['Security Hub off', ['securityhub', 'DisableSecurityHub']],
  ['Security Hub standards off', ['securityhub', 'BatchDisableStandards', { StandardsSubscriptionArns: ['a', 'b'] }]],
  ['Macie off', ['macie2', 'DisableMacie']],
  ['Inspector off', ['inspector2', 'Disable', { resourceTypes: ['EC2', 'ECR'] }]],
  ['web firewall gone', ['wafv2', 'DeleteWebACL', { name: 'edge' }]],
  [
    'web firewall log gone',
    ['wafv2', 'DeleteLoggingConfiguration', { resourceArn: 'x' }],
    ['wafv2', 'DisassociateWebACL', { resourceArn: 'y' }],
  ],
  ['account leaves its organisation', ['organizations', 'LeaveOrganization']],
  ['account leaves its organisation, refused', ['organizations', 'LeaveOrganization', {}, denied]],
  ['policy over accounts detached', ['organizations', 'DetachPolicy', { policyId: 'p-1', targetId: account }]],
  [
    'load balancer log off',
    [
      'elasticloadbalancing',
      'ModifyLoadBalancerAttributes',
      { loadBalancerArn: 'x', attributes: [{ key: 'access_logs.s3.enabled', value: 'false' }] },
    ],
    ['logs', 'DeleteLogGroup', { logGroupName: '/aws/waf' }],
  ],
  [
    'model use no longer logged',
    ['bedrock', 'DeleteModelInvocationLoggingConfiguration'],
    ['bedrock', 'InvokeModel', { modelId: 'anthropic.claude-v2' }],
  ],
  [
    'alarms silenced and logs gone',
    ['monitoring', 'DeleteAlarms', { alarmNames: ['root-use'] }],
    ['logs', 'DeleteLogGroup', { logGroupName: 'trail' }],
    ['logs', 'DeleteSubscriptionFilter', { logGroupName: 'trail' }],
  ],
];

/** Data taken out or opened to others. */
export const exfiltration: Technique[] = [
  [
    'disk copy to another account',
    [
      'ec2',
      'ModifySnapshotAttribute',
      {
        snapshotId: 'snap-1',
        attributeType: 'CREATE_VOLUME_PERMISSION',
        createVolumePermission: { add: { items: [{ userId: outside }] } },
      },
    ],
  ],
  [
    'disk copy to everybody',
    [
      'ec2',
      'ModifySnapshotAttribute',
      {
        snapshotId: 'snap-1',
        attributeType: 'CREATE_VOLUME_PERMISSION',
        createVolumePermission: { add: { items: [{ group: 'all' }] } },
      },
    ],
  ],
  [
    'image to another account',
    [
      'ec2',
      'ModifyImageAttribute',
      {
        imageId: 'ami-1',
        attributeType: 'launchPermission',
        launchPermission: { add: { items: [{ userId: outside }] } },
      },
    ],
  ],
  [
    'database copy to another account',
    [
      'rds',
      'ModifyDBSnapshotAttribute',
      { dBSnapshotIdentifier: 'x', attributeName: 'restore', valuesToAdd: [outside] },
    ],
  ],
  [
    'cluster copy to everybody',
    [
      'rds',
      'ModifyDBClusterSnapshotAttribute',
      { dBClusterSnapshotIdentifier: 'x', attributeName: 'restore', valuesToAdd: ['all'] },
    ],
  ],
  [
    'warehouse copy to another account',
    ['redshift', 'AuthorizeSnapshotAccess', { snapshotIdentifier: 's', accountWithRestoreAccess: outside }],
  ],
  ['database copy exported', ['rds', 'StartExportTask', { exportTaskIdentifier: 'x', s3BucketName: 'b' }]],
  [
    'table exported',
    ['dynamodb', 'ExportTableToPointInTime', { tableArn: 'x', s3Bucket: 'elsewhere', s3BucketOwner: outside }],
  ],
  [
    'bucket to another account',
    ['s3', 'PutBucketPolicy', { bucketName: 'data', bucketPolicy: JSON.parse(outsidePolicy) }],
  ],
  [
    'bucket to everybody',
    ['s3', 'DeletePublicAccessBlock', { bucketName: 'data' }],
    ['s3', 'PutBucketPolicy', { bucketName: 'data', bucketPolicy: JSON.parse(world) }],
  ],
  [
    'bucket to a user elsewhere',
    [
      's3',
      'PutBucketPolicy',
      {
        bucketName: 'data',
        bucketPolicy: JSON.parse(policyFor({ AWS: [`arn:aws:iam::${outside}:user/x`] }, 's3:GetObject')),
      },
    ],
  ],
  ['bucket readable by its list of rights', ['s3', 'PutBucketAcl', { bucketName: 'data', 'x-amz-acl': 'public-read' }]],
  [
    'bucket copied on to another account',
    [
      's3',
      'PutBucketReplication',
      {
        bucketName: 'data',
        ReplicationConfiguration: {
          Role: 'r',
          Rule: { Status: 'Enabled', Destination: { Bucket: 'arn:aws:s3:::elsewhere', Account: outside } },
        },
      },
    ],
  ],
  ['access point for another account', ['s3', 'PutAccessPointPolicy', { name: 'ap', policy: outsidePolicy }]],
  ['queue to everybody', ['sqs', 'SetQueueAttributes', { queueUrl: 'q', attributes: { Policy: world } }]],
  [
    'queue to another account by permission',
    ['sqs', 'AddPermission', { queueUrl: 'q', label: 'x', aWSAccountIds: [outside], actions: ['ReceiveMessage'] }],
  ],
  [
    'topic to everybody',
    ['sns', 'SetTopicAttributes', { topicArn: 't', attributeName: 'Policy', attributeValue: world }],
  ],
  [
    'topic to another account by permission',
    ['sns', 'AddPermission', { topicArn: 't', label: 'x', aWSAccountId: [outside], actionName: ['Subscribe'] }],
  ],
  ['image store to everybody', ['ecr', 'SetRepositoryPolicy', { repositoryName: 'r', policyText: world }]],
  [
    'function to everybody',
    ['lambda', 'AddPermission20150331v2', { functionName: 'f', principal: '*', action: 'lambda:InvokeFunction' }],
  ],
  [
    'function to another account',
    ['lambda', 'AddPermission20150331v2', { functionName: 'f', principal: outside, action: 'lambda:InvokeFunction' }],
  ],
  ['function at an open address', ['lambda', 'CreateFunctionUrlConfig', { functionName: 'f', authType: 'NONE' }]],
  ['function address opened', ['lambda', 'UpdateFunctionUrlConfig', { functionName: 'f', authType: 'NONE' }]],
  ['layer to everybody', ['lambda', 'AddLayerVersionPermission20181031', { layerName: 'l', principal: '*' }]],
  ['key to another account', ['kms', 'PutKeyPolicy', { keyId: 'k', policy: outsidePolicy }]],
  [
    'key lent to another account',
    ['kms', 'CreateGrant', { keyId: 'k', granteePrincipal: outsideArn, operations: ['Decrypt'] }],
  ],
  [
    'secret to another account',
    ['secretsmanager', 'PutResourcePolicy', { secretId: 's', resourcePolicy: outsidePolicy }],
  ],
  ['file system to everybody', ['elasticfilesystem', 'PutFileSystemPolicy', { fileSystemId: 'fs-1', policy: world }]],
  [
    'backups to another account',
    ['backup', 'PutBackupVaultAccessPolicy', { backupVaultName: 'v', policy: outsidePolicy }],
  ],
  ['search domain to everybody', ['es', 'UpdateDomainConfig', { domainName: 'd', accessPolicies: world }]],
  [
    'shared with another account by RAM',
    [
      'ram',
      'CreateResourceShare',
      { name: 's', allowExternalPrincipals: true, principals: [outside], resourceArns: ['x'] },
    ],
  ],
  [
    'share given to another account later',
    ['ram', 'AssociateResourceShare', { resourceShareArn: 's', principals: [outside] }],
  ],
  ['catalogue to another account', ['glue', 'PutResourcePolicy', { policyInJson: outsidePolicy }]],
  [
    'event bus to everybody',
    ['events', 'PutPermission', { principal: '*', action: 'events:PutEvents', statementId: 'x' }],
    ['events', 'PutRule', { name: 'all' }],
  ],
  ['stream to another account', ['kinesis', 'PutResourcePolicy', { resourceARN: 'x', policy: outsidePolicy }]],
  ['table to another account', ['dynamodb', 'PutResourcePolicy', { resourceArn: 'x', policy: outsidePolicy }]],
  ['log destination to everybody', ['logs', 'PutDestinationPolicy', { destinationName: 'd', accessPolicy: world }]],
  [
    'disks read block by block',
    ...each(4, (index): Step => ['ebs', 'GetSnapshotBlock', { snapshotId: 'snap-1', blockIndex: index }]),
  ],
  [
    'traffic copied',
    ['ec2', 'CreateTrafficMirrorTarget', { networkLoadBalancerArn: 'x' }],
    ['ec2', 'CreateTrafficMirrorFilter'],
    ['ec2', 'CreateTrafficMirrorSession', { networkInterfaceId: 'eni-1' }],
  ],
  [
    'database restored where everybody reaches it',
    [
      'rds',
      'RestoreDBInstanceFromDBSnapshot',
      { dBInstanceIdentifier: 'x', dBSnapshotIdentifier: 's', publiclyAccessible: true },
    ],
  ],
  [
    'database given another password and opened',
    ['rds', 'ModifyDBInstance', { dBInstanceIdentifier: 'x', masterUserPassword: '****', publiclyAccessible: true }],
  ],
  ['machine exported', ['ec2', 'CreateInstanceExportTask', { instanceId: 'i-1', exportToS3: { s3Bucket: 'x' } }]],
  [
    'port 22 for the world',
    [
      'ec2',
      'AuthorizeSecurityGroupIngress',
      {
        groupId: 'sg-1',
        ipPermissions: {
          items: [{ ipProtocol: 'tcp', fromPort: 22, toPort: 22, ipRanges: { items: [{ cidrIp: '0.0.0.0/0' }] } }],
        },
      },
    ],
  ],
  [
    'all ports for the world by version 6',
    [
      'ec2',
      'AuthorizeSecurityGroupIngress',
      {
        groupId: 'sg-1',
        ipPermissions: { items: [{ ipProtocol: '-1', ipRanges: {}, ipv6Ranges: { items: [{ cidrIpv6: '::/0' }] } }] },
      },
    ],
  ],
  [
    'remote desktop for the world by changed rule',
    [
      'ec2',
      'ModifySecurityGroupRules',
      {
        ModifySecurityGroupRulesRequest: {
          GroupId: 'sg-1',
          SecurityGroupRule: {
            SecurityGroupRuleId: 'sgr-1',
            SecurityGroupRule: { IpProtocol: 'tcp', FromPort: 3389, ToPort: 3389, CidrIpv4: '0.0.0.0/0' },
          },
        },
      },
    ],
  ],
];

/** Secrets and machines. */
export const access: Technique[] = [
  [
    'secret after secret',
    ['secretsmanager', 'ListSecrets'],
    ...each(14, (index): Step => ['secretsmanager', 'GetSecretValue', { secretId: `app/${index}` }]),
  ],
  [
    'secrets written before by the same user, then listed and read',
    ...each(12, (index): Step => ['secretsmanager', 'CreateSecret', { name: `app/${index}` }]),
    ['secretsmanager', 'ListSecrets'],
    ...each(12, (index): Step => ['secretsmanager', 'GetSecretValue', { secretId: `app/${index}` }]),
  ],
  [
    'secrets in bulk',
    ['secretsmanager', 'BatchGetSecretValue', { filters: [{ key: 'tag-key', values: ['env'] }], maxResults: 20 }],
  ],
  [
    'secrets in bulk by names',
    ['secretsmanager', 'BatchGetSecretValue', { secretIdList: ['a', 'b', 'c', 'd', 'e', 'f'] }],
  ],
  [
    'parameters in bulk',
    ['ssm', 'DescribeParameters'],
    ...each(
      4,
      (index): Step => [
        'ssm',
        'GetParameters',
        {
          names: each(10, (n) => [`p${index}-${n}`, ''] as unknown as Step).map(([name]) => name),
          withDecryption: true,
        },
      ],
    ),
  ],
  [
    'parameters by path, decrypted',
    ...each(
      6,
      (index): Step => ['ssm', 'GetParametersByPath', { path: `/app${index}`, recursive: true, withDecryption: true }],
    ),
  ],
  [
    'passwords of machines',
    ['sts', 'AssumeRole', { roleArn: 'r' }],
    ...each(
      20,
      (index): Step => [
        'ec2',
        'GetPasswordData',
        { instanceId: hex(index) },
        { error_code: 'Client.UnauthorizedOperation' },
      ],
    ),
  ],
  [
    'start scripts of machines',
    ...each(
      12,
      (index): Step => ['ec2', 'DescribeInstanceAttribute', { instanceId: hex(index), attribute: 'userData' }],
    ),
  ],
  [
    'commands on all machines',
    ['ssm', 'DescribeInstanceInformation'],
    ['ssm', 'SendCommand', { documentName: 'AWS-RunShellScript', instanceIds: [hex(1), hex(2), hex(3)] }],
    ['ssm', 'GetCommandInvocation', {}],
  ],
  [
    'commands by tag',
    [
      'ssm',
      'SendCommand',
      { documentName: 'AWS-RunPowerShellScript', targets: [{ key: 'tag:env', values: ['prod'] }] },
    ],
  ],
  [
    'command kept on machines',
    ['ssm', 'CreateAssociation', { name: 'AWS-RunShellScript', targets: [{ key: 'InstanceIds', values: ['*'] }] }],
  ],
  [
    'shells on machines',
    ...each(3, (index): Step => ['ssm', 'StartSession', { target: hex(index) }]),
    ['ssm', 'TerminateSession', {}],
  ],
  [
    'login keys on machines',
    ...each(
      3,
      (index): Step => ['ec2-instance-connect', 'SendSSHPublicKey', { instanceId: hex(index), instanceOSUser: 'root' }],
    ),
  ],
  [
    'serial console',
    ['ec2', 'EnableSerialConsoleAccess'],
    ['ec2-instance-connect', 'SendSerialConsoleSSHPublicKey', { instanceId: hex(1) }],
  ],
  [
    'serial console, already on',
    ['ec2-instance-connect', 'SendSerialConsoleSSHPublicKey', { instanceId: hex(1), serialPort: 0 }],
  ],
  [
    'start script replaced',
    ['ec2', 'StopInstances', { instancesSet: { items: [{ instanceId: hex(1) }] } }],
    ['ec2', 'ModifyInstanceAttribute', { instanceId: hex(1), userData: '<sensitiveDataRemoved>' }],
    ['ec2', 'StartInstances', {}],
  ],
  [
    "machine's keys used elsewhere",
    ['sts', 'GetCallerIdentity', {}, machine],
    ['ec2', 'RunInstances', { instanceType: 't3.micro' }, { ...machine, source_ip: '203.0.113.5' }],
    ['iam', 'CreateUser', { userName: 'x' }, { ...machine, source_ip: '198.51.100.7' }],
  ],
  [
    'machine looks around',
    ['iam', 'GetAccountAuthorizationDetails', {}, machine],
    ['sts', 'GetCallerIdentity', {}, machine],
    ['iam', 'ListUsers', {}, machine],
    ['iam', 'ListRoles', {}, machine],
    ['s3', 'ListBuckets', {}, machine],
    ['ec2', 'DescribeSnapshots', {}, machine],
    ['cloudtrail', 'DescribeTrails', {}, machine],
    ['guardduty', 'ListDetectors', {}, machine],
  ],
  [
    'machine looks around, nothing handed out',
    ['iam', 'GetAccountSummary', {}, machine],
    ['sts', 'GetCallerIdentity', {}, machine],
    ['iam', 'ListUsers', {}, machine],
    ['iam', 'ListRoles', {}, { ...machine, ...denied }],
    ['s3', 'ListBuckets', {}, machine],
    ['ec2', 'DescribeSnapshots', {}, machine],
    ['cloudtrail', 'DescribeTrails', {}, machine],
  ],
  ['machine turned into a console session', ['signin', 'GetSigninToken', {}, machine]],
  ['code of a function replaced', ['lambda', 'UpdateFunctionCode20150331v2', { functionName: 'f', publish: false }]],
  [
    'layer of another account under a function',
    [
      'lambda',
      'UpdateFunctionConfiguration20150331v2',
      { functionName: 'f', layers: [`arn:aws:lambda:eu-west-1:${outside}:layer:x:1`] },
    ],
  ],
  [
    'start script of notebooks',
    ['sagemaker', 'StopNotebookInstance', { notebookInstanceName: 'n' }],
    [
      'sagemaker',
      'UpdateNotebookInstanceLifecycleConfig',
      { notebookInstanceLifecycleConfigName: 'c', onStart: [{ content: 'x' }] },
    ],
    ['sagemaker', 'StartNotebookInstance', { notebookInstanceName: 'n' }],
  ],
  [
    'shells in containers',
    ['ecs', 'ExecuteCommand', { cluster: 'c', task: 't', command: '/bin/sh', interactive: true }],
    ['ecs', 'ExecuteCommand', { cluster: 'c', task: 'u', command: '/bin/sh', interactive: true }],
  ],
  [
    'sign-in without second factor',
    [
      'signin',
      'ConsoleLogin',
      {},
      { response: { ConsoleLogin: 'Success' }, additional: { MFAUsed: 'No', MobileVersion: 'No' } },
    ],
  ],
  [
    'password guessed',
    ...each(
      8,
      (): Step => [
        'signin',
        'ConsoleLogin',
        {},
        { response: { ConsoleLogin: 'Failure' }, error_code: null, additional: { MFAUsed: 'No' } },
      ],
    ),
    ['signin', 'ConsoleLogin', {}, { response: { ConsoleLogin: 'Success' }, additional: { MFAUsed: 'No' } }],
  ],
  [
    'roles tried',
    ...each(8, (index): Step => ['sts', 'AssumeRole', { roleArn: `arn:aws:iam::${account}:role/r${index}` }, denied]),
  ],
];

/** What is stolen, broken or paid for. */
export const impact: Technique[] = [
  [
    'objects deleted in bulk, note left',
    ['s3', 'ListObjectVersions', { bucketName: 'data' }],
    ['s3', 'DeleteObjects', { bucketName: 'data', delete: '' }],
    ['s3', 'PutObject', { bucketName: 'data', key: 'FILES-DELETED.txt' }],
  ],
  [
    'objects deleted one by one',
    ...each(40, (index): Step => ['s3', 'DeleteObject', { bucketName: 'data', key: `k${index}` }]),
    ['s3', 'PutObject', { bucketName: 'data', key: 'note.txt' }],
  ],
  [
    "objects encrypted with a key of one's own",
    ...each(
      6,
      (index): Step => [
        's3',
        'PutObject',
        { bucketName: 'data', key: `k${index}`, 'x-amz-server-side-encryption-customer-algorithm': 'AES256' },
        { additional: { SSEApplied: 'SSE_C' } },
      ],
    ),
    ['s3', 'PutObject', { bucketName: 'data', key: 'note.txt' }],
  ],
  [
    "objects copied onto themselves with a key of one's own",
    ...each(
      6,
      (index): Step => [
        's3',
        'CopyObject',
        { bucketName: 'data', key: `k${index}`, 'x-amz-server-side-encryption-customer-algorithm': 'AES256' },
      ],
    ),
  ],
  [
    'versions off, then emptied',
    ['s3', 'PutBucketVersioning', { bucketName: 'data', VersioningConfiguration: { Status: 'Suspended' } }],
    ['s3', 'DeleteObjects', { bucketName: 'data' }],
    ['s3', 'DeleteObjects', { bucketName: 'data' }],
  ],
  [
    'databases and backups gone',
    ['rds', 'DeleteDBInstance', { dBInstanceIdentifier: 'prod', skipFinalSnapshot: true }],
    ['rds', 'DeleteDBSnapshot', { dBSnapshotIdentifier: 's' }],
    ['backup', 'DeleteRecoveryPoint', { recoveryPointArn: 'x' }],
    ['backup', 'DeleteBackupVault', { backupVaultName: 'v' }],
  ],
  [
    'disk copies deleted by the dozen',
    ...each(14, (index): Step => ['ec2', 'DeleteSnapshot', { snapshotId: `snap-${index}` }]),
  ],
  [
    'graphics machines',
    ['ec2', 'RunInstances', { instanceType: 'p3.16xlarge', instancesSet: { items: [{ minCount: 1, maxCount: 10 }] } }],
  ],
  [
    'graphics machines, refused',
    ['sts', 'AssumeRole', { roleArn: 'r' }],
    [
      'ec2',
      'RunInstances',
      { instanceType: 'p2.xlarge', instancesSet: { items: [{ minCount: 10, maxCount: 10 }] } },
      { error_code: 'Client.UnauthorizedOperation' },
    ],
  ],
  [
    'graphics machines beyond the limit',
    [
      'ec2',
      'RunInstances',
      { instanceType: 'g5.48xlarge', instancesSet: { items: [{ minCount: 1, maxCount: 1 }] } },
      { error_code: 'Client.VcpuLimitExceeded' },
    ],
  ],
  [
    'many tasks for mining',
    ['ecs', 'CreateCluster', { clusterName: 'x' }],
    ['ecs', 'RegisterTaskDefinition', { family: 'x', cpu: '16384' }],
    ['ecs', 'CreateService', { cluster: 'x', desiredCount: 50, launchType: 'FARGATE' }],
  ],
  [
    'models unlocked and used',
    ['bedrock', 'PutUseCaseForModelAccess'],
    ['bedrock', 'ListFoundationModelAgreementOffers'],
    ['bedrock', 'CreateFoundationModelAgreement'],
    ['bedrock', 'PutFoundationModelEntitlement'],
    ['bedrock', 'InvokeModel', { modelId: 'anthropic.claude-v2' }],
  ],
  ['models used by hand', ['bedrock', 'InvokeModel', { modelId: 'anthropic.claude-v2' }]],
  [
    'models asked for and used',
    ['bedrock', 'ListFoundationModels'],
    ['bedrock', 'GetModelInvocationLoggingConfiguration'],
    ['bedrock', 'InvokeModelWithResponseStream', { modelId: 'x' }],
  ],
  [
    'models probed',
    ['bedrock', 'InvokeModel', { modelId: 'anthropic.claude-v2' }, { error_code: 'ValidationException' }],
    ['bedrock', 'GetFoundationModelAvailability', {}],
  ],
  [
    'mail: what can be sent',
    ['ses', 'GetAccountSendingEnabled'],
    ['ses', 'GetSendQuota'],
    ['ses', 'ListIdentities'],
    ['ses', 'GetIdentityVerificationAttributes'],
  ],
  [
    'mail: what can be sent, newer interface',
    ['ses', 'GetAccount'],
    ['ses', 'ListIdentities'],
    ['ses', 'GetSendStatistics'],
    ['sts', 'GetCallerIdentity'],
  ],
  [
    'domain unlocked and moved',
    ['route53domains', 'DisableDomainTransferLock', { domainName: 'example.com' }],
    ['route53domains', 'TransferDomainToAnotherAwsAccount', { domainName: 'example.com', accountId: outside }],
  ],
];

const nowhere = (code: string) => ({ error_code: code });

/** Recording stopped and commands run where there is nothing: scripts try what they know. */
export const inVain: Technique[] = [
  [
    'a trail that is not there stopped',
    ['cloudtrail', 'StopLogging', { name: 'x' }, nowhere('TrailNotFoundException')],
  ],
  [
    'a trail that is not there deleted',
    ['cloudtrail', 'DeleteTrail', { name: 'x' }, nowhere('TrailNotFoundException')],
  ],
  [
    'a command for a machine that is not there',
    ['ssm', 'SendCommand', { documentName: 'AWS-RunShellScript', instanceIds: ['i-1'] }, nowhere('InvalidInstanceId')],
  ],
];

export const hostileTechniques = { escalation, blinding, exfiltration, access, impact, inVain };

/**
 * What attackers do and people do at work alike: the call alone cannot tell. Nothing of it may be closed; that it is called an
 * attack at once is not asked.
 */
export const eitherWay: Technique[] = [
  [
    'everything allowed with a service',
    ['iam', 'AttachUserPolicy', { userName: 'bob', policyArn: 'arn:aws:iam::aws:policy/AmazonS3FullAccess' }],
  ],
  [
    'policy whose text nobody shows',
    ['iam', 'AttachRolePolicy', { roleName: 'r', policyArn: `arn:aws:iam::${account}:policy/x` }],
  ],
  ['session without a second factor', ['sts', 'GetSessionToken', {}]],
  ['another key for oneself', ['iam', 'CreateAccessKey', { userName: 'eve' }]],
  [
    'roles of many accounts',
    ...each(4, (index): Step => ['sso', 'GetRoleCredentials', { accountId: `11111111111${index}`, roleName: 'r' }]),
  ],
  ['three secrets read', ...each(3, (index): Step => ['secretsmanager', 'GetSecretValue', { secretId: `s${index}` }])],
  ['user into a group', ['iam', 'AddUserToGroup', { userName: 'bob', groupName: 'g' }]],
  [
    'identity provider metadata replaced',
    ['iam', 'UpdateSAMLProvider', { sAMLProviderArn: `arn:aws:iam::${account}:saml-provider/corp` }],
  ],
  [
    'Cognito: password of another user',
    ['cognito-idp', 'AdminSetUserPassword', { userPoolId: 'p', username: 'admin', permanent: true }],
    ['cognito-idp', 'AdminAddUserToGroup', { userPoolId: 'p', username: 'admin', groupName: 'admins' }],
  ],
  ['trail to a bucket elsewhere', ['cloudtrail', 'UpdateTrail', { name: 'main', s3BucketName: 'elsewhere' }]],
  [
    'log groups deleted',
    ...each(3, (index): Step => ['logs', 'DeleteLogGroup', { logGroupName: `/aws/lambda/${index}` }]),
  ],
  [
    'image to an organisation',
    [
      'ec2',
      'ModifyImageAttribute',
      {
        imageId: 'ami-1',
        attributeType: 'launchPermission',
        launchPermission: {
          add: { items: [{ organizationArn: 'arn:aws:organizations::999988887777:organization/o-aaaaaaaaaa' }] },
        },
      },
    ],
  ],
  [
    'logs delivered to another account',
    [
      'logs',
      'PutSubscriptionFilter',
      { logGroupName: 'g', destinationArn: `arn:aws:logs:eu-west-1:${outside}:destination:d` },
    ],
  ],
  [
    'network joined with another account',
    ['ec2', 'CreateVpcPeeringConnection', { vpcId: 'vpc-1', peerVpcId: 'vpc-2', peerOwnerId: outside }],
    ['ec2', 'CreateRoute', { routeTableId: 'r', destinationCidrBlock: '10.9.0.0/16', vpcPeeringConnectionId: 'pcx-1' }],
  ],
  [
    "build with commands of one's own",
    [
      'codebuild',
      'StartBuild',
      {
        projectName: 'p',
        buildspecOverride: 'version: 0.2',
        environmentVariablesOverride: [{ name: 'X', value: 'y' }],
      },
    ],
    ['codebuild', 'BatchGetBuilds', {}],
  ],
  [
    'everything tried',
    ...each(
      25,
      (index): Step => [
        ['s3', 'ec2', 'iam', 'rds', 'lambda'][index % 5] ?? 's3',
        [
          'ListBuckets',
          'DescribeInstances',
          'ListUsers',
          'DescribeDBInstances',
          'ListFunctions20150331',
          'GetAccountSummary',
          'ListRoles',
        ][index % 7] ?? 'ListBuckets',
        {},
        denied,
      ],
    ),
  ],
  [
    'keys scheduled for deletion',
    ...each(2, (index): Step => ['kms', 'ScheduleKeyDeletion', { keyId: `k${index}`, pendingWindowInDays: 7 }]),
  ],
  [
    'mail: limit raised and sent',
    ['ses', 'GetSendQuota'],
    ['ses', 'PutAccountDetails', { productionAccessEnabled: true }],
    ['ses', 'VerifyDomainIdentity', { domain: 'x.example' }],
    ['ses', 'UpdateAccountSendingEnabled', { enabled: true }],
  ],
  [
    'mail sent in bulk',
    ['sns', 'GetSMSAttributes'],
    ['sns', 'SetSMSAttributes', { attributes: { MonthlySpendLimit: '1000' } }],
    ...each(10, (index): Step => ['sns', 'Publish', { phoneNumber: `+1555${index}` }]),
  ],
];
