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
      ...listOf('log_types', String(filters.logTypes ?? '').split(',')),
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

function listOf(name: string, value: unknown): Record<string, string[]> {
  const items = (Array.isArray(value) ? value : []).map((item) => String(item).trim()).filter((item) => item !== '');
  return items.length === 0 ? {} : { [name]: items };
}

function textOf(name: string, value: unknown): Record<string, string> {
  const text = typeof value === 'string' ? value.trim() : '';
  return text === '' ? {} : { [name]: text };
}

function numberOf(value: unknown, fallback: number, least: number, most: number): number {
  const number = value === undefined || value === null || value === '' ? fallback : Number(value);
  return Number.isFinite(number) ? Math.min(most, Math.max(least, Math.floor(number))) : fallback;
}
