import { z } from 'zod';
import { type CaseRecord, type CaseStatus, type CasesPort, settledStatuses } from '../cases';
import { ConflictError, InvalidInputError } from '../errors';
import { defineOperation } from '../operation';
import type { Ports } from '../ports';
import { containmentState } from '../response/containment-state';
import { cleanLine } from '../text';
import { caseIdInput, caseNamed, caseSummarySchema, casesOf, summaryOf } from './case-summary';
import type { Outcome } from './evidence';

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

/**
 * Closes a true positive without a person: only once everybody whom its hostile evidence is about is contained, as a second
 * read confirmed. Resolves to the case, and to what keeps it open.
 */
async function closeContained(
  ports: Ports,
  record: CaseRecord,
  resolution: string | undefined,
): Promise<{ record: CaseRecord; open: string[] }> {
  if (record.status !== 'responding' || record.outcome !== 'true_positive') return { record, open: [] };
  const responses = (await ports.responses?.ofCase(record.id)) ?? [];
  const { verified, open } = containmentState(record, responses);
  if (open.length > 0) return { record, open };
  const contained = `Contained: ${verified.map(({ id, target_label }) => `${target_label} (${id}, verified)`).join('; ')}`;
  const closed = await casesOf(ports).change(
    record.id,
    { status: 'closed', closed_at: ports.now().toISOString() },
    { type: 'closed', summary: cleanLine(`${contained}. ${resolution ?? ''}`, 1000).trim() },
  );
  return { record: closed, open: [] };
}

/** What a person decided about a settled case, stored in their name; undefined when the call carries no decision. */
async function decidedByPerson(
  cases: CasesPort,
  caseId: string,
  { outcome, reason, version }: { outcome?: Exclude<Outcome, 'needs_review'>; reason?: string; version?: number },
): Promise<CaseRecord | undefined> {
  if (outcome === undefined && reason === undefined && version === undefined) return undefined;
  const told = cleanLine(reason ?? '', 1000);
  if (outcome === undefined) throw new InvalidInputError('outcome', 'is needed for a decision');
  if (told === '') throw new InvalidInputError('reason', 'is needed for a decision');
  if (version === undefined) throw new InvalidInputError('version', 'is needed for a decision');
  return cases.closeByPerson(caseId, { version, outcome, reason: told });
}

function statementOf({ id, status, outcome }: CaseRecord, open: readonly string[]): string {
  if (open.length > 0) return `Case ${id} stays open: ${open.slice(0, 10).join('; ')}.`;
  if (status === 'closed') return `Case ${id} is closed.`;
  const why = status === 'awaiting_approval' ? 'people are asked about a response' : 'a person has to look at it';
  return `Case ${id} stays ${status.replace('_', ' ')} (${outcome?.replace('_', ' ') ?? 'not decided'}): ${why}.`;
}

export const closeCase = defineOperation({
  name: 'close_case',
  toolset: 'investigation',
  resource: 'Case',
  title: 'Close',
  action: 'Close a case',
  description:
    'Ends the automated part of a case. A benign or false positive becomes closed; a true positive becomes responding, in the hands of those it was escalated to, and closed once everybody whom its hostile evidence is about is contained with a verified response; what could not be decided, and a containment that was denied, failed or stopped, waits for a person as needs_review. Needs a verdict and a report, and an escalation for every true positive, needs_review, HIGH or CRITICAL case; else it names the missing step. A settled case that cannot be closed is returned unchanged, with the reason in statement. With outcome, reason and version it is instead a decision of a person about a settled case: only for callers that the bridge authenticated as a person named in SOC_CASE_CLOSERS, whose name is kept.',
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
    resolution: z
      .string()
      .max(500)
      .optional()
      .describe('How it ended, for the record; up to 500 characters. It decides nothing'),
    outcome: z
      .enum(['true_positive', 'benign_positive', 'false_positive'])
      .optional()
      .describe("A person's decision on a settled case; with reason and version"),
    reason: z.string().max(1000).optional().describe('Why the person decided so, up to 1000 characters'),
    version: z.number().int().min(1).optional().describe('Version of the case as the person read it'),
  }),
  output: caseSummarySchema.extend({ statement: z.string().describe('Where the case stands, and why') }),
  example: { case_id: '$case_id' },
  async run(ports, { case_id, allow_unescalated, resolution, ...decision }) {
    const decided = await decidedByPerson(casesOf(ports), case_id, decision);
    if (decided !== undefined) return { ...summaryOf(decided), statement: statementOf(decided, []) };
    const settled = await settleCase(casesOf(ports), case_id, ports.now(), allow_unescalated);
    const { record, open } = await closeContained(ports, settled, resolution);
    return { ...summaryOf(record), statement: statementOf(record, open) };
  },
});
