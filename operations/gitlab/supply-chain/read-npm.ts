import { type Dependency, dependency, emptyContent, type FileContent, type FileReader, sourceOf } from './dependency';
import { isRecord, type JsonRecord, parseRecord, recordAt, textAt, textsOf } from './json-text';

/** Scripts of a package.json that npm runs by itself when the project is installed. */
export const installScripts = [
  'preinstall',
  'install',
  'postinstall',
  'prepare',
  'prepublish',
  'preprepare',
  'postprepare',
];

const groups: readonly { key: string; isDevelopment: boolean }[] = [
  { key: 'dependencies', isDevelopment: false },
  { key: 'optionalDependencies', isDevelopment: false },
  { key: 'peerDependencies', isDevelopment: false },
  { key: 'devDependencies', isDevelopment: true },
];

/** package.json: what is asked for, the scripts that run on installing, and what replaces dependencies of others. */
export const readPackageJson: FileReader = (path, text) => {
  const content = emptyContent(path, 'npm', 'manifest');
  const manifest = parseRecord(text);
  if (manifest === undefined) return { ...content, problems: ['it is not a JSON object'] };
  for (const { key: group, isDevelopment } of groups) {
    for (const [name, range] of Object.entries(recordAt(manifest, group))) {
      if (typeof range !== 'string') {
        content.problems.push(`${group}.${name} has no text as its version`);
        continue;
      }
      content.dependencies.push(fromRange(name, range, isDevelopment, `${group}["${name}"]`));
    }
  }
  const scripts = recordAt(manifest, 'scripts');
  for (const name of installScripts) {
    const script = textAt(scripts, name);
    if (script !== null) content.settings.push({ kind: 'install_script', key: name, value: script });
  }
  const overrides: [string, JsonRecord][] = [
    ['overrides', recordAt(manifest, 'overrides')],
    ['resolutions', recordAt(manifest, 'resolutions')],
    ['pnpm.overrides', recordAt(recordAt(manifest, 'pnpm'), 'overrides')],
  ];
  for (const [key, entries] of overrides) {
    for (const [name, value] of Object.entries(entries)) {
      content.settings.push({
        kind: 'override',
        key: `${key}["${name}"]`,
        value: typeof value === 'string' ? value : JSON.stringify(value),
      });
    }
  }
  const registry = textAt(recordAt(manifest, 'publishConfig'), 'registry');
  if (registry !== null) content.settings.push({ kind: 'registry', key: 'publishConfig.registry', value: registry });
  const allowed = textsOf(recordAt(manifest, 'pnpm').onlyBuiltDependencies);
  for (const name of allowed)
    content.settings.push({ kind: 'install_script', key: `pnpm.onlyBuiltDependencies ${name}`, value: name });
  return content;
};

/** A range, an address, an alias (`npm:other@1`), or a tag. */
function fromRange(name: string, range: string, isDevelopment: boolean, key: string): Dependency {
  const alias = /^npm:((?:@[^/]+\/)?[^@]+)(?:@(.*))?$/.exec(range);
  if (alias !== null) {
    return dependency({
      ecosystem: 'npm',
      name: alias[1] ?? name,
      version: alias[2] ?? null,
      isDirect: true,
      isDevelopment,
      source: { type: 'registry', url: null },
      key,
    });
  }
  const source = sourceOf(range);
  // `owner/repository` is a repository on GitHub.
  const isShortGit = /^[\w.-]+\/[\w.-]+(?:#.*)?$/.test(range);
  return dependency({
    ecosystem: 'npm',
    name,
    version: range,
    isDirect: true,
    isDevelopment,
    source: isShortGit
      ? { type: 'git', url: `github:${range}` }
      : source.type === 'unknown'
        ? { type: 'registry', url: null }
        : source,
    key,
  });
}

/**
 * package-lock.json and npm-shrinkwrap.json: `packages` (versions 2 and 3), or the nested `dependencies` of version 1.
 */
export const readPackageLock: FileReader = (path, text) => {
  const content = emptyContent(path, 'npm', 'lockfile');
  const lock = parseRecord(text);
  if (lock === undefined) return { ...content, problems: ['it is not a JSON object'] };
  const packages = lock.packages;
  if (isRecord(packages)) readPackages(packages, content);
  else if (isRecord(lock.dependencies)) readNested(lock.dependencies, '', content);
  else content.problems.push('it has neither packages nor dependencies');
  return content;
};

function readPackages(packages: JsonRecord, content: FileContent): void {
  const root = isRecord(packages['']) ? packages[''] : {};
  const direct = new Set(groups.flatMap(({ key }) => Object.keys(recordAt(root, key))));
  for (const [place, entry] of Object.entries(packages)) {
    if (place === '') continue;
    if (!isRecord(entry)) {
      content.problems.push(`packages["${place}"] is not an object`);
      continue;
    }
    const installedAs = place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length);
    // Folders of a workspace are the project's own code, and links point to them.
    if (!place.includes('node_modules/') || entry.link === true) continue;
    content.dependencies.push(
      locked(textAt(entry, 'name') ?? installedAs, entry, `packages["${place}"]`, {
        isDirect: place === `node_modules/${installedAs}` && direct.has(installedAs),
        isDevelopment: entry.dev === true || entry.devOptional === true,
        hasInstallScript: entry.hasInstallScript === true,
      }),
    );
  }
}

