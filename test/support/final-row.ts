import type { CaseRecord } from '../../operations/cases';

/** What must be equal when the same alert is investigated again: everything but ids minted on the way and times. */
export function finalRow(record: CaseRecord) {
  return {
    // Whether people were asked about a containment yet is a matter of moments.
    status: record.status === 'awaiting_approval' ? 'responding' : record.status,
    outcome: record.outcome,
    severity: record.severity,
    probability: record.probability,
    reason: record.reason,
    evidence: record.evidence.map(({ rule, family, statement, weight, row_refs, row_sha256 }) => ({
      rule,
      family,
      statement,
      weight,
      row_refs,
      row_sha256,
    })),
    coverage: record.coverage.map(({ label, status, rows }) => ({ label, status, rows })),
    escalated: record.escalation !== null,
    reported: record.report_markdown !== null,
  };
}
