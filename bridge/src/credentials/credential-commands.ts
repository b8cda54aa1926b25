import { Argument, type Command, InvalidArgumentError } from 'commander';
import type { Operation } from '../../../operations/operation';
import { checksText, runChecks } from '../doctor/doctor-command';
import { painter } from '../terminal';
import type { SourceName } from './credential-source';
import { CredentialError } from './credential-source';
import { readHidden } from './hidden-input';
import { Keychain } from './keychain';
import { SecretResolver } from './secret-resolver';
import { isSecretName, orderVariable, type SecretName, secretNames, secrets } from './secrets';

const testable = ['panther', 'gitlab', 'slack', 'okta', 'response', 'model'] as const;
type Testable = (typeof testable)[number];

/** The group `credentials`: what is kept where, and the operating system's keychain. Values are never shown. */
export function addCredentialCommands(program: Command, operations: readonly Operation[], version: string): void {
  const group = program
    .command('credentials')
    .description('see where secrets come from, and keep them in the keychain');
  group
    .command('list')
    .description('say for each secret where it was found; never its value')
    .option('--json', 'as JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const rows = await listed(new SecretResolver(process.env));
      print(json ? JSON.stringify(rows, null, 2) : rowsText(rows));
      if (rows.some(({ problem }) => problem !== null)) process.exitCode = 1;
    });
  group
    .command('set')
    .description('keep a secret in the keychain; it is asked for without being shown, or read from a pipe')
    .argument('<name>', 'e.g. GITLAB_TOKEN', secretName)
    .action(set);
  group
    .command('delete')
    .description('take a secret out of the keychain')
    .argument('<name>', 'e.g. GITLAB_TOKEN', secretName)
    .action(remove);
  group
    .command('test')
    .description('ask each service whether it takes its credential, and which rights are missing or too many')
    .addArgument(new Argument('[service]', 'only this').choices(testable))
    .action(async (service: Testable | undefined) => {
      const checks = await runChecks(service === undefined ? testable : [service], operations, version);
      process.stdout.write(checksText(checks));
      if (checks.some(({ findings }) => findings.some(({ level }) => level === 'problem'))) process.exitCode = 1;
    });
}

async function set(name: SecretName): Promise<void> {
  const { settings } = new SecretResolver(process.env);
  const value = await readHidden(`${secrets[name].what} (${name}, not shown): `, process.stdin, process.stderr);
  if (value === '') throw new Error('Nothing was entered; nothing was stored.');
  if (!/^[\x21-\x7e]+$/.test(value))
    throw new Error(
      `${name}: what was entered holds white space or characters that no secret has; nothing was stored.`,
    );
  const keychain = new Keychain(settings.keychainService);
  await keychain.write(name, value);
  // A store can take a secret and give back another, or none; better found now than at the next start.
  if ((await keychain.read(name)) !== value)
    throw new Error(`${name} was written to the keychain, which gave back something else. Try again.`);
  print(`${name} is in the keychain (service "${settings.keychainService}", ${value.length} characters).`);
  if (!settings.order[secrets[name].group].includes('keychain'))
    print(`It is not used yet: set ${orderVariable(secrets[name].group)}=keychain (or keychain,environment).`);
}

async function remove(name: SecretName): Promise<void> {
  const { settings } = new SecretResolver(process.env);
  if (!(await new Keychain(settings.keychainService).remove(name)))
    throw new Error(`${name} is not in the keychain (service "${settings.keychainService}").`);
  print(`${name} is no longer in the keychain.`);
}

interface Row {
  name: SecretName;
  what: string;
  found_in: SourceName | null;
  looked_in: readonly SourceName[];
  problem: string | null;
}

async function listed(resolver: SecretResolver): Promise<Row[]> {
  const rows: Row[] = [];
  for (const name of secretNames) {
    const { group, what } = secrets[name];
    const row = { name, what, looked_in: resolver.settings.order[group] };
    try {
      rows.push({ ...row, found_in: (await resolver.find(name))?.source ?? null, problem: null });
    } catch (error) {
      if (!(error instanceof CredentialError)) throw error;
      rows.push({ ...row, found_in: null, problem: error.message });
    }
  }
  return rows;
}

function rowsText(rows: readonly Row[]): string {
  const paint = painter(process.stdout);
  const width = Math.max(...secretNames.map((name) => name.length));
  const place = ({ found_in, problem }: Row) =>
    problem !== null ? paint('red', 'not known  ') : (found_in?.padEnd(11) ?? paint('dim', '-          '));
  const problems = [...new Set(rows.flatMap(({ problem }) => problem ?? []))];
  return [
    ...rows.map(
      (row) => `${row.name.padEnd(width)}  ${place(row)}  ${row.what}; looked in ${row.looked_in.join(', ')}`,
    ),
    ...problems.map((problem) => paint('red', problem)),
  ].join('\n');
}

function secretName(value: string): SecretName {
  if (isSecretName(value)) return value;
  throw new InvalidArgumentError(`Use one of ${secretNames.join(', ')}.`);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
