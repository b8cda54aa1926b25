#!/usr/bin/env node
/**
 * Writes the bills of materials of both packages into their dist folders, after a build. The n8n package installs nothing: its
 * bill is what its bundle holds, by the licences passed on with it. The bridge's is everything that npm installs with it.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { billOfMaterials, neededBy } from './software-bill.mjs';
import { packagesIn } from './third-party-licences.mjs';

const root = resolve(fileURLToPath(new URL('..', import.meta.url)));
const json = (path) => JSON.parse(readFileSync(join(root, path), 'utf8'));
const lock = json('package-lock.json');

const bundled = packagesIn(readFileSync(join(root, 'dist/THIRD-PARTY-LICENCES.txt'), 'utf8'));
const placeOf = ({ name, version }) => {
  const place = Object.keys(lock.packages).find(
    (key) => key.endsWith(`node_modules/${name}`) && lock.packages[key].version === version,
  );
  if (place === undefined) throw new Error(`dist holds ${name} ${version}, which package-lock.json does not know`);
  return place;
};
const bills = {
  'dist/sbom.cdx.json': billOfMaterials(json('package.json'), bundled.map(placeOf), lock, { follow: false }),
  'bridge/dist/sbom.cdx.json': billOfMaterials(json('bridge/package.json'), neededBy('bridge', lock), lock, {
    follow: true,
  }),
};
for (const [file, bill] of Object.entries(bills)) {
  writeFileSync(join(root, file), `${JSON.stringify(bill, null, 2)}\n`);
  console.log(`${file}  ${bill.components.length} components`);
}
