import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { build } from 'esbuild';
import { bridgeBundle, requireBanner } from '../../../scripts/bridge-bundle.mjs';

const root = resolve(__dirname, '..', '..', '..');

export interface Finished {
  status: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/**
 * The program over test operations, or another entry point, bundled the way the package is. Under `bridge/`, where its
 * packages resolve.
 */
export async function buildTestMain(
  entry = 'test/support/bridge/test-main.ts',
): Promise<{ file: string; remove(): void }> {
  const cache = join(root, 'bridge', 'node_modules', '.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'soc-bridge-test-'));
  const file = join(folder, 'main.mjs');
  await build({
    ...bridgeBundle,
    banner: { js: requireBanner },
    absWorkingDir: root,
    entryPoints: [entry],
    outfile: file,
    logLevel: 'silent',
  });
  return { file, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** One process of the bridge. Its environment holds nothing of ours but what is given. */
export class Program {
  readonly child: ChildProcess;
  stdout = '';
  stderr = '';
  readonly ended: Promise<Finished>;

  constructor(file: string, args: string[], options: { cwd: string; env?: Record<string, string> }) {
    this.child = spawn(process.execPath, [file, ...args], {
      cwd: options.cwd,
      env: {
        PATH: process.env.PATH ?? '',
        SOC_TEST_MAIN: 'run',
        SOC_BRIDGE_PORT: '0',
        SOC_RELATED_HOURS: '0',
        // Compiled code goes when the program goes.
        XDG_CACHE_HOME: dirname(file),
        ...options.env,
      },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.child.stdout?.on('data', (chunk) => {
      this.stdout += chunk;
    });
    this.child.stderr?.on('data', (chunk) => {
      this.stderr += chunk;
    });
    this.ended = new Promise((resolveEnd) => {
      this.child.once('close', (status, signal) =>
        resolveEnd({ status, signal, stdout: this.stdout, stderr: this.stderr }),
      );
    });
  }

  /** The address from the ready line. */
  async url(): Promise<string> {
    for (;;) {
      const line = this.stdout.split('\n', 1)[0] ?? '';
      if (this.stdout.includes('\n')) return (JSON.parse(line) as { url: string }).url;
      const ended = await this.endedWithin(20);
      if (ended !== undefined) throw new Error(`the bridge ended with ${ended.status}: ${ended.stderr}`);
    }
  }

  /** How it ended, or undefined when it still runs after `ms`. */
  async endedWithin(ms: number): Promise<Finished | undefined> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolveLate) => {
      timer = setTimeout(() => resolveLate(undefined), ms);
    });
    const finished = await Promise.race([this.ended, late]);
    clearTimeout(timer);
    return finished;
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Finished> {
    this.child.kill(signal);
    return this.ended;
  }
}
