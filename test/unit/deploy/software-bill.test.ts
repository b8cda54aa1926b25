import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { billOfMaterials, neededBy } from '../../../scripts/software-bill.mjs';
import { packagesIn } from '../../../scripts/third-party-licences.mjs';

const root = resolve(__dirname, '../../..');
const json = (path: string) => JSON.parse(readFileSync(join(root, path), 'utf8'));
const lock = json('package-lock.json');
const bridge = json('bridge/package.json');
const bill = billOfMaterials(bridge, neededBy('bridge', lock), lock, { follow: true });
const names = bill.components.map(({ name }: { name: string }) => name);

it("the bridge's bill has every dependency at its pinned version, and no development dependency", () => {
  for (const [name, version] of Object.entries(bridge.dependencies)) {
    expect(bill.components).toContainEqual(expect.objectContaining({ name, version }));
  }
  // What those need in turn, and of two versions the one that Node would find.
  expect(names).toEqual(
    expect.arrayContaining(['pg-protocol', '@smithy/core', '@napi-rs/keyring-win32-x64-msvc', 'eventsource']),
  );
  for (const name of ['jest', 'oidc-provider', 'playwright-core', 'esbuild']) expect(names).not.toContain(name);
  expect(bill.metadata.component).toMatchObject({ name: 'soc-bridge', version: bridge.version });
});

it('every reference in it is to something in it', () => {
  const known = new Set([bill.metadata.component['bom-ref'], ...bill.components.map((one) => one['bom-ref'])]);
  for (const { ref, dependsOn } of bill.dependencies) {
    expect(known).toContain(ref);
    for (const other of dependsOn) expect(known).toContain(other);
  }
  expect(new Set(names).size).toBeGreaterThan(Object.keys(bridge.dependencies).length);
});

it('reads what a bundle holds out of the licences passed on with it', () => {
  const text = `zod 3.25.76\n\nMIT\n\n${'-'.repeat(80)}\n\n@scope/other 1.2.3\n\nISC\n`;
  expect(packagesIn(text)).toEqual([
    { name: 'zod', version: '3.25.76' },
    { name: '@scope/other', version: '1.2.3' },
  ]);
  expect(() => packagesIn('no package')).toThrow('does not begin with a package');
});
