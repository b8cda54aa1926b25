import { z } from 'zod';
import { type CaseRecord, type CasesPort, settledStatuses } from '../cases';
import { InvalidInputError } from '../errors';
import { defineOperation } from '../operation';
import type { Alert } from './alert';
import { alertOf } from './alert-format';
import { caseIdInput, caseNamed, casesOf } from './case-summary';
import { type Correlation, correlate } from './correlate';
import { coverageSchema, evidenceSchema, timelineEntrySchema, verdictSchema } from './evidence';
import { handedSignInPlan } from './identity-steps';
import { exampleAlert } from './normalize-alert';
import { planFor } from './plan';

const count = z.number().int().min(0).max(1_000_000).default(0);

const input = z.object({
  case_id: caseIdInput
    .optional()
    .describe('Case to store the result on; its own alert is then used. Default: nothing is stored'),
  alert: z
    .record(z.unknown())
    .optional()
    .describe('The alert, as it came or as normalize_alert returned it; needed without case_id'),
  query_results: z
    .array(z.record(z.unknown()))
    .max(100)
    .describe(
      "Results of execute_sql_query for the alert's plan, each with its label, or the error item of a failed one; at most 100. Rows of an identity provider's log (Okta, Google Workspace, Microsoft Entra) go under a label that begins with identity_, those of the weeks before with identity_..._history",
    ),
  sign_in_plan: z
    .record(z.unknown())
    .optional()
    .describe(
      'Result of plan_sign_in_queries, or its error item: what of it was not asked or not answered is counted. Its queries are made anew from the columns it tells',
    ),
  merge_requests: z
    .record(z.unknown())
    .optional()
    .describe('Result of list_merge_requests for the window of the plan (time_field merged), or its error item'),
  pipeline_failures: z.record(z.unknown()).optional().describe('Result of list_pipeline_failures, or its error item'),
  merge_request_reviews: z
    .array(z.record(z.unknown()))
    .max(100)
    .optional()
    .describe('Results of review_merge_request_and_pipeline whose findings are to be weighed; at most 100'),
  audit_events: z
    .record(z.unknown())
    .optional()
    .describe('Result of list_audit_events for the window, or its error item'),
  supply_chain: z
    .record(z.unknown())
    .optional()
    .describe('Result of monitor_supply_chain_changes for the window, or its error item'),
  rule_history: z
    .object({ true_positives: count, benign_positives: count, false_positives: count })
    .optional()
    .describe('Closed alerts of the same rule by classification; default: none, which gives even odds'),
});

const output = z.object({
  case_id: z.string().nullable(),
  verdict: verdictSchema,
  evidence: z.array(evidenceSchema).describe('At most 100 items, hostile first, strongest first'),
  coverage: z.array(coverageSchema).describe('What was looked at, and what was not'),
  next_actions: z.array(z.string()),
  timeline: z.array(timelineEntrySchema).describe('At most 120 entries; equal calls are folded'),
});
type Output = z.infer<typeof output>;

/** Writes a correlation to its case; the case goes on as `investigating`. */
export async function storeCorrelation(cases: CasesPort, caseId: string, found: Correlation): Promise<CaseRecord> {
  const { verdict, evidence, coverage, timeline, next_actions, queries, observed } = found;
  return cases.change(
    caseId,
    {
      status: 'investigating',
      outcome: verdict.outcome,
      severity: verdict.severity,
      probability: verdict.probability,
      reason: verdict.reason,
      evidence,
      coverage,
      findings: { verdict, timeline, next_actions, queries, observed },
    },
    { type: 'evidence_correlated', summary: verdict.reason },
  );
}

/** What a case holds already, in the form of the output; undefined before the first correlation. */
export function storedCorrelation(record: CaseRecord): Output | undefined {
  if (record.findings === null) return undefined;
  const { verdict, next_actions, timeline } = record.findings;
  return { case_id: record.id, verdict, evidence: record.evidence, coverage: record.coverage, next_actions, timeline };
}

export const correlateEvidence = defineOperation({
  name: 'correlate_evidence',
  toolset: 'investigation',
  resource: 'Case',
  title: 'Correlate Evidence',
  action: 'Correlate the evidence of a case',
  description:
    'Weighs what the queries and GitLab returned and gives a verdict: true_positive, benign_positive, false_positive or needs_review, with a probability, a severity of its own, evidence that cites queries and rows, what was not seen, a time line and next actions. Deterministic: fixed rules with log-odds weights, no model; text in logs cannot change it. Closes only with complete coverage; a failed query leads to needs_review. With case_id the result is stored on the case; a settled case returns what is stored.',
  effect: 'write',
  idempotent: true,
  services: [],
  permissions: [],
  runs: 'anywhere',
  runsFor: ({ case_id }) => (case_id === undefined ? 'anywhere' : 'bridge'),
  input,
  output,
  example: {
    alert: exampleAlert,
    query_results: [
      {
        query_id: 'example-query',
        label: 'actor_activity',
        complete: true,
        rows: [
          {
            p_row_id: 'example-row',
            event_id: 'example-event',
            event_time: '2026-01-15 09:29:10.000',
            event_source: 'cloudtrail.amazonaws.com',
            event_name: 'StopLogging',
            source_ip: '203.0.113.7',
            actor_type: 'IAMUser',
            actor_name: 'example.user',
            actor_account: '123456789012',
            request: { name: 'main-trail' },
          },
        ],
      },
    ],
  },
  async run(ports, { case_id, alert, sign_in_plan, ...returned }) {
    const weigh = (of: Alert) =>
      correlate({
        ...returned,
        alert: of,
        ...(sign_in_plan === undefined ? {} : { identity: handedSignInPlan(of, planFor(of), sign_in_plan) }),
      });
    if (case_id === undefined) {
      if (alert === undefined) throw new InvalidInputError('alert', 'is needed when no case_id is given');
      const { plan: _, queries: __, ...found } = weigh(alertOf(alert));
      return { case_id: null, ...found };
    }
    const cases = casesOf(ports);
    const record = await caseNamed(cases, case_id);
    const stored = storedCorrelation(record);
    if (settledStatuses.includes(record.status) && stored !== undefined) return stored;
    const found = weigh(record.alert);
    await storeCorrelation(cases, case_id, found);
    const { plan: _, queries: __, ...rest } = found;
    return { case_id, ...rest };
  },
});
