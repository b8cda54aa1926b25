import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CaseStore } from './store/case-store';
import type { CaseTombstones } from './store/case-tables';
import { canonicalJson, firstBrokenEvent, genesisHash, sha256Hex } from './store/event-chain';
import type { InvestigationEvents } from './store/tables';
import { firstBrokenTombstone } from './store/tombstones';

const sumsName = 'SHA256SUMS';
const tombstonesName = 'tombstones.jsonl';
const casePattern = /^INV-[0-9A-Z]+$/;

export interface ExportedCase {
  case_id: string;
  events: number;
  /** Hash of the last event: with it somebody else can tell that this export is the one that was made. */
  head_hash: string;
}

/** What is wrong with one case of an export; empty when it holds. */
export interface ExportCheck extends ExportedCase {
  problems: string[];
}

/**
 * Writes a case into a folder of its own in `folder`: the record, its events as they are chained, its evidence, its alerts as they
 * came in, its responses and its report, with a SHA-256 of each file in the form `sha256sum -c` reads. Undefined where there is
 * no such case; throws the system's error when the folder is there already.
 */
export async function exportCase(store: CaseStore, caseId: string, folder: string): Promise<ExportedCase | undefined> {
  const record = await store.get(caseId);
  if (record === undefined) return undefined;
  const { db } = store.database;
  // What was written since the record was read is no part of this export.
  const events = (await store.events(caseId)).filter(({ version }) => version <= record.version);
  const alerts = await db
    .selectFrom('case_alerts')
    .leftJoin('alerts_raw', 'alerts_raw.id', 'case_alerts.raw_id')
    .select(['case_alerts.dedup_key', 'case_alerts.joined_at', 'alerts_raw.received_at', 'alerts_raw.body'])
    .where('case_alerts.case_id', '=', caseId)
    .orderBy('case_alerts.position')
    .execute();
  const responses = await db.selectFrom('responses').selectAll().where('case_id', '=', caseId).orderBy('id').execute();
  const files = new Map([
    ['case.json', pretty(record)],
    ['events.jsonl', lines(events)],
    ['evidence.json', pretty(record.evidence)],
    ['alerts.jsonl', lines(alerts)],
    ['responses.jsonl', lines(responses)],
  ]);
  if (record.report_markdown !== null) files.set('report.md', record.report_markdown);
  const path = join(folder, caseId);
  await mkdir(path, { mode: 0o700 });
  for (const [name, text] of files) await writeNew(join(path, name), text);
  await writeNew(join(path, sumsName), [...files].map(([name, text]) => `${sha256Hex(text)}  ${name}\n`).join(''));
  return { case_id: caseId, events: events.length, head_hash: events.at(-1)?.hash ?? genesisHash };
}

/** The tombstones of all cases that were purged from this database, beside the cases. */
export async function exportTombstones(tombstones: readonly CaseTombstones[], folder: string): Promise<void> {
  await writeNew(join(folder, tombstonesName), lines(tombstones));
}

/** An empty folder, made where there is none. Throws Error when it holds anything, or has the name of a case. */
export async function prepareExport(folder: string): Promise<void> {
  // Else the id of a case alone would be taken for a folder, and every case would be written there.
  if (casePattern.test(folder))
    throw new Error(`${folder} is a case. Name a new folder first, then cases: soc-bridge cases export DIR ${folder}`);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if ((await readdir(folder)).length > 0)
    throw new Error(`${folder} is not empty; an export goes into a new folder, so that nothing in it is replaced.`);
}

/**
 * Checks an export by itself, without the database it came from: the files against their sums, the chain of events, and what the
 * events say of the evidence, the coverage, the findings, the report and the state of the case against what is there.
 */
export async function verifyExport(
  folder: string,
): Promise<{ cases: ExportCheck[]; tombstones: number; brokenTombstone?: number }> {
  const entries = await readdir(folder, { withFileTypes: true });
  const cases: ExportCheck[] = [];
  for (const entry of entries)
    if (entry.isDirectory() && casePattern.test(entry.name)) cases.push(await verifyCase(folder, entry.name));
  const text = await readFile(join(folder, tombstonesName), 'utf8').catch(() => '');
  if (cases.length === 0 && text === '') throw new Error(`${folder} holds no exported case.`);
  let tombstones: CaseTombstones[];
  try {
    tombstones = parseLines<CaseTombstones>(text);
  } catch {
    return { cases, tombstones: 0, brokenTombstone: 1 };
  }
  return { cases, tombstones: tombstones.length, brokenTombstone: firstBrokenTombstone(tombstones) };
}

