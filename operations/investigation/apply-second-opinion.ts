import { z } from 'zod';
import { type CaseRecord, type CasesPort, settledStatuses } from '../cases';
import { InvalidInputError } from '../errors';
import { defineOperation } from '../operation';
import { cleanLine } from '../text';
import { caseIdInput, caseNamed, casesOf } from './case-summary';
import { type EvidenceItem, evidenceSchema, type Verdict, verdictSchema } from './evidence';
import { nextActions } from './next-actions';

/** What a model may say: that a person should look, and why. There is no word for anything else. */
const opinionSchema = z
  .object({
    scrutiny: z.enum(['none', 'raise']),
    reason: z.string().max(2000),
    evidence_ids: z.array(z.string().max(20)).max(50),
  })
  .strict();

export interface OpinionResult {
  verdict: Verdict;
  accepted: boolean;
  note: string;
}

function parsed(opinion: unknown): unknown {
  if (typeof opinion !== 'string') return opinion;
  // Models like to wrap JSON in a fence; nothing else around it is tolerated.
  const text = opinion.trim().replace(/^```(?:json)?\s*\n([\s\S]*?)\n?```$/, '$1');
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/**
 * Lets an opinion raise scrutiny: a closed verdict becomes needs_review. It can do nothing else, whatever it says: not
 * lower, not close, not act. When it is not accepted the verdict comes back as it went in, and the note says why.
 */
export function applyOpinion(verdict: Verdict, evidence: readonly EvidenceItem[], opinion: unknown): OpinionResult {
  const unchanged = (note: string): OpinionResult => ({ verdict, accepted: false, note });
  if (opinion === undefined || opinion === null || opinion === '') return unchanged('No second opinion was given.');
  const checked = opinionSchema.safeParse(parsed(opinion));
  if (!checked.success) {
    return unchanged('The second opinion was refused: it is not {scrutiny: none or raise, reason, evidence_ids}.');
  }
  const { scrutiny, reason, evidence_ids } = checked.data;
  const known = new Set(evidence.map((item) => item.id));
  if (!evidence_ids.every((id) => known.has(id))) {
    return unchanged('The second opinion was refused: it cites evidence that does not exist.');
  }
  if (scrutiny === 'none') return unchanged('The second opinion sees no reason to look closer.');
  if (evidence_ids.length === 0) return unchanged('The second opinion was refused: it cites no evidence.');
  if (verdict.outcome !== 'false_positive' && verdict.outcome !== 'benign_positive') {
    return unchanged('The second opinion asks for a closer look, which the verdict calls for already.');
  }
  const cited = [...new Set(evidence_ids)].join(', ');
  return {
    accepted: true,
    note: `Raised to needs_review by the second opinion: ${cleanLine(reason, 500)}`,
    verdict: {
      ...verdict,
      outcome: 'needs_review',
      reason: `Needs review: a second opinion asks a person to look at ${cited}. Before: ${verdict.reason}`,
      would_flip_if: [
        `A person finds the doubt about ${cited} unfounded: then it may be closed.`,
        ...verdict.would_flip_if,
      ],
    },
  };
}

/** Applies an opinion to the verdict of a case, and stores what it changed. The case must have been weighed. */
export async function storeOpinion(cases: CasesPort, record: CaseRecord, opinion: unknown): Promise<OpinionResult> {
  const { findings, evidence, coverage } = record;
  if (findings === null) throw new InvalidInputError('case_id', `case ${record.id} has no verdict yet`);
  const result = applyOpinion(findings.verdict, evidence, opinion);
  if (!result.accepted) return result;
  const { verdict } = result;
  await cases.change(
    record.id,
    {
      outcome: verdict.outcome,
      reason: verdict.reason,
      findings: { ...findings, verdict, next_actions: nextActions(verdict, evidence, coverage) },
    },
    { type: 'scrutiny_raised', summary: result.note },
  );
  return result;
}

export const applySecondOpinion = defineOperation({
  name: 'apply_second_opinion',
  toolset: 'investigation',
  resource: 'Case',
  title: 'Apply Second Opinion',
  action: 'Apply a second opinion to a verdict',
  description:
    "Takes a model's opinion {scrutiny: none | raise, reason, evidence_ids} on a verdict. All it can do is turn a false_positive or benign_positive into needs_review, citing evidence that exists. Anything else (garbage, instructions, unknown ids, nothing) leaves the verdict unchanged with accepted: false and a note. It never lowers severity, closes or acts. With case_id the verdict and evidence of the case are used and the result is stored.",
  effect: 'write',
  idempotent: true,
  services: [],
  permissions: [],
  runs: 'anywhere',
  runsFor: ({ case_id }) => (case_id === undefined ? 'anywhere' : 'bridge'),
  input: z.object({
    case_id: caseIdInput.optional().describe('Case whose verdict is meant; its stored verdict and evidence are used'),
    verdict: verdictSchema.optional().describe('Verdict of correlate_evidence; needed without case_id'),
    evidence: z
      .array(evidenceSchema)
      .max(100)
      .default([])
      .describe('Evidence of correlate_evidence; used without case_id'),
    opinion: z
      .unknown()
      .describe('What the model answered: an object {scrutiny, reason, evidence_ids} or its JSON text; may be absent'),
  }),
  output: z.object({
    case_id: z.string().nullable(),
    accepted: z.boolean().describe('True when the opinion changed the verdict'),
    note: z.string(),
    verdict: verdictSchema,
  }),
  example: {
    verdict: {
      outcome: 'false_positive',
      severity: 'LOW',
      probability: 0.06,
      log_odds: -2.8,
      prior: { log_odds: 0, basis: 'No history of the rule: even odds.' },
      reason: 'False positive (probability 0.06): no sensitive call [E1]',
      would_flip_if: [],
      not_seen: [],
    },
    evidence: [
      {
        id: 'E1',
        rule: 'no_sensitive_call_seen',
        family: 'exculpatory',
        statement: 'No call in the window gives access, runs code, moves data out or stops recording.',
        weight: -1.2,
        strength: 'moderate',
        techniques: [],
        source: 'panther:aws_cloudtrail',
        query_id: 'example-query',
        query_label: 'actor_activity',
        row_refs: ['example-row'],
        row_sha256: null,
        first_at: null,
        last_at: null,
      },
    ],
    opinion: { scrutiny: 'raise', reason: 'The address belongs to a hosting provider.', evidence_ids: ['E1'] },
  },
  async run(ports, { case_id, verdict, evidence, opinion }) {
    if (case_id === undefined) {
      if (verdict === undefined) throw new InvalidInputError('verdict', 'is needed when no case_id is given');
      return { case_id: null, ...applyOpinion(verdict, evidence, opinion) };
    }
    const cases = casesOf(ports);
    const record = await caseNamed(cases, case_id);
    if (record.findings === null)
      throw new InvalidInputError('case_id', `case ${case_id} has no verdict yet; run correlate_evidence first`);
    if (settledStatuses.includes(record.status)) {
      const { verdict: kept } = record.findings;
      return { case_id, accepted: false, note: 'The case is settled; its verdict stays.', verdict: kept };
    }
    const result = await storeOpinion(cases, record, opinion);
    return { case_id, ...result };
  },
});
