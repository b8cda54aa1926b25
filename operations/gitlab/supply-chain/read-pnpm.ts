import { type Dependency, dependency, emptyContent, type FileContent, type FileReader, sourceOf } from './dependency';
import { isRecord, type JsonRecord, listAt, recordAt, shown, textAt } from './json-text';
import { parseLock } from './lock-yaml';
import { addAllowedScripts, addOverrides, fromRange } from './read-npm';
import { isTarballOfRegistry } from './tarball-address';
import { parseYaml } from './yaml-text';

/** pnpm-lock.yaml, versions 5 to 9. */
export const readPnpmLock: FileReader = (path, text) => {
  const content = emptyContent(path, 'npm', 'lockfile');
  const { values, problems } = parseLock(text);
  content.problems.push(...problems);
  const locks = values.filter(isRecord);
  if (locks.length === 0) content.problems.push('it is not a YAML mapping');
  for (const lock of locks) readLock(lock, content);
  return content;
};

function readLock(lock: JsonRecord, content: FileContent): void {
  const direct = directOf(lock);
  if (lock.lockfileVersion === undefined && !isRecord(lock.packages) && direct.size === 0)
    content.problems.push('it has no lockfileVersion');
  if (!isRecord(lock.packages) && direct.size > 0) content.problems.push('it has no packages');
  // Up to version 8 it is told which packages run something, and later no more.
  const tellsScripts = Number.parseFloat(String(lock.lockfileVersion)) < 9;
  for (const [key, entry] of Object.entries(recordAt(lock, 'packages'))) {
    const fields = isRecord(entry) ? entry : {};
    const inKey = packageOfKey(key);
    const name = textAt(fields, 'name') ?? inKey.name;
    const version = textAt(fields, 'version') ?? inKey.version;
    content.dependencies.push(
      dependency({
        ecosystem: 'npm',
        name,
        version,
        isDirect: direct.has(`${name}@${version}`) || direct.has(key) || direct.has(`${inKey.name}@${inKey.version}`),
        isDevelopment: typeof fields.dev === 'boolean' ? fields.dev : null,
        ...resolutionOf(recordAt(fields, 'resolution')),
        hasInstallScript: tellsScripts ? fields.requiresBuild === true : null,
        key: `packages["${key}"]`,
      }),
    );
  }
  addOverrides('overrides', recordAt(lock, 'overrides'), content);
}

function resolutionOf(resolution: JsonRecord): Pick<Dependency, 'source' | 'integrity'> {
  const hash = textAt(resolution, 'integrity');
  const integrity = hash === null ? [] : hash.split(/\s+/).filter((part) => part !== '');
  const repository = textAt(resolution, 'repo');
  const folder = textAt(resolution, 'directory');
  const tarball = textAt(resolution, 'tarball') ?? textAt(resolution, 'url');
  // Programs such as Node itself, one for every platform.
  const variants = listAt(resolution, 'variants')
    .filter(isRecord)
    .map((variant) => resolutionOf(recordAt(variant, 'resolution')));
  if (variants.length > 0) {
    const all = [...new Set(variants.flatMap((variant) => variant.integrity))].sort();
    return { source: { type: 'registry', url: variants[0]?.source.url ?? null }, integrity: all };
  }
  if (repository !== null) {
    const commit = textAt(resolution, 'commit');
    return { source: { type: 'git', url: commit === null ? repository : `${repository}#${commit}` }, integrity };
  }
  if (folder !== null) return { source: { type: 'file', url: folder }, integrity };
  if (tarball === null)
    return { source: { type: integrity.length > 0 ? 'registry' : 'unknown', url: null }, integrity };
  const source = sourceOf(tarball);
  const isRegistry = source.type === 'http' && isTarballOfRegistry(tarball);
  return { source: isRegistry ? { ...source, type: 'registry' } : source, integrity };
}

