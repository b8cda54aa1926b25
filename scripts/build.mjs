#!/usr/bin/env node
/**
 * Builds the three packages: the n8n nodes (dist/), the bridge (bridge/dist/soc-bridge.js) and the sandbox
 * (sandbox/dist/sandbox.js). Prints one line for each file with its size; exits 1 with the reason when a part fails.
 */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
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
  },
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

const registered = [...manifest.n8n.nodes, ...manifest.n8n.credentials];

async function buildNodes() {
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  const outputs = ['dist/nodes-host/index.js', ...registered];
  await Promise.all(
    outputs.map((outfile) =>
      bundle(outfile.replace(/^dist\//, '').replace(/\.js$/, '.ts'), outfile, {
        ...forN8n,
        plugins: outfile.includes('nodes-host') ? [] : [sharedHost],
      }),
    ),
  );
  await promisify(execFile)(process.execPath, [join(root, 'node_modules/gulp/bin/gulp.js'), '--silent'], { cwd: root });
  return outputs;
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
