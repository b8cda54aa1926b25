import type { HuntFinding, HuntRunRecord, HuntState } from '../../../operations/analytics/schedule/hunt-schedule-port';
import type { Urgency } from '../../../operations/escalations';
import type { ResponseStatus } from '../../../operations/response/response-port';
import type { CaseAdditions, CaseAlerts, CaseLinks, CaseMarks, CaseTombstones } from './case-tables';

/**
 * The tables as the code sees them. Column types are the ones that mean the same in SQLite and PostgreSQL: text for JSON
 * and for times (ISO 8601 in UTC with milliseconds, so that text order is time order), integer, double precision.
 */
export interface SecurityInvestigations {
  id: string;
  dedup_key: string;
  status: string;
  version: number;
  title: string;
  /** Alert as JSON. */
  alert: string;
  severity: string;
  outcome: string | null;
  probability: number | null;
  reason: string | null;
  /** CoverageItem[] as JSON. */
  coverage: string;
  /** Findings as JSON. */
  findings: string | null;
  /** Channel, ts and permalink as JSON. */
  escalation: string | null;
  report_markdown: string | null;
  report_sha256: string | null;
  opened_at: string;
  updated_at: string;
  closed_at: string | null;
  /** Who drives the case; the reconciler may take it once `lease_until` has passed. */
  lease_owner: string | null;
  lease_until: string | null;
  /** How often a run was begun by the bridge itself. */
  attempts: number;
  next_attempt_at: string | null;
  last_error: string | null;
  /** Authenticated name of the person who closed it. */
  closed_by: string | null;
  /** Rows in `case_additions`, `case_alerts` past the first, and `case_links`: most cases have none to read. */
  extras: number;
  /** Title, reason and ids in lower case: what a text is looked for in, the same on every engine. */
  search_text: string;
}

export interface InvestigationEvents {
  case_id: string;
  /** 1, 2, 3... within the case. */
  seq: number;
  type: string;
  summary: string;
  at: string;
  /** Version of the case after the event. */
  version: number;
  /** What changed, as canonical JSON; large values by their SHA-256. */
  data: string;
  prev_hash: string;
  hash: string;
}

export interface Evidence {
  case_id: string;
  position: number;
  evidence_id: string;
  rule: string;
  family: string;
  statement: string;
  weight: number;
  source: string;
  query_id: string | null;
  row_sha256: string | null;
  first_at: string | null;
  last_at: string | null;
  /** The whole EvidenceItem as JSON: what is read back. The columns above are for queries. */
  item: string;
}

export interface Stages {
  case_id: string;
  stage: string;
  state: 'running' | 'done' | 'failed';
  owner: string;
  lease_until: string;
  attempts: number;
  result: string | null;
  started_at: string;
  finished_at: string | null;
}

export interface Effects {
  /** `investigation:stage:effect:target`. */
  key: string;
  case_id: string;
  state: 'claimed' | 'done';
  owner: string;
  lease_until: string;
  attempts: number;
  result: string | null;
  claimed_at: string;
  done_at: string | null;
}

export interface AlertsRaw {
  id: string;
  received_at: string;
  /** What came in, as JSON; a body that was not JSON is kept as a JSON string. */
  body: string;
  accepted: number;
  field: string | null;
  problem: string | null;
}

export interface DeadLetters {
  id: string;
  case_id: string;
  reason: string;
  attempts: number;
  at: string;
}

export interface PantherQueries {
  /** Hash over tenant, account, database and SQL. */
  key: string;
  /** Null while the query is being started. */
  query_id: string | null;
  started_at: string;
  expires_at: string;
}

export interface Approvals {
  id: string;
  /** Hash over the caller and its idempotency key. */
  dedup_key: string | null;
  /** The caller that asked; '' for the bridge's one token. */
  principal: string;
  status: 'pending' | 'approved' | 'denied' | 'timed_out' | 'cancelled';
  /** Grows with every change that the message has to show. */
  revision: number;
  action_digest: string;
  /** What was asked, as JSON (StoredRequest). */
  request: string;
  min_approvals: number;
  created_at: string;
  expires_at: string;
  settled_at: string | null;
  cancel_reason: string | null;
  /** An approved action has to begin by then. */
  use_before: string | null;
  used_at: string | null;
  used_by: string | null;
}

/** Append-only: one row for each decision that counted. */
export interface ApprovalVotes {
  approval_id: string;
  /** 1, 2, 3... within the approval. */
  seq: number;
  user_id: string;
  decision: 'approved' | 'denied';
  name: string;
  email: string | null;
  reason: string | null;
  at: string;
  /** Row of `interactions` that it came with. */
  interaction_id: string;
}

/** What is owed to the outside for an approval: messages to post and keep up to date, an outcome to announce. */
export interface ApprovalTasks {
  approval_id: string;
  kind: 'card' | 'escalation' | 'reminder' | 'outcome' | 'resume' | 'asked' | 'case';
  due_at: string;
  done: number;
  attempts: number;
  lease_owner: string | null;
  lease_until: string | null;
  /** Where the message is; null until it is posted. */
  channel: string | null;
  ts: string | null;
  permalink: string | null;
  /** Revision that the message shows. */
  shown_revision: number;
  last_error: string | null;
}

