import type { Alert } from './investigation/alert';
import type { CoverageItem, EvidenceItem, Findings, Outcome, Severity } from './investigation/evidence';

/** `needs_review`: the automated part has ended without a decision, and a person has to make it. */
export const caseStatuses = [
  'opened',
  'investigating',
  'needs_review',
  'awaiting_approval',
  'responding',
  'closed',
  'failed',
] as const;
export type CaseStatus = (typeof caseStatuses)[number];

/** Statuses in which the investigation has ended; later calls return what is stored instead of working again. */
export const settledStatuses: readonly CaseStatus[] = [
  'needs_review',
  'awaiting_approval',
  'responding',
  'closed',
  'failed',
];

/** One row of `security_investigations` with its evidence. Times are ISO 8601 in UTC. */
export interface CaseRecord {
  id: string;
  dedup_key: string;
  status: CaseStatus;
  /** Grows by one with every change. */
  version: number;
  title: string;
  alert: Alert;
  severity: Severity;
  outcome: Outcome | null;
  /** Probability that the alert is a true positive, 0 to 1. */
  probability: number | null;
  /** One sentence: why this outcome. */
  reason: string | null;
  evidence: EvidenceItem[];
  coverage: CoverageItem[];
  /** The whole verdict, the time line, what to do next and the queries asked; null until evidence was correlated. */
  findings: Findings | null;
  escalation: { channel: string; ts: string; permalink: string | null } | null;
  report_markdown: string | null;
  /** SHA-256 of the report, hex. */
  report_sha256: string | null;
  /** What people and models added: it can ask for a closer look, and weighs nothing. */
  additions: CaseAddition[];
  /** Further alerts of the same rule about the same entities that joined, by the time they were raised. */
  related_alerts: RelatedAlert[];
  /** Other cases of the same rule about the same entities; each is linked back. */
  links: CaseLink[];
  opened_at: string;
  updated_at: string;
  closed_at: string | null;
  /** Who closed it, as authenticated: `principal NAME` or `Slack user ID`; null while open and when rules closed it. */
  closed_by: string | null;
}

/** A note, or a statement offered as evidence. It never has a weight: who wrote it may be mistaken, or lying. */
export interface CaseAddition {
  /** A1, A2... within the case. */
  id: string;
  kind: 'note' | 'evidence';
  text: string;
  /** Where a statement comes from, as its author says; null for a note. */
  source: string | null;
  /** `raise`: the case may not be closed without a person. */
  scrutiny: 'none' | 'raise';
  /** The case is at least as severe; null leaves it. */
  severity: Severity | null;
  /** Whom the bridge authenticated; null when its one shared token says nobody. Never what a writer says about itself. */
  author: string | null;
  /** ISO 8601 in UTC. */
  at: string;
}
export type NewAddition = Pick<CaseAddition, 'kind' | 'text' | 'source' | 'scrutiny' | 'severity'>;

export interface RelatedAlert {
  alert: Alert;
  joined_at: string;
  /** Entities it has in common with the case, as `type:value`. */
  shares: string[];
  /** Whether the questions of the case covered it: same entities, near in time, raised before the case was opened. */
  looked_at: boolean;
}

export interface CaseLink {
  case_id: string;
  reason: string;
  at: string;
}

/** What a case can be found by. All conditions hold at once; an absent one holds for every case. */
export interface CaseQuery {
  status?: readonly CaseStatus[];
  outcome?: readonly (Outcome | 'none')[];
  severity?: readonly Severity[];
  /** Opened at or after, ISO 8601 in UTC. */
  from?: string;
  /** Opened before. */
  to?: string;
  /** Value of an entity of its alerts, whole, in any case of letters. */
  entity?: string;
  /** Id of the alerts' rule, whole, in any case of letters. */
  rule?: string;
  /** Part of the title, the reason, or an id of alert or rule, in any case of letters. */
  text?: string;
  /** Newest first, after this place. */
  after?: { opened_at: string; id: string };
  limit: number;
}

/** A case in a list. */
export type CaseListEntry = Pick<
  CaseRecord,
  | 'id'
  | 'status'
  | 'version'
  | 'title'
  | 'alert'
  | 'severity'
  | 'outcome'
  | 'probability'
  | 'reason'
  | 'opened_at'
  | 'updated_at'
  | 'closed_at'
  | 'closed_by'
>;