/** Nesting in a lockfile follows `node_modules`; a hostile one may go deeper than any real one. */
const deepest = 60;

function readNested(dependencies: JsonRecord, prefix: string, content: FileContent, depth = 0): void {
  if (depth > deepest) {
    content.problems.push(`${prefix} goes deeper than ${deepest} levels and was not read further`);
    return;
  }
  for (const [name, entry] of Object.entries(dependencies)) {
    const key = `${prefix}dependencies["${name}"]`;
    if (!isRecord(entry)) {
      content.problems.push(`${key} is not an object`);
      continue;
    }
    content.dependencies.push(locked(name, entry, key, { isDevelopment: entry.dev === true }));
    if (isRecord(entry.dependencies)) readNested(entry.dependencies, `${key}.`, content, depth + 1);
  }
}

function locked(name: string, entry: JsonRecord, key: string, more: Partial<Dependency>): Dependency {
  const resolved = textAt(entry, 'resolved');
  const version = textAt(entry, 'version');
  const address = resolved ?? (version !== null && sourceOf(version).type !== 'unknown' ? version : null);
  const source = address === null ? { type: 'unknown' as const, url: null } : sourceOf(address);
  return dependency({
    ecosystem: 'npm',
    name,
    version,
    source: source.type === 'http' && isTarballOfRegistry(source.url ?? '') ? { ...source, type: 'registry' } : source,
    integrity: (textAt(entry, 'integrity') ?? '').split(/\s+/).filter((hash) => hash !== ''),
    key,
    ...more,
  });
}

/** Registries serve tarballs as `<name>/-/<name>-<version>.tgz`; anything else is an address somebody chose. */
export function isTarballOfRegistry(url: string): boolean {
  return /^https?:\/\/[^/?#]+\/(?:[^?#]*\/)?-\/[^/?#]+\.tgz(?:[?#]|$)/i.test(url);
}

/** The package that a registry's tarball address is for; null when the address has another form. */
export function nameInTarball(url: string): string | null {
  const match =
    /^https?:\/\/[^/?#]+\/(?:[^?#]*?\/)??((?:@|%40)[^/?#]+(?:\/|%2f)[^/?#]+|[^/?#]+)\/-\/[^/?#]+\.tgz(?:[?#]|$)/i.exec(
      url,
    );
  if (match?.[1] === undefined) return null;
  try {
    return decodeURIComponent(match[1]);
  } catch {
    return match[1];
  }
}

/** .npmrc: registries, of everything or of a scope, and switches that take a guard away. */
export const readNpmrc: FileReader = (path, text) => {
  const content = emptyContent(path, 'npm', 'configuration');
  for (const [index, line] of text.split('\n').entries()) {
    const equals = line.indexOf('=');
    const key = line.slice(0, Math.max(0, equals)).trim();
    const value = line.slice(equals + 1).trim();
    if (key === '' || key.startsWith(';') || key.startsWith('#')) continue;
    // What follows an address here is a credential, which is nobody's business.
    if (/:_(?:authToken|auth|password)$/i.test(key)) continue;
    if (key === 'registry' || key.endsWith(':registry')) content.settings.push({ kind: 'registry', key, value });
    else if (/^(?:ignore-scripts|strict-ssl|script-shell|node-options|cafile|https?-proxy)$/.test(key)) {
      content.settings.push({ kind: 'build_hook', key: `${key} (line ${index + 1})`, value });
    }
  }
  return content;
};
