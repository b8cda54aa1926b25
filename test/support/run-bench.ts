import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';

const root = resolve(__dirname, '../..');

/** What a bench prints with `--json`. */
export interface BenchResult {
  figures: { name: string; measured: string; met: boolean }[];
}

/** Runs a bench of the repository to its end. One that never ends is ended before the limit of its test. */
export function runBench(
  name: string,
  ...args: string[]
): Promise<{ status: unknown; stdout: string; stderr: string }> {
  return new Promise((done) => {
    const options = { cwd: root, timeout: 170_000, maxBuffer: 64 * 1024 * 1024 };
    execFile(process.execPath, [join(root, 'bench', `${name}.mjs`), ...args], options, (error, stdout, stderr) =>
      done({ status: error?.code ?? 0, stdout, stderr }),
    );
  });
}
