import { SIMULATED_AWS_ACCOUNT } from '../gitlab/seed-files';
import type { SeededRandom } from '../seeded-random';
import type { JsonObject } from './cloudtrail-row';
import { uuid } from './query-log';

/** The only account of the simulated tenant, and the one its continuous integration runs in. */
export { SIMULATED_AWS_ACCOUNT };

/** Addresses from the ranges reserved for documentation. */
export const OFFICE = '198.51.100.';
export const RUNNER_IP = '203.0.113.10';
export const INTRUDER_IP = '192.0.2.66';

/** Somebody, or something, that calls AWS in the simulated tenant. */
export interface Principal {
  name: string;
  identity: JsonObject;
  ip: string;
  userAgents: readonly string[];
  region: string;
  /** What it ordinarily calls: service, API, share. */
  habits: readonly [service: string, api: string, weight: number][];
  /** Calls on a working day, lowest and highest. */
  perDay: [number, number];
  /** Working hours, UTC; undefined means around the clock. */
  hours?: [number, number];
}

const BOTO = 'Boto3/1.40.30 md/Botocore#1.40.30 ua/2.1 os/linux#6.8 lang/python#3.12.3';
const CLI = 'aws-cli/2.30.4 md/awscrt#0.27.6 ua/2.1 os/macos#24.6.0 lang/python#3.13.7';
const TERRAFORM = 'APN/1.0 HashiCorp/1.0 Terraform/1.13.3 terraform-provider-aws/6.14.0 aws-sdk-go-v2/1.39.2';
const BROWSER = 'Mozilla/5.0 (X11; Linux x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36';

/** Identity block of an IAM user with a long-lived key. */
export function iamUser(userName: string, key: string): JsonObject {
  return {
    type: 'IAMUser',
    principalId: `AIDASIM${userName.replace(/\W/g, '').toUpperCase().padEnd(14, '0').slice(0, 14)}`,
    arn: `arn:aws:iam::${SIMULATED_AWS_ACCOUNT}:user/${userName}`,
    accountId: SIMULATED_AWS_ACCOUNT,
    accessKeyId: key,
    userName,
  };
}

/** Identity block of a session of a role. */
export function roleSession(role: string, session: string, key: string, extra: JsonObject = {}): JsonObject {
  const principalId = `AROASIM${role.replace(/\W/g, '').toUpperCase().padEnd(14, '0').slice(0, 14)}`;
  return {
    type: 'AssumedRole',
    principalId: `${principalId}:${session}`,
    arn: `arn:aws:sts::${SIMULATED_AWS_ACCOUNT}:assumed-role/${role}/${session}`,
    accountId: SIMULATED_AWS_ACCOUNT,
    accessKeyId: key,
    sessionContext: {
      sessionIssuer: {
        type: 'Role',
        principalId,
        arn: `arn:aws:iam::${SIMULATED_AWS_ACCOUNT}:role/${role}`,
        accountId: SIMULATED_AWS_ACCOUNT,
        userName: role,
      },
      attributes: { mfaAuthenticated: 'false' },
    },
    ...extra,
  };
}

const READS: Principal['habits'] = [
  ['ec2', 'DescribeInstances', 8],
  ['ec2', 'DescribeSecurityGroups', 4],
  ['s3', 'ListBuckets', 3],
  ['logs', 'FilterLogEvents', 6],
  ['cloudwatch', 'DescribeAlarms', 4],
  ['ecs', 'DescribeServices', 5],
  ['sts', 'GetCallerIdentity', 1],
];

/** Role that the GitLab pipelines of the project `infrastructure` assume to apply Terraform. */
export const CI_TERRAFORM: Principal = {
  name: 'ci-terraform',
  identity: roleSession('ci-terraform', 'gitlab-infrastructure', 'ASIASIMULATEDCITERRA'),
  ip: RUNNER_IP,
  userAgents: [TERRAFORM],
  region: 'eu-west-1',
  habits: [
    ['sts', 'AssumeRoleWithWebIdentity', 1],
    ['ec2', 'DescribeVpcs', 6],
    ['ec2', 'DescribeSecurityGroups', 6],
    ['iam', 'GetRole', 8],
    ['iam', 'GetUser', 3],
    ['iam', 'ListAttachedUserPolicies', 3],
    ['s3', 'GetBucketPolicy', 6],
    ['cloudtrail', 'DescribeTrails', 2],
    ['ecs', 'UpdateService', 1],
    ['dynamodb', 'PutItem', 2],
  ],
  perDay: [60, 140],
};

export const PLATFORM_LEAD: Principal = {
  name: 'mira.okafor',
  identity: roleSession('platform-admin', 'mira.okafor', 'ASIASIMULATEDMIRA001', { inScopeOf: {} }),
  ip: `${OFFICE}21`,
  userAgents: [BROWSER, CLI],
  region: 'eu-west-1',
  habits: [
    ...READS,
    ['iam', 'ListUsers', 2],
    ['iam', 'ListAccessKeys', 2],
    ['cloudtrail', 'LookupEvents', 2],
    ['iam', 'UpdateAccessKey', 0.1],
  ],
  perDay: [25, 60],
  hours: [7, 17],
};

