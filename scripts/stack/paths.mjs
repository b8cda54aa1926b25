import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's root folder. */
export const root = resolve(fileURLToPath(new URL('../..', import.meta.url)));

/** What is built once and kept between clones: the pinned n8n. `SOC_CACHE_DIR` moves it. */
export const cacheDir = resolve(
  process.env.SOC_CACHE_DIR ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'n8n-nodes-soc'),
);

/** What one run leaves behind: databases, reports, logs. Never committed. */
export const varDir = join(root, '.var');
