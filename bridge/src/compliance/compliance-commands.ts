import { type Command, InvalidArgumentError } from 'commander';
import { generateSoxComplianceReport } from '../../../operations/compliance/generate-sox-compliance-report';
import { periodNames } from '../../../operations/compliance/period';
import { runOperation } from '../../../operations/operation';
import { stripHidden } from '../../../operations/text';
import { CredentialKeeper } from '../credentials/credential-keeper';
import { ServicePorts } from '../hosting/service-ports';
import { PackageFolder } from './package-folder';
import { packageMaker } from './package-maker';
import { readParameters } from './parameter-file';
import { type PackageCheck, verifyFolder } from './verify-chain';

interface WriteFlags {
  zone?: string;
  period?: string;
  firstDay?: string;
  lastDay?: string;
  group?: string;
  project?: string;
  parameters?: string;
  json?: boolean;
}

/** The group `compliance`: evidence packages for the testing of IT general controls, made and checked. */
export function addComplianceCommands(program: Command, version: string): void {
  const compliance = program.command('compliance').description('make and check evidence packages');
  compliance
    .command('write')
    .description('make an evidence package as a new folder in DIR, chained to the newest one there')
    .argument('<dir>')
    .option('--zone <zone>', 'IANA time zone of the period and of business hours (default: UTC)')
    .option('--period <period>', `one of ${periodNames.join(', ')} (default: previous_month)`)
    .option('--first-day <date>', 'YYYY-MM-DD, for the period custom')
    .option('--last-day <date>', 'YYYY-MM-DD, included, for the period custom')
    .option('--group <path>', 'GitLab group (default: the one of the environment)')
    .option('--project <path>', 'GitLab project, instead of a group')
    .option('--parameters <file>', 'further input of generate_sox_compliance_report as a JSON object')
    .option('--json', 'the summary as JSON')
    .addHelpText('after', '\nExit status: 0 complete, 1 failed, 3 the package was made and is incomplete.')
    .action((dir: string, flags: WriteFlags) => write(dir, flags, version));
  compliance
    .command('verify')
    .description('check a package, or every package in DIR: hashes, chain, counts, and the exceptions derived again')
    .argument('<dir>')
    .option('--manifest-sha256 <hash>', 'what the manifest has to hash to, as it was kept elsewhere', hashOption)
    .option('--json', 'as a JSON list with one entry for each package')
    .addHelpText('after', '\nExit status: 0 everything holds, 1 something does not.')
    .action(verify);
}

async function write(dir: string, flags: WriteFlags, version: string): Promise<void> {
  const further = flags.parameters === undefined ? {} : await readParameters(flags.parameters);
  const { config } = await CredentialKeeper.open(process.env);
  const services = new ServicePorts(config, version);
  const packages = new PackageFolder(dir, packageMaker(version));
  await packages.prepare();
  const abort = new AbortController();
  const interrupt = () => {
    if (abort.signal.aborted) process.exit(1);
    abort.abort();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, interrupt);
  const say = (text: string) => process.stderr.isTTY && process.stderr.write(`${stripHidden(text)}\n`);
  try {
    const ports = services.ports({
      signal: abort.signal,
      log: { debug: () => {}, info: () => {}, warn: (message) => say(message) },
      progress: (message, done, total) => say(total === undefined ? message : `${message} (${done} of ${total})`),
    });
    const given = {
      zone: flags.zone,
      period: flags.period ?? (flags.firstDay === undefined ? undefined : 'custom'),
      first_day: flags.firstDay,
      last_day: flags.lastDay,
      group: flags.group,
      project: flags.project,
    };
    const made = await runOperation(
      generateSoxComplianceReport,
      { ...ports, packages },
      { ...further, ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) },
    );
    print(flags.json ? JSON.stringify(made, null, 2) : `${made.summary}\n${made.stored_in}`);
    if (made.status === 'INCOMPLETE') process.exitCode = 3;
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, interrupt);
    services.close();
  }
}

async function verify(dir: string, flags: { manifestSha256?: string; json?: boolean }): Promise<void> {
  const checks = await verifyFolder(dir, flags.manifestSha256);
  if (flags.json) print(JSON.stringify(checks.map(asJson), null, 2));
  else for (const check of checks) print(asText(check));
  if (checks.some((check) => !holds(check))) process.exitCode = 1;
}

function holds({ flaws, chain }: PackageCheck): boolean {
  return flaws.length === 0 && chain.length === 0;
}

function asJson(check: PackageCheck) {
  const { folder, manifest, manifestSha256, flaws, chain } = check;
  return {
    folder,
    package_id: manifest?.package_id ?? null,
    holds: holds(check),
    status: manifest?.status ?? null,
    manifest_sha256: manifestSha256,
    flaws,
    chain,
  };
}

function asText(check: PackageCheck): string {
  const { folder, manifest, manifestSha256, flaws, chain, checked } = check;
  const lines = [`${manifest?.package_id ?? folder}: ${holds(check) ? 'holds' : 'DOES NOT HOLD'}`];
  lines.push(...flaws.map(({ file, problem }) => `  ${file} ${problem}`), ...chain.map((problem) => `  ${problem}`));
  if (manifest !== null) {
    if (holds(check)) lines.push(`  checked: ${checked.join('; ')}`);
    lines.push(
      `  ${manifest.status}; ${manifest.previous === null ? 'first of its chain' : `chained to ${manifest.previous.package_id}`}`,
    );
  }
  if (manifestSha256 !== null) lines.push(`  SHA-256 of the manifest: ${manifestSha256}`);
  return stripHidden(lines.join('\n'));
}

function hashOption(value: string): string {
  if (/^[0-9a-fA-F]{64}$/.test(value)) return value;
  throw new InvalidArgumentError('Use a SHA-256 in hex, 64 digits.');
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
