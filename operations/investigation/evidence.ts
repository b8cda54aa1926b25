import { z } from 'zod';
import { type severities, severitySchema } from './alert';
import { observedTargetSchema } from './observed-targets';

export type Severity = (typeof severities)[number];

export const outcomes = ['true_positive', 'benign_positive', 'false_positive', 'needs_review'] as const;
export type Outcome = (typeof outcomes)[number];

/** One checkable statement. Weights are log-odds (natural logarithm); positive points to hostile. */
export const evidenceSchema = z.object({
  id: z.string().describe('Stable within the case, e.g. E3'),
  rule: z.string().describe('Name of the evidence rule that made it'),
  family: z.enum(['hostile', 'exculpatory', 'coverage']),
  statement: z.string().max(1000).describe('What was seen, in one sentence with counts'),
  weight: z.number().describe('Log-odds after the caps; coverage items weigh 0'),
  strength: z.enum(['weak', 'moderate', 'strong']),
  /** Techniques by ATT&CK id, e.g. T1098.001. */
  techniques: z.array(z.string()),
  source: z.string().describe('Where the fact comes from, e.g. panther:aws_cloudtrail'),
  query_id: z.string().nullable().describe('Id of the data lake query that returned the rows'),
  query_label: z.string().nullable(),
  row_refs: z
    .array(z.string())
    .describe('Event ids (eventID of CloudTrail, else p_row_id) of the rows it rests on, at most 20'),
  row_sha256: z.string().nullable().describe('SHA-256 of those rows as canonical JSON, hex'),
  first_at: z.string().nullable(),
  last_at: z.string().nullable(),
});
export type EvidenceItem = z.infer<typeof evidenceSchema>;

/** What was looked at: a query or a look-up that ran, failed or was cut. */
export const coverageSchema = z.object({
  label: z.string(),
  source: z.string(),
  status: z
    .enum(['complete', 'truncated', 'failed', 'not_run', 'not_available'])
    .describe('not_available: this tenant, edition or token does not have it, so that asking again would not help'),
  query_id: z.string().nullable(),
  /** When the data lake ran the query, ISO 8601: earlier than the case where a result was used again. Absent when unknown. */
  ran_at: z.string().optional(),
  rows: z.number().int().nullable(),
  /** Why it is not complete, and what therefore was not seen; null when complete. */
  problem: z.string().nullable(),
});
export type CoverageItem = z.infer<typeof coverageSchema>;

export const verdictSchema = z.object({
  outcome: z.enum(outcomes),
  severity: severitySchema,
  probability: z.number().min(0).max(1).describe('Probability of a true positive'),
  log_odds: z.number(),
  prior: z.object({ log_odds: z.number(), basis: z.string() }),
  reason: z.string().describe('One sentence: why this outcome'),
  would_flip_if: z.array(z.string()).describe('What would change the outcome'),
  not_seen: z.array(z.string()).describe('What could not be looked at'),
});
export type Verdict = z.infer<typeof verdictSchema>;

/** One line of the story: equal calls in a row are folded into one entry with a count. */
export const timelineEntrySchema = z.object({
  first_at: z.string().describe('ISO 8601 in UTC'),
  last_at: z.string(),
  actor: z.string().max(300),
  action: z.string().max(200).describe('e.g. iam:AttachUserPolicy, or what people did in GitLab'),
  target: z.string().max(300).nullable(),
  source_ip: z.string().max(100).nullable(),
  count: z.number().int(),
  result: z.enum(['succeeded', 'failed']),
  evidence_ids: z.array(z.string()).describe('Evidence that rests on these events'),
});
export type TimelineEntry = z.infer<typeof timelineEntrySchema>;

/** One query of the fixed plan, ready for execute_sql_query. */
export const plannedQuerySchema = z.object({
  label: z.string().max(64),
  purpose: z.string().max(300),
  sql: z.string().max(100_000),
  database: z.string().max(128),
  max_rows: z.number().int(),
});
export type PlannedQuery = z.infer<typeof plannedQuerySchema>;

/** What a correlation found, kept with the case in one column; evidence and coverage have their own places. */
export const findingsSchema = z.object({
  verdict: verdictSchema,
  timeline: z.array(timelineEntrySchema).max(200),
  next_actions: z.array(z.string().max(500)).max(20),
  queries: z.array(plannedQuerySchema).max(20).describe('The questions whose answers were weighed'),
  observed: z
    .array(observedTargetSchema)
    .max(200)
    .optional()
    .describe('Who and what the queries returned: only these can be the target of a response'),
});
export type Findings = z.infer<typeof findingsSchema>;
