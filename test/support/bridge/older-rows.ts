import { startOf } from '../../../bridge/src/observing/audit-chain';
import { canonicalJson, eventHash, genesisHash, sha256Hex } from '../../../bridge/src/store/event-chain';
import { tombstoneHash } from '../../../bridge/src/store/tombstones';
import { sampleEvidence, sampleOpen } from './sample-case';

/** One simulated case and all that hangs on it, with what may be null filled in. */
export const caseId = 'INV-01SIMULATED00001';
export const otherId = 'INV-01SIMULATED00002';
export const approvalId = 'APR-01SIMULATED00001';
export const responseId = 'RSP-01SIMULATED00001';
export const at = '2026-11-01T10:00:00.000Z';
const later = '2026-11-01T11:00:00.000Z';
const input = sampleOpen('older-row');
const evidence = [sampleEvidence('E1'), sampleEvidence('E2', -0.5)];
const coverage = [{ label: 'q', source: 'panther', status: 'complete', query_id: 'q-1', rows: 3, problem: null }];

type Row = Record<string, string | number | null>;

function caseRow(id: string, status: string): Row {
  const isFirst = id === caseId;
  return {
    id,
    dedup_key: isFirst ? input.dedup_key : `${input.dedup_key}:other`,
    status,
    version: isFirst ? 2 : 1,
    title: input.title,
    alert: JSON.stringify(isFirst ? input.alert : { ...input.alert, id: 'older-other' }),
    severity: 'HIGH',
    outcome: isFirst ? 'true_positive' : null,
    probability: isFirst ? 0.875 : null,
    reason: isFirst ? 'Simulated reason — “kept”' : null,
    coverage: isFirst ? JSON.stringify(coverage) : '[]',
    findings: null,
    escalation: isFirst ? JSON.stringify({ channel: 'C1', ts: '1.2', permalink: null }) : null,
    report_markdown: isFirst ? '# Simulated report\n' : null,
    report_sha256: isFirst ? sha256Hex('# Simulated report\n') : null,
    opened_at: at,
    updated_at: later,
    closed_at: null,
    lease_owner: null,
    lease_until: null,
    attempts: 1,
    next_attempt_at: null,
    last_error: 'simulated',
  };
}

function chained<T extends Row>(
  contents: readonly T[],
  hashOf: (content: T & { prev_hash: string }) => string,
): (T & { prev_hash: string; hash: string })[] {
  let previous = genesisHash;
  return contents.map((content) => {
    const linked = { ...content, prev_hash: previous };
    previous = hashOf(linked);
    return { ...linked, hash: previous };
  });
}

const event = (id: string, seq: number, type: string, data: object) => ({
  case_id: id,
  seq,
  type,
  summary: `Simulated ${type}`,
  at,
  version: seq,
  data: canonicalJson(data),
});
const events = [
  ...chained(
    [
      event(caseId, 1, 'opened', { dedup_key: input.dedup_key, severity: 'HIGH' }),
      event(caseId, 2, 'decided', { outcome: 'true_positive', evidence_sha256: sha256Hex(canonicalJson(evidence)) }),
    ],
    eventHash,
  ),
  ...chained([event(otherId, 1, 'opened', { dedup_key: 'other', severity: 'HIGH' })], eventHash),
];

const request = {
  action: { title: 'Simulated', name: 'isolate_user', target: 'eve', arguments: { system: 'aws_iam' } },
  justification: 'Simulated',
  case_id: caseId,
  channel: null,
  approvers: null,
  resume_url: null,
  requester: { principal: 'n8n', slack_user_id: null, stated: null },
};
const content = { title: 'Simulated', summary: 'Simulated', urgency: 'high', findings: [], next_steps: [], links: [] };
const responder = JSON.stringify({ id: 'U0SIM0001', name: 'Simulated', at });
const lease = { lease_owner: null, lease_until: null };
export const auditChain = 'simulated-chain';
const auditContent = {
  ...startOf(auditChain),
  seq: 1,
  at,
  kind: 'ended',
  request_id: 'r-1',
  principal: 'n8n',
  proof: 'token',
  credential_id: 'c-1',
  transport: 'http',
  tool: 'get_case',
  arguments_sha256: sha256Hex('{}'),
  outcome: 'ok',
  code: null,
  duration_ms: 12,
  trace_id: null,
  detail: null,
};
const { hash: _start, ...auditRow } = auditContent;
const tombstone = {
  seq: 1,
  case_id: 'INV-01SIMULATED00009',
  dedup_sha256: sha256Hex('gone'),
  opened_at: at,
  closed_at: later,
  outcome: 'false_positive',
  events: 4,
  head_hash: sha256Hex('head'),
  purged_at: later,
  purged_by: 'simulated@host',
};

/**
 * Rows of every table, by name, in an order that holds for references. Each row has the columns that its table had when it was
 * made; columns that later migrations added have their defaults. A new table needs rows here, or the test of migrations fails.
 */
