import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { installFromLock, npm } from './install.mjs';
import { nodeEnvironment } from './node-runtime.mjs';
import { cacheDir, root } from './paths.mjs';
import { longStep, PlainError } from './say.mjs';

const source = join(root, 'test', 'n8n-host');

/** Where the pinned n8n lives for this lockfile and platform. */
export function n8nFolder() {
  const lock = createHash('sha256')
    .update(readFileSync(join(source, 'package-lock.json')))
    .digest('hex')
    .slice(0, 12);
  return join(cacheDir, `n8n-${lock}-${process.platform}-${process.arch}`);
}

/**
 * Installs the pinned n8n once into the cache and resolves to its folder. It is built beside its place and renamed
 * into it, so that a run that was cut off leaves nothing that looks finished.
 * @returns {Promise<string>}
 */
export async function ensureN8n() {
  const folder = n8nFolder();
  if (existsSync(folder)) return folder;
  mkdirSync(cacheDir, { recursive: true });
  for (const name of readdirSync(cacheDir)) {
    const owner = Number(/^partial-(\d+)$/.exec(name)?.[1]);
    if (owner && !alive(owner)) rmSync(join(cacheDir, name), { recursive: true, force: true });
  }
  const partial = join(cacheDir, `partial-${process.pid}`);
  rmSync(partial, { recursive: true, force: true });
  cpSync(source, partial, { recursive: true });
  const env = nodeEnvironment();
  const logs = join(cacheDir, 'logs');
  await longStep('Installing n8n 2.41.1 (once; 3 GB, four to six minutes)', () =>
    // Its packages' install scripts are not needed but for the SQLite driver, which is compiled next.
    npm([...installFromLock, '--ignore-scripts'], partial, join(logs, 'n8n-install.log'), 'Installing n8n', env),
  );
  await longStep("Compiling n8n's SQLite driver (once; two minutes)", () =>
    npm(
      ['rebuild', 'sqlite3', '--ignore-scripts=false'],
      partial,
      join(logs, 'n8n-sqlite3.log'),
      'Compiling sqlite3',
      env,
    ),
  );
  try {
    renameSync(partial, folder);
  } catch (error) {
    // Another run finished first: its copy is as good.
    if (!existsSync(folder))
      throw new PlainError(`The n8n install could not be moved into the cache: ${error.message}`);
    rmSync(partial, { recursive: true, force: true });
  }
  return folder;
}

function alive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
