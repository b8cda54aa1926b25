import { z } from 'zod';
import { cleanJson, cleanLine, cleanText, type Json } from '../text';

/** What Panther calls the four states of an alert. */
export const alertStatuses = ['OPEN', 'TRIAGED', 'RESOLVED', 'CLOSED'] as const;
export const alertSeverities = ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW', 'INFO'] as const;
/** The three lists of alerts that Panther keeps. */
export const alertTypes = ['ALERT', 'DETECTION_ERROR', 'SYSTEM_ERROR'] as const;
export type AlertListing = (typeof alertTypes)[number];
/** What raised an alert, within its list. */
export const alertSubTypes = [
  'CORRELATION_RULE',
  'POLICY',
  'RULE',
  'RULE_ERROR',
  'SCHEDULED_RULE',
  'SCHEDULED_RULE_ERROR',
] as const;
export const alertQualities = ['NOISE', 'USEFUL'] as const;

export const statusMeaning =
  'OPEN, TRIAGED (somebody works on it), RESOLVED (true, and dealt with) or CLOSED (Panther shows it as "Invalid": a false positive)';

const text = z.string().nullish().catch(null);
const actor = z.object({ id: text, type: text }).nullish().catch(null);
const detection = z.object({ id: text, type: text, name: text }).nullish().catch(null);

/**
 * An alert as the REST API gives it. Only the id must be there: an alert with an unusual field is still an alert.
 */
export const alertRecord = z.object({
  id: z.string().min(1),
  title: text,
  severity: text,
  status: text,
  type: text,
  createdAt: text,
  firstEventOccurredAt: text,
  lastReceivedEventAt: text,
  updatedAt: text,
  eventCount: z.number().nullish().catch(null),
  description: text,
  runbook: text,
  reference: text,
  context: z.unknown(),
  detection,
  assignee: actor,
  updatedBy: actor,
  quality: text,
  contextTags: z.array(z.string()).nullish().catch(null),
  deliveries: z
    .array(
      z.object({
        outputId: text,
        label: text,
        message: text,
        dispatchedAt: text,
        statusCode: z.number().nullish().catch(null),
        success: z.boolean().nullish().catch(null),
      }),
    )
    .nullish()
    .catch(null),
  systemError: z.record(z.unknown()).nullish().catch(null),
});
export type AlertRecord = z.infer<typeof alertRecord>;

const actorOutput = z.object({ id: z.string(), type: z.string().nullable() }).nullable();

/** What lists show of an alert. */
export const alertSummary = z.object({
  id: z.string(),
  title: z.string().describe('Made from log fields: text that an attacker may have written'),
  severity: z.string().nullable(),
  status: z.string().nullable().describe(statusMeaning),
  type: z.string().nullable().describe('What raised it, e.g. RULE, POLICY, SCHEDULED_RULE, RULE_ERROR'),
  created_at: z.string().nullable(),
  first_event_at: z.string().nullable(),
  last_event_at: z.string().nullable(),
  event_count: z.number().nullable(),
  detection: z
    .object({ id: z.string(), type: z.string().nullable(), name: z.string().nullable() })
    .nullable()
    .describe('Rule, policy or scheduled rule that raised it; null for errors of the system'),
  assignee: actorOutput.describe('Null when nobody is assigned'),
  quality: z.string().nullable().describe('NOISE, USEFUL, or null when nobody has judged it'),
  context_tags: z.array(z.string()),
});

/** The whole record. */
export const alertDetails = alertSummary.extend({
  updated_at: z.string().nullable(),
  updated_by: actorOutput,
  description: z.string().nullable(),
  runbook: z.string().nullable(),
  reference: z.string().nullable(),
  context: z.unknown().describe('What the rule noted about the events, as JSON. Texts in it come from logs'),
  deliveries: z
    .array(
      z.object({
        destination_id: z.string().nullable(),
        label: z.string().nullable(),
        success: z.boolean().nullable(),
        status_code: z.number().nullable(),
        message: z.string().nullable(),
        dispatched_at: z.string().nullable(),
      }),
    )
    .describe('Attempts to send the alert to a destination'),
  deliveries_failed: z.number().int().describe('How many of these attempts failed'),
  system_error: z.unknown().describe('What broke, for alerts of type SYSTEM_ERROR; else null'),
});

export function summaryOf(alert: AlertRecord): z.infer<typeof alertSummary> {
  return {
    id: cleanLine(alert.id, 128),
    title: cleanLine(alert.title ?? '', 500),
    severity: word(alert.severity),
    status: word(alert.status),
    type: word(alert.type),
    created_at: word(alert.createdAt),
    first_event_at: word(alert.firstEventOccurredAt),
    last_event_at: word(alert.lastReceivedEventAt),
    event_count: alert.eventCount ?? null,
    detection: detectionOf(alert),
    assignee: actorOf(alert.assignee),
    quality: word(alert.quality),
    context_tags: tagsOf(alert),
  };
}

export function detailsOf(alert: AlertRecord): z.infer<typeof alertDetails> {
  const deliveries = (alert.deliveries ?? []).map((delivery) => ({
    destination_id: word(delivery.outputId),
    label: word(delivery.label),
    success: delivery.success ?? null,
    status_code: delivery.statusCode ?? null,
    message: word(delivery.message, 1000),
    dispatched_at: word(delivery.dispatchedAt),
  }));
  return {
    ...summaryOf(alert),
    updated_at: word(alert.updatedAt),
    updated_by: actorOf(alert.updatedBy),
    description: prose(alert.description),
    runbook: prose(alert.runbook),
    reference: word(alert.reference, 2000),
    context: jsonOf(alert.context),
    deliveries,
    deliveries_failed: deliveries.filter(({ success }) => success === false).length,
    system_error: jsonOf(alert.systemError),
  };
}

/** Tags as they are, for comparing and for writing them back; Panther's own pattern keeps them harmless. */
export function tagsOf(alert: AlertRecord): string[] {
  return (alert.contextTags ?? []).map((tag) => cleanLine(tag, 100));
}

function detectionOf({ detection: given }: AlertRecord) {
  const id = word(given?.id, 256);
  return id === null ? null : { id, type: word(given?.type), name: word(given?.name, 500) };
}

const actorKinds = new Set(['user', 'api-token', 'token', 'apitoken', 'system']);

/** Who did it. Panther's published description has id and type the wrong way round, so both orders are read. */
export function actorOf(given: { id?: string | null; type?: string | null } | null | undefined) {
  const id = word(given?.id, 256);
  const type = word(given?.type, 256);
  if (id === null) return null;
  const turned = actorKinds.has(id.toLowerCase()) && type !== null && !actorKinds.has(type.toLowerCase());
  return turned ? { id: type, type: id } : { id, type };
}

/** One line; null for what is absent or empty. */
function word(value: string | null | undefined, maxLength = 300): string | null {
  return value == null ? null : cleanLine(value, maxLength) || null;
}

function prose(value: string | null | undefined): string | null {
  return value == null ? null : cleanText(value, 16_000).trim() || null;
}

function jsonOf(value: unknown): Json {
  return value == null ? null : cleanJson(value);
}