export const olderRows: Record<string, Row[]> = {
  security_investigations: [caseRow(caseId, 'needs_review'), caseRow(otherId, 'opened')],
  investigation_events: events,
  evidence: evidence.map((item, position) => ({
    case_id: caseId,
    position,
    evidence_id: item.id,
    rule: item.rule,
    family: item.family,
    statement: item.statement,
    weight: item.weight,
    source: item.source,
    query_id: item.query_id,
    row_sha256: item.row_sha256,
    first_at: item.first_at,
    last_at: item.last_at,
    item: JSON.stringify(item),
  })),
  stages: [
    {
      case_id: caseId,
      stage: 'investigate:query:first',
      state: 'done',
      owner: 'simulated',
      lease_until: at,
      attempts: 1,
      result: '{"rows":3}',
      started_at: at,
      finished_at: later,
    },
  ],
  effects: [
    {
      key: `${caseId}:escalate:message:C1`,
      case_id: caseId,
      state: 'done',
      owner: 'simulated',
      lease_until: at,
      attempts: 1,
      result: '{"ts":"1.2"}',
      claimed_at: at,
      done_at: later,
    },
  ],
  alerts_raw: [{ id: 'RAW-1', received_at: at, body: '{"id":"older-row"}', accepted: 1, field: null, problem: null }],
  dead_letters: [{ id: 'DLQ-1', case_id: otherId, reason: 'simulated', attempts: 5, at }],
  panther_queries: [{ key: 'k', query_id: 'q-1', started_at: at, expires_at: '2999-01-01T00:00:00.000Z' }],
  approvals: [
    {
      id: approvalId,
      dedup_key: 'simulated',
      principal: 'n8n',
      status: 'denied',
      revision: 2,
      action_digest: sha256Hex('action'),
      request: JSON.stringify(request),
      min_approvals: 1,
      created_at: at,
      expires_at: later,
      settled_at: later,
      cancel_reason: null,
      use_before: null,
      used_at: null,
      used_by: null,
    },
  ],
  approval_votes: [
    {
      approval_id: approvalId,
      seq: 1,
      user_id: 'U0SIM0001',
      decision: 'denied',
      name: 'Simulated',
      email: null,
      reason: 'Simulated: planned work',
      at,
      interaction_id: 'ACT-1',
    },
  ],
  approval_tasks: [
    {
      approval_id: approvalId,
      kind: 'card',
      due_at: at,
      done: 1,
      attempts: 1,
      ...lease,
      channel: 'C1',
      ts: '1.3',
      permalink: 'https://slack.example/p',
      shown_revision: 2,
      last_error: null,
    },
  ],
  interactions: [
    { id: 'ACT-1', received_at: at, body: '{}', done: 1, due_at: at, attempts: 1, ...lease, last_error: null },
  ],
  leases: [{ name: 'slack-socket', owner: 'simulated', until: at }],
  escalations: [
    {
      case_id: caseId,
      channel: 'C1',
      ts: '1.2',
      permalink: 'https://slack.example/p',
      content: JSON.stringify(content),
      urgency: 'high',
      told_urgency: 'high',
      told_verdict: null,
      acknowledged: responder,
      investigating: null,
      step: 0,
      unanswered: 1,
      next_at: null,
      pointers: '[]',
      drawn: null,
      revision: 1,
      shown_revision: 1,
      case_version: 2,
      created_at: at,
      due_at: at,
      attempts: 0,
      ...lease,
      last_error: null,
    },
  ],
  responses: [
    {
      id: responseId,
      case_id: caseId,
      action: 'isolate_user',
      system: 'aws_iam',
      target: 'eve',
      target_label: 'user eve',
      digest: sha256Hex('plan'),
      status: 'planned',
      steps: '[]',
      warnings: '["simulated"]',
      results: '[]',
      reason: null,
      approval_id: approvalId,
      rollback_approval_id: null,
      version: 1,
      created_at: at,
      executed_at: null,
      settled_at: null,
    },
  ],
  response_brake: [{ name: 'all', halted: 'simulated' }],
  hunt_states: [
    {
      hunt: 'simulated',
      watermark: at,
      last_success_at: at,
      failures: 0,
      last_problem: null,
      gap_from: null,
      gap_to: null,
    },
  ],
  hunt_findings: [
    { alert_id: 'hunt-1', hunt: 'simulated', actor: 'eve', anchor_at: at, first_at: at, last_at: at, case_id: caseId },
  ],
  hunt_runs: [
    { id: 'RUN-1', started_at: at, finished_at: later, missed_runs: 0, opened_cases: 1, unfinished_hunts: 0 },
  ],
  access_tokens: [
    {
      id: 'simulated',
      name: 'n8n',
      secret_hash: sha256Hex('secret'),
      scopes: 'cases:read cases:write',
      created_at: at,
      expires_at: later,
      revoked_at: null,
      last_used_at: at,
    },
  ],
  seen_signatures: [{ digest: sha256Hex('signature'), until: later }],
  rate_windows: [{ key: 'n8n', window_start: at, used: 3 }],
  tool_results: [{ id: 'RES-1', principal: 'n8n', tool: 'get_case', body: '{}', expires_at: later }],
  audit_entries: [{ ...auditRow, prev_hash: genesisHash, hash: '' }],
  audit_exports: [{ target: 'simulated', chain: auditChain, seq: 1 }],
  case_additions: [
    {
      case_id: caseId,
      seq: 1,
      kind: 'note',
      text: 'Simulated note',
      source: null,
      scrutiny: 'none',
      severity: null,
      author: 'alice',
      at,
      digest: sha256Hex('note'),
    },
  ],
  case_alerts: [
    {
      dedup_key: input.dedup_key,
      case_id: caseId,
      position: 0,
      alert: JSON.stringify(input.alert),
      raised_at: at,
      joined_at: at,
      shares: '[]',
      looked_at: 1,
      raw_id: 'RAW-1',
    },
  ],
  case_links: [{ case_id: caseId, other_id: otherId, reason: 'simulated', at }],
  case_marks: [
    { case_id: caseId, kind: 'entity', type: 'user', value: 'simulated-user' },
    { case_id: caseId, kind: 'technique', type: '', value: 't1098.001' },
  ],
  case_tombstones: [
    { ...tombstone, prev_hash: genesisHash, hash: tombstoneHash({ ...tombstone, prev_hash: genesisHash }) },
  ],
};
export const expectedEvidence = evidence;
export const expectedAlert = input.alert;
