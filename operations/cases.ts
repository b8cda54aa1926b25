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

/** Statuses in which the automated part has ended; later calls return what is stored instead of working again. */
export const settledStatuses: readonly CaseStatus[] = ['needs_review', 'responding', 'closed', 'failed'];

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
  opened_at: string;
  updated_at: string;
  closed_at: string | null;
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
  >
>;

export interface CaseEvent {
  /** e.g. `evidence_correlated`, `escalated`, `closed`. */
  type: string;
  summary: string;
}

/** What the bridge's case store offers to operations. Every method is durable before it resolves. */
export interface CasesPort {
  /** Keeps what came in, usable or not, in `alerts_raw`; resolves to the row's id. */
  recordAlert(body: unknown, result: { accepted: boolean; field?: string; problem?: string }): Promise<string>;
  /** One case per `dedup_key`, decided by the unique key inside the transaction. */
  open(input: {
    dedup_key: string;
    alert: Alert;
    title: string;
    severity: Severity;
  }): Promise<{ record: CaseRecord; created: boolean }>;
  get(id: string): Promise<CaseRecord | undefined>;
  /** Applies the change and appends the event in one transaction; the version is read and bumped inside it. */
  change(id: string, change: CaseChange, event: CaseEvent): Promise<CaseRecord>;
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
