import type { CaseHistoryEntry, CaseRecord, CaseStatus } from '../../cases';
import { cleanLine } from '../../text';
import type { Severity } from '../evidence';

/** OCSF 1.5: values of `verdict_id`, of `status_id` of an Incident Finding, and of `severity_id`. */
const verdicts = {
  false_positive: [1, 'False Positive'],
  true_positive: [2, 'True Positive'],
  benign_positive: [5, 'Benign'],
  needs_review: [7, 'Insufficient Data'],
} as const;
const states: Record<CaseStatus, readonly [number, string]> = {
  opened: [1, 'New'],
  investigating: [2, 'In Progress'],
  needs_review: [3, 'On Hold'],
  awaiting_approval: [3, 'On Hold'],
  responding: [2, 'In Progress'],
  closed: [5, 'Closed'],
  failed: [3, 'On Hold'],
};
const severityIds: Record<Severity, readonly [number, string]> = {
  LOW: [2, 'Low'],
  MEDIUM: [3, 'Medium'],
  HIGH: [4, 'High'],
  CRITICAL: [5, 'Critical'],
};
const classUid = 2005;

/**
 * The case as an OCSF Incident Finding (class 2005, category Findings), times in milliseconds since 1970. Source: the schema's
 * `incident_finding`, `finding_info` and profile `incident`. Confidence is the probability that the verdict says.
 */
export function toOcsf(record: CaseRecord, history: readonly CaseHistoryEntry[]): Record<string, unknown> {
  const { alert, evidence, findings } = record;
  const activity = record.status === 'closed' ? 3 : record.version > 1 ? 2 : 1;
  const [verdictId, verdict] = record.outcome === null ? [0, 'Unknown'] : verdicts[record.outcome];
  const [statusId, status] = states[record.status];
  const [severityId, severity] = severityIds[record.severity];
  const times = evidence.flatMap(({ first_at, last_at }) => [millisecondsOf(first_at), millisecondsOf(last_at)]);
  const known = times.filter((time): time is number => time !== undefined);
  const confidence = confidenceOf(record);
  const taken = history.some(({ type }) => type === 'acknowledged');
  return {
    activity_id: activity,
    activity_name: ['', 'Create', 'Update', 'Close'][activity],
    category_uid: 2,
    category_name: 'Findings',
    class_uid: classUid,
    class_name: 'Incident Finding',
    type_uid: classUid * 100 + activity,
    time: millisecondsOf(record.updated_at),
    ...(known.length === 0 ? {} : { start_time: Math.min(...known), end_time: Math.max(...known) }),
    metadata: {
      version: '1.5.0',
      uid: record.id,
      product: { name: 'soc-bridge', vendor_name: 'n8n-nodes-soc' },
      profiles: ['incident'],
    },
    severity_id: severityId,
    severity,
    status_id: statusId,
    status,
    verdict_id: verdictId,
    verdict,
    ...(confidence === undefined ? {} : confidence),
    is_suspected_breach: record.outcome === 'true_positive',
    // The class asks for one or the other; who took the case is in the comment.
    assignee_group: { name: 'SOC' },
    desc: cleanLine(record.reason ?? record.title, 2000),
    ...(alert.link === null ? {} : { src_url: alert.link }),
    ...(taken ? { comment: cleanLine(history.find(({ type }) => type === 'acknowledged')?.summary ?? '', 500) } : {}),
    attacks: techniquesOf(record).map((uid) => ({ technique: { uid } })),
    finding_info_list: [
      {
        uid: alert.id,
        title: cleanLine(alert.title, 500),
        created_time: millisecondsOf(alert.created_at),
        ...(alert.rule === null
          ? {}
          : { analytic: { uid: alert.rule.id, name: alert.rule.name, type_id: 1, type: 'Rule' } }),
        data_sources: [alert.source],
      },
      ...evidence.map((item) => ({
        uid: `${record.id}:${item.id}`,
        title: cleanLine(item.statement, 1000),
        types: [item.family],
        analytic: { uid: item.rule, name: item.rule, type_id: 1, type: 'Rule' },
        first_seen_time: millisecondsOf(item.first_at),
        last_seen_time: millisecondsOf(item.last_at),
        related_events_count: item.row_refs.length,
        related_events: item.row_refs.map((uid) => ({ uid })),
        data_sources: [item.source],
      })),
      ...record.related_alerts.map(({ alert: related }) => ({
        uid: related.id,
        title: cleanLine(related.title, 500),
        created_time: millisecondsOf(related.created_at),
        types: ['related alert'],
        data_sources: [related.source],
      })),
    ],
    unmapped: {
      ...(record.additions.length === 0 ? {} : { additions: record.additions }),
      would_flip_if: findings?.verdict.would_flip_if ?? [],
      not_seen: findings?.verdict.not_seen ?? [],
    },
  };
}

/** How sure the verdict is of itself, in percent; nothing where none was reached. */
function confidenceOf({ outcome, probability }: CaseRecord): Record<string, unknown> | undefined {
  if (outcome === null || probability === null) return undefined;
  const share = outcome === 'benign_positive' || outcome === 'false_positive' ? 1 - probability : probability;
  const score = Math.round(share * 100);
  const [id, name] = outcome === 'needs_review' || score < 70 ? [1, 'Low'] : score < 90 ? [2, 'Medium'] : [3, 'High'];
  return { confidence_score: score, confidence_id: id, confidence: name };
}

/** Techniques that hostile evidence points to, each once. */
export function techniquesOf({ evidence }: CaseRecord): string[] {
  const ids = evidence.filter(({ family }) => family === 'hostile').flatMap(({ techniques }) => techniques);
  return [...new Set(ids)].sort();
}

function millisecondsOf(time: string | null): number | undefined {
  const milliseconds = time === null ? Number.NaN : Date.parse(time);
  return Number.isFinite(milliseconds) ? milliseconds : undefined;
}
