import { z } from 'zod';

/** Metrics that come as series, and the totals. */
export const metricKinds = [
  'alerts_per_severity',
  'alerts_per_rule',
  'events_per_log_type',
  'bytes_ingested_per_source',
  'bytes_processed_per_source',
  'bytes_queried_per_source',
  'latency_per_log_type',
  'totals',
] as const;
export type MetricKind = (typeof metricKinds)[number];

export interface MetricField {
  kind: MetricKind;
  /** In Panther's GraphQL schema. */
  field: string;
  unit: 'alerts' | 'events' | 'bytes' | 'seconds';
  /** What its entries have beside label and value; null for a plain number. */
  has: 'entity' | 'breakdown' | 'nothing' | null;
}

/** Every field of `MetricsOutput` that is read. */
export const metricFields: readonly MetricField[] = [
  { kind: 'alerts_per_severity', field: 'alertsPerSeverity', unit: 'alerts', has: 'breakdown' },
  { kind: 'alerts_per_rule', field: 'alertsPerRule', unit: 'alerts', has: 'entity' },
  { kind: 'events_per_log_type', field: 'eventsProcessedPerLogType', unit: 'events', has: 'breakdown' },
  { kind: 'bytes_ingested_per_source', field: 'bytesIngestedPerSource', unit: 'bytes', has: 'nothing' },
  { kind: 'bytes_processed_per_source', field: 'bytesProcessedPerSource', unit: 'bytes', has: 'breakdown' },
  { kind: 'bytes_queried_per_source', field: 'bytesQueriedPerSource', unit: 'bytes', has: 'breakdown' },
  { kind: 'latency_per_log_type', field: 'latencyPerLogType', unit: 'seconds', has: 'nothing' },
  { kind: 'totals', field: 'totalAlerts', unit: 'alerts', has: null },
  { kind: 'totals', field: 'totalEventsProcessed', unit: 'events', has: null },
  { kind: 'totals', field: 'totalBytesIngested', unit: 'bytes', has: null },
  { kind: 'totals', field: 'totalBytesProcessed', unit: 'bytes', has: null },
  { kind: 'totals', field: 'totalBytesQueried', unit: 'bytes', has: null },
];

/** A document that asks for these fields and nothing else. */
export function metricsDocument(fields: readonly MetricField[], breakdown: boolean): string {
  const selections = fields.map(({ field, has }) => {
    if (has === null) return field;
    const more = has === 'entity' ? ' entityId' : has === 'breakdown' && breakdown ? ' breakdown' : '';
    return `${field} { label value${more} }`;
  });
  return `query GetMetrics($input: MetricsInput!) { metrics(input: $input) { ${selections.join(' ')} } }`;
}

const entry = z.object({
  label: z.string(),
  value: z.number(),
  entityId: z.string().nullish(),
  breakdown: z.unknown(),
});
export type MetricEntry = z.output<typeof entry>;

export const metricsAnswer = z.object({
  metrics: z.record(z.union([z.number(), z.array(entry)]).nullish()),
});

/** Intervals that are known to be accepted, in minutes. */
export const intervals = [15, 30, 60, 180, 360, 720, 1440] as const;

/** The finest interval that cuts a window, in milliseconds, into at most 100 pieces; a day when none does. */
export function intervalFor(windowMs: number): number {
  return intervals.find((minutes) => windowMs / (minutes * 60_000) <= 100) ?? 1440;
}
