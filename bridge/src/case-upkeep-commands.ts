import { rm } from 'node:fs/promises';
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { cleanLine } from '../../operations/text';
import { exportCase, exportTombstones, prepareExport } from './case-export';
import { caseJson } from './case-text';
import { CasePurge, type KeptCase } from './store/case-purge';
import { CaseStore } from './store/case-store';
import { withExistingDatabase } from './store/command-database';
import type { Database } from './store/database';
import { deadLetters } from './store/dead-letters';
import { Driving } from './store/driving';
import { refusedAlerts } from './store/refused-alerts';
import { printable } from './terminal';

const dayMs = 86_400_000;

/** The commands of `cases` that change something or carry something out. */
export function addCaseUpkeepCommands(cases: Command): void {
  cases
    .command('dead')
    .description('list the cases that were given up, oldest first')
    .option('--json', 'as a JSON list')
    .action(listDead);
  cases
    .command('refused')
    .description('list the alerts that came in and became no case, newest first, with what was wrong about each')
    .option('--limit <count>', 'at most so many, 1 to 1000', countOption, 50)
    .option('--json', 'as a JSON list, with each alert as it came, to be mended and sent again')
    .action(listRefused);
  cases
    .command('replay')
    .description(
      'have cases that were given up investigated anew; what they did (messages, responses) is not done again',
    )
    .argument('[id...]', 'cases')
    .option('--all', 'every case that was given up')
    .addHelpText(
      'after',
      '\nA running `soc-bridge serve` on this database takes them up.\nExit status: 0 all are replayed, 1 one is not.',
    )
    .action(replay);
  cases
    .command('export')
    .description('write cases with events, evidence, alerts and hashes into a new folder, to be checked anywhere')
    .argument('<dir>', 'a folder that is not there yet, or empty')
    .argument('[id...]', 'cases; all of them unless named')
    .action(exportCases);
  cases
    .command('purge')
    .description('remove cases that were closed long ago; shows what would go unless --execute is there')
    .requiredOption('--older-than <days>', 'closed more than so many days ago, 1 to 3650', daysOption)
    .option('--execute', 'really remove them')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
Only closed cases go. A tombstone stays of each, with where its chain of events ended, so that an export made before can be told
from a forged one. Approvals and the audit trail stay. Cannot be undone: export first.
Exit status: 0 done, 1 a case was kept and is named.`,
    )
    .action(purge);
}

async function listDead({ json }: { json?: boolean }): Promise<void> {
  await withExistingDatabase(async (database) => {
    const letters = await deadLetters(database);
    if (json) print(caseJson(letters));
    else if (letters.length === 0) print('No case was given up.');
    else
      for (const { case_id, at, attempts, title, reason } of letters)
        print(`${case_id}  ${at}  after ${attempts} tries  ${printable(title)}: ${printable(reason)}`);
  });
}

async function listRefused({ json, limit }: { json?: boolean; limit: number }): Promise<void> {
  await withExistingDatabase(async (database) => {
    const alerts = await refusedAlerts(database, limit);
    if (json) print(caseJson(alerts));
    else if (alerts.length === 0) print('No alert was refused.');
    else
      for (const { received_at, field, problem, body } of alerts)
        print(
          `${received_at}  ${printable(field ?? 'the alert')}: ${printable(problem ?? 'refused')}  ${printable(cleanLine(JSON.stringify(body), 120))}`,
        );
  });
}

async function replay(ids: string[], { all }: { all?: boolean }): Promise<void> {
  if (ids.length > 0 === (all === true)) throw new Error('Name the cases to replay, or --all for every one.');
  await withExistingDatabase(async (database) => {
    const store = new CaseStore(database);
    const wanted = all ? [...new Set((await deadLetters(database)).map(({ case_id }) => case_id))] : [...new Set(ids)];
    if (wanted.length === 0) print('No case was given up.');
    for (const id of wanted) {
      const problem = await replayOne(store, id);
      if (problem !== undefined) process.exitCode = 1;
      print(`${printable(id)}: ${problem ?? 'is investigated anew by the running bridge'}`);
    }
  });
}

/** Undefined when it is on its way again, else why it is not. */
async function replayOne(store: CaseStore, id: string): Promise<string | undefined> {
  const record = await store.get(id);
  if (record === undefined) return 'there is no such case';
  if (record.status !== 'failed') return `it was not given up, it is ${record.status}`;
  const outcome = await new Driving(store).reopen(id, { type: 'replayed', summary: `Replayed by ${operator()}` });
  return outcome === 'reopened' ? undefined : `it was taken up by somebody else meanwhile (${outcome})`;
}

async function exportCases(folder: string, ids: string[]): Promise<void> {
  await withExistingDatabase(async (database) => {
    const store = new CaseStore(database);
    for (const id of ids) if ((await store.get(id)) === undefined) throw new Error(`There is no case ${id} here.`);
    await prepareExport(folder);
    let count = 0;
    for await (const id of ids.length > 0 ? new Set(ids) : store.ids())
      if ((await exportCase(store, id, folder)) !== undefined) count += 1;
    await exportTombstones(await new CasePurge(database).tombstones(), folder);
    print(`${count} ${count === 1 ? 'case' : 'cases'} in ${printable(folder)}`);
  });
}

interface PurgeResult {
  dry_run: boolean;
  closed_before: string;
  /** Cases that went, or would go. */
  purged: string[];
  kept: KeptCase[];
  /** Alerts of no case, beside those of the cases above. */
  loose_alerts: number;
}

async function purge(options: { olderThan: number; execute?: boolean; json?: boolean }): Promise<void> {
  await withExistingDatabase(async (database) => {
    const before = new Date(Date.now() - options.olderThan * dayMs).toISOString();
    const result = await purgeCases(database, before, options.execute === true);
    if (options.json) print(JSON.stringify(result, null, 2));
    else printPurge(result);
    if (result.kept.length > 0) process.exitCode = 1;
  });
}

async function purgeCases(database: Database, before: string, execute: boolean): Promise<PurgeResult> {
  const cases = new CasePurge(database);
  const result: PurgeResult = { dry_run: !execute, closed_before: before, purged: [], kept: [], loose_alerts: 0 };
  const by = operator();
  if (!execute) result.loose_alerts = await cases.looseAlerts(before);
  for (const { id } of await cases.due(before)) {
    if (execute) {
      const done = await cases.purge(id, before, by);
      if (done === undefined) continue;
      if ('reason' in done) result.kept.push(done);
      else {
        result.purged.push(id);
        await removeReport(id);
      }
      continue;
    }
    const reason = await cases.obstacle(id);
    if (reason === undefined) result.purged.push(id);
    else result.kept.push({ case_id: id, reason });
  }
  if (execute) result.loose_alerts = await cases.removeLooseAlerts(before);
  return result;
}

/** The copy in the folder of reports goes with its case. */
async function removeReport(id: string): Promise<void> {
  const folder = process.env.SOC_REPORT_DIR?.trim();
  if (folder !== undefined && folder !== '') await rm(join(folder, `${id}.md`), { force: true });
}

function printPurge({ dry_run, closed_before, purged, kept, loose_alerts }: PurgeResult): void {
  for (const id of purged) print(`${id}: ${dry_run ? 'would go' : 'purged'}`);
  for (const { case_id, reason } of kept) print(`${case_id}: stays, because ${reason}`);
  const cases = `${purged.length} ${purged.length === 1 ? 'case' : 'cases'} closed before ${closed_before}`;
  const alerts = `${loose_alerts} further ${loose_alerts === 1 ? 'alert' : 'alerts'} of no case`;
  print(
    dry_run
      ? `${cases} and ${alerts} would go. Nothing was removed; --execute does it.`
      : `${cases} and ${alerts} are gone; a tombstone of each case stays.`,
  );
}

/** Who runs this command, as far as the system knows. */
function operator(): string {
  return cleanLine(`${userInfo().username}@${hostname()}`, 100);
}

function daysOption(value: string): number {
  const days = Number(value);
  if (/^\d+$/.test(value) && days >= 1 && days <= 3650) return days;
  throw new InvalidArgumentError('Use a whole number of days from 1 to 3650.');
}

function countOption(value: string): number {
  const count = Number(value);
  if (/^\d+$/.test(value) && count >= 1 && count <= 1000) return count;
  throw new InvalidArgumentError('Use a whole number from 1 to 1000.');
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
