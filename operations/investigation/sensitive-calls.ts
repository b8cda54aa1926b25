import type { CloudEvent } from './cloud-event';

/**
 * Reads that hand out secrets, credentials or the content of machines. They are listed one by one in the queries,
 * while ordinary reads are only counted: consoles make thousands of them.
 */
export const sensitiveReads: readonly string[] = [
  'BatchGetSecretValue',
  'GetAccountAuthorizationDetails',
  'GetCredentialReport',
  'GetCredentialsForIdentity',
  'GetFederationToken',
  'GetParameter',
  'GetParameters',
  'GetParametersByPath',
  'GetParameterHistory',
  'GetPasswordData',
  'GetRoleCredentials',
  'GetSecretValue',
  'GetSessionToken',
  'GetSigninToken',
  'GetSnapshotBlock',
  'DescribeInstanceAttribute',
];

/**
 * Services whose every change touches who may do what, what is recorded, or how the account is guarded. A change
 * there is never ordinary, even when no rule knows the call.
 */
export const guardedServices: ReadonlySet<string> = new Set([
  'access-analyzer',
  'account',
  'cloudtrail',
  'cognito-idp',
  'config',
  'controltower',
  'detective',
  'guardduty',
  'iam',
  'identitystore',
  'inspector2',
  'kms',
  'macie',
  'macie2',
  'networkmanager',
  'organizations',
  'ram',
  'rolesanywhere',
  'secretsmanager',
  'securityhub',
  'sso',
  'sso-directory',
  'sts',
  'wafv2',
]);

/** Changes in other services that give access, run code, move data out or blind the defenders. */
export const sensitiveChanges: ReadonlySet<string> = new Set([
  'AuthorizeSecurityGroupEgress',
  'AuthorizeSecurityGroupIngress',
  'CopySnapshot',
  'CreateAccessEntry',
  'CreateFunctionUrlConfig',
  'CreateImage',
  'CreateInstanceExportTask',
  'CreateNotebookInstanceLifecycleConfig',
  'CreatePresignedNotebookInstanceUrl',
  'DeleteAlarms',
  'DeleteBucketPolicy',
  'DeleteDBCluster',
  'DeleteDBInstance',
  'DeleteFlowLogs',
  'DeleteLogGroup',
  'DeleteLogStream',
  'DeleteObjects',
  'DeletePublicAccessBlock',
  'DeleteResolverQueryLogConfig',
  'DeleteSnapshot',
  'DisableAlarmActions',
  'DisassociateResolverQueryLogConfig',
  'EnableSerialConsoleAccess',
  'ExportImage',
  'ImportKeyPair',
  'ModifyDBClusterSnapshotAttribute',
  'ModifyDBInstance',
  'ModifyDBSnapshotAttribute',
  'ModifyImageAttribute',
  'ModifyInstanceAttribute',
  'ModifyLoadBalancerAttributes',
  'ModifySecurityGroupRules',
  'ModifySnapshotAttribute',
  'PutBucketAcl',
  'PutBucketLifecycle',
  'PutBucketLogging',
  'PutBucketPolicy',
  'PutBucketReplication',
  'PutBucketVersioning',
  'PutSubscriptionFilter',
  'ResumeSession',
  'SendCommand',
  'SendSerialConsoleSSHPublicKey',
  'SendSSHPublicKey',
  'SharedSnapshotVolumeCreated',
  'StartExportTask',
  'StartSession',
  'UpdateNotebookInstanceLifecycleConfig',
]);

/**
 * Words in the names of changes that touch who can reach what, what is kept, or what runs. The lists above cannot know
 * every service; a change that might matter must not pass for a harmless one.
 */
const tellingWords =
  /Acl|Authorization|Backup|Certificate|Credential|Encryption|Export|Function|Grant|Image|Logging|Mirror|Peering|Permission|Policy|Public|QueueAttributes|TopicAttributes|Replication|Route|Secret|Share|Snapshot|Token|Visibility|Vpn/;

/** Changes with such a word that close something instead of opening it. */
const hardening = new Set([
  'PutAccountPublicAccessBlock',
  'PutBucketEncryption',
  'PutBucketPublicAccessBlock',
  'PutPublicAccessBlock',
]);

/** Lambda and others version their call names (`UpdateFunctionCode20150331v2`). */
export function baseCallName(name: string): string {
  return name.replace(/20\d{6}(?:v\d+)?$/, '');
}

/** Calls that every client makes by itself and that change nothing of worth, although not named as reads. */
export const harmless: ReadonlySet<string> = new Set([
  'AssumeRoleWithSAML',
  'AssumeRoleWithWebIdentity',
  'AssumeRole',
  'ConsoleLogin',
  'CheckMfa',
  'SwitchRole',
  'Decrypt',
  'Encrypt',
  'GenerateDataKey',
  'GenerateDataKeyWithoutPlaintext',
  'GenerateDataKeyPair',
  'GenerateDataKeyPairWithoutPlaintext',
  'GenerateMac',
  'GenerateRandom',
  'ReEncrypt',
  'Sign',
  'Verify',
  'VerifyMac',
  // Explains a refusal.
  'DecodeAuthorizationMessage',
  // People signing in and out, at an identity centre or at an application of one's own.
  'Authenticate',
  'CredentialChallenge',
  'CredentialVerification',
  'Federate',
  'Logout',
  'UserAuthentication',
  'ConfirmForgotPassword',
  'ConfirmSignUp',
  'ForgotPassword',
  'GlobalSignOut',
  'InitiateAuth',
  'ResendConfirmationCode',
  'RespondToAuthChallenge',
  'SignUp',
]);

export function isReadName(name: string): boolean {
  return /^(?:Describe|List|Get|Head|Lookup|Search|BatchGet|BatchDescribe|AdminGet|AdminList|Select|Query|Scan|Check|Validate|Simulate|Preview|View|Test|Filter|Generate(?:ServiceLastAccessed|CredentialReport))/.test(
    name,
  );
}

/** Reads of Systems Manager's parameters. */
export function isParameterRead(name: string): boolean {
  return /^GetParameter(?:s|sByPath|History)?$/.test(name);
}

/**
 * As isSensitiveCall, with what was asked for. Of a machine's attributes only the start script tells secrets; consoles ask for
 * the others on every page. Parameters that are not to be decrypted are settings.
 */
export function isSensitiveEvent(event: CloudEvent): boolean {
  if (event.name === 'DescribeInstanceAttribute' && event.request.attribute !== 'userData') return false;
  if (isParameterRead(event.name) && event.request.withDecryption !== true) return false;
  // Every federated sign-in makes one; a rule tells the others.
  if (event.name === 'GetSigninToken') return false;
  return isSensitiveCall(event.service, event.name);
}

/** Whether one call deserves an explanation even when no rule fires on it. `service` is without `.amazonaws.com`. */
export function isSensitiveCall(service: string, name: string): boolean {
  const base = baseCallName(name);
  if (sensitiveReads.includes(base)) return true;
  // Names of bucket calls say nothing at services that have no buckets.
  if (/^(?:Put|Delete)Bucket/.test(base) && !service.startsWith('s3')) return false;
  if (isReadName(base) || harmless.has(base)) return false;
  // Pages of Cognito's own sign-in.
  if (service === 'cognito-idp' && /_(?:GET|POST)$/.test(base)) return false;
  if (guardedServices.has(service) || sensitiveChanges.has(base)) return true;
  return tellingWords.test(base) && !hardening.has(base);
}
