import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';

const root = resolve(__dirname, '../../..');

/** Which of our folders each folder may import from, beside itself. */
const allowed: Record<string, readonly string[]> = {
  operations: [],
  // The version that evidence packages name; a JSON file, of which the bundle takes that one field.
  'nodes-host': ['operations', 'package.json'],
  nodes: ['nodes-host'],
  // How a request is signed is code, which n8n lets a credential have.
  credentials: ['nodes-host'],
  bridge: ['operations'],
  sandbox: ['operations'],
};
const folders = Object.keys(allowed);

/** Modules from outside that end up in the published n8n package: bundled, or supplied by n8n. */
const outsideOfN8nPackage = new Set([
  'zod',
  'n8n-workflow',
  'graphql',
  'graphql-request',
  'semver',
  'smol-toml',
  'yaml',
  'node:crypto',
  'crypto',
]);

interface Import {
  file: string;
  specifier: string;
  /** Our folder that it points into; undefined for a module from outside. */
  target: string | undefined;
}

function sourcesIn(folder: string): string[] {
  return readdirSync(join(root, folder)).flatMap((name) => {
    const path = join(folder, name);
    if (name === 'node_modules' || name === 'dist') return [];
    if (statSync(join(root, path)).isDirectory()) return sourcesIn(path);
    return /\.(ts|mts|mjs|js)$/.test(name) ? [path] : [];
  });
}

function importsOf(file: string): Import[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(join(root, file), 'utf8'), true, true);
  return importedFiles.map(({ fileName: specifier }) => ({ file, specifier, target: targetOf(file, specifier) }));
}

/** `semver/functions/compare` is a part of `semver`; no scoped package is used. */
function packageOf(specifier: string): string {
  return specifier.split('/')[0] ?? specifier;
}

function targetOf(file: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) {
    return folders.find((folder) => specifier === `soc-${folder}` || specifier.startsWith(`soc-${folder}/`));
  }
  return relative(root, resolve(root, dirname(file), specifier)).split(/[\\/]/)[0];
}

const imports = folders.flatMap(sourcesIn).flatMap(importsOf);

describe('the direction of imports', () => {
  it('finds the sources and their imports', () => {
    for (const folder of ['operations', 'nodes-host', 'nodes', 'credentials', 'bridge', 'sandbox']) {
      expect(imports.some(({ file }) => file.startsWith(`${folder}/`))).toBe(true);
    }
    expect(imports).toContainEqual(
      expect.objectContaining({ file: 'nodes/PantherSiem/PantherSiem.node.ts', target: 'nodes-host' }),
    );
  });

  it.each(folders)('%s imports only from itself and what lies below it', (folder) => {
    const wrong = imports.filter(
      ({ file, target }) =>
        file.startsWith(`${folder}/`) &&
        target !== undefined &&
        target !== folder &&
        !(allowed[folder] ?? []).includes(target),
    );
    expect(wrong).toEqual([]);
  });

  it('brings nothing into the n8n package that n8n would have to install', () => {
    const wrong = imports.filter(
      ({ file, specifier, target }) =>
        target === undefined &&
        /^(operations|nodes|nodes-host|credentials)\//.test(file) &&
        !outsideOfN8nPackage.has(packageOf(specifier)),
    );
    expect(wrong).toEqual([]);
  });
});
