import { isOfOwnNewTrail } from '../call-effects';
import { at, type CloudEvent, isObject, type JsonObject, textOf } from '../cloud-event';
import { listAt, requested, shortName } from './request-fields';
import { callRule, type Match, type RuleContext } from './rule';

/** Calls that stop or thin out what defenders see, by service. ATT&CK T1562.008 and T1562.001. */
const blinding: Readonly<Record<string, readonly string[]>> = {
  bedrock: ['DeleteModelInvocationLoggingConfiguration'],
  cloudtrail: ['StopLogging', 'DeleteTrail', 'DeleteEventDataStore', 'StopEventDataStoreIngestion'],
  config: ['StopConfigurationRecorder', 'DeleteConfigurationRecorder', 'DeleteDeliveryChannel'],
  detective: ['DeleteGraph'],
  ec2: ['DeleteFlowLogs'],
  guardduty: [
    'DeleteDetector',
    'DisassociateFromAdministratorAccount',
    'DisassociateFromMasterAccount',
    'StopMonitoringMembers',
    'DisableOrganizationAdminAccount',
  ],
  inspector2: ['Disable'],
  macie2: ['DisableMacie', 'DisassociateFromAdministratorAccount', 'DisassociateFromMasterAccount'],
  route53: ['DeleteQueryLoggingConfig'],
  route53resolver: ['DeleteResolverQueryLogConfig', 'DisassociateResolverQueryLogConfig'],
  securityhub: [
    'DisableSecurityHub',
    'BatchDisableStandards',
    'DisassociateFromAdministratorAccount',
    'DisassociateFromMasterAccount',
  ],
  securitylake: ['DeleteDatalake', 'DeleteDataLake'],
  wafv2: ['DeleteWebACL', 'DeleteLoggingConfiguration'],
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
  if (blinding[event.service]?.includes(event.name)) {
    // Elsewhere than in the audit log, a thing that is not there is not missed either.
    const inVain = event.error !== null && !event.denied && event.service !== 'cloudtrail';
    return { what: `turned off recording or detection by ${event.name}${of}`, factor: inVain ? 0.2 : 1 };
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
  // Scripts of attackers stop trails by names they guess; nobody at work does.
  tried: 0.85,
  mayBeRoutine: false,
  match: tampering,
});

/** How long a rule lets objects live, in days; NaN when it lets none expire. A date may have gone by: then it is negative. */
function daysToLive(rule: JsonObject, event: CloudEvent): number {
  const date = textOf(at(rule, 'Expiration', 'Date'));
  if (date !== null) return (Date.parse(date) - Date.parse(event.at)) / 86_400_000;
  return Number(at(rule, 'Expiration', 'Days') ?? Number.NaN);
}

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
    if (!rules.filter(isObject).some((rule) => daysToLive(rule, event) <= 7)) return undefined;
    return { what: `let all objects of bucket ${requested(event, 'bucketName')} expire within 7 days` };
  },
});

function traceOf({ service, name }: CloudEvent): string | undefined {
  if (service === 'logs' && /^Delete(?:LogGroup|LogStream|SubscriptionFilter)$/.test(name))
    return `deleted logs by ${name}`;
  return service === 'monitoring' && /^(?:DeleteAlarms|DisableAlarmActions)$/.test(name)
    ? `silenced alarms by ${name}`
    : undefined;
}

/** Traces removed one by one: log groups, alarms. ATT&CK T1070. */
export const tracesDeleted = callRule({
  name: 'logs_or_alarms_deleted',
  group: 'tampering',
  weight: 1.4,
  severity: 'MEDIUM',
  techniques: ['T1070'],
  refused: 0.25,
  match(event, { events }) {
    const what = traceOf(event);
    if (what === undefined) return undefined;
    // Alarms silenced and logs deleted together leave nobody told and nothing to read.
    const both = events.some(
      (other) =>
        other.principal.key === event.principal.key &&
        other.error === null &&
        traceOf(other) !== undefined &&
        other.service !== event.service,
    );
    return { what, factor: both ? 1.6 : event.service === 'logs' ? 1 : 0.7 };
  },
});

/** An account taken out of the organisation escapes its policies and its central log. Stratus organizations-leave. */
export const organizationLeft = callRule({
  name: 'organization_left',
  group: 'tampering',
  weight: 2.8,
  severity: 'CRITICAL',
  techniques: ['T1562.001', 'T1666'],
  // AWS itself keeps accounts from leaving in many ways.
  tried: 0.85,
  mayBeRoutine: false,
  match(event) {
    if (event.service !== 'organizations') return undefined;
    if (event.name === 'LeaveOrganization') return { what: 'took the account out of its organisation' };
    return /^(?:DeleteOrganization|RemoveAccountFromOrganization|DisablePolicyType)$/.test(event.name)
      ? { what: `weakened the organisation by ${event.name}`, factor: 0.85 }
      : undefined;
  },
});
