import { z } from 'zod';
import { type CaseHistoryEntry, type CaseRecord, type CasesPort, settledStatuses } from '../cases';
import { defineOperation } from '../operation';
import { caseIdInput, caseNamed, casesOf } from './case-summary';
import { containmentKinds, type Report, renderReport } from './report';

export { renderReport } from './report';

/**
 * Writes the report of a case as it is now. A settled case keeps the report it was settled with, until people were asked about
 * containment or something was contained after it; a closed one keeps its report for good.
 */
export async function storeReport(cases: CasesPort, caseId: string): Promise<{ record: CaseRecord; report: Report }> {
  const record = await caseNamed(cases, caseId);
  const history = await cases.history(caseId);
  const report = renderReport(record, history);
  const { report_markdown: markdown, report_sha256: hash } = record;
  const kept = record.status === 'closed' || (settledStatuses.includes(record.status) && !containedSince(history));
  if (markdown !== null && hash !== null && (kept || hash === report.sha256)) {
    return { record, report: { ...report, markdown, sha256: hash } };
  }
  const changed = await cases.change(
    caseId,
    { report_markdown: report.markdown, report_sha256: report.sha256 },
    { type: 'report_generated', summary: `Report written, SHA-256 ${report.sha256}` },
  );
  return { record: changed, report };
}

/** Whether something about containment was written down after the last report. */
function containedSince(history: readonly CaseHistoryEntry[]): boolean {
  const last = history.findLastIndex(({ type }) => type === 'report_generated');
  return history.slice(last + 1).some(({ type }) => containmentKinds.test(type));
}

export const generateIncidentReport = defineOperation({
  name: 'generate_incident_report',
  toolset: 'investigation',
  resource: 'Case',
  title: 'Generate Report',
  action: 'Generate the incident report of a case',
  description:
    'Writes the report of a case as Markdown and stores it with its SHA-256: a page with outcome, severity, what happened, what is not known and next actions; then time line, entities, evidence with query ids and row hashes, ATT&CK techniques, escalation, containment, coverage and how to check it again. Every statement cites evidence; the same case gives the same bytes; a settled case keeps its report until something is contained. Text from logs is escaped.',
  effect: 'write',
  idempotent: true,
  services: [],
  permissions: [],
  runs: 'bridge',
  input: z.object({ case_id: caseIdInput }),
  output: z.object({
    case_id: z.string(),
    report_markdown: z.string(),
    report_sha256: z.string().describe('SHA-256 of the Markdown in UTF-8, hex'),
    sections: z.array(z.string()),
  }),
  example: { case_id: '$case_id' },
  async run(ports, { case_id }) {
    const { report } = await storeReport(casesOf(ports), case_id);
    return { case_id, report_markdown: report.markdown, report_sha256: report.sha256, sections: report.sections };
  },
});