/** The engineer whose key the intruder uses. */
export const VICTIM: Principal = {
  name: 'tomas.becker',
  identity: iamUser('tomas.becker', 'AKIASIMULATEDTOMAS01'),
  ip: `${OFFICE}34`,
  userAgents: [CLI],
  region: 'eu-west-1',
  habits: [...READS, ['s3', 'PutObject', 3], ['ecr', 'GetAuthorizationToken', 3], ['ecs', 'UpdateService', 1]],
  perDay: [20, 45],
  hours: [7, 16],
};

export const PRINCIPALS: readonly Principal[] = [
  CI_TERRAFORM,
  PLATFORM_LEAD,
  VICTIM,
  {
    name: 'jonas.lindqvist',
    identity: roleSession('platform-engineer', 'jonas.lindqvist', 'ASIASIMULATEDJONAS01'),
    ip: `${OFFICE}22`,
    userAgents: [CLI, BROWSER],
    region: 'eu-west-1',
    habits: [...READS, ['ec2', 'AuthorizeSecurityGroupIngress', 0.3], ['iam', 'GetPolicyVersion', 2]],
    perDay: [25, 55],
    hours: [6, 16],
  },
  {
    name: 'priya.nair',
    identity: roleSession('payments-lead', 'priya.nair', 'ASIASIMULATEDPRIYA01'),
    ip: `${OFFICE}33`,
    userAgents: [BROWSER],
    region: 'eu-west-1',
    habits: [...READS, ['secretsmanager', 'DescribeSecret', 1], ['rds', 'DescribeDBInstances', 3]],
    perDay: [15, 35],
    hours: [8, 17],
  },
  {
    name: 'kwame.abadi',
    identity: iamUser('kwame.abadi', 'AKIASIMULATEDKWAME01'),
    ip: `${OFFICE}45`,
    userAgents: [BOTO],
    region: 'eu-central-1',
    habits: [
      ['s3', 'GetObject', 20],
      ['s3', 'PutObject', 6],
      ['athena', 'StartQueryExecution', 5],
      ['glue', 'GetTables', 5],
      ['athena', 'GetQueryResults', 5],
    ],
    perDay: [40, 90],
    hours: [7, 18],
  },
  {
    name: 'payments-api',
    identity: roleSession('payments-api', 'i-0a1b2c3d4e5f60718', 'ASIASIMULATEDPAYAPI1'),
    ip: '203.0.113.40',
    userAgents: [BOTO],
    region: 'eu-west-1',
    habits: [
      ['secretsmanager', 'GetSecretValue', 6],
      ['kms', 'Decrypt', 10],
      ['s3', 'PutObject', 8],
      ['sqs', 'SendMessage', 4],
    ],
    perDay: [60, 110],
  },
  {
    name: 'backup-automation',
    identity: roleSession('backup-automation', 'AWSBackup-simulated', 'ASIASIMULATEDBACKUP1', {
      invokedBy: 'backup.amazonaws.com',
    }),
    ip: 'backup.amazonaws.com',
    userAgents: ['backup.amazonaws.com'],
    region: 'eu-west-1',
    habits: [
      ['ec2', 'CreateSnapshot', 3],
      ['rds', 'CreateDBSnapshot', 2],
      ['ec2', 'DescribeSnapshots', 3],
    ],
    perDay: [10, 14],
  },
];

const READ_ONLY = /^(Get|List|Describe|Lookup|Filter|Head|Batch(Get|Check)|Decrypt|AssumeRole)/;
const DATA_EVENTS = /^(GetObject|PutObject|SendMessage|PutItem)$/;

export interface Call {
  at: Date;
  service: string;
  api: string;
  request?: JsonObject;
  response?: JsonObject;
  error?: [code: string, message: string];
  ip?: string;
  userAgent?: string;
  region?: string;
  tls?: boolean;
}

/** Makes CloudTrail records, with ids that depend on the seed and the order of the calls only. */
export class EventMaker {
  private count = 0;

  constructor(private readonly random: SeededRandom) {}

  make(principal: Pick<Principal, 'identity' | 'ip' | 'userAgents' | 'region'>, call: Call): JsonObject {
    this.count += 1;
    const salt = `${this.count}/${this.random.int(0, 0xffffffff)}`;
    const host = `${call.service}.${call.region ?? principal.region}.amazonaws.com`;
    return {
      eventVersion: '1.11',
      userIdentity: principal.identity,
      eventTime: call.at.toISOString().replace(/\.\d{3}Z$/, 'Z'),
      eventSource: `${call.service === 'cloudwatch' ? 'monitoring' : call.service}.amazonaws.com`,
      eventName: call.api,
      awsRegion: ['iam', 'sts'].includes(call.service) ? 'us-east-1' : (call.region ?? principal.region),
      sourceIPAddress: call.ip ?? principal.ip,
      userAgent: call.userAgent ?? this.random.pick(principal.userAgents),
      ...(call.error && { errorCode: call.error[0], errorMessage: call.error[1] }),
      requestParameters: call.request ?? null,
      responseElements: call.error ? null : (call.response ?? null),
      requestID: uuid(`request/${salt}`),
      eventID: uuid(`event/${salt}`),
      readOnly: READ_ONLY.test(call.api),
      eventType: 'AwsApiCall',
      managementEvent: !DATA_EVENTS.test(call.api),
      recipientAccountId: SIMULATED_AWS_ACCOUNT,
      eventCategory: DATA_EVENTS.test(call.api) ? 'Data' : 'Management',
      tlsDetails: { tlsVersion: 'TLSv1.3', cipherSuite: 'TLS_AES_128_GCM_SHA256', clientProvidedHostHeader: host },
    };
  }
}
