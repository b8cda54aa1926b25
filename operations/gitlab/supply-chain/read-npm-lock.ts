import { type Dependency, dependency, emptyContent, type FileContent, type FileReader, sourceOf } from './dependency';
import { isRecord, type JsonRecord, parseRecord, recordAt, textAt } from './json-text';
import { isTarballOfRegistry } from './tarball-address';

const groups = ['dependencies', 'optionalDependencies', 'peerDependencies', 'devDependencies'];

/**
 * package-lock.json and npm-shrinkwrap.json: `packages` (versions 2 and 3), or the nested `dependencies` of version 1. A file of
 * version 2 has both, for npm 6: what stands there only, or with another address or checksum, is told as well.
 */
export const readPackageLock: FileReader = (path, text) => {
  const content = emptyContent(path, 'npm', 'lockfile');
  const lock = parseRecord(text);
  if (lock === undefined) return { ...content, problems: ['it is not a JSON object'] };
  const { packages, dependencies } = lock;
  if (isRecord(packages)) readPackages(packages, content);
  if (isRecord(dependencies)) {
    const older = emptyContent(path, 'npm', 'lockfile');
    readNested(dependencies, '', older);
    if (isRecord(packages)) older.dependencies = withoutKnown(older.dependencies, content.dependencies);
    content.dependencies.push(...older.dependencies);
    content.problems.push(...older.problems);
  }
  const isEmpty = Object.keys(lock).every((key) => /^(?:name|version|lockfileVersion|requires)$/.test(key));
  if (!isRecord(packages) && !isRecord(dependencies) && !isEmpty)
    content.problems.push('it has neither packages nor dependencies');
  return content;
};

function withoutKnown(entries: readonly Dependency[], known: readonly Dependency[]): Dependency[] {
  const id = ({ name, integrity }: Dependency, address: string | null) => JSON.stringify([name, address, ...integrity]);
  const seen = new Set(known.map((entry) => id(entry, entry.source.url)));
  // A repository stands in place of the version there, and what is bundled or a folder has no address at all.
  return entries.filter(
    (entry) =>
      entry.source.type !== 'unknown' && entry.source.type !== 'file' && !seen.has(id(entry, entry.source.url)),
  );
}

const modules = 'node_modules/';

function readPackages(packages: JsonRecord, content: FileContent): void {
  const direct = directPlaces(packages);
  for (const [place, entry] of Object.entries(packages)) {
    // Folders of a workspace are the project's own code, and links point to them.
    if (!isRecord(entry)) content.problems.push(`packages["${place}"] is not an object`);
    else if (place.includes(modules) && entry.link !== true) {
      const installedAs = place.slice(place.lastIndexOf(modules) + modules.length);
      content.dependencies.push(
        locked(textAt(entry, 'name') ?? installedAs, entry, `packages["${place}"]`, {
          isDirect: direct.has(place),
          isDevelopment: entry.dev === true,
          hasInstallScript: entry.hasInstallScript === true,
        }),
      );
    }
  }
}

/** Where lies what the project and the folders of its workspace ask for: in their own folder, or else at the top. */
function directPlaces(packages: JsonRecord): Set<string> {
  const places = new Set<string>();
  for (const [folder, entry] of Object.entries(packages)) {
    if (folder.includes(modules) || !isRecord(entry)) continue;
    for (const name of groups.flatMap((group) => Object.keys(recordAt(entry, group)))) {
      const own = `${folder}/${modules}${name}`;
      places.add(folder !== '' && Object.hasOwn(packages, own) ? own : `${modules}${name}`);
    }
  }
  return places;
}

/** Nesting in a lockfile follows `node_modules`; a hostile one may go deeper than any real one. */
const deepest = 60;

function readNested(dependencies: JsonRecord, prefix: string, content: FileContent, depth = 0): void {
  if (depth > deepest) {
    content.problems.push(`${prefix.slice(0, 200)} goes deeper than ${deepest} levels and was not read further`);
    return;
  }
  for (const [name, entry] of Object.entries(dependencies)) {
    const key = `${prefix}dependencies["${name}"]`;
    if (!isRecord(entry)) {
      content.problems.push(`${key.slice(0, 200)} is not an object`);
      continue;
    }
    const alias = /^npm:((?:@[^/@]+\/)?[^/@]+)@(.+)$/.exec(textAt(entry, 'version') ?? '');
    content.dependencies.push({
      ...locked(alias?.[1] ?? name, entry, key, { isDevelopment: entry.dev === true }),
      ...(alias?.[2] === undefined ? {} : { version: alias[2] }),
    });
    if (isRecord(entry.dependencies)) readNested(entry.dependencies, `${key}.`, content, depth + 1);
  }
}

function locked(name: string, entry: JsonRecord, key: string, more: Partial<Dependency>): Dependency {
  const version = textAt(entry, 'version');
  const address =
    textAt(entry, 'resolved') ?? (version !== null && sourceOf(version).type !== 'unknown' ? version : null);
  const integrity = (textAt(entry, 'integrity') ?? '').split(/\s+/).filter((hash) => hash !== '');
  return dependency({ ecosystem: 'npm', name, version, source: sourceAt(address, integrity), integrity, key, ...more });
}

function sourceAt(address: string | null, integrity: readonly string[]): Dependency['source'] {
  // npm leaves the address out when it is told to; what has a checksum and no address comes from the registry that is set.
  if (address === null) return { type: integrity.length > 0 ? 'registry' : 'unknown', url: null };
  const source = sourceOf(address);
  return source.type === 'http' && isTarballOfRegistry(address) ? { ...source, type: 'registry' } : source;
}
