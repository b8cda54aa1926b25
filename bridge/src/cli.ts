import { existsSync } from 'node:fs';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { Command, InvalidArgumentError } from 'commander';
import { caseStatuses } from '../../operations/cases';
import type { Operation } from '../../operations/operation';
import { Bridge, type Capabilities } from './bridge';
import { caseLine, caseText } from './case-text';
import { ConfigError, readConfig } from './config';
import { toJsonSchema } from './mcp/json-schema';
import { addSqlCommands } from './sql-commands';
import { CaseStore } from './store/case-store';
import { openDatabase } from './store/database';
import { firstBrokenEvent } from './store/event-chain';

const environmentHelp = `
Environment
  PANTHER_API_URL, PANTHER_API_TOKEN       Panther's API address and token
  PANTHER_ALLOW                            read (default), write or destructive: how far Panther's tools may go
  PANTHER_SQL_DIALECT                      snowflake (default) or databricks
  PANTHER_MAX_WINDOW_DAYS                  longest window of time one query may read, default 92
  PANTHER_DATABASES                        databases that SQL may read besides Panther's own, with commas
  PANTHER_PRAGMAS                          template, pantherflow: let "-- pragma:" comments through, default none
  PANTHER_CACHE_SECONDS                    how long a result is used again for the same SQL, default 300, 0 is off
  GITLAB_URL, GITLAB_TOKEN                 default https://gitlab.com
  GITLAB_GROUP, GITLAB_PROJECT             used when a call names none
  GITLAB_ALLOW                             read (default), write or destructive: how far GitLab's tools may go
  SLACK_BOT_TOKEN, SLACK_API_URL           default https://slack.com/api
  SLACK_CHANNEL_CRITICAL, _HIGH, _MEDIUM, _LOW, _DEFAULT
  SOC_BRIDGE_TOKEN                         bearer token that callers send; at least 16 characters
  SOC_BRIDGE_HOST, SOC_BRIDGE_PORT         default 127.0.0.1 and 3333
  SOC_ALLOWED_HOSTS                        further host names of this bridge, with commas
  SOC_DATABASE_URL                         default sqlite:./soc-bridge.db; or postgres://...
  SOC_REPORT_DIR                           where reports are written as <case id>.md
  SOC_ALLOW_PRIVATE_NETWORK                true: services may have private addresses
  SOC_CALL_TIMEOUT_SECONDS                 longest time for one tool call, default 600
  SOC_LEASE_SECONDS, SOC_CASE_LEASE_SECONDS, SOC_RECONCILE_SECONDS, SOC_MAX_ATTEMPTS
                                           default 30, 90, 5, 5
  LOG_LEVEL                                default info; logs go to stderr`;

/** The command line. `capabilities` is what `serve` and `stdio` offer. */
export function createProgram(capabilities: Capabilities, version: string): Command {
  const program = new Command('soc-bridge')
    .description('SOC operations over Panther, GitLab and Slack as MCP tools, with the case store.')
    .version(version)
    .addHelpText('after', environmentHelp);
  program
    .command('serve')
    .description('serve MCP at /mcp, alerts at /alerts and cases at /cases over HTTP')
    .action(() => serve(capabilities, version));
  program
    .command('stdio')
    .description('serve MCP on stdin and stdout')
    .action(() => stdio(capabilities, version));
  program
    .command('tools')
    .description('list the tools')
    .option('--json', 'with descriptions and schemas')
    .action(({ json }: { json?: boolean }) =>
      print(json ? toolsJson(capabilities.operations) : toolsText(capabilities.operations)),
    );
  const cases = program.command('cases').description('read the case store');
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
  addSqlCommands(program, version);
  return program;
}

/** One line for each thing that is wrong, for the person who started the program. */
export function failureLines(error: unknown): string[] {
  if (error instanceof ConfigError) return error.problems;
  const { code, message, port } = error as { code?: string; message?: string; port?: number };
  if (code === 'EADDRINUSE') return [`Port ${port} is in use; choose another with SOC_BRIDGE_PORT.`];
  if (code === 'EACCES' && port !== undefined) return [`Port ${port} may not be used by this user; choose another.`];
  if (code === 'EADDRNOTAVAIL') return ['SOC_BRIDGE_HOST is not an address of this machine.'];
  // Names of files and texts of services may hold what a terminal would obey.
  return [(message ?? String(error)).replace(/[\p{C}\s]+/gu, ' ').trim()];
}

