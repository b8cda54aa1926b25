import { account } from '../cloud-rows';
import { denied, each, outside, policyFor, rights, type Step, type Technique, trustOf } from './technique';

const ownRoot = `arn:aws:iam::${account}:root`;
const ownPolicy = policyFor({ AWS: ownRoot });
const inOrganisation = policyFor('*', '*', { StringEquals: { 'aws:PrincipalOrgID': 'o-aaaaaaaaaa' } });
const service = (name: string) => trustOf({ Service: `${name}.amazonaws.com` });
const role = {
  actor_type: 'AssumedRole',
  actor_arn: `arn:aws:sts::${account}:assumed-role/deploy/run-1`,
  issuer_arn: `arn:aws:iam::${account}:role/deploy`,
  actor_name: null,
};
const missing = (code: string) => ({ error_code: code });
const signIn: Step = [
  'signin',
  'ConsoleLogin',
  {},
  { response: { ConsoleLogin: 'Success' }, additional: { MFAUsed: 'Yes' } },
];

/** The same services, with parameters that close, protect, or stay within the account. */
export const harmlessParameters: Technique[] = [
  [
    'new policy version, narrow',
    [
      'iam',
      'CreatePolicyVersion',
      { policyArn: 'p', policyDocument: rights('s3:GetObject', 'arn:aws:s3:::b/*'), setAsDefault: true },
    ],
  ],
  [
    'read-only policy attached',
    ['iam', 'AttachRolePolicy', { roleName: 'audit', policyArn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' }],
  ],
  [
    'policy of AWS for one task attached',
    ['iam', 'AttachRolePolicy', { roleName: 'r', policyArn: 'arn:aws:iam::aws:policy/CloudWatchAgentServerPolicy' }],
    ['iam', 'AttachGroupPolicy', { groupName: 'g', policyArn: 'arn:aws:iam::aws:policy/job-function/Billing' }],
  ],
  [
    'session with a second factor',
    ['sts', 'GetSessionToken', { serialNumber: 'arn:aws:iam::111122223333:mfa/eve', durationSeconds: 3600 }],
  ],
  [
    'role of the identity centre for the command line',
    ['sso', 'GetRoleCredentials', { accountId: account, roleName: 'ViewOnlyAccess' }],
  ],
  [
    'shell of the console opened',
    ['cloudshell', 'CreateEnvironment'],
    ['cloudshell', 'PutCredentials'],
    ['cloudshell', 'CreateSession'],
  ],
  ['two secrets read at once', ['secretsmanager', 'BatchGetSecretValue', { secretIdList: ['a', 'b'] }]],
  ['visitors of an application', ['cognito-identity', 'GetId'], ['cognito-identity', 'GetCredentialsForIdentity', {}]],
  ['pool of users made', ['cognito-idp', 'CreateUserPool', {}], ['cognito-idp', 'CreateUserPoolClient', {}]],
  ['own password changed', ['iam', 'ChangePassword']],
  [
    'own key rotated',
    ['iam', 'CreateAccessKey', { userName: 'eve' }, { response: { accessKey: { accessKeyId: 'AKIA2' } } }],
    ['iam', 'UpdateAccessKey', { userName: 'eve', accessKeyId: 'AKIA1', status: 'Inactive' }],
    ['iam', 'DeleteAccessKey', { userName: 'eve', accessKeyId: 'AKIA1' }],
  ],
  [
    'own second factor set up',
    ['iam', 'CreateVirtualMFADevice', { virtualMFADeviceName: 'eve' }],
    ['iam', 'EnableMFADevice', { userName: 'eve', serialNumber: 'x' }],
  ],
  ['own second factor synchronised', ['iam', 'ResyncMFADevice', { userName: 'eve', serialNumber: 'x' }]],
  ['password rules set', ['iam', 'UpdateAccountPasswordPolicy', { minimumPasswordLength: 16 }]],
  [
    'user removed',
    ['iam', 'RemoveUserFromGroup', { userName: 'old', groupName: 'dev' }],
    ['iam', 'DeleteLoginProfile', { userName: 'old' }],
    ['iam', 'DeleteAccessKey', { userName: 'old', accessKeyId: 'A' }],
    ['iam', 'DetachUserPolicy', { userName: 'old', policyArn: 'p' }],
    ['iam', 'DeleteUserPolicy', { userName: 'old', policyName: 'p' }],
    ['iam', 'DeleteUser', { userName: 'old' }],
  ],
  [
    'group cleared away',
    ['iam', 'DetachGroupPolicy', { groupName: 'g', policyArn: 'p' }],
    ['iam', 'DeleteGroupPolicy', { groupName: 'g', policyName: 'p' }],
    ['iam', 'DeleteGroup', { groupName: 'g' }],
  ],
  ['key switched off', ['iam', 'UpdateAccessKey', { userName: 'bob', accessKeyId: 'A', status: 'Inactive' }]],
  [
    'user and role tagged',
    ['iam', 'TagUser', { userName: 'bob' }],
    ['iam', 'UntagUser', { userName: 'bob' }],
    ['iam', 'TagRole', { roleName: 'r' }],
    ['iam', 'TagPolicy', { policyArn: 'p' }],
  ],
  [
    'role described and lengthened',
    ['iam', 'UpdateRole', { roleName: 'r', description: 'x', maxSessionDuration: 3600 }],
    ['iam', 'UpdateRoleDescription', { roleName: 'r' }],
  ],
  [
    'identity provider removed',
    ['iam', 'DeleteSAMLProvider', { sAMLProviderArn: 'x' }],
    ['iam', 'DeleteOpenIDConnectProvider', { openIDConnectProviderArn: 'x' }],
  ],
  [
    'boundary set',
    [
      'iam',
      'PutRolePermissionsBoundary',
      { roleName: 'r', permissionsBoundary: 'arn:aws:iam::111122223333:policy/limit' },
    ],
  ],
  [
    'role for a service',
    ['iam', 'CreateRole', { roleName: 'lambda-x', assumeRolePolicyDocument: service('lambda') }],
    [
      'iam',
      'AttachRolePolicy',
      { roleName: 'lambda-x', policyArn: 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole' },
    ],
  ],
  [
    'role within the account',
    ['iam', 'UpdateAssumeRolePolicy', { roleName: 'r', policyDocument: trustOf({ AWS: ownRoot }) }],
  ],
  [
    'access reports',
    ['iam', 'GenerateCredentialReport'],
    ['iam', 'GenerateServiceLastAccessedDetails', {}],
    ['iam', 'SimulatePrincipalPolicy', {}],
  ],
  [
    'new user without rights',
    ['iam', 'CreateUser', { userName: 'new' }],
    ['iam', 'CreateLoginProfile', { userName: 'new', passwordResetRequired: true }],
    ['iam', 'AttachUserPolicy', { userName: 'new', policyArn: 'arn:aws:iam::aws:policy/IAMUserChangePassword' }],
  ],
  [
    'identity centre: person added',
    ['identitystore', 'CreateUser', { userName: 'x' }],
    ['identitystore', 'UpdateUser', { userId: 'x' }],
  ],
  [
    'identity centre: people sign in',
    ['sso', 'Authenticate'],
    ['sso', 'Federate', { roleName: 'ViewOnlyAccess' }],
    ['sso', 'ListApplications'],
  ],
  [
    'people sign in to an application',
    ['cognito-idp', 'InitiateAuth'],
    ['cognito-idp', 'RespondToAuthChallenge'],
    ['cognito-idp', 'GlobalSignOut'],
  ],
  ['message of a refusal decoded', ['sts', 'DecodeAuthorizationMessage']],
  [
    'trail made',
    ['cloudtrail', 'CreateTrail', { name: 't', isMultiRegionTrail: true }],
    ['cloudtrail', 'StartLogging', { name: 't' }],
    ['cloudtrail', 'AddTags', {}],
  ],
  [
    'trail widened',
    ['cloudtrail', 'UpdateTrail', { name: 't', isMultiRegionTrail: true, enableLogFileValidation: true }],
  ],
  [
    'trail records everything',
    [
      'cloudtrail',
      'PutEventSelectors',
      { trailName: 't', eventSelectors: [{ readWriteType: 'All', includeManagementEvents: true }] },
    ],
  ],
  [
    'trail records everything, advanced',
    [
      'cloudtrail',
      'PutEventSelectors',
      {
        trailName: 't',
        advancedEventSelectors: [
          { fieldSelectors: [{ field: 'eventCategory', equals: ['Management'] }] },
          {
            fieldSelectors: [
              { field: 'eventCategory', equals: ['Data'] },
              { field: 'resources.type', equals: ['AWS::S3::Object'] },
            ],
          },
        ],
      },
    ],
  ],
  [
    'audit log asked',
    ['cloudtrail', 'StartQuery', { queryStatement: 'SELECT 1' }],
    ['cloudtrail', 'CancelQuery', {}],
    ['cloudtrail', 'LookupEvents', {}],
  ],
  ['event data store made', ['cloudtrail', 'CreateEventDataStore', { name: 'x' }]],
  ['flow logs made', ['ec2', 'CreateFlowLogs', {}]],
  [
    'DNS logs made',
    ['route53resolver', 'CreateResolverQueryLogConfig', { name: 'x' }],
    ['route53resolver', 'AssociateResolverQueryLogConfig', {}],
  ],
  [
    'GuardDuty made and kept on',
    ['guardduty', 'CreateDetector', { enable: true }],
    ['guardduty', 'UpdateDetector', { detectorId: 'x', enable: true }],
    ['guardduty', 'CreateSampleFindings', {}],
    ['guardduty', 'CreateThreatIntelSet', {}],
  ],
  ['GuardDuty finding put back', ['guardduty', 'UnarchiveFindings', {}], ['guardduty', 'UpdateFindingsFeedback', {}]],
  [
    'Config set up',
    ['config', 'PutConfigurationRecorder', {}],
    ['config', 'PutDeliveryChannel', {}],
    ['config', 'StartConfigurationRecorder', {}],
    ['config', 'PutConfigRule', {}],
  ],
  ['Config evaluated', ['config', 'PutEvaluations', {}, role], ['config', 'StartConfigRulesEvaluation', {}]],
  ['Security Hub set up', ['securityhub', 'EnableSecurityHub', {}], ['securityhub', 'BatchEnableStandards', {}]],
  [
    'Security Hub findings worked on',
    ['securityhub', 'BatchUpdateFindings', {}],
    ['securityhub', 'BatchImportFindings', {}],
    ['securityhub', 'CreateInsight', {}],
  ],
  ['Macie set up', ['macie2', 'EnableMacie', {}], ['macie2', 'CreateClassificationJob', {}]],
  ['Inspector set up', ['inspector2', 'Enable', { resourceTypes: ['EC2'] }]],
  [
    'analyser made',
    ['access-analyzer', 'CreateAnalyzer', {}],
    ['access-analyzer', 'ValidatePolicy', {}],
    ['access-analyzer', 'StartResourceScan', {}],
  ],
  [
    'web firewall made',
    ['wafv2', 'CreateWebACL', {}],
    ['wafv2', 'PutLoggingConfiguration', {}],
    ['wafv2', 'AssociateWebACL', {}],
    ['wafv2', 'CreateIPSet', {}],
  ],
  [
    'organisation grows',
    ['organizations', 'CreateOrganizationalUnit', {}],
    ['organizations', 'TagResource', {}],
    ['organizations', 'AttachPolicy', {}],
    ['organizations', 'EnablePolicyType', {}],
  ],
  ['contact changed', ['account', 'PutAlternateContact', { alternateContactType: 'SECURITY' }]],
  [
    'key made and named',
    ['kms', 'CreateKey', {}],
    ['kms', 'CreateAlias', {}],
    ['kms', 'EnableKeyRotation', {}],
    ['kms', 'UpdateKeyDescription', {}],
    ['kms', 'TagResource', {}],
  ],
  [
    'key lent within the account',
    [
      'kms',
      'CreateGrant',
      { keyId: 'k', granteePrincipal: `arn:aws:iam::${account}:role/app`, operations: ['Decrypt'] },
    ],
  ],
  [
    'key lent to a service',
    ['kms', 'CreateGrant', { keyId: 'k', granteePrincipal: 'rds.eu-west-1.amazonaws.com', operations: ['Decrypt'] }],
  ],
  [
    'key used',
    ['kms', 'Sign', {}],
    ['kms', 'Verify', {}],
    ['kms', 'GenerateMac', {}],
    ['kms', 'GenerateDataKeyPairWithoutPlaintext', {}],
    ['kms', 'GenerateRandom', {}],
    ['kms', 'ReEncrypt', {}],
  ],
  ['grant given back', ['kms', 'RetireGrant', {}], ['kms', 'RevokeGrant', {}]],
  ['key policy within the account', ['kms', 'PutKeyPolicy', { keyId: 'k', policy: ownPolicy }]],
  ['deletion of a key called off', ['kms', 'CancelKeyDeletion', { keyId: 'k' }], ['kms', 'EnableKey', { keyId: 'k' }]],
  [
    'secret made, changed, rotated',
    ['secretsmanager', 'CreateSecret', { name: 's' }],
    ['secretsmanager', 'UpdateSecret', { secretId: 's' }],
    ['secretsmanager', 'RotateSecret', { secretId: 's' }],
    ['secretsmanager', 'TagResource', {}],
  ],
  ['one secret read', ['secretsmanager', 'GetSecretValue', { secretId: 'app/db' }]],
  ['one parameter read', ['ssm', 'GetParameter', { name: '/app/db', withDecryption: true }]],
  ['settings read', ...each(8, (index): Step => ['ssm', 'GetParametersByPath', { path: `/settings/${index}` }])],
  [
    'secret policy within the account',
    ['secretsmanager', 'PutResourcePolicy', { secretId: 's', resourcePolicy: ownPolicy }],
  ],
  ['secret policy removed', ['secretsmanager', 'DeleteResourcePolicy', { secretId: 's' }]],
  [
    'disk copy closed again',
    [
      'ec2',
      'ModifySnapshotAttribute',
      { snapshotId: 's', createVolumePermission: { remove: { items: [{ userId: outside }] } } },
    ],
  ],
  [
    'image closed again',
    ['ec2', 'ModifyImageAttribute', { imageId: 'i', launchPermission: { remove: { items: [{ group: 'all' }] } } }],
  ],
  [
    'image shared within the account',
    ['ec2', 'ModifyImageAttribute', { imageId: 'i', launchPermission: { add: { items: [{ userId: account }] } } }],
  ],
  ['image described', ['ec2', 'ModifyImageAttribute', { imageId: 'i', description: { value: 'x' } }]],
  [
    'database copy closed again',
    [
      'rds',
      'ModifyDBSnapshotAttribute',
      { dBSnapshotIdentifier: 'x', attributeName: 'restore', valuesToRemove: ['all'] },
    ],
  ],
  ['copies made', ['ec2', 'CreateSnapshot', {}], ['rds', 'CreateDBSnapshot', {}], ['ec2', 'CreateImage', {}]],
  [
    'database restored in private',
    ['rds', 'RestoreDBInstanceFromDBSnapshot', { dBInstanceIdentifier: 'x', publiclyAccessible: false }],
  ],
  ['database changed', ['rds', 'ModifyDBInstance', { dBInstanceIdentifier: 'x', allocatedStorage: 100 }]],
  [
    'database deleted with a last copy',
    [
      'rds',
      'DeleteDBInstance',
      { dBInstanceIdentifier: 'x', skipFinalSnapshot: false, finalDBSnapshotIdentifier: 'last' },
    ],
  ],
  [
    'bucket policy within the account',
    ['s3', 'PutBucketPolicy', { bucketName: 'b', bucketPolicy: JSON.parse(ownPolicy) }],
  ],
  [
    'bucket policy within the organisation',
    ['s3', 'PutBucketPolicy', { bucketName: 'b', bucketPolicy: JSON.parse(inOrganisation) }],
  ],
  [
    'bucket policy for a service',
    [
      's3',
      'PutBucketPolicy',
      { bucketName: 'b', bucketPolicy: JSON.parse(policyFor({ Service: 'cloudtrail.amazonaws.com' }, 's3:PutObject')) },
    ],
  ],
  [
    'bucket policy that only denies',
    [
      's3',
      'PutBucketPolicy',
      {
        bucketName: 'b',
        bucketPolicy: {
          Statement: [
            {
              Effect: 'Deny',
              Principal: '*',
              Action: 's3:*',
              Resource: '*',
              Condition: { Bool: { 'aws:SecureTransport': 'false' } },
            },
          ],
        },
      },
    ],
  ],
  ['bucket policy removed', ['s3', 'DeleteBucketPolicy', { bucketName: 'b' }]],
  [
    'bucket made and guarded',
    ['s3', 'CreateBucket', { bucketName: 'b' }],
    ['s3', 'PutBucketPublicAccessBlock', { bucketName: 'b' }],
    ['s3', 'PutBucketEncryption', { bucketName: 'b' }],
    ['s3', 'PutBucketTagging', { bucketName: 'b' }],
    ['s3', 'PutBucketOwnershipControls', { bucketName: 'b' }],
  ],
  [
    'bucket kept for a year',
    [
      's3',
      'PutBucketLifecycle',
      { bucketName: 'b', LifecycleConfiguration: { Rule: { Status: 'Enabled', Expiration: { Days: 365 } } } },
    ],
  ],
  [
    'uploads that broke off cleared',
    [
      's3',
      'PutBucketLifecycle',
      {
        bucketName: 'b',
        LifecycleConfiguration: {
          Rule: { Status: 'Enabled', AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 } },
        },
      },
    ],
  ],
  [
    'bucket keeps versions',
    ['s3', 'PutBucketVersioning', { bucketName: 'b', VersioningConfiguration: { Status: 'Enabled' } }],
  ],
  [
    'bucket copied within the account',
    [
      's3',
      'PutBucketReplication',
      {
        bucketName: 'b',
        ReplicationConfiguration: {
          Role: 'r',
          Rule: { Status: 'Enabled', Destination: { Bucket: 'arn:aws:s3:::copy' } },
        },
      },
    ],
  ],
  [
    'bucket for other pages',
    ['s3', 'PutBucketCors', { bucketName: 'b' }],
    ['s3', 'PutBucketNotification', { bucketName: 'b' }],
    ['s3', 'PutBucketWebsite', { bucketName: 'b' }],
  ],
  [
    'bucket log kept',
    ['s3', 'PutBucketLogging', { bucketName: 'b', BucketLoggingStatus: { LoggingEnabled: { TargetBucket: 'l' } } }],
  ],
  [
    'queue set up',
    ['sqs', 'CreateQueue', { queueName: 'q' }],
    ['sqs', 'SetQueueAttributes', { queueUrl: 'q', attributes: { VisibilityTimeout: '60' } }],
  ],
  [
    'topic set up',
    ['sns', 'CreateTopic', { name: 't' }],
    ['sns', 'SetTopicAttributes', { topicArn: 't', attributeName: 'DisplayName', attributeValue: 'x' }],
    ['sns', 'Subscribe', {}],
  ],
  [
    'image store set up',
    ['ecr', 'CreateRepository', {}],
    ['ecr', 'PutImageScanningConfiguration', {}],
    ['ecr', 'PutLifecyclePolicy', {}],
    ['ecr', 'PutImage', {}],
    ['ecr', 'BatchDeleteImage', {}],
  ],
  ['image store for the account', ['ecr', 'SetRepositoryPolicy', { repositoryName: 'r', policyText: ownPolicy }]],
  [
    'function of a service called',
    [
      'lambda',
      'AddPermission20150331v2',
      { functionName: 'f', principal: 's3.amazonaws.com', sourceArn: 'arn:aws:s3:::b', sourceAccount: account },
    ],
  ],
  [
    'function behind an interface',
    [
      'lambda',
      'AddPermission20150331v2',
      {
        functionName: 'f',
        principal: 'apigateway.amazonaws.com',
        sourceArn: `arn:aws:execute-api:eu-west-1:${account}:abc/*`,
      },
    ],
  ],
  ['permission of a function taken away', ['lambda', 'RemovePermission20150331v2', { functionName: 'f' }]],
  ['function address with sign-in', ['lambda', 'CreateFunctionUrlConfig', { functionName: 'f', authType: 'AWS_IAM' }]],
  [
    'function memory changed',
    ['lambda', 'UpdateFunctionConfiguration20150331v2', { functionName: 'f', memorySize: 512 }],
  ],
  [
    'function alias moved',
    ['lambda', 'PublishVersion20150331', { functionName: 'f' }],
    ['lambda', 'UpdateAlias20150331', { functionName: 'f' }],
  ],
  ['function removed', ['lambda', 'DeleteFunction20150331', { functionName: 'f' }]],
  [
    'file system for the account',
    ['elasticfilesystem', 'PutFileSystemPolicy', { fileSystemId: 'fs-1', policy: ownPolicy }],
  ],
  [
    'backups planned',
    ['backup', 'CreateBackupPlan', {}],
    ['backup', 'CreateBackupVault', {}],
    ['backup', 'StartBackupJob', {}],
    ['backup', 'PutBackupVaultAccessPolicy', { backupVaultName: 'v', policy: ownPolicy }],
  ],
  [
    'interface deployed',
    ['apigateway', 'CreateRestApi', {}],
    ['apigateway', 'CreateDeployment', {}],
    ['apigateway', 'UpdateStage', { patchOperations: [{ op: 'replace', path: '/tracingEnabled', value: 'true' }] }],
  ],
  ['certificate asked for', ['acm', 'RequestCertificate', { domainName: 'x' }], ['acm', 'AddTagsToCertificate', {}]],
  ['names changed', ['route53', 'ChangeResourceRecordSets', {}], ['route53', 'CreateHostedZone', {}]],
  [
    'sharing within the organisation',
    [
      'ram',
      'CreateResourceShare',
      { name: 's', allowExternalPrincipals: false, principals: ['arn:aws:organizations::111122223333:ou/o-a/ou-b'] },
    ],
  ],
  [
    'firewall for the office',
    [
      'ec2',
      'AuthorizeSecurityGroupIngress',
      {
        groupId: 'sg-1',
        ipPermissions: { items: [{ fromPort: 22, toPort: 22, ipRanges: { items: [{ cidrIp: '203.0.113.7/32' }] } }] },
      },
    ],
  ],
  [
    'firewall for the own network',
    [
      'ec2',
      'AuthorizeSecurityGroupIngress',
      {
        groupId: 'sg-1',
        ipPermissions: { items: [{ fromPort: 0, toPort: 65535, ipRanges: { items: [{ cidrIp: '10.0.0.0/8' }] } }] },
      },
    ],
  ],
  [
    'firewall for another group',
    [
      'ec2',
      'AuthorizeSecurityGroupIngress',
      {
        groupId: 'sg-1',
        ipPermissions: {
          items: [{ fromPort: 5432, toPort: 5432, groups: { items: [{ groupId: 'sg-2' }] }, ipRanges: {} }],
        },
      },
    ],
  ],
  [
    'web server for the world',
    [
      'ec2',
      'AuthorizeSecurityGroupIngress',
      {
        groupId: 'sg-1',
        ipPermissions: { items: [{ fromPort: 443, toPort: 443, ipRanges: { items: [{ cidrIp: '0.0.0.0/0' }] } }] },
      },
    ],
  ],
  ['firewall closed', ['ec2', 'RevokeSecurityGroupIngress', { groupId: 'sg-1' }]],
  ['firewall described', ['ec2', 'UpdateSecurityGroupRuleDescriptionsIngress', { groupId: 'sg-1' }]],
  [
    'network lists',
    ['ec2', 'CreateNetworkAclEntry', { egress: true, ruleAction: 'allow', cidrBlock: '0.0.0.0/0' }],
    ['ec2', 'CreateNetworkAclEntry', { egress: false, ruleAction: 'deny', cidrBlock: '0.0.0.0/0' }],
  ],
  ['network list entry removed', ['ec2', 'DeleteNetworkAclEntry', { egress: false, ruleNumber: 100 }]],
  [
    'network set up',
    ['ec2', 'CreateVpc', {}],
    ['ec2', 'CreateSubnet', {}],
    ['ec2', 'CreateInternetGateway', {}],
    ['ec2', 'AttachInternetGateway', {}],
    ['ec2', 'CreateNatGateway', {}],
    ['ec2', 'CreateRouteTable', {}],
    ['ec2', 'CreateRoute', { CreateRouteRequest: {}, gatewayId: 'igw-1' }],
    ['ec2', 'ModifyVpcAttribute', {}],
  ],
  [
    'network joined within the account',
    ['ec2', 'CreateVpcPeeringConnection', { vpcId: 'vpc-1', peerVpcId: 'vpc-2', peerOwnerId: account }],
    ['ec2', 'AcceptVpcPeeringConnection', {}],
  ],
  ['metadata service tightened', ['ec2', 'ModifyInstanceMetadataOptions', { instanceId: 'i', httpTokens: 'required' }]],
  ['machine changed', ['ec2', 'ModifyInstanceAttribute', { instanceId: 'i', instanceType: { value: 't3.large' } }]],
  [
    'machine protected',
    ['ec2', 'ModifyInstanceAttribute', { instanceId: 'i', disableApiTermination: { value: true } }],
  ],
  [
    'machine type looked at',
    ...each(
      6,
      (index): Step => ['ec2', 'DescribeInstanceAttribute', { instanceId: `i-${index}`, attribute: 'instanceType' }],
    ),
  ],
  [
    'machine started, stopped, removed',
    ['ec2', 'RunInstances', { instanceType: 't3.micro', instancesSet: { items: [{ maxCount: 2 }] } }],
    ['ec2', 'StopInstances', {}],
    ['ec2', 'TerminateInstances', {}],
  ],
  ['key pair', ['ec2', 'CreateKeyPair', { keyName: 'k' }], ['ec2', 'DeleteKeyPair', { keyName: 'k' }]],
  ['serial console off', ['ec2', 'DisableSerialConsoleAccess', {}]],
  ['encryption of disks on', ['ec2', 'EnableEbsEncryptionByDefault', {}]],
  ['sharing of disk copies blocked', ['ec2', 'EnableSnapshotBlockPublicAccess', {}]],
  ['logs kept longer', ['logs', 'PutRetentionPolicy', { logGroupName: 'g', retentionInDays: 90 }]],
  [
    'logs made',
    ['logs', 'CreateLogGroup', {}],
    ['logs', 'CreateLogStream', {}],
    ['logs', 'PutMetricFilter', {}],
    ['logs', 'PutSubscriptionFilter', { destinationArn: `arn:aws:lambda:eu-west-1:${account}:function:f` }],
  ],
  ['alarm made', ['monitoring', 'PutMetricAlarm', {}], ['monitoring', 'EnableAlarmActions', {}]],
  ['event rule made', ['events', 'PutRule', {}], ['events', 'PutTargets', {}], ['events', 'EnableRule', {}]],
  [
    'machine patched',
    ['ssm', 'CreatePatchBaseline', {}],
    ['ssm', 'PutParameter', { name: '/a' }],
    ['ssm', 'UpdateInstanceInformation', {}],
  ],
  [
    'cluster set up',
    ['eks', 'CreateCluster', { name: 'c' }],
    ['eks', 'CreateNodegroup', {}],
    ['eks', 'TagResource', {}],
  ],
  ['service scaled', ['ecs', 'UpdateService', { desiredCount: 3 }], ['ecs', 'RegisterTaskDefinition', {}]],
  [
    'builds private',
    ['codebuild', 'UpdateProjectVisibility', { projectVisibility: 'PRIVATE' }],
    ['codebuild', 'StartBuild', { projectName: 'p' }],
  ],
  [
    'stack without a role of its own',
    ['cloudformation', 'CreateStack', { stackName: 's' }],
    ['cloudformation', 'CreateChangeSet', {}],
    ['cloudformation', 'ExecuteChangeSet', {}],
  ],
  ['mail template', ['ses', 'CreateTemplate', {}], ['ses', 'SendEmail', {}]],
  [
    'table restored',
    ['dynamodb', 'CreateBackup', {}],
    ['dynamodb', 'UpdateContinuousBackups', {}],
    ['dynamodb', 'UpdateTable', {}],
  ],
];

/** Calls that name what is not there, or ask in a wrong way: nothing was refused and nothing changed. */
export const mistakes: Technique[] = (
  [
    ['guardduty', 'DeleteDetector', 'BadRequestException'],
    ['config', 'StopConfigurationRecorder', 'NoSuchConfigurationRecorderException'],
    ['ec2', 'DeleteFlowLogs', 'Client.InvalidFlowLogId.NotFound'],
    ['wafv2', 'DeleteWebACL', 'WAFNonexistentItemException'],
    ['iam', 'AttachUserPolicy', 'NoSuchEntityException'],
    ['iam', 'CreateAccessKey', 'NoSuchEntityException'],
    ['iam', 'CreateLoginProfile', 'EntityAlreadyExistsException'],
    ['iam', 'UpdateLoginProfile', 'PasswordPolicyViolationException'],
    ['iam', 'CreatePolicyVersion', 'MalformedPolicyDocumentException'],
    ['iam', 'UpdateAssumeRolePolicy', 'MalformedPolicyDocumentException'],
    ['iam', 'DeactivateMFADevice', 'NoSuchEntityException'],
    ['s3', 'PutBucketPolicy', 'MalformedPolicy'],
    ['s3', 'PutBucketLifecycle', 'MalformedXML'],
    ['ec2', 'ModifySnapshotAttribute', 'Client.InvalidSnapshot.NotFound'],
    ['ec2', 'ModifyImageAttribute', 'Client.InvalidAMIID.NotFound'],
    ['rds', 'ModifyDBSnapshotAttribute', 'DBSnapshotNotFoundFault'],
    ['ec2', 'AuthorizeSecurityGroupIngress', 'Client.InvalidPermission.Duplicate'],
    ['lambda', 'AddPermission20150331v2', 'ResourceConflictException'],
    ['lambda', 'UpdateFunctionCode20150331v2', 'ResourceNotFoundException'],
    ['kms', 'ScheduleKeyDeletion', 'KMSInvalidStateException'],
    ['organizations', 'DetachPolicy', 'PolicyNotAttachedException'],
    ['secretsmanager', 'GetSecretValue', 'ResourceNotFoundException'],
    ['rds', 'StartExportTask', 'DBSnapshotNotFoundFault'],
  ] as const
).map(([name, action, code]): Technique => {
  const request = {
    name: 'main',
    userName: 'bob',
    policyArn: 'arn:aws:iam::aws:policy/AdministratorAccess',
    policyDocument:
      action === 'UpdateAssumeRolePolicy' ? trustOf({ AWS: `arn:aws:iam::${outside}:root` }) : rights('*'),
    bucketName: 'b',
    bucketPolicy: JSON.parse(policyFor('*')),
    createVolumePermission: { add: { items: [{ group: 'all' }] } },
    launchPermission: { add: { items: [{ group: 'all' }] } },
    valuesToAdd: ['all'],
    principal: '*',
    functionName: 'f',
    documentName: 'AWS-RunShellScript',
    secretId: 's',
    LifecycleConfiguration: { Rule: { Expiration: { Days: 1 } } },
    ipPermissions: { items: [{ fromPort: 22, toPort: 22, ipRanges: { items: [{ cidrIp: '0.0.0.0/0' }] } }] },
  };
  return [`${name}:${action} ends with ${code}`, [name, action, request, missing(code)]];
});

/** One refusal of an everyday change: a gap in somebody's permissions. */
export const singleRefusals: Technique[] = (
  [
    ['s3', 'PutBucketPolicy', { bucketName: 'b', bucketPolicy: JSON.parse(ownPolicy) }],
    ['s3', 'PutBucketVersioning', { bucketName: 'b', VersioningConfiguration: { Status: 'Suspended' } }],
    ['ec2', 'AuthorizeSecurityGroupIngress', { groupId: 'sg-1', cidrIp: '0.0.0.0/0', fromPort: 22, toPort: 22 }],
    ['lambda', 'UpdateFunctionCode20150331v2', { functionName: 'f' }],
    ['ssm', 'StartSession', { target: 'i-1' }],
    ['rds', 'DeleteDBInstance', { skipFinalSnapshot: true }],
    ['secretsmanager', 'GetSecretValue', { secretId: 's' }],
    ['kms', 'DisableKey', { keyId: 'k' }],
    ['iam', 'ListUsers', {}],
    ['iam', 'CreateUser', { userName: 'x' }],
    ['ec2', 'RunInstances', { instanceType: 't3.micro' }],
    ['logs', 'DeleteLogGroup', { logGroupName: 'g' }],
  ] as const
).map(([name, action, request]): Technique => [`${name}:${action} refused once`, [name, action, request, denied]]);

/** People at work in the console, and pipelines. */
export const sessions: Technique[] = [
  [
    'function made in the console',
    signIn,
    ['lambda', 'ListFunctions20150331'],
    ['iam', 'ListRoles'],
    ['iam', 'CreateRole', { path: '/service-role/', roleName: 'f-role', assumeRolePolicyDocument: service('lambda') }],
    [
      'iam',
      'CreatePolicy',
      {
        policyName: 'AWSLambdaBasicExecutionRole-1',
        policyDocument: rights(['logs:CreateLogGroup', 'logs:PutLogEvents'], 'arn:aws:logs:eu-west-1:111122223333:*'),
      },
      { response: { policy: { arn: `arn:aws:iam::${account}:policy/service-role/AWSLambdaBasicExecutionRole-1` } } },
    ],
    [
      'iam',
      'AttachRolePolicy',
      { roleName: 'f-role', policyArn: `arn:aws:iam::${account}:policy/service-role/AWSLambdaBasicExecutionRole-1` },
    ],
    [
      'lambda',
      'CreateFunction20150331',
      { functionName: 'f', role: `arn:aws:iam::${account}:role/service-role/f-role` },
    ],
    ['lambda', 'GetFunction20150331v2'],
    ['logs', 'CreateLogGroup', {}],
  ],
  [
    'machine started in the console',
    signIn,
    ['ec2', 'DescribeImages'],
    ['ec2', 'CreateKeyPair', { keyName: 'k' }],
    ['ec2', 'CreateSecurityGroup', { groupName: 'launch-wizard-1' }, { response: { groupId: 'sg-9' } }],
    [
      'ec2',
      'AuthorizeSecurityGroupIngress',
      {
        groupId: 'sg-9',
        ipPermissions: {
          items: [{ ipProtocol: 'tcp', fromPort: 22, toPort: 22, ipRanges: { items: [{ cidrIp: '0.0.0.0/0' }] } }],
        },
      },
    ],
    [
      'ec2',
      'RunInstances',
      { instanceType: 't2.micro', networkInterfaceSet: { items: [{ groupSet: { items: [{ groupId: 'sg-9' }] } }] } },
    ],
    ['ec2', 'DescribeInstances'],
  ],
  [
    'bucket made in the console',
    signIn,
    ['s3', 'ListBuckets'],
    ['s3', 'CreateBucket', { bucketName: 'b' }],
    ['s3', 'PutBucketPublicAccessBlock', { bucketName: 'b' }],
    ['s3', 'PutBucketEncryption', { bucketName: 'b' }],
    ['s3', 'GetBucketWebsite', {}, missing('NoSuchWebsiteConfiguration')],
    ['s3', 'GetBucketPolicy', {}, missing('NoSuchBucketPolicy')],
    ['s3', 'GetBucketCors', {}, missing('NoSuchCORSConfiguration')],
  ],
  [
    'database made in the console',
    signIn,
    ['rds', 'DescribeDBEngineVersions'],
    ['kms', 'ListAliases'],
    ['ec2', 'CreateSecurityGroup', { groupName: 'rds' }, { response: { groupId: 'sg-8' } }],
    [
      'ec2',
      'AuthorizeSecurityGroupIngress',
      {
        groupId: 'sg-8',
        ipPermissions: {
          items: [{ fromPort: 3306, toPort: 3306, ipRanges: { items: [{ cidrIp: '203.0.113.9/32' }] } }],
        },
      },
    ],
    ['rds', 'CreateDBInstance', { dBInstanceIdentifier: 'x', masterUserPassword: '****', publiclyAccessible: false }],
    ['rds', 'CreateDBSubnetGroup', {}],
  ],
  [
    'cluster of containers in the console',
    signIn,
    ['ecs', 'CreateCluster', {}],
    ['iam', 'CreateRole', { roleName: 'ecsTaskExecutionRole', assumeRolePolicyDocument: service('ecs-tasks') }],
    [
      'iam',
      'AttachRolePolicy',
      {
        roleName: 'ecsTaskExecutionRole',
        policyArn: 'arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy',
      },
    ],
    ['ecs', 'RegisterTaskDefinition', { family: 'web' }],
    ['ecs', 'CreateService', { desiredCount: 2 }],
    ['iam', 'CreateServiceLinkedRole', { aWSServiceName: 'ecs.amazonaws.com' }],
  ],
  [
    'user taken on in the console',
    signIn,
    ['iam', 'ListUsers'],
    ['iam', 'ListGroups'],
    ['iam', 'CreateUser', { userName: 'new' }],
    ['iam', 'CreateLoginProfile', { userName: 'new', passwordResetRequired: true }],
    ['iam', 'AttachUserPolicy', { userName: 'new', policyArn: 'arn:aws:iam::aws:policy/IAMUserChangePassword' }],
    ['iam', 'AttachUserPolicy', { userName: 'new', policyArn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' }],
  ],
  [
    'policy written in the console',
    signIn,
    ['iam', 'ListPolicies'],
    ['access-analyzer', 'ValidatePolicy', {}],
    [
      'iam',
      'CreatePolicy',
      { policyName: 'x', policyDocument: rights(['s3:GetObject', 's3:ListBucket'], 'arn:aws:s3:::b') },
    ],
    ['iam', 'CreateGroup', { groupName: 'g' }],
    ['iam', 'AttachGroupPolicy', { groupName: 'g', policyArn: 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess' }],
  ],
  [
    'monitoring in the console',
    signIn,
    ['monitoring', 'DescribeAlarms'],
    ['monitoring', 'PutDashboard', {}],
    ['monitoring', 'PutMetricAlarm', {}],
    ['logs', 'StartQuery', {}],
    ['logs', 'GetQueryResults'],
    ['sns', 'CreateTopic', {}],
  ],
  [
    'key made in the console',
    signIn,
    ['kms', 'ListAliases'],
    ['kms', 'CreateKey', { policy: ownPolicy }],
    ['kms', 'CreateAlias', {}],
    ['kms', 'GetKeyPolicy'],
  ],
  [
    'trail made in the console',
    signIn,
    ['cloudtrail', 'CreateTrail', { name: 't', isMultiRegionTrail: true }],
    ['s3', 'CreateBucket', { bucketName: 'aws-cloudtrail-logs' }],
    [
      's3',
      'PutBucketPolicy',
      {
        bucketName: 'aws-cloudtrail-logs',
        bucketPolicy: JSON.parse(policyFor({ Service: 'cloudtrail.amazonaws.com' }, 's3:PutObject')),
      },
    ],
    ['cloudtrail', 'StartLogging', { name: 't' }],
    [
      'cloudtrail',
      'PutEventSelectors',
      { trailName: 't', eventSelectors: [{ readWriteType: 'All', includeManagementEvents: true }] },
    ],
  ],
  [
    'secret made in the console',
    signIn,
    ['secretsmanager', 'ListSecrets'],
    ['secretsmanager', 'CreateSecret', { name: 'a' }],
    ['secretsmanager', 'DescribeSecret'],
    ['secretsmanager', 'GetSecretValue', { secretId: 'a' }],
  ],
  [
    'account looked through by its owner',
    signIn,
    ['iam', 'GetAccountSummary'],
    ['iam', 'ListUsers'],
    ['iam', 'ListAccountAliases'],
    ['iam', 'ListMFADevices'],
    ['organizations', 'DescribeOrganization', {}, missing('AWSOrganizationsNotInUseException')],
    ['ce', 'GetCostAndUsage'],
    ['s3', 'ListBuckets'],
    ['ec2', 'DescribeInstances'],
  ],
  [
    'pipeline rolls out with a tool',
    ['sts', 'GetCallerIdentity', {}, role],
    ['iam', 'GetRole', {}, { ...role, ...missing('NoSuchEntityException') }],
    ['iam', 'CreateRole', { roleName: 'app', assumeRolePolicyDocument: service('ecs-tasks') }, role],
    ['iam', 'PutRolePolicy', { roleName: 'app', policyDocument: rights('s3:GetObject', 'arn:aws:s3:::b/*') }, role],
    ['s3', 'CreateBucket', { bucketName: 'b' }, role],
    ['s3', 'PutBucketPolicy', { bucketName: 'b', bucketPolicy: JSON.parse(ownPolicy) }, role],
    ['sqs', 'CreateQueue', { queueName: 'q' }, role],
    ['logs', 'PutRetentionPolicy', { retentionInDays: 30 }, role],
  ],
  [
    'pipeline tears down',
    ['lambda', 'DeleteFunction20150331', { functionName: 'f' }, role],
    ['iam', 'DetachRolePolicy', { roleName: 'app', policyArn: 'p' }, role],
    ['iam', 'DeleteRolePolicy', { roleName: 'app' }, role],
    ['iam', 'DeleteRole', { roleName: 'app' }, role],
    ['s3', 'DeleteBucketPolicy', { bucketName: 'b' }, role],
    ['s3', 'DeleteBucket', { bucketName: 'b' }, role],
    ['sqs', 'DeleteQueue', {}, role],
    ['ec2', 'DeleteSecurityGroup', {}, role],
    ['kms', 'DeleteAlias', {}, role],
  ],
  [
    'network set up with a tool',
    ['ec2', 'CreateVpc', {}],
    ['ec2', 'CreateSubnet', {}],
    ['ec2', 'CreateInternetGateway', {}],
    ['ec2', 'CreateRouteTable', {}],
    ['ec2', 'CreateRoute', { gatewayId: 'igw-1' }],
    ['ec2', 'AssociateRouteTable', {}],
    ['ec2', 'CreateSecurityGroup', {}, { response: { groupId: 'sg-7' } }],
    [
      'ec2',
      'AuthorizeSecurityGroupIngress',
      {
        groupId: 'sg-7',
        ipPermissions: { items: [{ fromPort: 443, toPort: 443, ipRanges: { items: [{ cidrIp: '0.0.0.0/0' }] } }] },
      },
    ],
    ['ec2', 'AuthorizeSecurityGroupEgress', { groupId: 'sg-7' }],
    ['ec2', 'RunInstances', { instanceType: 't3.micro', iamInstanceProfile: { name: 'app' } }],
  ],
];

const browsed: Readonly<Record<string, string>> = {
  acm: 'ListCertificates DescribeCertificate ListTagsForCertificate',
  amplify: 'ListApps ListBranches GetApp',
  apigateway: 'GetRestApis GetResources GetStages GetApiKeys GetUsagePlans',
  appstream: 'DescribeFleets DescribeStacks ListAssociatedStacks',
  athena: 'ListWorkGroups GetQueryExecution ListDataCatalogs GetQueryResults',
  autoscaling: 'DescribeAutoScalingGroups DescribeLaunchConfigurations DescribePolicies',
  backup: 'ListBackupPlans ListBackupVaults ListProtectedResources GetBackupVaultAccessPolicy',
  batch: 'DescribeJobQueues DescribeComputeEnvironments ListJobs',
  bedrock:
    'ListFoundationModels GetFoundationModelAvailability ListCustomModels ListProvisionedModelThroughputs GetUseCaseForModelAccess',
  ce: 'GetCostAndUsage GetCostForecast GetDimensionValues GetReservationUtilization',
  cloudformation: 'DescribeStacks ListStacks DescribeStackEvents GetTemplate ListExports',
  cloudfront: 'ListDistributions GetDistribution ListOriginAccessControls GetDistributionConfig',
  cloudtrail: 'DescribeTrails GetTrailStatus ListTrails GetEventSelectors LookupEvents ListEventDataStores',
  codebuild: 'ListProjects BatchGetProjects ListBuilds BatchGetBuilds',
  codepipeline: 'ListPipelines GetPipelineState ListPipelineExecutions',
  'cognito-idp': 'ListUserPools DescribeUserPool ListUsers ListGroups ListIdentityProviders',
  config: 'DescribeConfigRules DescribeConfigurationRecorders GetComplianceSummaryByConfigRule ListDiscoveredResources',
  dynamodb: 'ListTables DescribeTable DescribeContinuousBackups ListBackups ListExports',
  ec2: 'DescribeInstances DescribeVpcs DescribeSecurityGroups DescribeSnapshots DescribeVolumes DescribeImages DescribeKeyPairs DescribeAddresses DescribeRouteTables DescribeFlowLogs DescribeVpcEndpoints GetConsoleOutput',
  ecr: 'DescribeRepositories DescribeImages GetRepositoryPolicy ListImages DescribeImageScanFindings GetAuthorizationToken',
  ecs: 'ListClusters DescribeClusters ListTasks DescribeServices ListTaskDefinitions',
  eks: 'ListClusters DescribeCluster ListNodegroups ListAccessEntries ListAddons',
  elasticache: 'DescribeCacheClusters DescribeReplicationGroups DescribeSnapshots',
  elasticfilesystem: 'DescribeFileSystems DescribeMountTargets DescribeFileSystemPolicy',
  elasticloadbalancing: 'DescribeLoadBalancers DescribeTargetGroups DescribeListeners DescribeTargetHealth',
  es: 'ListDomainNames DescribeDomain DescribeElasticsearchDomains',
  events: 'ListRules DescribeEventBus ListTargetsByRule',
  glue: 'GetDatabases GetTables GetJobs GetCrawlers GetConnections GetDevEndpoints',
  guardduty: 'ListDetectors GetDetector ListFindings GetFindings ListFilters ListIPSets',
  iam: 'ListUsers ListRoles ListPolicies GetAccountSummary ListGroups GetUser ListAccessKeys ListMFADevices GetPolicyVersion GetRole ListAttachedRolePolicies GetLoginProfile',
  inspector2: 'ListFindings ListCoverage BatchGetAccountStatus GetConfiguration',
  kms: 'ListKeys DescribeKey ListAliases GetKeyPolicy ListGrants GetKeyRotationStatus',
  lambda:
    'ListFunctions20150331 GetFunction20150331v2 GetPolicy20150331v2 ListEventSourceMappings20150331 GetAccountSettings20160819',
  logs: 'DescribeLogGroups DescribeLogStreams GetLogEvents FilterLogEvents DescribeMetricFilters DescribeSubscriptionFilters',
  macie2: 'GetMacieSession ListFindings DescribeBuckets',
  monitoring: 'DescribeAlarms ListMetrics GetMetricData ListDashboards',
  organizations: 'DescribeOrganization ListAccounts ListRoots ListPolicies ListDelegatedAdministrators',
  rds: 'DescribeDBInstances DescribeDBSnapshots DescribeDBClusters DescribeDBParameterGroups DescribeEvents DescribeDBSnapshotAttributes',
  redshift: 'DescribeClusters DescribeClusterSnapshots DescribeClusterParameterGroups',
  'resource-explorer-2': 'Search ListIndexes GetDefaultView',
  route53: 'ListHostedZones ListResourceRecordSets GetHostedZone',
  route53resolver: 'ListResolverQueryLogConfigs ListResolverEndpoints ListResolverRules',
  s3: 'ListBuckets GetBucketLocation GetBucketAcl GetBucketPolicyStatus GetBucketVersioning GetBucketLogging GetBucketLifecycle GetBucketPublicAccessBlock',
  sagemaker: 'ListNotebookInstances DescribeNotebookInstance ListEndpoints ListModels ListDomains',
  secretsmanager: 'ListSecrets DescribeSecret GetResourcePolicy ListSecretVersionIds',
  securityhub: 'DescribeHub GetFindings GetEnabledStandards GetInsights DescribeStandardsControls',
  servicequotas: 'ListServiceQuotas GetServiceQuota ListServices ListRequestedServiceQuotaChangeHistory',
  ses: 'GetSendQuota ListIdentities GetAccount ListConfigurationSets ListEmailTemplates GetSendStatistics ListSuppressedDestinations GetDedicatedIps ListContactLists ListDedicatedIpPools ListVerifiedEmailAddresses',
  sns: 'ListTopics GetTopicAttributes ListSubscriptions GetSMSAttributes',
  sqs: 'ListQueues GetQueueAttributes ListQueueTags',
  ssm: 'DescribeInstanceInformation DescribeParameters ListDocuments ListAssociations DescribeSessions ListCommands GetInventory',
  sso: 'ListInstances ListPermissionSets ListAccountAssignments DescribePermissionSet',
  states: 'ListStateMachines DescribeStateMachine ListExecutions',
  sts: 'GetCallerIdentity',
  wafv2: 'ListWebACLs GetWebACL ListIPSets GetLoggingConfiguration ListResourcesForWebACL',
};

/** Each service looked through on its pages, each page several times. */
export const browsing: Technique[] = Object.entries(browsed).map(([name, reads]) => [
  `pages of ${name}`,
  signIn,
  ...reads.split(' ').flatMap((read): Step[] => each(4, () => [name, read])),
  ['ec2', 'DescribeRegions'],
  ['iam', 'ListAccountAliases'],
]);

/** An afternoon over all services. */
export const tour: Technique[] = [
  [
    'all services looked through',
    signIn,
    ...Object.entries(browsed).flatMap(([name, reads]) => reads.split(' ').map((read): Step => [name, read])),
  ],
];

export const ordinaryWork = { harmlessParameters, mistakes, singleRefusals, sessions, browsing, tour };
