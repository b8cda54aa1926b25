import { at, type CloudEvent, isObject, textOf } from '../cloud-event';
import { listAt, requested } from './request-fields';
import { byPrincipal, callRule, cite, densest, type EvidenceRule, type Finding, isRoutine, type Match } from './rule';

/** Many tasks at once: of a cluster made in the same hours they serve nobody yet. */
function manyTasks(event: CloudEvent, events: readonly CloudEvent[]): Match | undefined {
  if (!/^(?:CreateService|UpdateService|RunTask)$/.test(event.name)) return undefined;
  const count = Number(textOf(event.request.desiredCount) ?? textOf(event.request.count) ?? 0);
  const isNew = events.some(
    (other) => other.name === 'CreateCluster' && other.principal.key === event.principal.key && other.error === null,
  );
  return count >= 20 ? { what: `started ${count} tasks by ${event.name}`, factor: isNew ? 0.85 : 0.3 } : undefined;
}

/** Graphics machines or many machines at once: what mining needs. ATT&CK T1496.001; Stratus ec2-launch-unusual-instances. */
export const computeHijack = callRule({
  name: 'unusual_machines_started',
  group: 'impact',
  weight: 2.7,
  severity: 'HIGH',
  techniques: ['T1496.001'],
  // Limits of machines are what stops most of it.
  tried: 0.85,
  match(event, { events }) {
    if (event.service === 'ecs') return manyTasks(event, events);
    if (event.name !== 'RunInstances') return undefined;
    const type = requested(event, 'instanceType');
    const counts = listAt(event.request, 'instancesSet')
      .filter(isObject)
      .map((item) => Number(textOf(item.maxCount) ?? 1));
    const most = Math.max(1, ...counts.filter(Number.isFinite));
    const large =
      /^(?:p[2-9]|g[3-9]|inf|trn|dl)[a-z0-9]*\./.test(type) || /\.(?:24xlarge|32xlarge|48xlarge|metal)/.test(type);
    if (!large && most < 10) return undefined;
    return { what: `started up to ${most} machines of type ${type}`, factor: large ? 1 : 0.6 };
  },
});

const destructive =
  /^(?:DeleteBucket|DeleteObjects|DeleteDBInstance|DeleteDBCluster|DeleteDBSnapshot|DeleteSnapshot|DeleteVolume|DeleteTable|DeleteFileSystem|DeleteBackupVault|DeleteRecoveryPoint|TerminateInstances|ScheduleKeyDeletion|DisableKey|DeleteObject|DeleteSecret)$/;

/** Many stores or backups deleted within half an hour. ATT&CK T1485, T1490; Stratus s3-ransomware-*. */
export const massDeletion: EvidenceRule = {
  name: 'mass_deletion',
  family: 'hostile',
  group: 'impact',
  weight: 2.3,
  techniques: ['T1485'],
  find(context) {
    const deletes = context.events.filter((event) => destructive.test(event.name) && !event.viaService);
    return [...byPrincipal(deletes).values()].flatMap((events): Finding[] => {
      // Clearing away what one has made oneself in the window is tidying up.
      const made = context.events.filter((event) => /^(?:Create|Run)/.test(event.name) && event.error === null);
      const own = made.filter((event) => event.principal.key === events[0]?.principal.key).length;
      const burst = densest(events, 30);
      const first = burst[0];
      if (first === undefined || burst.length < 10) return [];
      return [
        {
          rule: 'mass_deletion',
          family: 'hostile',
          group: 'impact',
          principal: first.principal.key,
          weight: 2.3 * (own * 2 >= burst.length ? 0.3 : 1),
          severity: 'CRITICAL',
          techniques: ['T1485'],
          statement: `${first.principal.label} deleted or disabled stores, machines, keys or backups ${burst.length} times within 30 minutes.`,
          cited: burst.map(cite),
        },
      ];
    });
  },
};

function isSuspension({ service, name, request }: CloudEvent): boolean {
  return service === 's3' && name === 'PutBucketVersioning' && JSON.stringify(request).includes('Suspended');
}

function isBackupGone(other: CloudEvent, { principal }: CloudEvent): boolean {
  return (
    other.service === 'backup' &&
    /^Delete(?:RecoveryPoint|BackupVault)$/.test(other.name) &&
    other.principal.key === principal.key &&
    other.error === null
  );
}

