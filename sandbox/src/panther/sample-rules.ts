import type { Rule, Severity } from './alert-store';

/** API names that a rule of the stand-in alerts on, most telling first. */
export interface SampleRule extends Rule {
  apis: readonly string[];
}

function rule(
  id: string,
  name: string,
  severity: Severity,
  apis: readonly string[],
  technique: string,
  runbook: string,
): SampleRule {
  return {
    id,
    name,
    severity,
    apis,
    description: `${name}. Rule of the simulated tenant.`,
    runbook,
    tags: ['AWS', 'simulated', `MITRE ATT&CK:${technique}`],
    body: `APIS = {${apis.map((api) => `"${api}"`).join(', ')}}\n\n\ndef rule(event):\n    return event.get("eventName") in APIS and not event.get("errorCode")\n`,
  };
}

export const SAMPLE_RULES: readonly SampleRule[] = [
  rule(
    'AWS.CloudTrail.Stopped',
    'CloudTrail stopped or deleted',
    'HIGH',
    ['StopLogging', 'DeleteTrail'],
    'TA0005:T1562.008',
    'Find out who stopped the trail and from where; start it again; look for what was done just before.',
  ),
  rule(
    'AWS.IAM.AdministratorAttached',
    'Administrator policy attached',
    'HIGH',
    ['AttachUserPolicy', 'PutUserPolicy', 'AttachRolePolicy', 'PutRolePolicy'],
    'TA0004:T1098.003',
    'Check that a change request covers the policy; otherwise detach it.',
  ),
  rule(
    'AWS.IAM.AccessKeyCreated',
    'Access key created for another user',
    'MEDIUM',
    ['CreateAccessKey', 'CreateLoginProfile', 'UpdateLoginProfile'],
    'TA0003:T1098.001',
    'Ask the owner of the user; look for a merge request that rotates the key.',
  ),
  rule(
    'AWS.CloudTrail.Changed',
    'CloudTrail settings changed',
    'MEDIUM',
    ['UpdateTrail', 'PutEventSelectors', 'DeleteFlowLogs', 'DeleteDetector', 'LeaveOrganization'],
    'TA0005:T1562.008',
    'Compare the settings before and after.',
  ),
  rule(
    'AWS.EC2.SecurityGroupOpened',
    'Security group rule added',
    'LOW',
    ['AuthorizeSecurityGroupIngress'],
    'TA0005:T1562.007',
    'Check the range that was opened.',
  ),
  rule(
    'AWS.IAM.AccessKeyDisabled',
    'Access key disabled',
    'INFO',
    ['UpdateAccessKey'],
    'TA0040:T1531',
    'Usually housekeeping; check that the owner knows.',
  ),
  rule(
    'AWS.EC2.SnapshotCreated',
    'Snapshot created',
    'INFO',
    ['CreateSnapshot'],
    'TA0010:T1537',
    'Expected from backups; anything else needs a look.',
  ),
];