/** What cases are compared by. Values are in lower case. */
export interface CaseMark {
  kind: 'entity' | 'technique' | 'rule';
  /** Kind of entity; source and tenant of a rule; empty for a technique. */
  type: string;
  value: string;
}

export interface SharedMarks {
  entry: CaseListEntry;
  /** Which of the marks asked for it has. */
  marks: CaseMark[];
}

export type CaseChange = Partial<
  Pick<
    CaseRecord,
    | 'status'
    | 'severity'
    | 'outcome'
    | 'probability'
    | 'reason'
    | 'evidence'
    | 'coverage'
    | 'findings'
    | 'escalation'
    | 'report_markdown'
    | 'report_sha256'
    | 'closed_at'
    | 'closed_by'
  >
>;

export interface CaseEvent {
  /** e.g. `evidence_correlated`, `escalated`, `closed`. */
  type: string;
  summary: string;
}

/** An event as it is stored: each hash covers the event and the hash before it. */
export interface CaseHistoryEntry extends CaseEvent {
  seq: number;
  /** ISO 8601 in UTC. */
  at: string;
  /** SHA-256, hex. */
  hash: string;
}

/** `joined`: this call's alert is a further one of a case that was open already. */
export interface OpenedRecord {
  record: CaseRecord;
  created: boolean;
  joined: boolean;
}

/** What became of an alert that came in. */
export interface RecordedAlert {
  accepted: boolean;
  field?: string;
  problem?: string;
  /** The JSON it was parsed from, kept as it came: parsing drops keys that stand twice. */
  text?: string;
}

/** What the bridge's case store offers to operations. Every method is durable before it resolves. */
export interface CasesPort {
  /** Keeps what came in, usable or not, in `alerts_raw`; resolves to the row's id. */
  recordAlert(body: unknown, result: RecordedAlert): Promise<string>;
  /**
   * One case per `dedup_key`, decided by the unique key inside the transaction. An alert of the same rule, source and tenant
   * that shares an entity joins the oldest open case within the window; a closed case is linked and stays closed.
   */
  open(input: {
    dedup_key: string;
    alert: Alert;
    title: string;
    severity: Severity;
    /** Row of `alerts_raw` that it came in with. */
    raw_id?: string;
  }): Promise<OpenedRecord>;
  get(id: string): Promise<CaseRecord | undefined>;
  /** The events of a case in order; empty for a case that is not there. */
  history(id: string): Promise<CaseHistoryEntry[]>;
  /**
   * Applies the change and appends the event in one transaction; the version is read and bumped inside it. A function is given
   * the status as it is inside the transaction, for a change that depends on it.
   */
  change(id: string, change: CaseChange | ((now: CaseStatus) => CaseChange), event: CaseEvent): Promise<CaseRecord>;
  /** Newest first; `more` when there are further ones after the last. */
  list(query: CaseQuery): Promise<{ entries: CaseListEntry[]; more: boolean }>;
  /** The newest cases, at most `limit`, that have one of the marks; with how many cases have each, and how many there are. */
  sharing(
    marks: readonly CaseMark[],
    except: string | null,
    limit: number,
  ): Promise<{ cases: SharedMarks[]; counts: number[]; total: number }>;
  /** Adds once, whatever is repeated, under the name of whoever calls; what was raised holds from then on. Throws ConflictError when a closed case would have to be raised. */
  add(id: string, addition: NewAddition): Promise<CaseRecord>;
  /** Gives a closed case back to people. Throws ConflictError when it is not closed or no longer of this version. */
  reopen(id: string, input: { version: number; reason: string }): Promise<CaseRecord>;
  /** Closes by a person's decision. Throws MissingPermissionError when the caller was not authenticated as one who may. */
  closeByPerson(
    id: string,
    input: { version: number; outcome: Exclude<Outcome, 'needs_review'>; reason: string },
  ): Promise<CaseRecord>;
  /**
   * Stage ledger: returns the stored result when the stage was finished before, else computes and stores it.
   * Results are JSON. A second caller of a stage in progress waits for it.
   */
  stage<T>(id: string, stage: string, compute: () => Promise<T>): Promise<T>;
  /**
   * Effect ledger (`investigation:stage:effect:target`): claims by insert, then performs. Somebody else's finished
   * effect is returned with `performed: false`; a claim left by a crash is first looked for with `recover`.
   */
  effect<T>(
    key: string,
    perform: () => Promise<T>,
    recover: () => Promise<T | undefined>,
  ): Promise<{ result: T; performed: boolean }>;
}
