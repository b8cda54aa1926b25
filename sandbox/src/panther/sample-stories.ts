import type { JsonObject } from './cloudtrail-row';
import {
  type Call,
  CI_TERRAFORM,
  type EventMaker,
  INTRUDER_IP,
  SIMULATED_AWS_ACCOUNT,
  VICTIM,
} from './sample-principals';

const MINUTE_MS = 60_000;

/** User whose name the intruder hides behind: it exists, and has not been used for long. */
export const DORMANT_USER = 'svc-backup-legacy';
export const INTRUDER_AGENT = 'python-requests/2.32.5';
export const NEW_KEY = 'AKIASIMULATEDNEWKEY9';
const TRAIL = `arn:aws:cloudtrail:eu-west-1:${SIMULATED_AWS_ACCOUNT}:trail/simulated-org-trail`;
const ADMINISTRATOR = 'arn:aws:iam::aws:policy/AdministratorAccess';

/** Minutes before the base time at which the intruder stops the trail; the sample alert is about this call. */
export const STOP_LOGGING_MINUTES = 20;

type Step = Omit<Call, 'at'> & { minutesAgo: number };

function play(steps: readonly Step[], baseTime: Date, make: (call: Call) => JsonObject): JsonObject[] {
  return steps.map(({ minutesAgo, ...call }) =>
    make({ ...call, at: new Date(baseTime.getTime() - minutesAgo * MINUTE_MS) }),
  );
}

/**
 * The intrusion, within the last hour before the base time: the key of an engineer is used from an address and with a
 * client never seen for it; after a look around and a burst of refusals it makes itself a second way in with full
 * rights, stops the trail and reads secrets.
 */
export function intrusion(baseTime: Date, maker: EventMaker): JsonObject[] {
  const denied = (service: string, api: string, minutesAgo: number): Step => ({
    minutesAgo,
    service,
    api,
    error: [
      'AccessDenied',
      `User: ${String(VICTIM.identity.arn)} is not authorized to perform: ${service}:${api} because no identity-based policy allows the action`,
    ],
  });
  const probes: [string, string][] = [
    ['iam', 'ListUsers'],
    ['iam', 'ListRoles'],
    ['iam', 'GetAccountAuthorizationDetails'],
    ['organizations', 'DescribeOrganization'],
    ['ec2', 'DescribeInstances'],
    ['s3', 'ListBuckets'],
    ['rds', 'DescribeDBInstances'],
    ['secretsmanager', 'ListSecrets'],
    ['guardduty', 'ListDetectors'],
    ['lambda', 'ListFunctions20150331'],
    ['ses', 'GetAccount'],
    ['bedrock', 'ListFoundationModels'],
  ];
  const user = `arn:aws:iam::${SIMULATED_AWS_ACCOUNT}:user/${DORMANT_USER}`;
  const steps: Step[] = [
    { minutesAgo: 42, service: 'sts', api: 'GetCallerIdentity', response: {} },
    ...probes.map(([service, api], i) => denied(service, api, 40.5 - i * 0.25)),
    { minutesAgo: 33, service: 'iam', api: 'ListAttachedUserPolicies', request: { userName: 'tomas.becker' } },
    {
      minutesAgo: 29,
      service: 'iam',
      api: 'CreateAccessKey',
      request: { userName: DORMANT_USER },
      response: { accessKey: { userName: DORMANT_USER, accessKeyId: NEW_KEY, status: 'Active' } },
    },
    {
      minutesAgo: 26,
      service: 'iam',
      api: 'AttachUserPolicy',
      request: { userName: DORMANT_USER, policyArn: ADMINISTRATOR },
    },
    { minutesAgo: STOP_LOGGING_MINUTES, service: 'cloudtrail', api: 'StopLogging', request: { name: TRAIL } },
    ...Array.from(
      { length: 9 },
      (_, i): Step => ({
        minutesAgo: 17 - i * 0.4,
        service: 'secretsmanager',
        api: 'GetSecretValue',
        request: {
          secretId: `arn:aws:secretsmanager:eu-west-1:${SIMULATED_AWS_ACCOUNT}:secret:simulated/${['payments', 'bank', 'web', 'ci', 'smtp', 'ldap', 'vpn', 'crm', 'hr'][i]}`,
        },
      }),
    ),
  ];
  const events = play(steps, baseTime, (call) =>
    maker.make(VICTIM, { ...call, ip: INTRUDER_IP, userAgent: INTRUDER_AGENT }),
  );
  const second = {
    ...VICTIM,
    identity: {
      ...VICTIM.identity,
      arn: user,
      userName: DORMANT_USER,
      principalId: 'AIDASIMSVCBACKUPLEGA',
      accessKeyId: NEW_KEY,
    },
  };
  const later: Step[] = [{ minutesAgo: 12, service: 'sts', api: 'GetCallerIdentity', response: {} }];
  return [
    ...events,
    ...play(later, baseTime, (call) => maker.make(second, { ...call, ip: INTRUDER_IP, userAgent: INTRUDER_AGENT })),
  ];
}

/**
 * Planned work that looks alike: after the merge request that rotates the deploy key, six hours before the base time,
 * the pipeline's role makes a key, attaches a policy and deletes the old key, from the runner's usual address.
 */
export function ciKeyRotation(baseTime: Date, maker: EventMaker): JsonObject[] {
  const userName = 'svc-ci-deploy';
  const policyArn = `arn:aws:iam::${SIMULATED_AWS_ACCOUNT}:policy/ci-deploy-v2`;
  const steps: Step[] = [
    { minutesAgo: 352, service: 'iam', api: 'GetUser', request: { userName } },
    {
      minutesAgo: 351.5,
      service: 'iam',
      api: 'CreatePolicy',
      request: { policyName: 'ci-deploy-v2' },
      response: { policy: { arn: policyArn } },
    },
    {
      minutesAgo: 351,
      service: 'iam',
      api: 'CreateAccessKey',
      request: { userName },
      response: { accessKey: { userName, accessKeyId: 'AKIASIMULATEDCIKEY11', status: 'Active' } },
    },
    { minutesAgo: 350.5, service: 'iam', api: 'AttachUserPolicy', request: { userName, policyArn } },
    {
      minutesAgo: 349,
      service: 'iam',
      api: 'DeleteAccessKey',
      request: { userName, accessKeyId: 'AKIASIMULATEDCIKEY08' },
    },
  ];
  return play(steps, baseTime, (call) => maker.make(CI_TERRAFORM, call));
}

/** What the unapproved merge request "Temporary access for debugging" did when its pipeline applied it, 14 hours ago. */
export function ciDebugAccess(baseTime: Date, maker: EventMaker): JsonObject[] {
  const steps: Step[] = [
    {
      minutesAgo: 838,
      service: 'ec2',
      api: 'AuthorizeSecurityGroupIngress',
      request: {
        groupId: 'sg-0123456789abcdef0',
        ipPermissions: {
          items: [{ ipProtocol: 'tcp', fromPort: 22, toPort: 22, ipRanges: { items: [{ cidrIp: '0.0.0.0/0' }] } }],
        },
      },
    },
    {
      minutesAgo: 837.5,
      service: 'iam',
      api: 'AttachRolePolicy',
      request: { roleName: 'payments-api', policyArn: ADMINISTRATOR },
    },
    {
      minutesAgo: 837,
      service: 'cloudtrail',
      api: 'UpdateTrail',
      request: { name: TRAIL, enableLogFileValidation: false },
    },
  ];
  return play(steps, baseTime, (call) => maker.make(CI_TERRAFORM, call));
}
