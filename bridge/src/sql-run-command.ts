import { type Command, InvalidArgumentError, Option } from 'commander';
import { type Operation, streamOperation } from '../../operations/operation';
import {
  defaultStreamedRows,
  defaultStreamSeconds,
  streamQueryResults,
  streamSqlQuery,
} from '../../operations/panther/row-streams';
import { type RowFormat, rowFormats } from '../../operations/rows/row-file';
import { CredentialKeeper } from './credentials/credential-keeper';
import { keepMemoryFlat } from './flat-memory';
import { ServicePorts } from './hosting/service-ports';
import { readSql, runToTarget } from './sql-run';

interface Flags {
  output?: string;
  format?: RowFormat;
  maxRows?: number;
  database?: string;
  wait?: number;
  force?: boolean;
}

/** Adds `run` and `results` to the group `sql`. */
export function addSqlRun(sql: Command, version: string): void {
  withFlags(sql.command('run'))
    .description('run one SELECT statement and write all of its rows as they arrive')
    .argument('<file>', 'a file with the statement, or - for standard input')
    .option('--database <name>', 'database for table names without one (default: panther_logs)')
    .action(async (file: string, flags: Flags) => {
      const statement = await readSql(file, process.stdin);
      await run(
        { name: 'sql run', stream: streamSqlQuery },
        { sql: statement, database: flags.database },
        flags,
        version,
      );
    });
  withFlags(sql.command('results'))
    .description('write the rows of a query that has been started before, without running it again')
    .argument('<query-id>')
    .action((id: string, flags: Flags) =>
      run({ name: 'sql results', stream: streamQueryResults }, { query_id: id }, flags, version),
    );
}

function withFlags(command: Command): Command {
  return command
    .option('--output <file>', 'write to this file once all rows are there (default: standard output)')
    .addOption(new Option('--format <format>', 'default: by the name of the file, else ndjson').choices(rowFormats))
    .option('--max-rows <number>', `stop after so many rows (default: ${defaultStreamedRows})`, wholeNumber)
    .option('--wait <seconds>', `seconds for the whole (default: ${defaultStreamSeconds})`, wholeNumber)
    .option('--force', 'overwrite the file')
    .addHelpText(
      'after',
      '\nExit status: 0 done, 1 failed, 3 rows are missing (the part is kept as FILE.*.part), 130 interrupted (the query is cancelled).',
    );
}

async function run(
  operation: Pick<Operation, 'name' | 'stream'>,
  input: Record<string, unknown>,
  flags: Flags,
  version: string,
): Promise<void> {
  keepMemoryFlat();
  const services = new ServicePorts((await CredentialKeeper.open(process.env)).config, version);
  const abort = new AbortController();
  const interrupt = () => {
    if (abort.signal.aborted) process.exit(1);
    abort.abort();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, interrupt);
  try {
    process.exitCode = await runToTarget(
      ({ log, progress }) =>
        streamOperation(operation, services.ports({ signal: abort.signal, log, progress }), {
          ...Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)),
          ...(flags.maxRows === undefined ? {} : { max_rows: flags.maxRows }),
          ...(flags.wait === undefined ? {} : { wait_seconds: flags.wait }),
        }),
      { output: flags.output, format: flags.format, force: flags.force, limited: flags.maxRows !== undefined },
      { stdout: process.stdout, stderr: process.stderr, signal: abort.signal },
    );
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, interrupt);
    services.close();
  }
}

function wholeNumber(value: string): number {
  if (/^\d{1,9}$/.test(value) && Number(value) > 0) return Number(value);
  throw new InvalidArgumentError('Use a whole number from 1.');
}
