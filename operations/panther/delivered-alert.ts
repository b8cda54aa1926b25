import { InvalidInputError } from '../errors';
import { cleanJson, cleanLine, cleanText, type Json } from '../text';
import { plainAlertId, testAlertId } from './alert-id';

/** One alert as Panther's triggers hand it on, whichever way it came. Text is cleaned and capped; absent is null. */
export interface DeliveredAlert {
  alert_id: string;
  /** Id of the rule, policy or query that raised it. */
  detection_id: string | null;
  detection_name: string | null;
  title: string | null;
  /** Panther's word in capitals: INFO, LOW, MEDIUM, HIGH or CRITICAL. */
  severity: string | null;
  /** Panther's word, e.g. RULE or POLICY. */
  type: string | null;
  /** OPEN, TRIAGED, RESOLVED or CLOSED; Panther's webhook does not say it. */
  status: string | null;
  /** ISO 8601 in UTC. */
  created_at: string | null;
  link: string | null;
  tags: string[];
  context: { [key: string]: Json };
  description: string | null;
  runbook: string | null;
  /** Version of the detection. */
  version: string | null;
  source: 'panther';
  /** Sent by the test button of the destination. */
  test: boolean;
  received_by: 'webhook' | 'polling';
  /** What came, cleaned. */
  raw: { [key: string]: Json };
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * The body of Panther's custom webhook. In it `id` is the detection and `alertId` the alert. Only the alert's id is
 * required: an alert with an unusual field is still an alert. Throws InvalidInputError that names the field.
 */
export function readDeliveredAlert(body: unknown): DeliveredAlert {
  const fields = cleanFields(body);
  if (fields === undefined) throw new InvalidInputError('body', 'must be a JSON object');
  const id = alertIdOf('alertId', fields.alertId);
  const name = line(fields.name, 500);
  return {
    alert_id: id,
    detection_id: line(fields.id, 256),
    detection_name: name,
    title: line(fields.title, 500) ?? name,
    severity: line(fields.severity, 32)?.toUpperCase() ?? null,
    type: line(fields.type, 64),
    status: null,
    created_at: timeOf(fields.createdAt),
    link: linkOf(fields.link),
    tags: tagsOf(fields.tags),
    context: isFields(fields.alertContext) ? { ...fields.alertContext } : {},
    description: text(fields.description),
    runbook: text(fields.runbook),
    version: line(fields.version, 128),
    source: 'panther',
    test: id === testAlertId,
    received_by: 'webhook',
    raw: { ...fields },
  };
}

/** The same of a record of list_alerts. Throws InvalidInputError when it has no id. */
export function readListedAlert(record: unknown): DeliveredAlert {
  const fields = cleanFields(record);
  if (fields === undefined) throw new InvalidInputError('alert', 'must be a JSON object');
  const detection = isFields(fields.detection) ? fields.detection : {};
  return {
    alert_id: alertIdOf('id', fields.id),
    detection_id: line(fields.detection_id, 256) ?? line(detection.id, 256),
    detection_name: line(fields.detection_name, 500) ?? line(detection.name, 500),
    title: line(fields.title, 500),
    severity: line(fields.severity, 32)?.toUpperCase() ?? null,
    type: line(fields.type, 64),
    status: line(fields.status, 32),
    created_at: timeOf(fields.created_at),
    link: linkOf(fields.link ?? fields.url),
    tags: tagsOf(fields.tags),
    context: isFields(fields.context) ? { ...fields.context } : {},
    description: text(fields.description),
    runbook: text(fields.runbook),
    version: line(fields.version, 128),
    source: 'panther',
    test: false,
    received_by: 'polling',
    raw: { ...fields },
  };
}

type CleanFields = { readonly [key: string]: Json };

function cleanFields(value: unknown): CleanFields | undefined {
  return isFields(value) ? (cleanJson(value, 16_000) as CleanFields) : undefined;
}

function isFields(value: unknown): value is CleanFields & Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function alertIdOf(field: string, value: unknown): string {
  if (value === undefined || value === null) throw new InvalidInputError(field, 'is missing');
  if (typeof value !== 'string') throw new InvalidInputError(field, `must be text, not a ${typeof value}`);
  if (value.length > 256) throw new InvalidInputError(field, 'has more than 256 characters');
  const id = cleanLine(value, 256);
  if (id === '') throw new InvalidInputError(field, 'is empty');
  return plainAlertId(id);
}

function line(value: unknown, max: number): string | null {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' ? cleanLine(value, max) || null : null;
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? cleanText(value, 16_000).trim() || null : null;
}

function timeOf(value: unknown): string | null {
  const millis =
    typeof value === 'string' && /^\d{4}-\d\d-\d\dT.*(?:Z|[+-]\d\d:?\d\d)$/i.test(value)
      ? Date.parse(value)
      : Number.NaN;
  return Number.isNaN(millis) ? null : new Date(millis).toISOString();
}

function linkOf(value: unknown): string | null {
  if (typeof value !== 'string' || value.length > 2000) return null;
  try {
    const url = new URL(value);
    const isWeb = url.protocol === 'https:' || url.protocol === 'http:';
    return isWeb && url.username === '' && url.password === '' ? url.href : null;
  } catch {
    return null;
  }
}

function tagsOf(value: unknown): string[] {
  if (!Array.isArray(value)) return [];
  return [...new Set(value.slice(0, 100).flatMap((tag) => (typeof tag === 'string' ? (line(tag, 128) ?? []) : [])))];
}
