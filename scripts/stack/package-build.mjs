import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { run } from './child-process.mjs';
import { npm } from './install.mjs';
import { nodeEnvironment, nodeExecutable } from './node-runtime.mjs';
import { root, varDir } from './paths.mjs';
import { step } from './say.mjs';

const sources = [
  'operations',
  'nodes',
  'nodes-host',
  'credentials',
  'bridge/src',
  'sandbox/src',
  'scripts/build.mjs',
  'gulpfile.js',
  'package.json',
  'bridge/package.json',
  'package-lock.json',
  'README.md',
];

/**
 * Builds the packages when their sources changed since the last build, and packs the n8n package. One build at a time: a
 * second caller waits for the first, and then mostly finds nothing left to do.
 */
export async function ensureBuilt() {
  mkdirSync(varDir, { recursive: true });
  const release = await lock(join(varDir, 'build.lock'));
  try {
    return await build();
  } finally {
    release();
  }
}

/** A folder is made by one caller only. One whose owner has died, or that is older than any build, is taken over. */
async function lock(folder) {
  const owner = join(folder, 'pid');
  for (;;) {
    try {
      mkdirSync(folder);
      writeFileSync(owner, String(process.pid));
      return () => rmSync(folder, { recursive: true, force: true });
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      if (isAbandoned(folder, owner)) rmSync(folder, { recursive: true, force: true });
      else await delay(250);
    }
  }
}

const longestBuildMs = 300_000;

function isAbandoned(folder, owner) {
  try {
    if (Date.now() - statSync(folder).mtimeMs > longestBuildMs) return true;
    process.kill(Number(readFileSync(owner, 'utf8')), 0);
    return false;
  } catch (error) {
    // ENOENT: the owner is just writing its number, or has just let go.
    return error.code === 'ESRCH';
  }
}

async function build() {
  const stamp = join(varDir, 'build-stamp');
  const now = fingerprint();
  const tarball = join(varDir, 'n8n-nodes-soc.tgz');
  const outputs = [
    'dist/nodes/PantherSiem/PantherSiem.node.js',
    'bridge/dist/soc-bridge.js',
    'sandbox/dist/sandbox.js',
  ].map((path) => join(root, path));
  if (
    existsSync(stamp) &&
    readFileSync(stamp, 'utf8') === now &&
    [...outputs, tarball].every((path) => existsSync(path))
  )
    return { tarball };
  step('Building');
  const logs = join(varDir, 'logs');
  await run(nodeExecutable(), [join(root, 'scripts', 'build.mjs')], {
    cwd: root,
    env: nodeEnvironment(),
    logFile: join(logs, 'build.log'),
    what: 'The build',
  });
  const { name, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  await npm(['pack', '--ignore-scripts', '--pack-destination', varDir], root, join(logs, 'npm-pack.log'), 'npm pack');
  writeFileSync(tarball, readFileSync(join(varDir, `${name}-${version}.tgz`)));
  writeFileSync(stamp, now);
  return { tarball };
}

function fingerprint() {
  const hash = createHash('sha256');
  const visit = (path) => {
    const full = join(root, path);
    if (!existsSync(full)) return;
    if (statSync(full).isDirectory()) {
      for (const name of readdirSync(full).sort())
        if (name !== 'node_modules' && name !== 'dist') visit(join(path, name));
    } else hash.update(path).update('\0').update(readFileSync(full)).update('\0');
  };
  for (const source of sources) visit(source);
  return hash.digest('hex');
}
