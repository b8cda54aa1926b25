import { once } from 'node:events';
import { type Command, InvalidArgumentError } from 'commander';
import { withExistingDatabase } from '../store/command-database';
import { painter, printable } from '../terminal';
import { ChainVerifier } from './audit-chain';
import { auditLines } from './audit-forwarder';
import { AuditStore } from './audit-store';

/** The group `audit`: who called what. */
export function addAuditCommands(program: Command): void {
  const audit = program.command('audit').description('read and check the audit trail');
  audit
    .command('verify')
    .description('check that no entry was changed, removed or put in between')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExit status: 0 every chain holds, 1 one does not.')
    .action(verify);
  audit
    .command('export')
    .description('write entries as JSON lines, oldest first')
    .option('--since <time>', 'from this time on, ISO 8601', time, new Date(0).toISOString())
    .option('--until <time>', 'up to but not including this time, ISO 8601', time)
    .action(exportEntries);
}

async function verify({ json }: { json?: boolean }): Promise<void> {
  await withStore(async (store) => {
    const verifier = new ChainVerifier();
    for await (const row of store.byChain()) verifier.add(row);
    const problems = verifier.finish();
    const { chains, entries } = verifier;
    if (json) process.stdout.write(`${JSON.stringify({ chains, entries, problems }, null, 2)}\n`);
    else {
      const paint = painter(process.stdout);
      for (const { chain, seq, problem } of problems)
        process.stdout.write(`${paint('red', '✗')} ${printable(chain)} at entry ${seq}: ${printable(problem)}\n`);
      const result = problems.length === 0 ? 'every chain holds' : `${problems.length} do not hold`;
      process.stdout.write(`${entries} entries in ${chains} ${chains === 1 ? 'chain' : 'chains'}: ${result}\n`);
    }
    if (problems.length > 0) process.exitCode = 1;
  });
}

async function exportEntries({ since, until }: { since: string; until?: string }): Promise<void> {
  await withStore(async (store) => {
    for await (const row of store.byTime(since, until ?? '9999')) {
      if (!process.stdout.write(auditLines([row]))) await once(process.stdout, 'drain');
    }
  });
}

function withStore(use: (store: AuditStore) => Promise<void>): Promise<void> {
  return withExistingDatabase((database) => use(new AuditStore(database)));
}

function time(value: string): string {
  const ms = /^\d{4}-\d\d-\d\d/.test(value) ? Date.parse(value) : Number.NaN;
  if (!Number.isNaN(ms)) return new Date(ms).toISOString();
  throw new InvalidArgumentError('Use a time such as 2026-05-01 or 2026-05-01T12:00:00Z.');
}
