import type { JsonObject } from '../../../sandbox/src/panther/cloudtrail-row';
import { BASE_TIME } from '../sandbox/panther-lake';

let count = 0;

/** One simulated call of an IAM user, `minutes` before the suites' moment; `changes` replace fields of the event. */
export function call(eventName: string, changes: JsonObject = {}, minutes = 30): JsonObject {
  count += 1;
  return {
    eventVersion: '1.09',
    eventID: `00000000-0000-4000-8000-${String(count).padStart(12, '0')}`,
    eventTime: new Date(BASE_TIME.getTime() - minutes * 60_000).toISOString().replace('.000Z', 'Z'),
    eventSource: 'iam.amazonaws.com',
    eventName,
    eventType: 'AwsApiCall',
    awsRegion: 'eu-west-1',
    sourceIPAddress: '192.0.2.10',
    userAgent: 'aws-cli/2.15',
    recipientAccountId: '123456789012',
    userIdentity: user('simulated.user'),
    ...changes,
  };
}

export function user(userName: string): JsonObject {
  return {
    type: 'IAMUser',
    userName,
    arn: `arn:aws:iam::123456789012:user/${userName}`,
    accountId: '123456789012',
    principalId: 'AIDAEXAMPLE',
  };
}
