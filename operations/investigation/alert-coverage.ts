import type { Alert } from './alert';
import type { CoverageItem } from './evidence';

/** What the case says when the alert's own time is not sure: the queries may then have looked at the wrong hours. */
export const alertDataLabel = 'alert_data';

/** What of the alert itself keeps the case open: a person has to look at it, because our window rests on an assumption. */
export function alertCoverage({ data_quality }: Pick<Alert, 'data_quality'>): CoverageItem[] {
  const open = (data_quality ?? []).filter(({ keeps_open }) => keeps_open);
  if (open.length === 0) return [];
  const problem = open
    .map(({ field, problem: text }) => `${field}: ${text}`)
    .join(' ')
    .slice(0, 1000);
  return [{ label: alertDataLabel, source: 'alert', status: 'failed', query_id: null, rows: null, problem }];
}

/** What else is odd about the alert, in sentences for the report. */
export function oddities({ data_quality }: Pick<Alert, 'data_quality'>): string[] {
  return (data_quality ?? [])
    .filter(({ keeps_open }) => !keeps_open)
    .map(({ field, problem }) => `The alert's ${field}: ${problem}`);
}