/** What the folders of the workspace ask for, as `name@version` and as the key of the entry. */
function directOf(lock: JsonRecord): Set<string> {
  const importers = isRecord(lock.importers) ? Object.values(lock.importers).filter(isRecord) : [lock];
  const kinds = [
    'dependencies',
    'optionalDependencies',
    'devDependencies',
    'configDependencies',
    'packageManagerDependencies',
  ];
  const direct = new Set<string>();
  for (const importer of importers) {
    for (const [name, entry] of kinds.flatMap((kind) => Object.entries(recordAt(importer, kind)))) {
      const version = isRecord(entry) ? textAt(entry, 'version') : typeof entry === 'string' ? entry : null;
      if (version === null || version.startsWith('link:')) continue;
      const plain = version.replace(/\(.*$/s, '');
      // An alias is written as the key of what it stands for; a version may have an `@` of its peers behind it.
      const { name: own, version: exact } = /^\d/.test(plain) ? { name, version: null } : packageOfKey(plain);
      direct.add(plain);
      direct.add(exact === null ? `${name}@${plain.replace(/_.*$/s, '')}` : `${own}@${exact}`);
    }
  }
  return direct;
}

/** `/name/1.0.0_peer` (5), `/name@1.0.0(peer)` (6), `name@1.0.0` (9), `host/name/1.0.0` or an address. */
function packageOfKey(key: string): { name: string; version: string | null } {
  const plain = key.replace(/\(.*$/s, '').replace(/^\//, '');
  const at = /^((?:@[^/@]+\/)?[^/@]+)@(.+)$/s.exec(plain);
  if (at !== null) return { name: at[1] ?? plain, version: at[2] ?? null };
  const slash = /^(?:[^/@]+\.[^/@]+\/)?((?:@[^/]+\/)?[^/@]+)\/(\d[^/_]*)/.exec(plain);
  return slash === null ? { name: plain, version: null } : { name: slash[1] ?? plain, version: slash[2] ?? null };
}

/** Settings of pnpm-workspace.yaml that take a guard away or put a program of one's own in. */
const switches = [
  'ignoreScripts',
  'strictSsl',
  'strictDepBuilds',
  'verifyStoreIntegrity',
  'minimumReleaseAge',
  'minimumReleaseAgeExclude',
  'trustPolicy',
  'trustPolicyExclude',
  'blockExoticSubdeps',
  'pnpmfile',
  'globalPnpmfile',
  'scriptShell',
  'nodeOptions',
];

/** pnpm-workspace.yaml: catalogues of versions, which packages may run code when they are installed, and registries. */
export const readPnpmWorkspace: FileReader = (path, text) => {
  const content = emptyContent(path, 'npm', 'manifest');
  const { value, problems } = parseYaml(text);
  content.problems.push(...problems);
  if (!isRecord(value)) {
    if (value !== null && value !== undefined) content.problems.push('it is not a YAML mapping');
    return content;
  }
  const catalogues: [string, JsonRecord][] = [
    ['catalog', recordAt(value, 'catalog')],
    ...Object.keys(recordAt(value, 'catalogs')).map((name): [string, JsonRecord] => [
      `catalogs.${name}`,
      recordAt(recordAt(value, 'catalogs'), name),
    ]),
    // These are installed before anything else, and may hold pnpm's hooks.
    ['configDependencies', recordAt(value, 'configDependencies')],
  ];
  for (const [group, entries] of catalogues) {
    for (const [name, range] of Object.entries(entries)) {
      const asked = typeof range === 'string' ? range : isRecord(range) ? textAt(range, 'integrity') : null;
      if (asked === null) content.problems.push(`${group}["${name}"] has no text as its version`);
      else content.dependencies.push(fromRange(name, asked, null, `${group}["${name}"]`));
    }
  }
  addOverrides('overrides', recordAt(value, 'overrides'), content);
  addAllowedScripts('', value, content);
  addRegistries(value, content);
  return content;
};

function addRegistries(value: JsonRecord, content: FileContent): void {
  const registry = textAt(value, 'registry');
  if (registry !== null) content.settings.push({ kind: 'registry', key: 'registry', value: registry });
  for (const [scope, url] of Object.entries(recordAt(value, 'registries'))) {
    if (typeof url === 'string')
      content.settings.push({
        kind: 'registry',
        key: scope === 'default' ? 'registry' : `${scope}:registry`,
        value: url,
      });
  }
  for (const key of switches) {
    const entry = Object.hasOwn(value, key) ? value[key] : undefined;
    if (entry !== undefined && entry !== null)
      content.settings.push({ kind: 'build_hook', key, value: typeof entry === 'string' ? entry : shown(entry) });
  }
}
