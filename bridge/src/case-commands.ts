import { writeFile } from 'node:fs/promises';
import { type Command, InvalidArgumentError } from 'commander';
import { caseStatuses } from '../../operations/cases';
import { type DocumentFormat, documentFormats } from '../../operations/investigation/exports/case-document';
import { stripHidden } from '../../operations/text';
import { caseDocument } from './case-documents';
import { caseJson, caseLine, caseText } from './case-text';
import { addCaseUpkeepCommands } from './case-upkeep-commands';
import { verifyCases } from './case-verify-command';
import { CaseStore } from './store/case-store';
import { withExistingDatabase } from './store/command-database';
import { firstBrokenEvent } from './store/event-chain';

/** The group `cases`: what is in the case store, from the command line, and its upkeep. */
export function addCaseCommands(program: Command): void {
  const cases = program.command('cases').description('read the case store, replay, export and purge');
  cases
    .command('list')
    .description('list cases, newest first')
    .option('--status <status>', `one of ${caseStatuses.join(', ')}`, statusOption)
    .option('--limit <number>', 'at most so many, 1 to 1000', limitOption, 50)
    .option('--json', 'as a JSON list')
    .action(listCases);
  cases
    .command('show')
    .description('show one case with its evidence and events')
    .argument('<id>')
    .option('--json', 'the stored record as JSON')
    .action(showCase);
  cases
    .command('report')
    .description('write the report of a case')
    .argument('<id>')
    .option('--format <format>', `one of ${documentFormats.join(', ')}`, formatOption, 'markdown')
    .option('--out <file>', 'to a file instead of standard output')
    .action(writeReport);
  cases
    .command('verify')
    .description('check that no event of a case was changed, removed or put in between')
    .argument('[id...]', 'cases; all of them unless named')
    .option('--folder <dir>', 'an export, which is checked by itself, without a database')
    .option('--json', 'as a JSON list with one entry for each case that does not hold')
    .addHelpText('after', '\nExit status: 0 every chain holds, 1 one is broken or a case is not there.')
    .action(verifyCases);
  addCaseUpkeepCommands(cases);
}

async function listCases(options: { status?: string; limit: number; json?: boolean }): Promise<void> {
  await withStore(async (store) => {
    const rows = await store.list(options);
    if (options.json) {
      const records = await Promise.all(rows.map(({ id }) => store.get(id)));
      print(caseJson(records));
    } else print(rows.length === 0 ? 'No cases.' : rows.map(caseLine).join('\n'));
  });
}

async function showCase(id: string, options: { json?: boolean }): Promise<void> {
  await withStore(async (store) => {
    const record = await store.get(id);
    if (record === undefined) throw noCase(id);
    if (options.json) {
      print(caseJson(record));
      return;
    }
    const events = await store.events(id);
    print(caseText(record, events, firstBrokenEvent(events)));
  });
}

async function writeReport(id: string, { format, out }: { format: DocumentFormat; out?: string }): Promise<void> {
  await withStore(async (store) => {
    const document = await caseDocument(store, id, format);
    if (document === undefined) throw noCase(id);
    if (out === undefined) {
      // Markdown may go to a terminal; what was taken out cannot be seen by a person anyway.
      process.stdout.write(format === 'markdown' ? stripHidden(document.content) : document.content);
      return;
    }
    await writeFile(out, document.content);
    process.stderr.write(
      `Wrote ${document.content.length} characters to ${stripHidden(out)}, SHA-256 ${document.sha256}\n`,
    );
  });
}

function noCase(id: string): Error {
  return new Error(`There is no case ${id} in this database.`);
}

function withStore(use: (store: CaseStore) => Promise<void>): Promise<void> {
  return withExistingDatabase((database) => use(new CaseStore(database)));
}

function statusOption(value: string): string {
  if ((caseStatuses as readonly string[]).includes(value)) return value;
  throw new InvalidArgumentError(`Use one of ${caseStatuses.join(', ')}.`);
}

function formatOption(value: string): string {
  if ((documentFormats as readonly string[]).includes(value)) return value;
  throw new InvalidArgumentError(`Use one of ${documentFormats.join(', ')}.`);
}

function limitOption(value: string): number {
  const limit = Number(value);
  if (Number.isInteger(limit) && limit >= 1 && limit <= 1000) return limit;
  throw new InvalidArgumentError('Use a whole number from 1 to 1000.');
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
