import type { CaseRecord } from '../../operations/cases';
import { dedupKey, parseAlert } from '../../operations/investigation/alert-format';
import { alertTime, call, judge, type Row } from './cloud-rows';

/** A case as it stands after correlation, from rows of CloudTrail; `change` goes into the alert. */
export function sampleRecord(change: Row = {}, rows?: Row[], merge_requests?: unknown): CaseRecord {
  const alert = parseAlert({
    id: 'A-1',
    severity: 'HIGH',
    source: 'panther',
    timestamp: alertTime,
    indicators: ['eve'],
    ...change,
  });
  const found = judge(
    { actor_activity: rows ?? [call('cloudtrail', 'StopLogging', { name: 't' })] },
    { alert, merge_requests },
  );
  const { verdict, evidence, coverage, timeline, next_actions, plan, observed } = found;
  return {
    id: 'INV-1',
    dedup_key: dedupKey(alert),
    status: 'investigating',
    version: 3,
    title: alert.title,
    alert,
    severity: verdict.severity,
    outcome: verdict.outcome,
    probability: verdict.probability,
    reason: verdict.reason,
    evidence,
    coverage,
    findings: { verdict, timeline, next_actions, queries: plan.queries, observed },
    escalation: { channel: 'C1', ts: '1.2', permalink: 'https://slack.example/p' },
    report_markdown: null,
    report_sha256: null,
    additions: [],
    related_alerts: [],
    links: [],
    opened_at: alertTime,
    updated_at: alertTime,
    closed_at: null,
    closed_by: null,
  };
}
