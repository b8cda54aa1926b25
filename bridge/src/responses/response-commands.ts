import { userInfo } from 'node:os';
import type { Command } from 'commander';
import { cleanLine } from '../../../operations/text';
import { withDatabase } from '../store/command-database';
import { ResponseStore } from './response-store';

/** The group `response`: the brake that anybody on duty can pull, whatever runs. */
export function addResponseCommands(program: Command): void {
  const response = program.command('response').description('halt all responses, or let them go on');
  response
    .command('halt')
    .description('from now on nothing is changed anywhere, by any process on this database')
    .argument('<reason>', 'why, for whoever comes next')
    .action((reason: string) =>
      withResponses(async (store) => {
        const halted = `${cleanLine(reason, 300)} (${cleanLine(userInfo().username, 60)}, ${new Date().toISOString()})`;
        await store.halt(halted);
        process.stdout.write(`Halted: ${halted}\n`);
      }),
    );
  response
    .command('resume')
    .description('let responses go on')
    .action(() =>
      withResponses(async (store) => {
        const halted = await store.halted();
        await store.halt(null);
        process.stdout.write(
          halted === null ? 'Nothing was halted.\n' : `Responses go on. They were halted: ${cleanLine(halted, 500)}\n`,
        );
      }),
    );
  response
    .command('status')
    .description('say whether responses are halted')
    .action(() =>
      withResponses(async (store) => {
        const halted = await store.halted();
        process.stdout.write(halted === null ? 'Not halted.\n' : `Halted: ${cleanLine(halted, 500)}\n`);
      }),
    );
}

function withResponses(use: (store: ResponseStore) => Promise<void>): Promise<void> {
  return withDatabase((database) => use(new ResponseStore(database)));
}
