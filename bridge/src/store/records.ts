import type {
  CaseAddition,
  CaseChange,
  CaseLink,
  CaseListEntry,
  CaseRecord,
  RelatedAlert,
} from '../../../operations/cases';
import type { Alert } from '../../../operations/investigation/alert';
import { folded } from '../../../operations/investigation/case-marks';
import type { CaseAdditions, CaseAlerts, CaseLinks } from './case-tables';
import { canonicalJson, sha256Hex } from './event-chain';
import type { Evidence, SecurityInvestigations } from './tables';

type EvidenceItem = CaseRecord['evidence'][number];

/** What a case has beside its row and its evidence. */
export interface Extras {
  additions: CaseAddition[];
  related_alerts: RelatedAlert[];
  links: CaseLink[];
}
export const noExtras: Extras = { additions: [], related_alerts: [], links: [] };

/** The row and its evidence as the operations know a case. */
export function toRecord(row: SecurityInvestigations, items: readonly string[], extras: Extras): CaseRecord {
  return {
    id: row.id,
    dedup_key: row.dedup_key,
    status: row.status as CaseRecord['status'],
    version: row.version,
    title: row.title,
    alert: JSON.parse(row.alert) as CaseRecord['alert'],
    severity: row.severity as CaseRecord['severity'],
    outcome: row.outcome as CaseRecord['outcome'],
    probability: row.probability,
    reason: row.reason,
    evidence: items.map((item) => JSON.parse(item) as EvidenceItem),
    coverage: JSON.parse(row.coverage) as CaseRecord['coverage'],
    findings: row.findings === null ? null : (JSON.parse(row.findings) as CaseRecord['findings']),
    escalation: row.escalation === null ? null : (JSON.parse(row.escalation) as CaseRecord['escalation']),
    report_markdown: row.report_markdown,
    report_sha256: row.report_sha256,
    ...extras,
    opened_at: row.opened_at,
    updated_at: row.updated_at,
    closed_at: row.closed_at,
    closed_by: row.closed_by,
  };
}

export const listColumns = [
  'id',
  'status',
  'version',
  'title',
  'alert',
  'severity',
  'outcome',
  'probability',
  'reason',
  'opened_at',
  'updated_at',
  'closed_at',
  'closed_by',
] as const;

/** A row of a list; the columns above are all it needs. */
export function toListEntry(row: Pick<SecurityInvestigations, (typeof listColumns)[number]>): CaseListEntry {
  return {
    ...row,
    status: row.status as CaseRecord['status'],
    severity: row.severity as CaseRecord['severity'],
    outcome: row.outcome as CaseRecord['outcome'],
    alert: JSON.parse(row.alert) as CaseRecord['alert'],
  };
}

export function toAddition(row: CaseAdditions): CaseAddition {
  const { seq, kind, text, source, scrutiny, severity, author, at } = row;
  return { id: `A${seq}`, kind, text, source, scrutiny, severity: severity as CaseAddition['severity'], author, at };
}

export function toRelatedAlert(row: CaseAlerts): RelatedAlert {
  return {
    alert: JSON.parse(row.alert) as Alert,
    joined_at: row.joined_at,
    shares: JSON.parse(row.shares) as string[],
    looked_at: row.looked_at === 1,
  };
}

export function toLink({ other_id, reason, at }: CaseLinks): CaseLink {
  return { case_id: other_id, reason, at };
}

/** What a text is looked for in; made here, because engines differ in what lower case is. */
export function searchText({ title, reason }: { title: string; reason: string | null }, alert: Alert): string {
  return folded([title, reason ?? '', alert.id, alert.rule?.id ?? '', alert.rule?.name ?? ''].join('\n'));
}

/** The columns a change sets; evidence has its own table. */
export function toColumns(change: CaseChange): Partial<SecurityInvestigations> {
  const { evidence: _, coverage, findings, escalation, ...plain } = change;
  const columns: Partial<SecurityInvestigations> = { ...plain };
  if (coverage !== undefined) columns.coverage = JSON.stringify(coverage);
  if (findings !== undefined) columns.findings = findings === null ? null : JSON.stringify(findings);
  if (escalation !== undefined) columns.escalation = escalation === null ? null : JSON.stringify(escalation);
  for (const key of Object.keys(columns) as (keyof SecurityInvestigations)[]) {
    if (columns[key] === undefined) delete columns[key];
  }
  return columns;
}

export function toEvidenceRows(caseId: string, items: readonly EvidenceItem[]): Evidence[] {
  return items.map((item, position) => ({
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
  }));
}

const byHash = ['evidence', 'coverage', 'findings', 'report_markdown'] as const;

/** A change as it goes into the event chain: small values as they are, large ones as `<field>_sha256`. */
export function toEventData(change: CaseChange): string {
  const data: Record<string, unknown> = { ...change };
  for (const field of byHash) {
    const value = change[field];
    delete data[field];
    if (value !== undefined && value !== null) {
      data[`${field}_sha256`] = sha256Hex(typeof value === 'string' ? value : canonicalJson(value));
    }
  }
  return canonicalJson(data);
}