/** Keys and protections that keep data recoverable, taken away. ATT&CK T1485, T1486, T1490. */
export const recoveryWeakened = callRule({
  name: 'recovery_weakened',
  group: 'impact',
  weight: 1.5,
  severity: 'HIGH',
  techniques: ['T1490'],
  refused: 0.3,
  match(event, { events }) {
    if (event.service === 'kms' && /^(?:ScheduleKeyDeletion|DisableKey)$/.test(event.name)) {
      return { what: `took an encryption key out of use by ${event.name}`, techniques: ['T1485'] };
    }
    if (isSuspension(event)) {
      return { what: `stopped keeping old versions in bucket ${requested(event, 'bucketName')}` };
    }
    if (event.service === 'kms' && event.name === 'DeleteImportedKeyMaterial') {
      return { what: 'took the material of an encryption key away', factor: 1.4, techniques: ['T1485'] };
    }
    return /^DeleteDB(?:Instance|Cluster)$/.test(event.name) && event.request.skipFinalSnapshot === true
      ? {
          what: 'deleted a database without a last copy',
          // With the backups gone as well there is nothing to come back to.
          factor: events.some((other) => isBackupGone(other, event)) ? 1.6 : 1.2,
          techniques: ['T1485'],
        }
      : undefined;
  },
});

const modelQuestions =
  /^(?:ListFoundationModels|GetFoundationModelAvailability|GetModelInvocationLoggingConfiguration|GetUseCaseForModelAccess|ListFoundationModelAgreementOffers)$/;

/**
 * Objects deleted in bulk, then something written into the bucket, which stays: a note for ransom; or deleted after old versions
 * were given up. Whoever tidies up deletes the bucket too, or does neither. ATT&CK T1485, T1486; Stratus s3-ransomware-batch-deletion.
 */
export const bucketEmptied: EvidenceRule = {
  name: 'bucket_emptied_then_written',
  family: 'hostile',
  group: 'impact',
  weight: 2.3,
  techniques: ['T1485'],
  find(context) {
    const done = context.events.filter((event) => event.service === 's3' && event.error === null && !event.viaService);
    return [...byPrincipal(done).values()].flatMap((events): Finding[] => {
      const bucketOf = (event: CloudEvent) => requested(event, 'bucketName');
      const removed = new Set(events.filter(({ name }) => name === 'DeleteBucket').map(bucketOf));
      const emptied = events.filter((event) => event.name === 'DeleteObjects' && !removed.has(bucketOf(event)));
      const pair = emptied.flatMap((event) => {
        const note = events.find((other) => {
          const gap = Date.parse(other.at) - Date.parse(event.at);
          const isNote = other.name === 'PutObject' && gap >= 0;
          const isPrepared = isSuspension(other) && gap <= 0;
          return bucketOf(other) === bucketOf(event) && (isNote || isPrepared) && Math.abs(gap) <= 1_800_000;
        });
        return note === undefined ? [] : [event, note];
      });
      const first = pair[0];
      if (first === undefined) return [];
      return [
        {
          rule: 'bucket_emptied_then_written',
          family: 'hostile',
          group: 'impact',
          principal: first.principal.key,
          weight: 2.3 * (isRoutine(context.profiles.get(first.principal.key), first) ? 0.3 : 1),
          severity: 'CRITICAL',
          techniques: ['T1485', 'T1486'],
          statement: `${first.principal.label} deleted objects of bucket ${bucketOf(first)} in bulk and, within 30 minutes, wrote into it or had stopped it from keeping versions.`,
          cited: [...new Set(pair)].map(cite),
        },
      ];
    });
  },
};

/** Paid services that stolen accounts are used for: models and bulk mail. ATT&CK T1496.004; Stratus bedrock-invoke-model. */
export const serviceHijack = callRule({
  name: 'paid_service_abuse',
  group: 'impact',
  weight: 1.3,
  severity: 'MEDIUM',
  techniques: ['T1496.004'],
  // Whether a model answers at all is found out with requests that cannot succeed.
  tried: 1,
  match(event, { events, reads }) {
    const unlocks = /^(?:PutUseCaseForModelAccess|PutFoundationModelEntitlement|CreateFoundationModelAgreement)$/.test(
      event.name,
    );
    if (event.service === 'bedrock' && (unlocks || /^(?:InvokeModel|Converse)/.test(event.name))) {
      // Who unlocks a model and uses it at once, or has to ask which there are and whether uses are logged, builds nothing on it.
      const used = events.some((other) => other.service === 'bedrock' && /^(?:InvokeModel|Converse)/.test(other.name));
      const asked = [...events, ...reads].some(
        (other) => other.principal.key === event.principal.key && modelQuestions.test(other.name),
      );
      return {
        what: `used or unlocked language models by ${event.name}`,
        // Programs use models with roles.
        factor:
          asked || (unlocks && used) ? 1.8 : event.principal.kind === 'user' ? 1.75 : unlocks || event.denied ? 1.2 : 1,
      };
    }
    if (event.service === 'sns' && event.name === 'SetSMSAttributes') {
      return at(event.request, 'attributes', 'MonthlySpendLimit') === undefined
        ? undefined
        : { what: 'raised the limit of text messages', techniques: ['T1496.003'] };
    }
    return event.service === 'ses' &&
      /^(?:UpdateAccountSendingEnabled|VerifyEmailIdentity|VerifyDomainIdentity|PutAccountDetails)$/.test(event.name)
      ? { what: `prepared bulk mail by ${event.name}` }
      : undefined;
  },
});
