import { readFile } from 'node:fs/promises';
import { text as readAll } from 'node:stream/consumers';
import type { Command } from 'commander';
import { InvalidInputError } from '../../operations/errors';
import { type TenantSettings, tenantSettings } from '../../operations/panther/tenant-settings';
import { type CheckedFile, checkedFile, checkJson, checkText } from './sql-check';
import { addSqlRun } from './sql-run-command';

interface CheckFlags {
  json?: boolean;
  dialect?: string;
  maxWindowDays?: string;
  database: string;
  databases?: string;
  allowPragma?: string[];
}

const collect = (value: string, before: string[] = []) => [...before, value];

/** The group `sql`: what works on SQL from the command line, with Panther (`run`) and without it (`check`). */
export function addSqlCommands(program: Command, version: string): void {
  const sql = program.command('sql').description('check and run SQL for the data lake');
  sql
    .command('check')
    .description('say what execute_sql_query would refuse, without sending anything')
    .argument('<file...>', 'SQL files, .yml files with a query of detections as code, or - for standard input')
    .option('--json', 'as a JSON list with one entry for each query')
    .option('--dialect <name>', 'snowflake or databricks (default: PANTHER_SQL_DIALECT, else snowflake)')
    .option('--max-window-days <days>', 'longest window (default: PANTHER_MAX_WINDOW_DAYS, else 92)')
    .option('--database <name>', 'database for table names without one', 'panther_logs')
    .option('--databases <names>', "databases besides Panther's own, with commas (default: PANTHER_DATABASES)")
    .option(
      '--allow-pragma <name>',
      'let template or pantherflow through; may be repeated (default: PANTHER_PRAGMAS)',
      collect,
    )
    .addHelpText('after', '\nExit status: 0 all may be sent, 1 something is refused or cannot be read.')
    .action(check);
  addSqlRun(sql, version);
}

async function check(files: string[], flags: CheckFlags): Promise<void> {
  const settings = settingsOf(flags);
  const options = { database: flags.database, settings, now: new Date() };
  const checked: CheckedFile[] = [];
  for (const file of files) checked.push(...checkedFile(file, await contentOf(file), options));
  const text = flags.json ? checkJson(checked) : checkText(checked);
  process.stdout.write(`${text}\n`);
  if (checked.some(({ problems }) => problems.length > 0)) process.exitCode = 1;
}

/** What the flags say, and where they say nothing, what the bridge itself would run with. */
function settingsOf(flags: CheckFlags): TenantSettings {
  const { env } = process;
  const defaults = {
    dialect: flags.dialect ?? env.PANTHER_SQL_DIALECT ?? '',
    max_window_days: flags.maxWindowDays ?? env.PANTHER_MAX_WINDOW_DAYS ?? '',
    databases: flags.databases ?? env.PANTHER_DATABASES ?? '',
    pragmas: flags.allowPragma?.join(',') ?? env.PANTHER_PRAGMAS ?? '',
  };
  try {
    return tenantSettings({ defaults });
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    const { flag, variable, given } = origins(flags)[error.field] ?? { flag: error.field, variable: '', given: true };
    throw new Error(`${given ? `--${flag}` : variable}${error.message.slice(error.field.length + 1)}`);
  }
}

/** Where each setting came from, for the message that names it. */
function origins(flags: CheckFlags): Record<string, { flag: string; variable: string; given: boolean }> {
  const of = (flag: string, variable: string, value: unknown) => ({ flag, variable, given: value !== undefined });
  return {
    dialect: of('dialect', 'PANTHER_SQL_DIALECT', flags.dialect),
    max_window_days: of('max-window-days', 'PANTHER_MAX_WINDOW_DAYS', flags.maxWindowDays),
    databases: of('databases', 'PANTHER_DATABASES', flags.databases),
    pragmas: of('allow-pragma', 'PANTHER_PRAGMAS', flags.allowPragma),
  };
}

async function contentOf(file: string): Promise<string> {
  if (file === '-') return readAll(process.stdin);
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new Error(`${file} cannot be read: ${(error as NodeJS.ErrnoException).code ?? (error as Error).message}`);
  }
}
