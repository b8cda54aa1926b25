import { createHash } from 'node:crypto';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { installFromLock, npm } from './install.mjs';
import { keptFolder } from './kept-folder.mjs';
import { nodeEnvironment } from './node-runtime.mjs';
import { cacheDir, root } from './paths.mjs';
import { longStep } from './say.mjs';

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
 * Installs the pinned n8n once into the cache and resolves to its folder.
 * @returns {Promise<string>}
 */
export async function ensureN8n() {
  return keptFolder(n8nFolder(), 'The n8n install', install);
}

async function install(partial) {
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
}
