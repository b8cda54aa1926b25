import { Argument, type Command } from 'commander';
import type { Operation } from '../../../operations/operation';
import { caseJson } from '../case-text';
import { CredentialKeeper } from '../credentials/credential-keeper';
import { ServicePorts } from '../hosting/service-ports';
import { painter, printable } from '../terminal';
import type { Check, Level } from './check';
import { type Examinable, examinable, examine } from './examination';

/** `doctor`: everything the bridge depends on, before it is needed. */
export function addDoctorCommand(program: Command, operations: readonly Operation[], version: string): void {
  program
    .command('doctor')
    .description('check every service, its credential and its rights, and the case store; changes nothing')
    .addArgument(new Argument('[what]', 'only this').choices(examinable))
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExit status: 0 nothing is wrong (there may be warnings), 1 something is.')
    .action(async (what: Examinable | undefined, { json }: { json?: boolean }) => {
      const checks = await runChecks(what === undefined ? examinable : [what], operations, version);
      if (json) process.stdout.write(`${caseJson(checks)}\n`);
      else process.stdout.write(checksText(checks));
      if (checks.some(({ findings }) => findings.some(({ level }) => level === 'problem'))) process.exitCode = 1;
    });
}

/** Side by side, because the slowest of them may take 10 s to give up. Rejects with ConfigError. */
export async function runChecks(
  what: readonly Examinable[],
  operations: readonly Operation[],
  version: string,
  environment = process.env,
): Promise<Check[]> {
  const { config } = await CredentialKeeper.open(environment);
  const services = new ServicePorts(config, version);
  const nothing = () => {};
  const ports = services.ports({
    signal: new AbortController().signal,
    log: { debug: nothing, info: nothing, warn: nothing },
    progress: nothing,
  });
  try {
    return await Promise.all(what.map((name) => examine(name, { ports, config, operations })));
  } finally {
    services.close();
  }
}

const marks: Record<Level, { sign: string; colour: 'green' | 'yellow' | 'red' | 'dim' }> = {
  ok: { sign: '✓', colour: 'green' },
  warning: { sign: '!', colour: 'yellow' },
  problem: { sign: '✗', colour: 'red' },
  off: { sign: '-', colour: 'dim' },
};

/** A block for each check; the last line says whether anything is wrong. */
export function checksText(checks: readonly Check[], paint = painter(process.stdout)): string {
  const lines = checks.flatMap(({ name, findings }) => [
    paint('bold', name),
    ...findings.map(({ level, text }) => `  ${paint(marks[level].colour, marks[level].sign)} ${printable(text)}`),
  ]);
  const count = (level: Level) =>
    checks.flatMap(({ findings }) => findings).filter((one) => one.level === level).length;
  const problems = count('problem');
  const warnings = count('warning');
  const noun = (number: number, word: string) => `${number} ${word}${number === 1 ? '' : 's'}`;
  const verdict =
    problems > 0
      ? paint('red', `${noun(problems, 'problem')}, ${noun(warnings, 'warning')}`)
      : paint(warnings > 0 ? 'yellow' : 'green', `Nothing is wrong; ${noun(warnings, 'warning')}`);
  return `${[...lines, '', verdict].join('\n')}\n`;
}
