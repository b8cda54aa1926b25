import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { bridgeBundle, requireBanner } from '../scripts/bridge-bundle.mjs';
import { root } from '../scripts/stack/paths.mjs';

/** Under bridge/, where Node finds the packages of all of them: the bridge's own and those of the whole repository. */
const cache = join(root, 'bridge', 'node_modules', '.cache');

/**
 * Programs in TypeScript that Node runs as they are; packages stay outside of them, but for the bridge, which is bundled as the
 * product is. What is loaded when it is first needed stays apart.
 */
export class ProgramBundles {
  /** For what a program itself keeps beside its files. */
  folder;

  constructor() {
    mkdirSync(cache, { recursive: true });
    this.folder = mkdtempSync(join(cache, 'bench-'));
  }

  /**
   * One program.
   * @param {string} entry from the root of the repository, e.g. `bridge/src/main.ts`
   * @param {string} name of the file that is made, e.g. `bridge.mjs`; it ends in .mjs
   * @param {{bridge?: boolean, folder?: string}} [options] `bridge`: bundled as the bridge is; told by the entry unless given.
   *   `folder`: what `__dirname` is in it
   * @returns {Promise<string>} its path
   */
  async add(entry, name, { bridge = entry === 'bridge/src/main.ts', folder } = {}) {
    await build({
      ...(bridge
        ? { ...bridgeBundle, banner: { js: requireBanner } }
        : { bundle: true, format: 'esm', platform: 'node', target: 'node22', packages: 'external' }),
      ...(folder === undefined ? {} : { define: { __dirname: JSON.stringify(folder) } }),
      absWorkingDir: root,
      entryPoints: { [name.replace(/\.mjs$/, '')]: entry },
      outdir: this.folder,
      outExtension: { '.js': '.mjs' },
      splitting: true,
      chunkNames: '[name]-[hash]',
      logLevel: 'silent',
    });
    return join(this.folder, name);
  }

  remove() {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
