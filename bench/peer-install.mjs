import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { installFromLock, npm } from '../scripts/stack/install.mjs';
import { nodeEnvironment } from '../scripts/stack/node-runtime.mjs';
import { cacheDir, root } from '../scripts/stack/paths.mjs';

const source = join(root, 'bench', 'peers');

/**
 * Installs the pinned peers once into the cache, beside their place and renamed into it, and resolves to the folder. Their
 * install scripts are not run. Throws an error of one plain line when the registry cannot be reached.
 * @param {(text: string) => void} say
 */
export async function ensurePeers(say) {
  const lock = createHash('sha256')
    .update(readFileSync(join(source, 'package-lock.json')))
    .digest('hex')
    .slice(0, 12);
  const folder = join(cacheDir, `bench-peers-${lock}`);
  if (existsSync(folder)) return folder;
  say('installing the peers (once; 50 MB)');
  mkdirSync(cacheDir, { recursive: true });
  const partial = join(cacheDir, `bench-peers-partial-${process.pid}`);
  rmSync(partial, { recursive: true, force: true });
  try {
    cpSync(source, partial, { recursive: true });
    const log = join(cacheDir, 'logs', 'bench-peers-install.log');
    await npm([...installFromLock, '--ignore-scripts'], partial, log, 'Installing the peers', nodeEnvironment());
    renameSync(partial, folder);
  } catch (error) {
    // Another run may have finished first: its copy is as good.
    if (!existsSync(folder)) throw error;
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  return folder;
}
