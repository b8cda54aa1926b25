import { randomUUID } from 'node:crypto';

/**
 * The bill of materials of a package as CycloneDX 1.5. npm's own leaves out of a workspace whatever is also a development
 * dependency of the repository, and knows nothing of what a bundle holds.
 * @param {{ name: string, version: string, license: string }} manifest of the package
 * @param {string[]} places what it starts from, as keys of the lock's `packages`
 * @param {{ packages: Record<string, any> }} lock package-lock.json
 * @param {{ follow: boolean }} options `follow`: with what those need in turn
 */
export function billOfMaterials(manifest, places, lock, { follow }) {
  const needs = new Map();
  const open = [...places];
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    if (needs.has(place)) continue;
    const needed = follow ? neededBy(place, lock) : [];
    needs.set(place, needed);
    open.push(...needed);
  }
  const root = `pkg:npm/${manifest.name}@${manifest.version}`;
  const components = [...needs.keys()].sort().map((place) => component(place, lock));
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.5.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    serialNumber: `urn:uuid:${randomUUID()}`,
    version: 1,
    metadata: {
      timestamp: new Date().toISOString(),
      component: {
        'bom-ref': root,
        type: 'application',
        name: manifest.name,
        version: manifest.version,
        purl: root,
        ...licence(manifest.license),
      },
    },
    components: [...new Map(components.map((one) => [one['bom-ref'], one])).values()],
    dependencies: [
      { ref: root, dependsOn: refs(places, lock) },
      ...[...needs].map(([place, needed]) => ({ ref: purlOf(place, lock), dependsOn: refs(needed, lock) })),
    ],
  };
}

/** Keys of the lock's `packages` for the dependencies of the package at `place`, found as Node finds them. */
export function neededBy(place, { packages }) {
  const { dependencies = {}, optionalDependencies = {} } = packages[place];
  return Object.keys({ ...dependencies, ...optionalDependencies }).flatMap((name) => {
    for (let at = place; ; at = at.replace(/(?:^|\/)(?:node_modules\/)?(?:@[^/]+\/)?[^/]+$/, '')) {
      const found = `${at === '' ? '' : `${at}/`}node_modules/${name}`;
      if (packages[found] !== undefined && !at.endsWith('node_modules')) return [found];
      if (at === '') break;
    }
    // Made for another system, and left out of the lock.
    if (name in optionalDependencies) return [];
    throw new Error(`package-lock.json has no ${name}, which ${place} needs`);
  });
}

function component(place, lock) {
  const { version, license, integrity } = lock.packages[place];
  const purl = purlOf(place, lock);
  const sha512 = /^sha512-(\S+)/.exec(integrity ?? '')?.[1];
  const hashes = sha512 && { hashes: [{ alg: 'SHA-512', content: Buffer.from(sha512, 'base64').toString('hex') }] };
  return { 'bom-ref': purl, type: 'library', name: nameOf(place), version, purl, ...licence(license), ...hashes };
}

function licence(text) {
  if (typeof text !== 'string') return {};
  return { licenses: [/[ ()]/.test(text) ? { expression: text } : { license: { id: text } }] };
}

function nameOf(place) {
  return place.replace(/^.*node_modules\//, '');
}

function purlOf(place, { packages }) {
  return `pkg:npm/${nameOf(place).replace('@', '%40')}@${packages[place].version}`;
}

function refs(places, lock) {
  return [...new Set(places.map((place) => purlOf(place, lock)))].sort();
}
