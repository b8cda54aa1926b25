import { at, type CloudEvent, textOf } from '../cloud-event';
import { logsTurnedOff, requested } from './request-fields';
import { callRule, type Match } from './rule';

/** Protections that are taken away by one call each, by service. */
const lowering: Readonly<Record<string, string>> = {
  DeleteBucketReplication: 's3',
  DisableEbsEncryptionByDefault: 'ec2',
  DisableSnapshotBlockPublicAccess: 'ec2',
  DisableImageBlockPublicAccess: 'ec2',
  DisableKeyRotation: 'kms',
  DeleteAccountPasswordPolicy: 'iam',
  DisassociateWebACL: 'wafv2',
  DeleteAnalyzer: 'access-analyzer',
  DeregisterAccount: 'auditmanager',
  DeletePublishingDestination: 'guardduty',
  StopActivityStream: 'rds',
  DeleteMembers: 'guardduty',
  DisassociateMembers: 'guardduty',
  DisableDomainTransferLock: 'route53domains',
};

function weakened(event: CloudEvent): Match | undefined {
  const { name, service, request } = event;
  if (lowering[name] === service || (name === 'DisassociateWebACL' && service === 'waf-regional')) {
    return { what: `took a protection away by ${name}` };
  }
  if (service === 'elasticloadbalancing' && logsTurnedOff(event)) return { what: 'stopped the log of a load balancer' };
  if (service === 'redshift' && name === 'DisableLogging') return { what: 'stopped the log of a warehouse' };
  if (service === 'securityhub' && requested(event, 'controlStatus') === 'DISABLED') {
    return { what: `switched a check of Security Hub off by ${name}`, factor: 0.6 };
  }
  if (service === 's3' && name === 'PutBucketLogging' && at(request, 'BucketLoggingStatus') !== undefined) {
    return at(request, 'BucketLoggingStatus', 'LoggingEnabled') === undefined
      ? { what: `stopped the access log of bucket ${requested(event, 'bucketName')}` }
      : undefined;
  }
  if (service === 's3' && name === 'PutBucketVersioning') {
    return /"MfaDelete":"Disabled"/.test(JSON.stringify(request))
      ? { what: `let versions of bucket ${requested(event, 'bucketName')} be deleted without a second factor` }
      : undefined;
  }
  if (service === 'macie2' && name === 'UpdateMacieSession') {
    return requested(event, 'status') === 'PAUSED'
      ? { what: 'paused Macie' }
      : { what: 'changed how Macie reports', factor: 0.5 };
  }
  return undefined;
}

/** Encryption, replication, access logs, guards and locks taken away. ATT&CK T1562.001; CIS AWS benchmark. */
export const protectionWeakened = callRule({
  name: 'protection_weakened',
  group: 'tampering',
  weight: 1.6,
  severity: 'MEDIUM',
  techniques: ['T1562.001'],
  refused: 0.3,
  tried: 0.3,
  match: weakened,
});

const configRules = /^Delete(?:Organization)?ConfigRule$/;

/** Alerts that would come are silenced beforehand: findings archived by a filter, addresses trusted, rules turned off. T1562.001. */
export const findingsSuppressed = callRule({
  name: 'findings_suppressed',
  group: 'tampering',
  weight: 2.2,
  severity: 'HIGH',
  techniques: ['T1562.001'],
  match(event, { events }) {
    const { name, service } = event;
    if (service === 'guardduty') {
      if (/^(?:Create|Update)Filter$/.test(name) && requested(event, 'action') === 'ARCHIVE')
        return { what: `let GuardDuty archive findings by ${name}` };
      if (/^(?:Create|Update)IPSet$/.test(name)) return { what: `told GuardDuty to trust addresses by ${name}` };
    }
    if (service === 'config' && configRules.test(name)) {
      const deleted = events.filter(
        (other) => other.principal.key === event.principal.key && configRules.test(other.name) && other.error === null,
      );
      return { what: `deleted a rule of AWS Config by ${name}`, factor: deleted.length >= 3 ? 1 : 0.6 };
    }
    if (service === 'guardduty' && name === 'ArchiveFindings')
      return { what: 'put findings of GuardDuty away', factor: 0.6 };
    return service === 'events' && /^(?:DisableRule|DeleteRule|RemoveTargets)$/.test(name)
      ? // Rules go with what they started; one that is switched off stays for whoever believes in it.
        { what: `turned off a rule for events by ${name}`, factor: name === 'DisableRule' ? 0.6 : 0.25 }
      : undefined;
  },
});

/** Logs that are kept for days only. ATT&CK T1070, T1562.008. */
export const retentionCut = callRule({
  name: 'log_retention_cut',
  group: 'tampering',
  weight: 1.6,
  severity: 'MEDIUM',
  techniques: ['T1070'],
  match(event) {
    if (event.name !== 'PutRetentionPolicy' || event.service !== 'logs') return undefined;
    const days = Number(textOf(event.request.retentionInDays) ?? Number.NaN);
    return days <= 7 ? { what: `let logs be kept for ${days} days only` } : undefined;
  },
});

/** Objects encrypted with a key that only the caller has: how buckets are held to ransom. ATT&CK T1486. */
export const customerKeyEncryption = callRule({
  name: 'objects_encrypted_with_foreign_key',
  group: 'impact',
  weight: 2.3,
  severity: 'CRITICAL',
  techniques: ['T1486'],
  match(event) {
    if (event.service !== 's3' || !/^(?:CopyObject|PutObject|CreateMultipartUpload)$/.test(event.name))
      return undefined;
    const keys = Object.keys({ ...event.request, ...event.additional })
      .join(' ')
      .toLowerCase();
    const applied = JSON.stringify(event.additional).includes('SSE_C');
    return applied || keys.includes('server-side-encryption-customer-algorithm')
      ? { what: `wrote objects of bucket ${requested(event, 'bucketName')} with a key of its own` }
      : undefined;
  },
});
