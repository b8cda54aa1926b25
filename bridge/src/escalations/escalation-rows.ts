import { z } from 'zod';
import type { CaseRecord } from '../../../operations/cases';
import {
  type EscalationContent,
  type EscalationState,
  escalationContentSchema,
  type Responder,
  type Urgency,
} from '../../../operations/escalations';
import { canonicalJson, sha256 } from '../../../operations/investigation/canonical-json';
import { closableStatuses } from '../store/case-adding';
import type { Escalations } from '../store/tables';

const responderSchema = z.object({ id: z.string(), name: z.string(), at: z.string() });
const pointerSchema = z.object({ channel: z.string(), ts: z.string(), why: z.enum(['unanswered', 'raised']) });
export type StoredPointer = z.output<typeof pointerSchema>;

export function contentOf(row: Escalations): EscalationContent {
  return escalationContentSchema.parse(JSON.parse(row.content));
}

export function pointersOf(row: Escalations): StoredPointer[] {
  return z.array(pointerSchema).parse(JSON.parse(row.pointers));
}

function responder(text: string | null): Responder | null {
  return text === null ? null : responderSchema.parse(JSON.parse(text));
}

/** What the message shows, of the row and the case together. */
export function stateOf(row: Escalations, record: CaseRecord, closing: boolean): EscalationState {
  return {
    ...(closing && closableStatuses.includes(record.status) ? { closable: true } : {}),
    urgency: row.urgency,
    acknowledged: responder(row.acknowledged),
    investigating: responder(row.investigating),
    unanswered: row.unanswered,
    verdict: record.outcome === null ? null : { outcome: record.outcome, severity: record.severity },
    closed: record.status === 'closed',
  };
}

/** Names a verdict by all that people are told of it; null before there is one. */
export function verdictDigest(record: CaseRecord): string | null {
  const { outcome, severity, reason, evidence } = record;
  if (outcome === null) return null;
  return sha256(canonicalJson({ outcome, severity, reason, evidence: evidence.map(({ id }) => id) })).slice(0, 32);
}

export const urgencyOfSeverity: Record<CaseRecord['severity'], Urgency> = {
  LOW: 'low',
  MEDIUM: 'medium',
  HIGH: 'high',
  CRITICAL: 'critical',
};
