import type { CaseChange, CaseRecord } from '../../../operations/cases';
import { canonicalJson, sha256Hex } from './event-chain';
import type { Evidence, SecurityInvestigations } from './tables';

type EvidenceItem = CaseRecord['evidence'][number];

/** The row and its evidence as the operations know a case. */
export function toRecord(row: SecurityInvestigations, items: readonly string[]): CaseRecord {
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
    opened_at: row.opened_at,
    updated_at: row.updated_at,
    closed_at: row.closed_at,
  };
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
