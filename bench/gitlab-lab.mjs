import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endChildren, readyLine, startService } from '../scripts/stack/child-process.mjs';
import { nodeEnvironment, nodeExecutable } from '../scripts/stack/node-runtime.mjs';
import { ProgramBundles } from './program-bundle.mjs';

/**
 * A sandbox of its own with a GitLab group of the given size, and our bridge ready to be started against it.
 * @typedef {{gitlab: {url: string, token: string}, folder: string, bridge: {command: string, args: string[], env: NodeJS.ProcessEnv}, settings(change: object): Promise<void>, forget(): Promise<void>, requests(): Promise<{path: string, query: string}[]>}} Lab
 */

/**
 * Builds, starts, runs `use` and cleans up, also when it fails or takes longer than `longestMs`.
 * @template T
 * @param {{name: string, fleet: {projects: number, mergeRequests: number}, longestMs: number}} options
 * @param {(lab: Lab, say: (text: string) => void) => Promise<T>} use
 * @returns {Promise<T>}
 */
export async function inLab({ name, fleet, longestMs }, use) {
  const say = (text) => process.stderr.write(`${name}: ${text}\n`);
  const folder = mkdtempSync(join(tmpdir(), 'soc-bench-'));
  const bundles = new ProgramBundles();
  const deadline = setTimeout(() => {
    say(`not done after ${longestMs / 60_000} minutes; given up`);
    endChildren();
    process.exit(1);
  }, longestMs);
  let sandbox;
  try {
    say('building');
    const [sandboxFile, bridgeFile] = await Promise.all([
      bundles.add('sandbox/src/main.ts', 'sandbox.mjs'),
      bundles.add('bridge/src/main.ts', 'bridge.mjs'),
    ]);
    say(`simulating ${fleet.projects} projects with ${fleet.mergeRequests} merge requests`);
    sandbox = await startService(
      nodeExecutable(),
      [sandboxFile, '--gitlab-fleet', `${fleet.projects}:${fleet.mergeRequests}`],
      {
        cwd: folder,
        env: nodeEnvironment(),
        logFile: join(folder, 'sandbox.log'),
        what: 'The sandbox',
        ready: readyLine,
      },
    );
    const { gitlab, control } = sandbox.value;
    const lab = {
      gitlab,
      folder,
      bridge: {
        command: nodeExecutable(),
        args: [bridgeFile, 'stdio'],
        env: nodeEnvironment({
          GITLAB_URL: gitlab.url,
          GITLAB_TOKEN: gitlab.token,
          SOC_ALLOW_PRIVATE_NETWORK: 'true',
          // Whole answers are compared and counted, not their first pages.
          SOC_RESULT_TOKENS: '0',
          SOC_DATABASE_URL: `sqlite:${join(folder, 'bridge.db')}`,
        }),
      },
      settings: (change) => ask(`${control.url}/gitlab/settings`, change),
      forget: () => ask(`${control.url}/reset`, {}),
      requests: () => ask(`${control.url}/requests?service=gitlab`),
    };
    return await use(lab, say);
  } finally {
    clearTimeout(deadline);
    await sandbox?.stop();
    rmSync(folder, { recursive: true, force: true });
    bundles.remove();
  }
}

/** Prints a result as the runner reads it, or for people, and sets the exit status. */
export function printResult(result, asJson) {
  if (asJson) process.stdout.write(`${JSON.stringify(result)}\n`);
  else {
    for (const { name, measured, floor, met } of result.figures)
      console.log(`${met ? 'ok  ' : 'MISS'} ${name}: ${measured} (floor ${floor})`);
    for (const note of result.notes) console.log(`     ${note}`);
  }
  if (result.figures.some(({ met }) => !met)) process.exitCode = 1;
}

/** A whole number of the command line; ends the process with status 2 when it is none. */
export function whole(option, text, min, max) {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= min && number <= max) return number;
  process.stderr.write(`--${option}: ${text} is not a whole number from ${min} to ${max}\n`);
  process.exit(2);
}

export function median(numbers) {
  return quantile(numbers, 0.5);
}

/** By linear interpolation between the two nearest. */
export function quantile(numbers, q) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const at = (sorted.length - 1) * q;
  const low = sorted[Math.floor(at)];
  return low + (sorted[Math.ceil(at)] - low) * (at - Math.floor(at));
}

export function count(number) {
  return Math.round(number).toLocaleString('en-US');
}

async function ask(url, body) {
  const response = await fetch(url, {
    ...(body === undefined
      ? {}
      : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url}: ${response.status} ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}
