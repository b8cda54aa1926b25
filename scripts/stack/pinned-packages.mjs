import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { installFromLock, npm } from './install.mjs';
import { nodeEnvironment } from './node-runtime.mjs';
import { cacheDir } from './paths.mjs';

/**
 * Where `ensurePinned` puts them, whether they are there yet or not.
 * @param {{ source: string, name: string }} options
 */
export function pinnedFolder({ source, name }) {
  const lock = createHash('sha256')
    .update(readFileSync(join(source, 'package-lock.json')))
    .digest('hex')
    .slice(0, 12);
  return join(cacheDir, `${name}-${lock}`);
}

/**
 * Installs the packages pinned in the folder `source` once into the cache, beside their place and renamed into it, and resolves
 * to the folder. Their install scripts are not run. Throws an error of one plain line when the registry cannot be reached.
 * @param {{ source: string, name: string, what: string, say: (text: string) => void }} options
 */
export async function ensurePinned({ source, name, what, say }) {
  const folder = pinnedFolder({ source, name });
  if (existsSync(folder)) return folder;
  say(`installing ${what} (once)`);
  mkdirSync(cacheDir, { recursive: true });
  const partial = join(cacheDir, `${name}-partial-${process.pid}`);
  rmSync(partial, { recursive: true, force: true });
  try {
    cpSync(source, partial, { recursive: true });
    const log = join(cacheDir, 'logs', `${name}-install.log`);
    await npm([...installFromLock, '--ignore-scripts'], partial, log, `Installing ${what}`, nodeEnvironment());
    renameSync(partial, folder);
  } catch (error) {
    // Another run may have finished first: its copy is as good.
    if (!existsSync(folder)) throw error;
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  return folder;
}
