import type { TacticName } from '../attack/tactics';
import { parentOf } from '../attack/technique';

/**
 * What to do in AWS before the predicted step is taken, in words a person can act on. Nothing here is carried out by the
 * operation: changes go through an approval.
 */
const byTechnique: Record<string, readonly string[]> = {
  T1078: [
    'Revoke the sessions of the identities at hand, and ask their owners by another channel whether they were there',
  ],
  T1098: [
    'Compare the policies, keys and groups of the identities at hand with a week ago; undo what nobody asked for',
  ],
  'T1098.001': ['List access keys made since the first event; deactivate, not delete, those without an owner'],
  'T1098.003': [
    'Deny iam:Attach*, iam:Put*Policy and iam:CreatePolicyVersion to the identities at hand by a session policy or SCP',
  ],
  T1136: [
    'List users and roles made since the first event; put a permissions boundary of nothing on those without an owner',
  ],
  T1562: [
    'Check that CloudTrail, GuardDuty and flow logs still run in every region; deny their Stop and Delete calls by an SCP',
  ],
  'T1562.008': [
    'Check each trail with GetTrailStatus in every region; deny cloudtrail:StopLogging and DeleteTrail by an SCP',
  ],
  'T1562.007': ['Look for security groups opened since the first event; close what opens to 0.0.0.0/0'],
  T1530: ['Turn on data events of the buckets that hold what matters; deny s3:GetObject to the identities at hand'],
  T1537: [
    'Deny sharing of snapshots, images and buckets with other accounts by an SCP; list what was shared since the first event',
  ],
  T1552: ['Rotate what the identities at hand could read in the last hours; require IMDSv2 on the machines'],
  'T1552.005': ['Require IMDSv2; revoke the sessions of the machine’s role'],
  T1555: ['Rotate the secrets that the identities at hand may read, those already read first'],
  T1485: ['Check that backups exist outside the account and that versioning and deletion protection are on'],
  T1486: [
    'Check backups outside the account; deny kms:ScheduleKeyDeletion and s3:PutBucketLifecycle* to the identities at hand',
  ],
  T1490: ['Lock the backup vaults; deny deletion of snapshots and recovery points to the identities at hand'],
  T1496: [
    'Set service quotas and a budget alarm; look for machines, tasks and model invocations in regions you do not use',
  ],
  T1531: ['Make sure of a break-glass user that the identities at hand cannot change'],
  T1535: ['Deny the regions you do not use by an SCP'],
  T1578: ['List snapshots, images and machines made since the first event, with who made them'],
  T1648: ['List functions and triggers changed since the first event; compare their code with the repository'],
  T1651: ['Deny ssm:SendCommand and ssm:StartSession to the identities at hand; read the command history'],
  T1021: ['Look at who connected to machines since the first event: Session Manager, Instance Connect, serial console'],
  T1199: ['Look at the trust policies for accounts that are not yours'],
  T1484: ['Look at identity providers and organisation policies changed since the first event'],
  T1556: ['Look for second factors removed or added since the first event'],
  T1580: ['Deny List and Describe calls only if the identity has no work to do; else watch what it changes next'],
  T1526: ['Watch what the identities at hand change next; looking around by itself is no reason to act'],
};

const byTactic: Record<TacticName, string> = {
  Reconnaissance: 'Look at what is reachable from outside, and close what need not be',
  'Resource Development': 'Nothing to stop at home: block known addresses and domains',
  'Initial Access': 'Check sign-ins of the identities at hand: address, second factor, client',
  Execution: 'Look at what ran: functions, commands, tasks; stop what nobody asked for',
  Persistence: 'List identities, keys, functions and rules made since the first event',
  'Privilege Escalation': 'Compare the permissions of the identities at hand with a week ago',
  'Defense Evasion': 'Check that logs and detectors still run, in every region',
  'Credential Access': 'Rotate what could have been read',
  Discovery: 'Watch what the identities change next; looking around by itself is no reason to act',
  'Lateral Movement': 'Look at role chains and connections from the identities at hand',
  Collection: 'Look at mass reads and copies since the first event',
  'Command and Control': 'Look at connections to addresses never seen before, and block them',
  Exfiltration: 'Look at what was shared outside the account or downloaded, and revoke it',
  Impact: 'Check that backups outside the account can be restored',
};

/** Steps for a technique: its own, its parent's, or its first tactic's. */
export function playbookOf(id: string, tactics: readonly TacticName[]): readonly string[] {
  const own = byTechnique[id] ?? byTechnique[parentOf(id)];
  if (own !== undefined) return own;
  const [first] = tactics;
  return first === undefined ? [] : [byTactic[first]];
}
