#!/usr/bin/env node
/**
 * Builds the three packages: the n8n nodes (dist/), the bridge (bridge/dist/soc-bridge.js) and the sandbox
 * (sandbox/dist/sandbox.js). Prints one line for each file with its size; exits 1 with the reason when a part fails.
 */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { bridgeBundle, requireBanner } from './bridge-bundle.mjs';
import { licencesOf } from './third-party-licences.mjs';

const root = resolve(fileURLToPath(new URL('..', import.meta.url)));
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** Nodes and credentials share one bundle of the operations; each of them stays a small file that requires it. */
const sharedHost = {
  name: 'shared-host',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\.\/\.\.\/nodes-host$/ }, () => ({ path: '../../nodes-host/index.js', external: true }));
  },
};

/**
 * n8n's scanner reads the published JavaScript: no `process`, `globalThis` or `console` may be left in it, and nothing
 * but n8n-workflow and crypto may be required. Readable on purpose: people review what they install.
 */
const forN8n = {
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: 'node20',
  mainFields: ['module', 'main'],
  external: ['n8n-workflow'],
  define: {
    'globalThis.process': 'undefined',
    'globalThis.fetch': 'fetch',
    'process.env.NODE_ENV': '"production"',
    process: 'undefined',
  },
  // What libraries print for developers.
  drop: ['console'],
  // Its build for Node asks for `process` and `buffer`; the one for browsers needs neither.
  alias: { yaml: './node_modules/yaml/browser/index.js' },
  keepNames: true,
  minify: false,
  charset: 'utf8',
};

const shebang = '#!/usr/bin/env node';
const forBridge = { ...bridgeBundle, banner: { js: `${shebang}\n${requireBanner}` } };
/** Our own code; what npm installs beside it stays outside. */
const forSandbox = {
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node22',
  packages: 'external',
  banner: { js: shebang },
};

const licences = 'THIRD-PARTY-LICENCES.txt';
const registered = [...manifest.n8n.nodes, ...manifest.n8n.credentials];

async function buildNodes() {
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  const host = 'dist/nodes-host/index.js';
  const outputs = [host, ...registered];
  const [bundledHost] = await Promise.all(
    outputs.map((outfile) =>
      bundle(outfile.replace(/^dist\//, '').replace(/\.js$/, '.ts'), outfile, {
        ...forN8n,
        plugins: outfile === host ? [] : [sharedHost],
      }),
    ),
  );
  const passedOn = passOnLicences('dist', bundledHost.metafile);
  await promisify(execFile)(process.execPath, [join(root, 'node_modules/gulp/bin/gulp.js'), '--silent'], { cwd: root });
  return [...outputs, passedOn];
}

/** The licences of the libraries that went into a bundle, as a file beside it; the path of the file. */
function passOnLicences(folder, metafile) {
  const file = `${folder}/${licences}`;
  writeFileSync(join(root, file), licencesOf(metafile, root));
  return file;
}

/** A workspace's program: one file, and beside it those parts that are loaded when they are first needed. */
async function buildProgram(workspace, name, options) {
  const entry = `${workspace}/src/main.ts`;
  const folder = `${workspace}/dist`;
  rmSync(join(root, folder), { recursive: true, force: true });
  if (!existsSync(join(root, entry))) throw new Error(`${entry} does not exist`);
  const { metafile, warnings } = await build({
    ...options,
    ...quiet,
    // In a library it is one of the ways not taken.
    logOverride: { 'unsupported-dynamic-import': 'warning' },
    entryPoints: { [name]: entry },
    outdir: folder,
    splitting: true,
    chunkNames: 'parts/[name]-[hash]',
  });
  const errors = warnings.filter(({ location }) => !location?.file.includes('node_modules/'));
  if (errors.length > 0)
    throw Object.assign(new Error('it holds imports that only run time could resolve'), { errors });
  const files = Object.keys(metafile.outputs);
  return options === forBridge ? [...files, passOnLicences(folder, metafile)] : files;
}

const quiet = {
  absWorkingDir: root,
  metafile: true,
  logLevel: 'silent',
  logOverride: { 'unsupported-dynamic-import': 'error' },
};

function bundle(entry, outfile, options) {
  return build({ ...options, ...quiet, entryPoints: [entry], outfile });
}

const parts = [
  { name: 'n8n nodes', run: buildNodes },
  { name: 'bridge', run: () => buildProgram('bridge', 'soc-bridge', forBridge) },
  { name: 'sandbox', run: () => buildProgram('sandbox', 'sandbox', forSandbox) },
];

const results = await Promise.allSettled(parts.map(({ run }) => run()));
for (const [index, result] of results.entries()) {
  if (result.status === 'fulfilled') {
    for (const file of result.value) console.log(`${file}  ${(statSync(join(root, file)).size / 1024).toFixed(1)} kB`);
    continue;
  }
  const { errors = [], message, stderr } = result.reason;
  const lines = errors.map(({ text, location }) => `  ${location ? `${location.file}:${location.line}: ` : ''}${text}`);
  console.error(`The build of ${parts[index].name} failed:\n${lines.join('\n') || `  ${stderr || message}`}`);
  process.exitCode = 1;
}
if (process.exitCode !== 1 && !existsSync(join(root, 'dist/nodes/PantherSiem/panther.svg'))) {
  console.error('The build left no icons in dist; see gulpfile.js');
  process.exitCode = 1;
}
