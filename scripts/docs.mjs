#!/usr/bin/env node
/** Writes docs/operations and the README's table from the registry. With `--check` it writes nothing and exits 1 when a page is out of date. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { loadOperations } from './load-operations.mjs';
import { operationPages, readmeWithOperations } from './operation-pages.mjs';

const folder = resolve(fileURLToPath(new URL('../docs/operations', import.meta.url)));
const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });

const loaded = await loadOperations();
const pages = operationPages(loaded);
const readmePath = join(folder, '..', '..', 'README.md');
const readme = readFileSync(readmePath, 'utf8');
const readmeNow = readmeWithOperations(readme, loaded);
const present = existsSync(folder) ? readdirSync(folder) : [];
const stale = [
  ...Object.keys(pages).filter(
    (name) => !present.includes(name) || readFileSync(join(folder, name), 'utf8') !== pages[name],
  ),
  ...present.filter((name) => !(name in pages)),
  ...(readme === readmeNow ? [] : ['README.md of the project']),
];

if (values.check) {
  if (stale.length > 0) {
    console.error(`docs/operations is out of date (${stale.join(', ')}). Run: npm run docs`);
    process.exitCode = 1;
  }
} else {
  mkdirSync(folder, { recursive: true });
  for (const name of stale) {
    if (name === 'README.md of the project') writeFileSync(readmePath, readmeNow);
    else if (name in pages) writeFileSync(join(folder, name), pages[name]);
    else rmSync(join(folder, name));
  }
  console.log(stale.length === 0 ? 'docs/operations is up to date' : `docs/operations: wrote ${stale.join(', ')}`);
}
