import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir } from './paths.mjs';
import { PlainError } from './say.mjs';

let builds = 0;

/**
 * A folder of the cache that is built once and kept. It is built beside its place and renamed into it, so that a run that
 * was cut off leaves nothing that looks finished; of two runs that build it at once, the first one's copy stays.
 * @param {string} folder
 * @param {string} what for the person at the terminal when it cannot be kept
 * @param {(partial: string) => Promise<void>} build
 * @returns {Promise<string>} the folder
 */
export async function keptFolder(folder, what, build) {
  if (existsSync(folder)) return folder;
  mkdirSync(cacheDir, { recursive: true });
  removeAbandoned();
  builds += 1;
  const partial = join(cacheDir, `partial-${process.pid}-${builds}`);
  rmSync(partial, { recursive: true, force: true });
  try {
    await build(partial);
    renameSync(partial, folder);
  } catch (error) {
    // Another run finished first: its copy is as good.
    if (existsSync(folder)) return folder;
    throw error.syscall === 'rename'
      ? new PlainError(`${what} could not be moved into the cache: ${error.message}`)
      : error;
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  return folder;
}

/** What a run that died in the middle has left. */
function removeAbandoned() {
  for (const name of readdirSync(cacheDir)) {
    const owner = Number(/^partial-(\d+)/.exec(name)?.[1]);
    if (owner && !alive(owner)) rmSync(join(cacheDir, name), { recursive: true, force: true });
  }
}

function alive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
