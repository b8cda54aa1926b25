import { z } from 'zod';
import { type CaseRecord, type CasesPort, caseStatuses } from '../cases';
import { NotFoundOrNoAccessError, OperationError } from '../errors';
import type { Ports } from '../ports';
import { severitySchema } from './alert';
import { coverageSchema, outcomes } from './evidence';

export const caseIdInput = z.string().min(1).max(64).describe('Id of the case, e.g. INV-0123456789ABCDEFG');

/** What a caller needs to know about a case without its evidence. */
export const caseSummarySchema = z.object({
  case_id: z.string(),
  status: z.enum(caseStatuses),
  title: z.string(),
  outcome: z.enum(outcomes).nullable().describe('null until evidence was correlated'),
  severity: severitySchema,
  probability: z.number().nullable().describe('Probability of a true positive, 0 to 1'),
  reason: z.string().nullable().describe('One sentence: why this outcome'),
  evidence_count: z.number().int(),
  coverage: z.array(coverageSchema).describe('What was looked at and what not'),
  next_actions: z.array(z.string()),
  escalation: z
    .object({ channel: z.string(), ts: z.string(), permalink: z.string().nullable() })
    .nullable()
    .describe('The Slack message, when the case was escalated'),
  report_sha256: z.string().nullable(),
  opened_at: z.string(),
  closed_at: z.string().nullable(),
  closed_by: z.string().nullable().describe('The person who closed it, as authenticated; null when rules did'),
});
export type CaseSummary = z.infer<typeof caseSummarySchema>;

export function summaryOf(record: CaseRecord): CaseSummary {
  return {
    case_id: record.id,
    status: record.status,
    title: record.title,
    outcome: record.outcome,
    severity: record.severity,
    probability: record.probability,
    reason: record.reason,
    evidence_count: record.evidence.length,
    coverage: record.coverage,
    next_actions: record.findings?.next_actions ?? [],
    escalation: record.escalation,
    report_sha256: record.report_sha256,
    opened_at: record.opened_at,
    closed_at: record.closed_at,
    closed_by: record.closed_by,
  };
}

/** The case store of this host. Throws when there is none: hosts send such calls to the bridge. */
export function casesOf(ports: Ports): CasesPort {
  if (ports.cases === undefined) {
    throw new OperationError(
      'unavailable',
      'Cases are kept by the bridge; this host has no case store. Call the bridge.',
    );
  }
  return ports.cases;
}

/** The stored case, or NotFoundOrNoAccessError. */
export async function caseNamed(cases: CasesPort, caseId: string): Promise<CaseRecord> {
  const record = await cases.get(caseId);
  if (record === undefined) throw new NotFoundOrNoAccessError('The case store', `case ${caseId}`);
  return record;
}