async function serve(capabilities: Capabilities, version: string): Promise<void> {
  const bridge = await Bridge.open(readConfig(process.env), capabilities, version);
  const stopped = stopSignal();
  try {
    const server = await bridge.serve();
    print(JSON.stringify({ ready: true, url: server.url }));
    await stopped;
    await server.close();
  } finally {
    await bridge.close();
  }
}

/** Ends when the client closes stdin, as the MCP stdio binding asks. Nothing but MCP messages goes to stdout. */
async function stdio(capabilities: Capabilities, version: string): Promise<void> {
  for (const method of ['log', 'info', 'debug'] as const) console[method] = console.error;
  const bridge = await Bridge.open(readConfig(process.env), capabilities, version);
  try {
    const handle = serveStdio(bridge.createFactory(), {
      onerror: (error) => bridge.logger.debug({ err: error }, 'mcp message refused'),
    });
    await Promise.race([
      stopSignal(),
      new Promise<void>((resolve) => {
        process.stdin.once('end', resolve).once('close', resolve);
      }),
    ]);
    await handle.close();
  } finally {
    await bridge.close();
    process.stdin.destroy();
  }
}

/** Resolves at the first SIGINT or SIGTERM; at the second the process ends at once. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    let asked = false;
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        if (asked) process.exit(1);
        asked = true;
        resolve();
      });
    }
  });
}

function toolsText(operations: readonly Operation[]): string {
  return operations.map(({ name, effect, action }) => `${name.padEnd(40)} ${effect.padEnd(12)} ${action}`).join('\n');
}

function toolsJson(operations: readonly Operation[]): string {
  const tools = operations.map((operation) => ({
    name: operation.name,
    title: operation.action,
    description: operation.description,
    effect: operation.effect,
    idempotent: operation.idempotent,
    permissions: operation.permissions,
    input_schema: toJsonSchema(operation.input.strict()),
    output_schema: toJsonSchema(operation.output),
  }));
  return JSON.stringify(tools, null, 2);
}

async function listCases(options: { status?: string; limit: number; json?: boolean }): Promise<void> {
  await withStore(async (store) => {
    const rows = await store.list(options);
    if (options.json) {
      const records = await Promise.all(rows.map(({ id }) => store.get(id)));
      print(JSON.stringify(records, null, 2));
    } else print(rows.length === 0 ? 'No cases.' : rows.map(caseLine).join('\n'));
  });
}

async function showCase(id: string, options: { json?: boolean }): Promise<void> {
  await withStore(async (store) => {
    const record = await store.get(id);
    if (record === undefined) throw new Error(`There is no case ${id} in this database.`);
    if (options.json) {
      print(JSON.stringify(record, null, 2));
      return;
    }
    const events = await store.events(id);
    print(caseText(record, events, firstBrokenEvent(events)));
  });
}

/** Only reads, so it does not make a database where none is. */
async function withStore(use: (store: CaseStore) => Promise<void>): Promise<void> {
  const { databaseUrl } = readConfig(process.env);
  const path = /^sqlite:(.*)$/.exec(databaseUrl)?.[1];
  if (path !== undefined && !existsSync(path)) {
    throw new Error(`There is no database ${path}; set SOC_DATABASE_URL to the one that soc-bridge serve uses.`);
  }
  const database = await openDatabase(databaseUrl);
  try {
    await use(new CaseStore(database));
  } finally {
    await database.close();
  }
}

function statusOption(value: string): string {
  if ((caseStatuses as readonly string[]).includes(value)) return value;
  throw new InvalidArgumentError(`Use one of ${caseStatuses.join(', ')}.`);
}

function limitOption(value: string): number {
  const limit = Number(value);
  if (Number.isInteger(limit) && limit >= 1 && limit <= 1000) return limit;
  throw new InvalidArgumentError('Use a whole number from 1 to 1000.');
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
