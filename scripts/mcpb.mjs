#!/usr/bin/env node
/**
 * Builds the bundle that desktop clients install with one click, checks it with the official tool and packs it with that:
 * `node scripts/mcpb.mjs [--out FILE]`, by default .var/mcpb/soc-bridge-VERSION.mcpb. Prints the file, its size and its SHA-256,
 * which the MCP registry asks for. Exits 1 with a line that says what is wrong.
 */
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { bridgeBundle, requireBanner } from './bridge-bundle.mjs';
import { bundleManifest } from './server-listing.mjs';
import { run } from './stack/child-process.mjs';
import { nodeEnvironment, nodeExecutable } from './stack/node-runtime.mjs';
import { ensureOfficialTools, officialTools } from './stack/official-tools.mjs';
import { root, varDir } from './stack/paths.mjs';
import { fail, PlainError } from './stack/say.mjs';
import { licencesOf } from './third-party-licences.mjs';

const bridge = JSON.parse(readFileSync(join(root, 'bridge/package.json'), 'utf8'));

/**
 * A folder with the manifest and the program. Nothing is installed beside it, so every package is in it but those behind
 * settings that a bundle does not ask for: another keychain than the client's, AWS, PostgreSQL, Slack's sockets.
 */
async function stage(folder) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const { metafile } = await build({
    ...bridgeBundle,
    external: bridgeBundle.external.filter((name) => name !== 'axios'),
    banner: { js: requireBanner },
    absWorkingDir: root,
    entryPoints: { 'soc-bridge': 'bridge/src/main.ts' },
    outdir: join(folder, 'server'),
    splitting: true,
    chunkNames: 'parts/[name]-[hash]',
    minify: true,
    keepNames: false,
    metafile: true,
    logLevel: 'silent',
  });
  writeFileSync(join(folder, 'server', 'package.json'), '{ "type": "module" }\n');
  writeFileSync(join(folder, 'manifest.json'), `${JSON.stringify(bundleManifest(bridge), null, 2)}\n`);
  cpSync(join(root, 'LICENSE'), join(folder, 'LICENSE'));
  writeFileSync(join(folder, 'THIRD-PARTY-LICENCES.txt'), licencesOf(metafile, root));
}

async function main() {
  const { values } = parseArgs({ options: { out: { type: 'string' } } });
  const out = resolve(values.out ?? join(varDir, 'mcpb', `${bridge.name}-${bridge.version}.mcpb`));
  const folder = join(varDir, 'mcpb', `stage-${process.pid}`);
  await ensureOfficialTools();
  try {
    await stage(folder);
    mkdirSync(dirname(out), { recursive: true });
    const official = async (...args) => {
      const logFile = join(varDir, 'logs', 'mcpb.log');
      const options = { cwd: folder, env: nodeEnvironment(), logFile, what: `mcpb ${args[0]}` };
      await run(nodeExecutable(), [officialTools().mcpb, ...args], options);
    };
    await official('validate', join(folder, 'manifest.json'));
    await official('pack', folder, out);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const sha256 = createHash('sha256').update(readFileSync(out)).digest('hex');
  process.stdout.write(`${out}  ${(statSync(out).size / 1024 / 1024).toFixed(1)} MB  ${sha256}\n`);
}

main().catch((error) => fail(error instanceof PlainError ? error.message : (error?.stack ?? String(error))));
