#!/usr/bin/env node
/**
 * Builds the three packages: the n8n nodes (dist/), the bridge (bridge/dist/soc-bridge.js) and the sandbox
 * (sandbox/dist/sandbox.js). Prints one line for each file with its size; exits 1 with the reason when a part fails.
 */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';

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

/** Our own code in one file; what npm installs beside it stays outside. */
const forNode = {
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node22',
  packages: 'external',
  keepNames: true,
  banner: { js: '#!/usr/bin/env node' },
};

const licences = 'dist/THIRD-PARTY-LICENCES.txt';
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
  writeFileSync(join(root, licences), licencesOf(Object.keys(bundledHost.metafile.inputs)));
  await promisify(execFile)(process.execPath, [join(root, 'node_modules/gulp/bin/gulp.js'), '--silent'], { cwd: root });
  return [...outputs, licences];
}

/** The licences of the libraries that went into the bundle, which ask to be passed on with it. */
function licencesOf(inputs) {
  const packages = new Set(inputs.flatMap((path) => /^(node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []));
  return [...packages]
    .sort()
    .map((folder) => {
      const { name, version } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
      const file = readdirSync(join(root, folder)).find((entry) => /^licen[cs]e/i.test(entry));
      if (file === undefined) throw new Error(`${name} has no licence file to pass on`);
      return `${name} ${version}\n\n${readFileSync(join(root, folder, file), 'utf8').trim()}\n`;
    })
    .join(`\n${'-'.repeat(80)}\n\n`);
}

/** A workspace's one program. */
async function buildProgram(workspace, name) {
  const entry = `${workspace}/src/main.ts`;
  const outfile = `${workspace}/dist/${name}.js`;
  rmSync(join(root, workspace, 'dist'), { recursive: true, force: true });
  if (!existsSync(join(root, entry))) throw new Error(`${entry} does not exist`);
  await bundle(entry, outfile, forNode);
  return [outfile];
}

function bundle(entry, outfile, options) {
  return build({
    ...options,
    absWorkingDir: root,
    entryPoints: [entry],
    outfile,
    metafile: true,
    logLevel: 'silent',
    logOverride: { 'unsupported-dynamic-import': 'error' },
  });
}

const parts = [
  { name: 'n8n nodes', run: buildNodes },
  { name: 'bridge', run: () => buildProgram('bridge', 'soc-bridge') },
  { name: 'sandbox', run: () => buildProgram('sandbox', 'sandbox') },
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
