import { z } from 'zod';
import { InvalidInputError } from '../errors';
import { defineOperation } from '../operation';
import { Deadline } from '../retry';
import { cleanJson, cleanLine, type Json } from '../text';
import { PantherClient } from './client';
import { intervalFor, intervals, type MetricEntry, type MetricKind, metricFields, metricKinds } from './metric-kinds';
import { readMetrics } from './read-metrics';

const dayMs = 24 * 3_600_000;
const longestDays = 366;
/** Points of one breakdown that are passed on. */
const mostPoints = 500;

const moment = z.string().datetime({ offset: true }).or(z.string().date());
const time = z
  .string()
  .max(40)
  .refine(
    (text) => moment.safeParse(text).success,
    'is not an ISO 8601 date, or time with Z or an offset, such as 2026-03-01 or 2026-03-01T08:00:00Z',
  );

const input = z.object({
  from: time
    .optional()
    .describe('Start of the window, ISO 8601 (2026-03-01 or 2026-03-01T08:00:00Z); default 7 days before to'),
  to: time.optional().describe('End of the window, ISO 8601 (2026-03-01 or 2026-03-01T08:00:00Z); default now'),
  interval_minutes: z
    .number()
    .int()
    .refine((minutes) => intervals.some((known) => known === minutes), `is not one of ${intervals.join(', ')}`)
    .optional()
    .describe(
      'Minutes of one point of a breakdown: 15, 30, 60, 180, 360, 720 or 1440. By default the finest that makes at most 100 points of the window.',
    ),
  kinds: z
    .array(z.enum(metricKinds))
    .min(1)
    .optional()
    .describe('Metrics to read; all unless given. Panther is asked for these only.'),
  include_breakdown: z
    .boolean()
    .default(false)
    .describe('Whether to add the value of each interval where Panther has it; default false'),
  limit: z
    .number()
    .int()
    .min(1)
    .max(1000)
    .default(20)
    .describe('Most series of each kind, largest first, 1 to 1000; default 20'),
});

const total = z.number().nullable();
const output = z.object({
  from: z.string(),
  to: z.string(),
  interval_minutes: z.number().int(),
  totals: z
    .object({
      alerts: total,
      events_processed: total,
      bytes_ingested: total,
      bytes_processed: total,
      bytes_queried: total,
    })
    .nullable()
    .describe('Over the window; null unless asked for, and each null when Panther cannot give it'),
  series: z
    .array(
      z.object({
        kind: z.enum(metricKinds),
        label: z.string().describe("Panther's own text: a severity, rule, log type or source"),
        entity_id: z.string().nullable().describe('Id of the rule, for alerts_per_rule'),
        value: z.number().describe('Over the whole window'),
        unit: z.enum(['alerts', 'events', 'bytes', 'seconds']),
        breakdown: z.unknown().describe('Value by start of interval; null unless include_breakdown'),
      }),
    )
    .describe('By kind, largest value first'),
  count: z.number().int(),
  complete: z.boolean().describe('False when limit left series out or something is unavailable'),
  left_out: z
    .array(z.object({ kind: z.enum(metricKinds), series: z.number().int() }))
    .describe('How many series limit left out, by kind'),
  unavailable: z
    .array(z.object({ kind: z.enum(metricKinds), field: z.string(), reason: z.string() }))
    .describe('What was asked for and this Panther cannot give'),
});

export const getMetrics = defineOperation({
  name: 'get_metrics',
  toolset: 'panther',
  resource: 'Metric',
  title: 'Get',
  action: 'Get metrics',
  description:
    "Returns Panther's own metrics of a window (default the last 7 days, at most 366 days): alerts by severity and by rule, events and latency by log type, bytes ingested, processed and queried by source, and totals. At most limit series of each kind (default 20), largest first. Latency is in seconds.",
  effect: 'read',
  idempotent: true,
  services: ['panther'],
  permissions: ['SummaryRead'],
  runs: 'anywhere',
  input,
  output,
  example: { kinds: ['alerts_per_severity', 'alerts_per_rule', 'totals'], limit: 10 },
  varies: ['from', 'to'],
  echoOnError: ['from', 'to'],
  list: 'series',
  async run(ports, { from, to, interval_minutes, kinds, include_breakdown, limit }) {
    const window = windowOf(ports.now(), from, to);
    const interval = interval_minutes ?? intervalFor(window.to - window.from);
    const wanted: readonly MetricKind[] = kinds ?? metricKinds;
    const fields = metricFields.filter(({ kind }) => wanted.includes(kind));
    const client = await PantherClient.connect(ports, new Deadline(ports, 60_000));
    const range = { fromDate: new Date(window.from).toISOString(), toDate: new Date(window.to).toISOString() };
    const { values, unavailable } = await readMetrics(
      client,
      { ...range, intervalInMinutes: interval },
      fields,
      include_breakdown,
    );
    const kept = fields.flatMap(({ kind, field, unit }) => {
      const entries = values.get(field);
      if (!Array.isArray(entries)) return [];
      const sorted = [...entries].sort((a, b) => b.value - a.value || (a.label < b.label ? -1 : 1));
      return [{ kind, unit, entries: sorted.slice(0, limit), left: Math.max(0, sorted.length - limit) }];
    });
    const series = kept.flatMap(({ kind, unit, entries }) => entries.map((entry) => shape(kind, unit, entry)));
    const left_out = kept.filter(({ left }) => left > 0).map(({ kind, left }) => ({ kind, series: left }));
    const number = (field: string): number | null => {
      const value = values.get(field);
      return typeof value === 'number' ? value : null;
    };
    return {
      from: range.fromDate,
      to: range.toDate,
      interval_minutes: interval,
      totals: wanted.includes('totals')
        ? {
            alerts: number('totalAlerts'),
            events_processed: number('totalEventsProcessed'),
            bytes_ingested: number('totalBytesIngested'),
            bytes_processed: number('totalBytesProcessed'),
            bytes_queried: number('totalBytesQueried'),
          }
        : null,
      series,
      count: series.length,
      complete: left_out.length === 0 && unavailable.length === 0,
      left_out,
      unavailable: unavailable.map(({ field, reason }) => ({ kind: field.kind, field: field.field, reason })),
    };
  },
});

function windowOf(now: Date, from: string | undefined, to: string | undefined): { from: number; to: number } {
  const end = to === undefined ? now.getTime() : Date.parse(to);
  const start = from === undefined ? end - 7 * dayMs : Date.parse(from);
  if (!(start < end)) throw new InvalidInputError('from', 'is not before to');
  if (end - start > longestDays * dayMs)
    throw new InvalidInputError('from', `is more than ${longestDays} days before to`);
  return { from: start, to: end };
}

function shape(kind: MetricKind, unit: 'alerts' | 'events' | 'bytes' | 'seconds', entry: MetricEntry) {
  return {
    kind,
    label: cleanLine(entry.label, 300),
    entity_id: entry.entityId == null ? null : cleanLine(entry.entityId, 300),
    value: entry.value,
    unit,
    breakdown: pointsOf(entry.breakdown),
  };
}

/** A breakdown is JSON of Panther's choice: times and values so far. Cleaned, and bounded in its points. */
function pointsOf(breakdown: unknown): Json {
  if (breakdown == null) return null;
  if (Array.isArray(breakdown)) return cleanJson(breakdown.slice(0, mostPoints), 200, 4);
  if (typeof breakdown !== 'object') return cleanJson(breakdown, 200);
  return cleanJson(Object.fromEntries(Object.entries(breakdown).slice(0, mostPoints)), 200, 4);
}
