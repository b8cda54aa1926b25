import type { CloudEvent } from '../cloud-event';
import { isParameterRead } from '../sensitive-calls';
import { listAt, requested, shortName } from './request-fields';
import {
  byPrincipal,
  callRule,
  cite,
  densest,
  type EvidenceRule,
  type Finding,
  isRoutine,
  type RuleContext,
} from './rule';

/** The names of the secrets or parameters one call asks for. */
function secretsOf(event: CloudEvent): string[] {
  const one = requested(event, 'secretId') || requested(event, 'name') || requested(event, 'path');
  const many = [...listAt(event.request, 'names'), ...listAt(event.request, 'secretIdList')].map(String);
  return [...(one === '' ? [] : [one]), ...many].map(secretName);
}

/** `arn:aws:secretsmanager:...:secret:db/main-AbCdEf` and `db/main` are one secret. */
function secretName(id: string): string {
  return id
    .replace(/^arn:aws[a-z-]*:(?:secretsmanager|ssm):[^:]*:\d+:(?:secret:|parameter)/, '')
    .replace(/-[A-Za-z0-9]{6}$/, '');
}

const secretReads = /^(?:BatchGetSecretValue|GetSecretValue|GetParameters?|GetParametersByPath)$/;
const secretWrites = /^(?:CreateSecret|PutSecretValue|PutParameter)$/;

/**
 * Many different secrets read within 10 minutes. ATT&CK T1555.006; Stratus secretsmanager-retrieve-secrets,
 * ssm-retrieve-securestring-parameters. Secrets the principal itself wrote in the window are no news to it.
 */
export const secretsBurst: EvidenceRule = {
  name: 'secrets_read_in_bulk',
  family: 'hostile',
  group: 'secrets',
  weight: 2.4,
  techniques: ['T1555.006'],
  find(context) {
    const relevant = context.events.filter((event) => event.service === 'secretsmanager' || event.service === 'ssm');
    return [...byPrincipal(relevant).values()].flatMap((events): Finding[] => {
      const written = new Set(events.filter((event) => secretWrites.test(event.name)).flatMap(secretsOf));
      const reads = events.filter(
        (event) =>
          secretReads.test(event.name) &&
          !event.viaService &&
          // Parameters that were not to be decrypted are settings.
          (!isParameterRead(event.name) || event.request.withDecryption === true),
      );
      const burst = densest(reads, 10);
      const names = new Set(burst.flatMap(secretsOf));
      const first = burst[0];
      // Who lists what there is and then reads and reads goes through the store, whatever the names are.
      const wentThrough = burst.length >= 10 && first !== undefined && listedBefore(context, first);
      if (first === undefined || (names.size < 5 && !wentThrough)) return [];
      const foreign = [...names].filter((name) => !written.has(name)).length;
      const through = wentThroughStore(context, burst);
      const profile = context.profiles.get(first.principal.key);
      const routine = burst.every((event) => isRoutine(profile, event));
      const factor =
        (foreign >= 5 || through || (wentThrough && written.size === 0) ? 1 : 0.5) *
        (routine ? 0.3 : 1) *
        (burst.some((event) => event.error === null) ? 1 : 0.85);
      return [
        {
          rule: 'secrets_read_in_bulk',
          family: 'hostile',
          group: 'secrets',
          principal: first.principal.key,
          weight: 2.4 * factor,
          severity: 'HIGH',
          techniques: ['T1555.006'],
          statement: `${first.principal.label} read ${names.size} different secrets or parameters within 10 minutes (${burst.length} calls)${wentThrough ? ', after listing what there is' : ''}.`,
          cited: burst.map(cite),
        },
      ];
    });
  },
};

/**
 * Whether secrets were listed and then read one after the other. Whoever wrote them knows their names; a tool that keeps an
 * account as its code says reads each by its name. Parameters are listed by such tools too, and do not count here.
 */
