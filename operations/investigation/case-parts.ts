import { z } from 'zod';
import { caseStatuses } from '../cases';
import { alertSchema, severitySchema } from './alert';
import { outcomes } from './evidence';

/** Forms of what stands beside the verdict of a case. */
export const additionSchema = z.object({
  id: z.string().describe('A1, A2... within the case'),
  kind: z.enum(['note', 'evidence']),
  text: z.string(),
  source: z.string().nullable().describe('Where a statement comes from, as its author says; null for a note'),
  scrutiny: z.enum(['none', 'raise']).describe('raise: no rule may close the case'),
  severity: severitySchema.nullable().describe('The case is at least as severe; null leaves it'),
  author: z.string().nullable().describe('Whom the bridge authenticated; null for the holder of its shared token'),
  at: z.string(),
});

export const relatedAlertSchema = z.object({
  alert: alertSchema,
  joined_at: z.string(),
  shares: z.array(z.string()).describe('Entities in common with the case, as type:value'),
  looked_at: z.boolean().describe('Whether the questions of the case covered it; if not, no rule closes the case'),
});

export const linkSchema = z.object({ case_id: z.string(), reason: z.string(), at: z.string() });

export const caseEntrySchema = z.object({
  case_id: z.string(),
  status: z.enum(caseStatuses),
  version: z.number().int(),
  title: z.string(),
  severity: severitySchema,
  outcome: z.enum(outcomes).nullable(),
  probability: z.number().nullable(),
  reason: z.string().nullable(),
  alert_id: z.string(),
  source: z.string(),
  tenant: z.string(),
  rule_id: z.string().nullable(),
  opened_at: z.string(),
  updated_at: z.string(),
  closed_at: z.string().nullable(),
  closed_by: z.string().nullable(),
});