async function verifyCase(folder: string, caseId: string): Promise<ExportCheck> {
  const read = (name: string) => readFile(join(folder, caseId, name), 'utf8');
  const problems: string[] = [];
  let events: InvestigationEvents[] = [];
  try {
    problems.push(...(await wrongSums(join(folder, caseId))));
    events = parseLines<InvestigationEvents>(await read('events.jsonl'));
    const broken = firstBrokenEvent(events);
    if (events.length === 0) problems.push('there are no events');
    if (broken !== undefined) problems.push(`the chain does not hold at event ${broken}`);
    if (events.some(({ case_id }) => case_id !== caseId)) problems.push('events are of another case');
    const record = JSON.parse(await read('case.json')) as Record<string, unknown>;
    const evidence: unknown = JSON.parse(await read('evidence.json'));
    const report = record.report_markdown === null ? null : await read('report.md');
    problems.push(...differences(events, { ...record, evidence, report_markdown: report }, caseId));
    if (canonicalJson(record.evidence) !== canonicalJson(evidence))
      problems.push('evidence.json and case.json do not say the same');
  } catch (error) {
    problems.push(`it cannot be read: ${(error as Error).message}`);
  }
  return { case_id: caseId, events: events.length, head_hash: events.at(-1)?.hash ?? genesisHash, problems };
}

async function wrongSums(folder: string): Promise<string[]> {
  const sums = await readFile(join(folder, sumsName), 'utf8');
  const named = new Map(
    sums
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => [line.slice(66), line.slice(0, 64)]),
  );
  const problems: string[] = [];
  for (const name of await readdir(folder)) {
    if (name === sumsName) continue;
    const wanted = named.get(name);
    named.delete(name);
    if (wanted === undefined) problems.push(`${name} is not in ${sumsName}`);
    else if (sha256Hex(await readFile(join(folder, name), 'utf8')) !== wanted) problems.push(`${name} was changed`);
  }
  for (const name of named.keys()) problems.push(`${name} is missing`);
  return problems;
}

/** Columns of which each event tells the new value, and those of which it tells the SHA-256. */
const told = ['status', 'severity', 'outcome', 'probability', 'reason', 'report_sha256', 'closed_at', 'closed_by'];
const toldByHash = ['evidence', 'coverage', 'findings', 'report_markdown'];

/** What the last event that speaks of it says otherwise than the record. */
function differences(
  events: readonly InvestigationEvents[],
  record: Record<string, unknown>,
  caseId: string,
): string[] {
  const last: Record<string, unknown> = {};
  for (const { data } of events) Object.assign(last, JSON.parse(data) as Record<string, unknown>);
  const problems = record.id === caseId ? [] : ['case.json is of another case'];
  if (record.version !== events.at(-1)?.version) problems.push('version is not the one of the last event');
  for (const field of ['dedup_key', ...told])
    if (field in last && canonicalJson(last[field]) !== canonicalJson(record[field] ?? null))
      problems.push(`${field} is not what the events say`);
  for (const field of toldByHash) {
    const value = record[field];
    const wanted = last[`${field}_sha256`];
    if (wanted === undefined) continue;
    const text = typeof value === 'string' ? value : canonicalJson(value);
    if (sha256Hex(text) !== wanted) problems.push(`${field} is not what the events say`);
  }
  return problems;
}

function pretty(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function lines(values: readonly unknown[]): string {
  return values.map((value) => `${JSON.stringify(value)}\n`).join('');
}

function parseLines<T>(text: string): T[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);
}

/** Readable by its owner only, and never in the place of another file. */
async function writeNew(path: string, text: string): Promise<void> {
  await writeFile(path, text, { flag: 'wx', mode: 0o600 });
}
