#!/usr/bin/env node
/**
 * Writes docs/operations, the README's table and bridge/tool-definitions from the registry, and server.json from the bridge's
 * package.json. With `--check` it writes
 * nothing and exits 1 when a file is out of date.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { loadOperations } from './load-operations.mjs';
import { operationPages, readmeWithOperations } from './operation-pages.mjs';
import { registryEntry } from './server-listing.mjs';

const root = resolve(fileURLToPath(new URL('..', import.meta.url)));
const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });

const loaded = await loadOperations();
const readme = readFileSync(join(root, 'README.md'), 'utf8');

/** What clients of MCP are shown of each tool: a change of it has to be seen by whoever reviews a change of the code. */
const definitions = Object.fromEntries(
  [...loaded.operations, loaded.readMore].map((operation) => [
    `${operation.name}.json`,
    `${JSON.stringify(loaded.toTool(operation), null, 2)}\n`,
  ]),
);

const bridge = JSON.parse(readFileSync(join(root, 'bridge/package.json'), 'utf8'));
const listing = `${JSON.stringify(registryEntry(bridge), null, 2)}\n`;

const parts = [
  { folder: 'docs/operations', files: operationPages(loaded), whole: true },
  { folder: 'bridge/tool-definitions', files: definitions, whole: true },
  { folder: '.', files: { 'README.md': readmeWithOperations(readme, loaded), 'server.json': listing }, whole: false },
];

const stale = parts.flatMap(({ folder, files, whole }) => {
  const present = existsSync(join(root, folder)) ? readdirSync(join(root, folder)) : [];
  const wanted = Object.entries(files).filter(
    ([name, text]) => !present.includes(name) || readFileSync(join(root, folder, name), 'utf8') !== text,
  );
  const gone = whole ? present.filter((name) => !(name in files)) : [];
  return [...wanted, ...gone.map((name) => [name, undefined])].map(([name, text]) => ({
    path: join(folder, name),
    text,
  }));
});
const paths = stale.map(({ path }) => path).join(', ');

if (values.check) {
  if (stale.length > 0) {
    console.error(`What is generated is out of date (${paths}). Run: npm run docs`);
    process.exitCode = 1;
  }
} else {
  for (const { folder } of parts) mkdirSync(join(root, folder), { recursive: true });
  for (const { path, text } of stale) {
    if (text === undefined) rmSync(join(root, path));
    else writeFileSync(join(root, path), text);
  }
  console.log(stale.length === 0 ? 'everything that is generated is up to date' : `wrote ${paths}`);
}
