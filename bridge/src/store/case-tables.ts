/** Tables of the case service beside the case's own row; see tables.ts for the column types. */

/** Append-only: notes and statements that were added to a case. */
export interface CaseAdditions {
  case_id: string;
  /** 1, 2, 3... within the case. */
  seq: number;
  kind: 'note' | 'evidence';
  text: string;
  source: string | null;
  scrutiny: 'none' | 'raise';
  severity: string | null;
  author: string | null;
  at: string;
  /** Hash over what was said and by whom: the same twice is one. */
  digest: string;
}

/** Every alert of a case, the one that opened it among them. */
export interface CaseAlerts {
  dedup_key: string;
  case_id: string;
  /** 0 for the alert that opened the case. */
  position: number;
  /** Alert as JSON. */
  alert: string;
  raised_at: string;
  joined_at: string;
  /** `type:value` of shared entities, as JSON. */
  shares: string;
  looked_at: number;
  /** Row of `alerts_raw`; null when it came in before rows were linked. */
  raw_id: string | null;
}

/** One row for each direction. */
export interface CaseLinks {
  case_id: string;
  other_id: string;
  reason: string;
  at: string;
}

/** What a case can be found by: entities and rule of its alerts, techniques of its evidence. */
export interface CaseMarks {
  case_id: string;
  kind: 'entity' | 'technique' | 'rule';
  type: string;
  value: string;
}

/** Append-only and chained by hash: one row for each case that was purged, with where its own chain ended. */
export interface CaseTombstones {
  /** 1, 2, 3... in this database. */
  seq: number;
  case_id: string;
  /** SHA-256 of the deduplication key. */
  dedup_sha256: string;
  opened_at: string;
  closed_at: string;
  outcome: string | null;
  events: number;
  /** Hash of the case's last event. */
  head_hash: string;
  purged_at: string;
  /** Who had it purged: the account and host of the command. */
  purged_by: string;
  prev_hash: string;
  hash: string;
}
