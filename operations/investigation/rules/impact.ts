import { type CloudEvent, isObject, textOf } from '../cloud-event';
import { listAt, requested } from './request-fields';
import { byPrincipal, callRule, cite, densest, type EvidenceRule, type Finding, isRoutine } from './rule';

/** Graphics machines or many machines at once: what mining needs. ATT&CK T1496.001; Stratus ec2-launch-unusual-instances. */
export const computeHijack = callRule({
  name: 'unusual_machines_started',
  group: 'impact',
  weight: 2.7,
  severity: 'HIGH',
  techniques: ['T1496.001'],
  match(event) {
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

/** Keys and protections that keep data recoverable, taken away. ATT&CK T1485, T1486, T1490. */
export const recoveryWeakened = callRule({
  name: 'recovery_weakened',
  group: 'impact',
  weight: 1.5,
  severity: 'HIGH',
  techniques: ['T1490'],
  refused: 0.3,
  tried: 0.3,
  match(event) {
    if (event.service === 'kms' && /^(?:ScheduleKeyDeletion|DisableKey)$/.test(event.name)) {
      return { what: `took an encryption key out of use by ${event.name}`, techniques: ['T1485'] };
    }
    if (
      event.service === 's3' &&
      event.name === 'PutBucketVersioning' &&
      JSON.stringify(event.request).includes('Suspended')
    ) {
      return { what: `stopped keeping old versions in bucket ${requested(event, 'bucketName')}` };
    }
    if (event.service === 'kms' && event.name === 'DeleteImportedKeyMaterial') {
      return { what: 'took the material of an encryption key away', factor: 1.4, techniques: ['T1485'] };
    }
    return /^DeleteDB(?:Instance|Cluster)$/.test(event.name) && event.request.skipFinalSnapshot === true
      ? { what: 'deleted a database without a last copy', factor: 1.2, techniques: ['T1485'] }
      : undefined;
  },
});

const modelQuestions =
  /^(?:ListFoundationModels|GetFoundationModelAvailability|GetModelInvocationLoggingConfiguration|GetUseCaseForModelAccess|ListFoundationModelAgreementOffers)$/;

/**
 * Objects deleted in bulk, then something written into the bucket, which stays: a note for ransom. Whoever tidies up deletes the
 * bucket too, or writes nothing. ATT&CK T1485, T1486; Stratus s3-ransomware-batch-deletion.
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
          return other.name === 'PutObject' && bucketOf(other) === bucketOf(event) && gap >= 0 && gap <= 1_800_000;
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
          statement: `${first.principal.label} deleted objects of bucket ${bucketOf(first)} in bulk and wrote into it within 30 minutes.`,
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
        factor: asked || (unlocks && used) ? 1.8 : unlocks || event.denied ? 1.2 : 1,
      };
    }
    return event.service === 'ses' &&
      /^(?:UpdateAccountSendingEnabled|VerifyEmailIdentity|VerifyDomainIdentity|PutAccountDetails)$/.test(event.name)
      ? { what: `prepared bulk mail by ${event.name}` }
      : undefined;
  },
});
