import type { PopulationRow } from '../../../operations/compliance/csv-table';
import { type EvidencePackage, makePackage, type PackageSource } from '../../../operations/compliance/evidence-package';
import { identityLogs, lakeQueries } from '../../../operations/compliance/lake-sql';
import type { Parameters } from '../../../operations/compliance/manifest';
import { choosePeriod, type Period } from '../../../operations/compliance/period';
import { type PopulationName, populationNames, shapeOf } from '../../../operations/compliance/populations';
import type { QueryRecord } from '../../../operations/compliance/query-record';

export const october: Period = choosePeriod(new Date('2026-11-05T00:00:00Z'), {
  zone: 'Europe/Berlin',
  period: 'previous_month',
});

export const parameters: Parameters = {
  zone: 'Europe/Berlin',
  period: 'previous_month',
  group: 'simulated-corp',
  project: null,
  logs: ['aws_cloudtrail'],
  people_roles: [],
  business_start: '08:00',
  business_end: '18:00',
  weekend_days: ['saturday', 'sunday'],
  holidays: [],
  user_zones: {},
  service_identities: [],
  on_call: [],
  failed_sign_ins: 5,
  denied_calls: 50,
  log_gap_hours: 2,
  branches: [],
  environments: ['production'],
  max_rows: 100_000,
};

/** A row with every column of its population; what is not given is empty. */
export function row(population: PopulationName, cells: PopulationRow): PopulationRow {
  return { ...Object.fromEntries(shapeOf(population).columns.map((name) => [name, ''])), ...cells };
}

/** One row for every hour of a period, so that there is no gap. */
export function everyHour({ from, to }: Pick<Period, 'from' | 'to'>, log = 'aws_cloudtrail'): PopulationRow[] {
  const hours: PopulationRow[] = [];
  const first = Math.floor(Date.parse(from) / 3_600_000) * 3_600_000;
  for (let at = first; at < Date.parse(to); at += 3_600_000)
    hours.push(row('log_hours', { log, hour: new Date(at).toISOString(), events: '3' }));
  return hours;
}

export type Rows = Partial<Record<PopulationName, readonly PopulationRow[]>>;

/** Every question answered in full, with counts that fit the rows. */
export function sourceOf(rows: Rows, change: Partial<PackageSource> = {}): PackageSource {
  const given: Rows = { log_hours: everyHour(october), ...rows };
  const counted = new Map<string, number>();
  for (const name of populationNames) {
    const { counts, source } = shapeOf(name);
    if (source !== 'lake') continue;
    const events = (given[name] ?? []).reduce(
      (sum, cells) => sum + (counts === undefined ? 1 : Number(cells[counts])),
      0,
    );
    counted.set(`${name}/aws_cloudtrail`, events);
  }
  return {
    period: october,
    parameters,
    madeAt: new Date('2026-11-05T06:00:00Z'),
    madeBy: { program: 'test', version: '1.2.3', who: 'a test', zone_data: '2026a' },
    queries: answered(given),
    rows: given,
    counted,
    unreadable: {},
    previous: null,
    chain: 'First of its chain: no package before it is known here.',
    ...change,
  };
}

function answered(rows: Rows): QueryRecord[] {
  const scope = { from: october.from, to: october.to, logs: identityLogs.slice(0, 1), peopleRoles: [], maxRows: 100 };
  const record = (
    id: string,
    population: PopulationName | null,
    source: 'lake' | 'gitlab',
    text: string,
  ): QueryRecord => {
    const count = population === null ? 1 : (rows[population]?.length ?? 0);
    return {
      id,
      population,
      source,
      text,
      text_sha256: '0'.repeat(64),
      database: source === 'lake' ? 'panther_logs' : null,
      query_id: source === 'lake' ? `query-${id}` : null,
      rows: count,
      row_count: source === 'lake' ? count : null,
      complete: true,
      problem: null,
    };
  };
  return [
    ...lakeQueries(scope).map(({ id, population, sql }) => record(id, population, 'lake', sql)),
    ...populationNames
      .filter((name) => shapeOf(name).source === 'gitlab')
      .map((name) => record(`gitlab.${name}`, name, 'gitlab', `GET ${name}`)),
  ];
}

export function packageOf(rows: Rows, change: Partial<PackageSource> = {}): EvidencePackage {
  return makePackage(sourceOf(rows, change));
}

/** The bytes of a package's files, as a folder would hold them. */
export function bytesOf({ files }: Pick<EvidencePackage, 'files'>): Map<string, Uint8Array> {
  return new Map(files.map(({ name, content }) => [name, new TextEncoder().encode(content)]));
}
