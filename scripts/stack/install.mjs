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
 * Runs npm; an unreachable registry becomes one line that says so.
 * @param {string[]} args
 * @param {string} cwd
 * @param {string} logFile
 * @param {string} what
 * @param {NodeJS.ProcessEnv} [env]
 */
export async function npm(args, cwd, logFile, what, env = process.env) {
  try {
    await run(process.platform === 'win32' ? 'npm.cmd' : 'npm', args, { cwd, env, logFile, what });
  } catch (error) {
    const log = existsSync(logFile) ? readFileSync(logFile, 'utf8') : '';
    if (/E(?:NOTFOUND|CONNREFUSED|AI_AGAIN|CONNRESET|TIMEDOUT)|network request/.test(log)) {
      throw new PlainError(
        `${what}: the npm registry cannot be reached. Check the network or npm's proxy settings and run this again. Whole log: ${logFile}`,
      );
    }
    throw error;
  }
}
