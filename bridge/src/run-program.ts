import type { Capabilities } from './bridge';
import { createProgram, failureLines } from './cli';
import { nodeProblem } from './supported-node';

/** Runs the command line of this process. What goes wrong is one line on stderr, and exit status 1. */
export async function runProgram(capabilities: Capabilities, version: string): Promise<void> {
  const problem = nodeProblem(process.version);
  try {
    if (problem !== undefined) throw new Error(problem);
    await createProgram(capabilities, version).parseAsync(process.argv);
  } catch (error) {
    for (const line of failureLines(error)) process.stderr.write(`soc-bridge: ${line}\n`);
    process.exitCode = 1;
  }
}
