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

export interface Tables {
  security_investigations: SecurityInvestigations;
  investigation_events: InvestigationEvents;
  evidence: Evidence;
  stages: Stages;
  effects: Effects;
  alerts_raw: AlertsRaw;
  dead_letters: DeadLetters;
  panther_queries: PantherQueries;
}