/** Clicks and answers from Slack, kept before they are acknowledged. */
export interface Interactions {
  id: string;
  received_at: string;
  /** Interaction as JSON; emptied once it is done. */
  body: string;
  done: number;
  due_at: string;
  attempts: number;
  lease_owner: string | null;
  lease_until: string | null;
  last_error: string | null;
}

/** Work that one process of several does. */
export interface Leases {
  name: string;
  owner: string;
  until: string;
}

/** The escalation of a case: one message and one thread. */
export interface Escalations {
  case_id: string;
  /** As it was asked for until it is posted, then Slack's id. */
  channel: string;
  ts: string | null;
  permalink: string | null;
  /** EscalationContent as JSON. */
  content: string;
  /** It only rises. */
  urgency: Urgency;
  /** The urgency that people have been told. */
  told_urgency: Urgency;
  /** Digest of the verdict that stands in the message or its thread; null before the first. */
  told_verdict: string | null;
  /** Responder as JSON. */
  acknowledged: string | null;
  investigating: string | null;
  /** Whom to call next: 0 is the reminder, then the list that is set up. */
  step: number;
  /** Calls that nobody answered. */
  unanswered: number;
  next_at: string | null;
  /** Messages in other channels that lead to the thread, as JSON. */
  pointers: string;
  /** Digest of what all messages show. */
  drawn: string | null;
  /** Grows with every change that the messages have to show. */
  revision: number;
  shown_revision: number;
  /** Version of the case that the messages show. */
  case_version: number;
  created_at: string;
  /** Nothing is tried before this. */
  due_at: string;
  attempts: number;
  lease_owner: string | null;
  lease_until: string | null;
  last_error: string | null;
}

/** A planned response and what became of it. */
export interface Responses {
  id: string;
  case_id: string;
  action: string;
  system: string;
  target: string;
  target_label: string;
  digest: string;
  status: ResponseStatus;
  /** PlannedStep[] as JSON. */
  steps: string;
  /** string[] as JSON. */
  warnings: string;
  /** StepResult[] as JSON. */
  results: string;
  reason: string | null;
  approval_id: string | null;
  rollback_approval_id: string | null;
  version: number;
  created_at: string;
  executed_at: string | null;
  settled_at: string | null;
}

/** One row, `all`: the brake on all responses, and what executions queue at. */
export interface ResponseBrake {
  name: string;
  /** Who halted them, when and why; null while nothing is halted. */
  halted: string | null;
}

/** How far each hunt on schedule has read. */
export type HuntStates = HuntState;

export type HuntFindings = HuntFinding;

export type HuntRuns = HuntRunRecord;

/** Bearer tokens. The token itself is nowhere. */
export interface AccessTokens {
  /** Public part of the token. */
  id: string;
  /** The principal. */
  name: string;
  /** SHA-256 over the whole token, in hex. */
  secret_hash: string;
  /** With spaces between them. */
  scopes: string;
  created_at: string;
  expires_at: string;
  revoked_at: string | null;
  last_used_at: string | null;
}

/** Signatures that were let in once, until their time is over anyway. */
export interface SeenSignatures {
  digest: string;
  until: string;
}

export interface RateWindows {
  key: string;
  window_start: string;
  used: number;
}

/** Results that were too large to be given at once, for their caller to go on reading. */
export interface ToolResults {
  id: string;
  /** Who may read it: the principal's name and how it proved it. */
  principal: string;
  tool: string;
  /** The result as JSON. */
  body: string;
  expires_at: string;
}

/** One entry of the audit trail. See observing/audit-trail.ts. */
export interface AuditEntries {
  /** One process from its start to its end. */
  chain: string;
  seq: number;
  at: string;
  /** `opened`, `closed`: the chain; `begun`: a call that can change something, before it runs; `ended`; `refused`. */
  kind: string;
  request_id: string | null;
  principal: string | null;
  proof: string | null;
  credential_id: string | null;
  transport: string | null;
  tool: string | null;
  arguments_sha256: string | null;
  outcome: string | null;
  code: string | null;
  duration_ms: number | null;
  trace_id: string | null;
  /** JSON, by kind. */
  detail: string | null;
  prev_hash: string;
  hash: string;
}

/** How far a chain was passed on to somebody. */
export interface AuditExports {
  target: string;
  chain: string;
  seq: number;
}

export interface Tables {
  access_tokens: AccessTokens;
  seen_signatures: SeenSignatures;
  rate_windows: RateWindows;
  tool_results: ToolResults;
  security_investigations: SecurityInvestigations;
  investigation_events: InvestigationEvents;
  evidence: Evidence;
  stages: Stages;
  effects: Effects;
  alerts_raw: AlertsRaw;
  dead_letters: DeadLetters;
  panther_queries: PantherQueries;
  approvals: Approvals;
  approval_votes: ApprovalVotes;
  approval_tasks: ApprovalTasks;
  interactions: Interactions;
  leases: Leases;
  escalations: Escalations;
  responses: Responses;
  response_brake: ResponseBrake;
  hunt_states: HuntStates;
  hunt_findings: HuntFindings;
  hunt_runs: HuntRuns;
  audit_entries: AuditEntries;
  audit_exports: AuditExports;
  case_additions: CaseAdditions;
  case_alerts: CaseAlerts;
  case_links: CaseLinks;
  case_marks: CaseMarks;
  case_tombstones: CaseTombstones;
}
