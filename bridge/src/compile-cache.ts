import { mkdirSync, statSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Whoever starts the program wants its answer first. */
const writeAfterMs = 2000;

/**
 * Lets Node keep the compiled program in the user's own cache folder, which halves the time of the next start. Node's default is
 * a folder under the shared temporary one, where other users of the machine could lay code for us to run. Where the folder
 * cannot be had or is not ours alone, nothing is kept. NODE_COMPILE_CACHE names another, NODE_DISABLE_COMPILE_CACHE=1 ends it.
 */
export function useCompileCache(): void {
  const { enableCompileCache, flushCompileCache } = nodeModule;
  if (enableCompileCache === undefined) return;
  try {
    enableCompileCache(process.env.NODE_COMPILE_CACHE ?? ownFolder());
    // A server that is killed would never write it.
    setTimeout(() => flushCompileCache?.(), writeAfterMs).unref();
  } catch {
    // It starts without.
  }
}

/** Throws when it cannot be made, belongs to somebody else, or may be written by others. */
function ownFolder(): string {
  const caches = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  const folder = join(caches, 'soc-bridge', 'compiled');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { uid, mode } = statSync(folder);
  if (process.getuid !== undefined && (uid !== process.getuid() || (mode & 0o022) !== 0))
    throw new Error(`${folder} is not this user's alone`);
  return folder;
}
