import { createHash } from 'node:crypto';
import { canonicalJson } from '../investigation/canonical-json';
import { controlOutcomes } from './controls';
import { type PopulationRow, type TableRow, writeTable } from './csv-table';
import { exceptionFiles } from './exceptions-file';
import {
  citationsName,
  exceptionsName,
  type Manifest,
  manifestName,
  type Parameters,
  type PopulationRecord,
  type Previous,
  pageName,
  reasonsOf,
  sealName,
} from './manifest';
import { renderPage } from './page';
import type { Period } from './period';
import { type PopulationName, populationNames, shapeOf } from './populations';
import type { QueryRecord } from './query-record';
import { deriveExceptions, rulesVersion } from './rules';
import type { Exception, Populations, RuleInput } from './rules/rule';
import { ruleSettings } from './settings';

/** One file of a package. */
export interface PackageFile {
  name: string;
  mediaType: string;
  content: string;
}

export interface EvidencePackage {
  manifest: Manifest;
  /** Of the manifest's bytes: what the next package is chained to, and what to keep elsewhere. */
  manifestSha256: string;
  exceptions: readonly Exception[];
  /** All of them, manifest and seal included. */
  files: readonly PackageFile[];
}

export interface PackageSource {
  period: Period;
  parameters: Parameters;
  madeAt: Date;
  madeBy: Manifest['made_by'];
  queries: readonly QueryRecord[];
  rows: Partial<Record<PopulationName, readonly PopulationRow[]>>;
  /** Events by `population/log`, as the counting queries gave them. */
  counted: ReadonlyMap<string, number>;
  unreadable: Partial<Record<PopulationName, number>>;
  previous: Previous | null;
  chain: string;
}

/** Makes the files of a package. The same source always gives the same bytes. */
export function makePackage(source: PackageSource): EvidencePackage {
  const { period, parameters, queries, madeAt } = source;
  const madeAtText = madeAt.toISOString();
  const tables = {} as Record<PopulationName, { text: string; rows: TableRow[] }>;
  for (const name of populationNames) tables[name] = writeTable(shapeOf(name).columns, source.rows[name] ?? []);
  const populations = populationNames.map((name) => populationRecord(source, name, tables[name].rows));
  const input = ruleInput(
    { period, parameters, made_at: madeAtText },
    Object.fromEntries(populationNames.map((name) => [name, tables[name].rows])) as unknown as Populations,
  );
  const exceptions = deriveExceptions(input);
  const controls = controlOutcomes(input, populations, exceptions);
  const derived = exceptionFiles(exceptions, queries);
  const head = {
    format: 'soc-compliance-package' as const,
    format_version: 1 as const,
    rules_version: rulesVersion,
    package_id: `sox_${period.first_day}_${period.last_day}_${madeAtText.replace(/[-:.]/g, '')}`,
    made_at: madeAtText,
    made_by: source.madeBy,
    period,
    parameters,
    queries: [...queries],
    populations,
    controls,
    previous: source.previous,
    chain: source.chain,
  };
  const reasons = reasonsOf(head);
  const unsealed = { ...head, status: statusOf(reasons), reasons };
  const files: PackageFile[] = [
    ...populationNames.map((name) => ({ name: shapeOf(name).file, mediaType: 'text/csv', content: tables[name].text })),
    { name: exceptionsName, mediaType: 'text/csv', content: derived.exceptions },
    { name: citationsName, mediaType: 'text/csv', content: derived.citations },
    { name: pageName, mediaType: 'text/html', content: renderPage(unsealed, exceptions) },
  ];
  const manifest: Manifest = {
    ...unsealed,
    files: files.map(({ name, content }) => ({ name, bytes: byteLength(content), sha256: sha256Of(content) })),
  };
  const text = manifestText(manifest);
  const manifestSha256 = sha256Of(text);
  return {
    manifest,
    manifestSha256,
    exceptions,
    files: [
      { name: manifestName, mediaType: 'application/json', content: text },
      { name: sealName, mediaType: 'text/plain', content: sealText(manifestSha256) },
      ...files,
    ],
  };
}

export function statusOf(reasons: readonly string[]): Manifest['status'] {
  return reasons.length === 0 ? 'COMPLETE' : 'INCOMPLETE';
}

/** The manifest's bytes: keys in one order, so that two equal manifests are equal files. */
export function manifestText(manifest: Manifest): string {
  return `${JSON.stringify(JSON.parse(canonicalJson(manifest)), null, 2)}\n`;
}

/** As sha256sum writes and checks it. */
export function sealText(manifestSha256: string): string {
  return `${manifestSha256}  ${manifestName}\n`;
}

export function ruleInput(
  { period, parameters, made_at: madeAt }: Pick<Manifest, 'period' | 'parameters' | 'made_at'>,
  populations: Populations,
): RuleInput {
  return { period, madeAt, settings: ruleSettings(parameters), logs: parameters.logs, populations };
}

/** What there is of a population, held against what was counted. A log that gave nothing at all says nothing. */
function populationRecord(source: PackageSource, name: PopulationName, rows: readonly TableRow[]): PopulationRecord {
  const { file, title, source: from, counts } = shapeOf(name);
  const asked = source.queries.filter(({ population }) => population === name);
  const problems = asked.flatMap(({ id, complete, problem }) =>
    complete ? [] : [`${id}: ${problem ?? 'not complete'}`],
  );
  if (asked.length === 0) problems.push('nothing in the scope of this package has it; name the log under logs.');
  const answered = asked.filter((query) => query.rows !== null);
  const events = rows.reduce((sum, { cells }) => sum + (counts === undefined ? 1 : Number(cells[counts])), 0);
  const unreadable = source.unreadable[name] ?? 0;
  if (unreadable > 0) problems.push(`${unreadable} rows have no usable time or count.`);
  let silent = 0;
  let expected: number | null = null;
  if (from === 'lake') {
    const logs = answered.map(({ id }) => id.split('.')[0] ?? '');
    for (const log of logs) {
      const all = source.counted.get(`log_hours/${log}`);
      if (all !== 0) continue;
      silent += 1;
      if (name !== 'log_hours')
        problems.push(`nothing of ${log} was received in the whole period, so its absence here says nothing.`);
    }
    const known = logs.map((log) => source.counted.get(`${name}/${log}`));
    if (known.length > 0 && known.every((count) => count !== undefined))
      expected = known.reduce<number>((sum, count) => sum + (count ?? 0), 0);
    if (answered.length > 0 && expected === null) problems.push('no count could be had that it could be held against.');
    if (expected !== null && expected !== events && problems.length === 0)
      problems.push(`${events} events are in the file, and a count of its own says ${expected}.`);
  }
  const unread = answered.length === 0 || (silent === answered.length && name !== 'log_hours' && from === 'lake');
  return {
    name,
    file,
    title,
    query_ids: asked.map(({ id }) => id),
    state: unread ? 'unread' : problems.length > 0 ? 'partial' : 'complete',
    rows: rows.length,
    events,
    expected_events: expected,
    reconciled: expected === null ? null : expected === events,
    problems,
  };
}

export function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}

export function sha256Of(content: string | Uint8Array): string {
  const hash = createHash('sha256');
  return (typeof content === 'string' ? hash.update(content, 'utf8') : hash.update(content)).digest('hex');
}
