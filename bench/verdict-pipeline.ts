import type { Alert } from '../operations/investigation/alert';
import { parseAlert } from '../operations/investigation/alert-format';
import { type Correlation, correlate } from '../operations/investigation/correlate';
import type { PlannedQuery } from '../operations/investigation/evidence';
import { planFor } from '../operations/investigation/plan';
import { evidenceRules } from '../operations/investigation/rules';
import { cloudTrailRow, type JsonObject, type RowIds } from '../sandbox/src/panther/cloudtrail-row';
import { Lake } from '../sandbox/src/panther/lake';

/** What a benchmark knows of one case before it is judged: whom an alert names, when, and the calls of that time. */
export interface Window {
  /** Principals and addresses as an alert names them. */
  indicators: { type: string; value: string }[];
  /** CloudTrail records of the window and, where the source reaches back that far, of the weeks before. */
  events: JsonObject[];
  /** Time of the last call of the window, ISO 8601. */
  end: string;
}

const day = 86_400_000;
/** The plan looks back 30 days and 8 hours: windows this far apart cannot see each other. */
const daysApart = 45;
/** Each query reads the whole lake, so that small lakes are faster than one. */
const windowsInLake = 25;
const firstDay = Date.parse('2020-01-01T00:00:00Z');

interface Placed {
  alert: Alert;
  rows: ReturnType<typeof cloudTrailRow>[];
}

function alertOf(index: number, indicators: Window['indicators'], time: number): Alert {
  return parseAlert({
    id: `case-${index}`,
    title: 'Benchmark',
    severity: 'MEDIUM',
    source: 'benchmark',
    timestamp: new Date(time).toISOString(),
    indicators,
  });
}

/** Moves a window by whole days, so that the hours stay and no two windows share a day. */
function placed({ indicators, events, end }: Window, index: number, ids: RowIds): Placed {
  const start = firstDay + index * daysApart * day;
  const shift = Math.ceil((start - Date.parse(end)) / day) * day;
  const moved = (time: unknown) => new Date(Date.parse(String(time)) + shift).toISOString();
  return {
    alert: alertOf(index, indicators, Date.parse(moved(end)) + 60_000),
    rows: events.map((event) =>
      cloudTrailRow(
        // One lake holds all windows, so an event that is in two of them needs an id for each.
        { ...event, eventID: `${String(event.eventID ?? 'none')}@${index}`, eventTime: moved(event.eventTime) },
        { sourceId: 'benchmark', sourceLabel: 'benchmark' },
        ids,
      ),
    ),
  };
}

export interface Prepared {
  /** Why the window could not be asked about; then there are no results. */
  problem?: string;
  alert: Alert;
  query_results: { label: string; query_id: string; status: string; rows: unknown[]; complete: boolean }[];
}

/**
 * Runs the plan's own SQL for each window on the sandbox's data lake. What comes back is what correlate_evidence gets
 * from execute_sql_query in a tenant.
 */
export async function askTheLake(
  windows: readonly Window[],
  progress: (done: number) => void,
): Promise<{ prepared: Prepared[]; queries: number }> {
  const prepared: Prepared[] = [];
  for (let from = 0; from < windows.length; from += windowsInLake) {
    prepared.push(...(await askSome(windows.slice(from, from + windowsInLake))));
    progress(prepared.length);
  }
  return { prepared, queries: prepared.reduce((sum, { query_results }) => sum + query_results.length, 0) };
}

/** One lake for all of them; when something in them cannot be stored, one for each, so that only that one is lost. */
async function askSome(windows: readonly Window[]): Promise<Prepared[]> {
  try {
    return await askOneLake(windows);
  } catch (error) {
    const problem = error instanceof Error ? (error.message.split('\n')[0] ?? 'unknown') : String(error);
    if (windows.length === 1) return [{ problem, alert: alertOf(0, [], firstDay), query_results: [] }];
    const each: Prepared[] = [];
    for (const window of windows) each.push(...(await askSome([window])));
    return each;
  }
}

async function askOneLake(windows: readonly Window[]): Promise<Prepared[]> {
  const lake = await Lake.open(() => new Date(firstDay + windows.length * daysApart * day));
  try {
    const ids: RowIds = new Map();
    const cases = windows.map((window, index) => placed(window, index, ids));
    await lake.addCloudTrail(cases.flatMap(({ rows }) => rows));
    await lake.seal();
    const prepared: Prepared[] = [];
    for (const { alert } of cases) {
      const query_results: Prepared['query_results'] = [];
      for (const query of planFor(alert).queries) query_results.push(await answer(lake, query));
      prepared.push({ alert, query_results });
    }
    return prepared;
  } finally {
    lake.close();
  }
}

async function answer(lake: Lake, { sql, database, label, max_rows }: PlannedQuery) {
  const result = await lake.run(sql, database);
  const rows = result.rows(0, max_rows);
  return { label, query_id: label, status: 'succeeded', rows, complete: result.rowCount < max_rows };
}

/** The groups of rules, for leaving one out at a time. */
export const ruleGroups = [...new Set(evidenceRules.map(({ family, group }) => `${family}:${group}`))].sort();

/** The verdict, with all rules or without those of one group. */
export function judge({ alert, query_results }: Prepared, without?: string): Correlation {
  const rules = evidenceRules.filter(({ family, group }) => `${family}:${group}` !== without && family !== without);
  return correlate({ alert, query_results }, rules);
}