function wentThroughStore(context: RuleContext, burst: readonly CloudEvent[]): boolean {
  const first = burst[0];
  const own = (call: { name: string; principal: { key: string } }) =>
    call.name === 'ListSecrets' && call.principal.key === first?.principal.key;
  const listedAt = [
    ...context.events.filter(own).map(({ at }) => at),
    ...context.reads.filter(own).map(({ firstAt }) => firstAt),
  ].sort()[0];
  if (listedAt === undefined) return false;
  const after = burst.filter(({ name, at }) => name === 'GetSecretValue' && at >= listedAt);
  // Names may be alike for want of being shown; ten readings are no look at one secret.
  return after.length >= 10 || new Set(after.flatMap(secretsOf)).size >= 5;
}

/** Whether the principal listed secrets or parameters within the hour before. */
function listedBefore(context: RuleContext, first: CloudEvent): boolean {
  const recent = (time: string) => Math.abs(Date.parse(first.at) - Date.parse(time)) <= 3_600_000;
  const lists = (call: { name: string; principal: { key: string } }) =>
    (call.name === 'ListSecrets' || call.name === 'DescribeParameters') && call.principal.key === first.principal.key;
  return (
    context.events.some((event) => lists(event) && recent(event.at)) ||
    context.reads.some((group) => lists(group) && (recent(group.firstAt) || recent(group.lastAt)))
  );
}

/** Windows passwords or start scripts of several machines. ATT&CK T1552.005, T1552.001; Stratus ec2-get-password-data. */
export const machineSecrets: EvidenceRule = {
  name: 'machine_secrets_read',
  family: 'hostile',
  group: 'secrets',
  weight: 2.4,
  techniques: ['T1552.005'],
  find(context) {
    const reads = context.events.filter(
      (event) =>
        event.name === 'GetPasswordData' ||
        (event.name === 'DescribeInstanceAttribute' && requested(event, 'attribute') === 'userData'),
    );
    return [...byPrincipal(reads).values()].flatMap((events): Finding[] => {
      const burst = densest(events, 30);
      const machines = new Set(burst.map((event) => requested(event, 'instanceId')));
      const first = burst[0];
      if (first === undefined || machines.size < 3) return [];
      const profile = context.profiles.get(first.principal.key);
      const factor = burst.every((event) => isRoutine(profile, event)) ? 0.3 : 1;
      const failed = burst.filter((event) => event.error !== null).length;
      return [
        {
          rule: 'machine_secrets_read',
          family: 'hostile',
          group: 'secrets',
          principal: first.principal.key,
          // Not weaker when refused: asking machine after machine is the point, and scripts of attackers ignore refusals.
          weight: 2.4 * factor,
          severity: 'HIGH',
          techniques: ['T1552.005'],
          statement: `${first.principal.label} asked for passwords or start scripts of ${machines.size} machines (${burst.length} calls, ${failed} failed).`,
          cited: burst.map(cite),
        },
      ];
    });
  },
};

/** Content of disks read block by block, without a copy anybody would notice. ATT&CK T1530. */
export const snapshotBlocksRead = callRule({
  name: 'snapshot_blocks_read',
  group: 'exfiltration',
  weight: 1.2,
  severity: 'MEDIUM',
  techniques: ['T1530'],
  match: (event) =>
    event.service === 'ebs' && event.name === 'GetSnapshotBlock'
      ? // Programs that make backups work with roles.
        { what: 'read the content of a disk snapshot', factor: event.principal.kind === 'user' ? 1.9 : 1 }
      : undefined,
});

/** Who may do what in the whole account, in one call. ATT&CK T1087.004. Auditors do it as well, hence weak. */
export const accountDump = callRule({
  name: 'account_authorization_read',
  group: 'discovery',
  weight: 0.8,
  severity: 'LOW',
  techniques: ['T1087.004'],
  match: (event) =>
    event.service === 'iam' && /^(?:GetAccountAuthorizationDetails|GetCredentialReport)$/.test(event.name)
      ? { what: `read all identities of the account by ${shortName(event.name)}` }
      : undefined,
});
