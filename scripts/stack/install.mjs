import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './child-process.mjs';
import { root, varDir } from './paths.mjs';
import { longStep, PlainError } from './say.mjs';

/**
 * Installs what the lockfile says and leaves it as it is. Not `npm ci`: that refuses a lockfile from which npm left out
 * optional packages of other platforms that its registry did not have.
 */
export const installFromLock = ['install', '--no-save', '--prefer-offline'];

/** Throws when the Node that runs the scripts is too old to go on. */
export function checkNode() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < 20)
    throw new PlainError(`Node ${process.versions.node} is too old: these scripts need Node 20 or newer.`);
}

/** Installs the development dependencies when they are absent or belong to another lockfile. */
export async function ensureDependencies() {
  checkNode();
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  const stamp = join(root, 'node_modules', '.soc-lock');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  await longStep('Installing dependencies (once; about two minutes)', () =>
    npm(installFromLock, root, join(varDir, 'logs', 'npm-install.log'), 'npm install'),
  );
  mkdirSync(join(root, 'node_modules'), { recursive: true });
  writeFileSync(stamp, lock);
}

/**
 * Runs an npm command that needs the registry. When that does not answer, what npm has in its cache is tried, and if
 * that does not suffice one line says so: left to itself npm asks again for every package, for many minutes.
 * @param {string[]} args
 * @param {string} cwd
 * @param {string} logFile
 * @param {string} what
 * @param {NodeJS.ProcessEnv} [env]
 */
export async function npm(args, cwd, logFile, what, env = process.env) {
  const command = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const reachable = !args.includes('install') || (await registryAnswers(command, env));
  try {
    await run(command, reachable ? args : [...args, '--offline'], { cwd, env, logFile, what });
  } catch (error) {
    if (!reachable) {
      throw new PlainError(
        `${what}: the npm registry cannot be reached. Check the network or npm's proxy settings and run this again. Whole log: ${logFile}`,
      );
    }
    throw error;
  }
}

/** Whether the configured registry answers within 20 s; any answer counts. */
async function registryAnswers(command, env) {
  const args = ['view', 'zod', 'version', '--fetch-retries=0', '--fetch-timeout=15000', '--prefer-online'];
  const child = spawn(command, args, { env, stdio: ['ignore', 'ignore', 'pipe'], cwd: root, timeout: 20_000 });
  let text = '';
  child.stderr.on('data', (chunk) => {
    text += chunk;
  });
  const status = await new Promise((resolve) => {
    child.once('error', () => resolve(1));
    child.once('exit', (code) => resolve(code));
  });
  return (
    status === 0 ||
    (status !== null && !/E(?:NOTFOUND|CONNREFUSED|AI_AGAIN|CONNRESET|TIMEDOUT)|network|timeout/i.test(text))
  );
}
