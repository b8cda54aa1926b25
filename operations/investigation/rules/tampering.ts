import { isOfOwnNewTrail } from '../call-effects';
import { at, type CloudEvent, isObject, textOf } from '../cloud-event';
import { listAt, requested, shortName } from './request-fields';
import { callRule, type Match, type RuleContext } from './rule';

/** Calls that stop or thin out what defenders see, with their service. ATT&CK T1562.008 and T1562.001. */
const blinding: Readonly<Record<string, string>> = {
  StopLogging: 'cloudtrail',
  DeleteTrail: 'cloudtrail',
  DeleteEventDataStore: 'cloudtrail',
  StopEventDataStoreIngestion: 'cloudtrail',
  DeleteFlowLogs: 'ec2',
  DeleteResolverQueryLogConfig: 'route53resolver',
  DisassociateResolverQueryLogConfig: 'route53resolver',
  DeleteDetector: 'guardduty',
  DisassociateFromAdministratorAccount: 'guardduty',
  DisassociateFromMasterAccount: 'guardduty',
  StopMonitoringMembers: 'guardduty',
  DisableSecurityHub: 'securityhub',
  StopConfigurationRecorder: 'config',
  DeleteConfigurationRecorder: 'config',
  DeleteDeliveryChannel: 'config',
  DisableMacie: 'macie2',
  DeleteWebACL: 'wafv2',
  DeleteDatalake: 'securitylake',
  DeleteDataLake: 'securitylake',
  DisableOrganizationAdminAccount: 'guardduty',
};

/** Selectors that leave out management events or half of the calls. */
function leavesOutEvents(event: CloudEvent): boolean {
  const basic = listAt(event.request, 'eventSelectors').filter(isObject);
  const advanced = listAt(event.request, 'advancedEventSelectors').filter(isObject);
  if (basic.length > 0) {
    return !basic.some(
      (selector) =>
        selector.includeManagementEvents !== false && (textOf(selector.readWriteType) ?? 'All').toLowerCase() === 'all',
    );
  }
  if (advanced.length === 0) return true;
  const managed = advanced.filter((selector) => JSON.stringify(selector.fieldSelectors ?? []).includes('"Management"'));
  return !managed.some((selector) => !JSON.stringify(selector.fieldSelectors).includes('readOnly'));
}

function tampering(event: CloudEvent, { events }: RuleContext): Match | undefined {
  if (isOfOwnNewTrail(event, events)) return undefined;
  const name = shortName(requested(event, 'name') || requested(event, 'trailName'));
  const of = name === '' ? '' : ` (${name})`;
  if (blinding[event.name] === event.service) {
    return { what: `turned off recording or detection by ${event.name}${of}` };
  }
  if (event.service === 'cloudtrail' && event.name === 'PutEventSelectors' && leavesOutEvents(event)) {
    return { what: `left events out of the audit log by PutEventSelectors${of}` };
  }
  if (event.service === 'cloudtrail' && event.name === 'UpdateTrail' && weakensTrail(event)) {
    return { what: `narrowed the audit log by UpdateTrail${of}`, factor: 0.8 };
  }
  if (event.service === 'guardduty' && event.name === 'UpdateDetector' && event.request.enable === false) {
    return { what: 'turned off GuardDuty by UpdateDetector' };
  }
  return undefined;
}

function weakensTrail({ request }: CloudEvent): boolean {
  return [request.isMultiRegionTrail, request.includeGlobalServiceEvents, request.enableLogFileValidation].includes(
    false,
  );
}

/** Audit log, flow log or detector stopped. ATT&CK T1562.008; Stratus defense-evasion.*; no habit excuses it. */
export const logTampering = callRule({
  name: 'log_tampering',
  group: 'tampering',
  weight: 2.8,
  severity: 'CRITICAL',
  techniques: ['T1562.008'],
  mayBeRoutine: false,
  match: tampering,
});

/** A few days of life for objects: how audit logs vanish without a delete call. Stratus cloudtrail-lifecycle-rule. */
export const shortLifecycle = callRule({
  name: 'short_lived_bucket_content',
  group: 'tampering',
  weight: 2.3,
  severity: 'HIGH',
  techniques: ['T1562.008', 'T1485.001'],
  match(event) {
    if (event.service !== 's3' || !/^PutBucketLifecycle/.test(event.name)) return undefined;
    const rules = listAt(event.request, 'LifecycleConfiguration', 'Rule');
    const days = rules.filter(isObject).map((rule) => Number(at(rule, 'Expiration', 'Days') ?? Number.NaN));
    if (!days.some((count) => count >= 0 && count <= 7)) return undefined;
    return { what: `let all objects of bucket ${requested(event, 'bucketName')} expire within 7 days` };
  },
});

/** Traces removed one by one: log groups, alarms. ATT&CK T1070. */
export const tracesDeleted = callRule({
  name: 'logs_or_alarms_deleted',
  group: 'tampering',
  weight: 1.4,
  severity: 'MEDIUM',
  techniques: ['T1070'],
  match(event) {
    if (event.service === 'logs' && /^Delete(?:LogGroup|LogStream|SubscriptionFilter)$/.test(event.name)) {
      return { what: `deleted logs by ${event.name}` };
    }
    return event.service === 'monitoring' && /^(?:DeleteAlarms|DisableAlarmActions)$/.test(event.name)
      ? { what: `silenced alarms by ${event.name}`, factor: 0.7 }
      : undefined;
  },
});

/** An account taken out of the organisation escapes its policies and its central log. Stratus organizations-leave. */
export const organizationLeft = callRule({
  name: 'organization_left',
  group: 'tampering',
  weight: 2.8,
  severity: 'CRITICAL',
  techniques: ['T1562.001', 'T1666'],
  mayBeRoutine: false,
  match(event) {
    if (event.service !== 'organizations') return undefined;
    if (event.name === 'LeaveOrganization') return { what: 'took the account out of its organisation' };
    return /^(?:DeleteOrganization|RemoveAccountFromOrganization|DisablePolicyType)$/.test(event.name)
      ? { what: `weakened the organisation by ${event.name}`, factor: 0.85 }
      : undefined;
  },
});
