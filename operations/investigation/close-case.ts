import { z } from 'zod';
import { type CaseRecord, type CaseStatus, type CasesPort, settledStatuses } from '../cases';
import { ConflictError } from '../errors';
import { defineOperation } from '../operation';
import { caseIdInput, caseNamed, caseSummarySchema, casesOf, summaryOf } from './case-summary';

/** People have to know of it: anything that was not explained, and anything severe. */
export function needsEscalation(record: Pick<CaseRecord, 'outcome' | 'severity'>): boolean {
  const open = record.outcome === 'true_positive' || record.outcome === 'needs_review' || record.outcome === null;
  return open || record.severity === 'HIGH' || record.severity === 'CRITICAL';
}

/** Where a case ends up. Without the escalation it needs, it waits for a person, whatever the verdict. */
function finalStatus(record: CaseRecord): CaseStatus {
  if (needsEscalation(record) && record.escalation === null) return 'needs_review';
  if (record.outcome === 'true_positive') return 'responding';
  return record.outcome === 'benign_positive' || record.outcome === 'false_positive' ? 'closed' : 'needs_review';
}

/** Throws ConflictError that names the step to do first; `details.missing` is its operation. */
function missing(caseId: string, operation: string, why: string): ConflictError {
  return new ConflictError(`Case ${caseId} cannot be closed: ${why}. Run ${operation} first.`, {
    case_id: caseId,
    missing: operation,
  });
}

/** Ends the automated part of a case. A settled case is returned as it is. */
export async function settleCase(
  cases: CasesPort,
  caseId: string,
  now: Date,
  allowUnescalated: boolean,
): Promise<CaseRecord> {
  const record = await caseNamed(cases, caseId);
  if (settledStatuses.includes(record.status)) return record;
  if (record.outcome === null) throw missing(caseId, 'correlate_evidence', 'it has no verdict');
  if (record.report_markdown === null) throw missing(caseId, 'generate_incident_report', 'it has no report');
  if (needsEscalation(record) && record.escalation === null && !allowUnescalated) {
    throw missing(
      caseId,
      'escalate_to_soc_team',
      `nobody was told of a ${record.severity} case with outcome ${record.outcome}`,
    );
  }
  const status = finalStatus(record);
  return cases.change(
    caseId,
    { status, closed_at: status === 'closed' ? now.toISOString() : null },
    { type: status === 'closed' ? 'closed' : 'handed_over', summary: `The automated part ended: ${status}` },
  );
}

export const closeCase = defineOperation({
  name: 'close_case',
  toolset: 'investigation',
  resource: 'Case',
  title: 'Close',
  action: 'Close a case',
  description:
    'Ends the automated part of a case. A benign or false positive becomes closed; a true positive becomes responding, in the hands of those it was escalated to; what could not be decided becomes needs_review. Needs a verdict and a report, and an escalation for every true positive, needs_review, HIGH or CRITICAL case; else it names the missing step. A settled case is returned unchanged.',
  effect: 'write',
  idempotent: true,
  services: [],
  permissions: [],
  runs: 'bridge',
  input: z.object({
    case_id: caseIdInput,
    allow_unescalated: z
      .boolean()
      .default(false)
      .describe('Close although nobody was told in Slack; the case then waits as needs_review. Default: false'),
  }),
  output: caseSummarySchema,
  example: { case_id: '$case_id' },
  run: async (ports, { case_id, allow_unescalated }) =>
    summaryOf(await settleCase(casesOf(ports), case_id, ports.now(), allow_unescalated)),
});
