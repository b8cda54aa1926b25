import type { JsonObject } from '../../../sandbox/src/panther/cloudtrail-row';
import { call, user } from './cloudtrail-event';
import { identityCases } from './identity-hunt-cases';
import { moreCases } from './more-hunt-cases';

const admin = { policyArn: 'arn:aws:iam::aws:policy/AdministratorAccess', userName: 'other' };
const login = {
  eventSource: 'signin.amazonaws.com',
  responseElements: { ConsoleLogin: 'Success' },
  additionalEventData: { MFAUsed: 'No' },
};
const secret = (name: string, minutes = 30) =>
  call(
    'GetSecretValue',
    { eventSource: 'secretsmanager.amazonaws.com', requestParameters: { secretId: name } },
    minutes,
  );
const names = (number: number) => Array.from({ length: number }, (_, index) => `Name${index}`);

/** For each hunt, calls that it has to find, and look-alikes that it has to leave alone. */
export const cases: Record<string, { found: JsonObject[]; left: JsonObject[] }> = {
  log_tampering: {
    found: [call('StopLogging', { eventSource: 'cloudtrail.amazonaws.com' })],
    left: [call('StopLogging', { errorCode: 'AccessDenied' }), call('StartLogging'), call('StopLogging', {}, 26 * 60)],
  },
  key_for_another_user: {
    found: [call('CreateAccessKey', { requestParameters: { userName: 'other' } })],
    left: [
      call('CreateAccessKey', { requestParameters: { userName: 'simulated.user' } }),
      call('CreateAccessKey', { requestParameters: null }),
      call('CreateLoginProfile', { requestParameters: { userName: 'other' }, errorCode: 'AccessDenied' }),
    ],
  },
  administrator_granted: {
    found: [call('AttachUserPolicy', { requestParameters: admin })],
    left: [
      call('AttachUserPolicy', {
        requestParameters: { ...admin, policyArn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' },
      }),
      call('DetachUserPolicy', { requestParameters: admin }),
      call('AttachUserPolicy', { requestParameters: admin, errorCode: 'AccessDenied' }),
    ],
  },
  mfa_removed: {
    found: [call('DeactivateMFADevice', { requestParameters: { userName: 'other' } })],
    left: [call('EnableMFADevice'), call('DeleteVirtualMFADevice', { errorCode: 'DeleteConflict' })],
  },
  console_without_mfa: {
    found: [call('ConsoleLogin', login)],
    left: [
      call('ConsoleLogin', { ...login, additionalEventData: { MFAUsed: 'Yes' } }),
      call('ConsoleLogin', { ...login, responseElements: { ConsoleLogin: 'Failure' } }),
      call('ConsoleLogin', {
        ...login,
        userIdentity: { type: 'AssumedRole', arn: 'arn:aws:sts::123456789012:assumed-role/sso/x' },
      }),
    ],
  },
  root_used: {
    found: [call('CreateAccessKey', { userIdentity: { type: 'Root', arn: 'arn:aws:iam::123456789012:root' } })],
    left: [
      call('CreateAccessKey'),
      call('Decrypt', {
        userIdentity: { type: 'Root', arn: 'arn:aws:iam::123456789012:root', invokedBy: 'ec2.amazonaws.com' },
      }),
    ],
  },
  mass_secret_reads: {
    found: names(5).map((name) => secret(name)),
    left: [...names(12).map(() => secret('the same')), ...names(4).map((name) => secret(name, 200))],
  },
  many_refusals: {
    found: names(8).map((name) => call(name, { errorCode: 'AccessDenied' })),
    left: [
      ...names(20).map(() => call('GetObject', { errorCode: 'AccessDenied', userIdentity: user('scanner') })),
      ...names(12).map((name) => call(name, { userIdentity: user('worker') })),
    ],
  },
  ...moreCases,
  ...identityCases,
};
