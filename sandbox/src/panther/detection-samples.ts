import type { Rule } from './alert-store';

/** A detection as the REST API has it: what is sent to it is kept, known or not. */
export type DetectionRecord = Record<string, unknown> & { id: string };

export const DETECTION_KINDS = ['rules', 'scheduled-rules', 'simple-rules', 'policies', 'correlation-rules'] as const;
export type DetectionKind = (typeof DETECTION_KINDS)[number];

const CREATED = '2025-01-15T09:00:00Z';

/** Who made the detections of the stand-in; not one of its users. */
export const AUTHOR = { id: '5e0f1a9c-0000-4000-8000-000000000012', type: 'user' };
/** The destination that the louder detections are sent to. */
export const ON_CALL_OUTPUT = '7d1f64f2-0000-4000-8000-00000000000c';

function record(id: string, displayName: string, severity: string, more: Record<string, unknown>): DetectionRecord {
  return {
    id,
    displayName,
    description: `${displayName}. Detection of the simulated tenant.`,
    severity,
    enabled: true,
    managed: false,
    createAlert: true,
    dedupPeriodMinutes: 60,
    threshold: 1,
    outputIDs: severity === 'HIGH' || severity === 'CRITICAL' ? [ON_CALL_OUTPUT] : [],
    reports: {},
    runbook: 'Ask the owner of the system.',
    reference: '',
    summaryAttributes: [],
    tags: ['simulated'],
    tests: [],
    createdAt: CREATED,
    createdBy: AUTHOR,
    createdByExternal: 'detections repository (simulated)',
    lastModified: CREATED,
    lastModifiedBy: AUTHOR,
    ...more,
  };
}

/** A rule that raises alerts in the stand-in, as the REST API shows it. */
export function ruleRecord(rule: Rule): DetectionRecord {
  const [api = 'GetCallerIdentity'] = /"(\w+)"/.exec(rule.body)?.slice(1) ?? [];
  const technique = rule.tags.find((tag) => tag.startsWith('MITRE ATT&CK:'))?.slice('MITRE ATT&CK:'.length);
  return record(rule.id, rule.name, rule.severity, {
    description: rule.description,
    runbook: rule.runbook,
    tags: rule.tags,
    body: rule.body,
    logTypes: ['AWS.CloudTrail'],
    reports: technique === undefined ? {} : { 'MITRE ATT&CK': [technique] },
    summaryAttributes: ['sourceIPAddress'],
    tests: [
      { name: `${api} matches`, expectedResult: true, log: { eventName: api, eventVersion: 1.08 } },
      { name: 'reading does not match', expectedResult: false, log: { eventName: 'DescribeTrails' } },
    ],
  });
}

/** Detections beside the rules that raise alerts. One has a unit test that fails, as happens when logs change. */
export const OTHER_DETECTIONS: Record<DetectionKind, readonly DetectionRecord[]> = {
  rules: [
    record('Simulated.Console.LoginWithoutMFA', 'Console login without MFA', 'MEDIUM', {
      body: 'def rule(event):\n    return event.get("eventName") in {"ConsoleLogin"}\n',
      logTypes: ['AWS.CloudTrail'],
      managed: true,
      tags: ['AWS', 'simulated', 'Identity'],
      createdBy: { id: 'panther', type: 'system' },
      lastModifiedBy: { id: 'panther', type: 'system' },
      tests: [{ name: 'stale sample', expectedResult: true, log: { eventName: 'ConsoleLoginV1' } }],
    }),
  ],
  'scheduled-rules': [
    record('Simulated.Scheduled.RareRegions', 'Calls from regions that are rarely used', 'LOW', {
      body: 'def rule(event):\n    return event.get("calls", 0) > 10\n',
      scheduledQueries: ['Rare regions of the last day'],
    }),
  ],
  'simple-rules': [
    record('Simulated.Simple.RootLogin', 'Root user logged in', 'HIGH', {
      detection: 'MatchFilters:\n  - Key: userIdentity.type\n    Condition: Equals\n    Values: [Root]\n',
      logTypes: ['AWS.CloudTrail'],
      pythonBody: 'def rule(event):\n    return event.deep_get("userIdentity", "type") == "Root"\n',
      enabled: false,
    }),
  ],
  policies: [
    record('Simulated.S3.PublicBucket', 'Bucket is open to everybody', 'CRITICAL', {
      body: 'def policy(resource):\n    return not resource.get("IsPublic")\n',
      resourceTypes: ['AWS.S3.Bucket'],
      suppressions: ['aws::s3::simulated-website-*'],
      complianceStatus: 'FAIL',
    }),
  ],
  'correlation-rules': [
    record('Simulated.Correlation.KeyThenTrail', 'New key, then the trail stopped', 'CRITICAL', {
      detection:
        '- Sequence:\n    - ID: key\n      RuleID: AWS.IAM.AccessKeyCreated\n    - ID: trail\n      RuleID: AWS.CloudTrail.Stopped\n  LookbackWindowMinutes: 120\n',
      correlationRuleReferenceIds: ['AWS.IAM.AccessKeyCreated', 'AWS.CloudTrail.Stopped'],
      logTypes: ['AWS.CloudTrail'],
    }),
  ],
};
