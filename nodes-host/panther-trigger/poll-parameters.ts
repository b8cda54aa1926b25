import type { PollSettings } from './poll-cursor';

export interface PollParameters extends PollSettings {
  /** Input of list_alerts: only what was set. */
  filters: Record<string, unknown>;
}

const minuteMs = 60_000;

/** The node's parameters with their limits; what is not set has its default. */
export function pollParameters(parameter: (name: string, fallback: unknown) => unknown): PollParameters {
  const filters = fieldsOf(parameter('filters', {}));
  const options = fieldsOf(parameter('options', {}));
  return {
    filters: {
      ...listOf('severities', filters.severities),
      ...listOf('statuses', filters.statuses),
      ...listOf('log_types', filters.logTypes),
      ...textOf('detection_id', filters.detectionId),
      ...textOf('type', filters.type),
    },
    overlapMs: numberOf(options.overlapMinutes, 10, 1, 24 * 60) * minuteMs,
    lookBackMs: numberOf(options.lookBackMinutes, 0, 0, 30 * 24 * 60) * minuteMs,
    maxAlerts: numberOf(options.maxAlerts, 50, 1, 500),
    repeatAfterRestart: options.repeatAfterRestart !== false,
  };
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

/** A list, or text with commas, which an expression may give: a filter that is not understood must not be left out. */
function listOf(name: string, value: unknown): Record<string, unknown> {
  if (value === undefined || value === null) return {};
  const given: unknown[] = Array.isArray(value) ? value : typeof value === 'string' ? value.split(',') : [value];
  const items = given
    .map((item) => (typeof item === 'object' ? item : String(item).trim()))
    .filter((item) => item !== '');
  return items.length === 0 ? {} : { [name]: items };
}

/** What is no text goes on as it is, for list_alerts to refuse. */
function textOf(name: string, value: unknown): Record<string, unknown> {
  if (value === undefined || value === null) return {};
  const text = typeof value === 'object' ? value : String(value).trim();
  return text === '' ? {} : { [name]: text };
}

function numberOf(value: unknown, fallback: number, least: number, most: number): number {
  const number = value === undefined || value === null || value === '' ? fallback : Number(value);
  return Number.isFinite(number) ? Math.min(most, Math.max(least, Math.floor(number))) : fallback;
}
