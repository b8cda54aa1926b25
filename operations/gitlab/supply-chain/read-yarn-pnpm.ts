import { type Dependency, dependency, emptyContent, type FileContent, type FileReader, sourceOf } from './dependency';
import { isRecord, type JsonRecord, recordAt, textAt } from './json-text';
import { parsePlainYaml } from './plain-yaml';
import { isTarballOfRegistry } from './read-npm';
import { parseYaml, type YamlText } from './yaml-text';

/** yarn.lock of either generation: version 1 has a format of its own, later ones are YAML. */
export const readYarnLock: FileReader = (path, text) =>
  /^__metadata:/m.test(text) ? readBerry(path, text) : readYarn1(path, text);

interface Entry {
  specifiers: string[];
  fields: Map<string, string>;
  line: number;
}

/** Version 1: a line of specifiers that ends in a colon, then fields indented by two spaces. */
function readYarn1(path: string, text: string): FileContent {
  const content = emptyContent(path, 'npm', 'lockfile');
  for (const { specifiers, fields, line } of yarn1Entries(text, content.problems)) {
    const name = nameOfSpecifier(specifiers[0] ?? '');
    if (name === null) {
      content.problems.push(`line ${line}: no package name in "${specifiers[0] ?? ''}"`);
      continue;
    }
    const resolved = fields.get('resolved') ?? null;
    content.dependencies.push(
      dependency({
        ecosystem: 'npm',
        name,
        version: fields.get('version') ?? null,
        source: resolved === null ? { type: 'unknown', url: null } : tarballSource(resolved),
        integrity: hashesOf(fields.get('integrity'), resolved),
        key: specifiers.join(', '),
      }),
    );
  }
  return content;
}

function yarn1Entries(text: string, problems: string[]): Entry[] {
  const entries: Entry[] = [];
  let current: Entry | undefined;
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.replace(/\r$/, '');
    if (line.trim() === '' || line.startsWith('#')) continue;
    if (!line.startsWith(' ')) {
      current = undefined;
      if (!line.endsWith(':')) {
        problems.push(`line ${index + 1}: "${line.slice(0, 80)}" is no entry`);
        continue;
      }
      const specifiers = line.slice(0, -1).split(/,\s*/).map(unquote);
      current = { specifiers, fields: new Map(), line: index + 1 };
      entries.push(current);
      continue;
    }
    const field = /^ {2}(\S+)\s+(.+)$/.exec(line);
    if (field !== null && current !== undefined) current.fields.set(unquote(field[1] ?? ''), unquote(field[2] ?? ''));
  }
  return entries;
}

function unquote(text: string): string {
  const trimmed = text.trim();
  return /^".*"$/.test(trimmed) ? trimmed.slice(1, -1) : trimmed;
}

/** `left-pad@^1.0.0`, `@scope/name@npm:^1`, `alias@npm:real@^1`: the package that is really fetched. */
function nameOfSpecifier(specifier: string): string | null {
  const alias = /@npm:((?:@[^/@]+\/)?[^@/]+)@/.exec(specifier);
  if (alias?.[1] !== undefined) return alias[1];
  return /^((?:@[^/@]+\/)?[^@/\s]+)@/.exec(specifier)?.[1] ?? null;
}

function tarballSource(url: string): Dependency['source'] {
  const source = sourceOf(url);
  return source.type === 'http' && isTarballOfRegistry(url) ? { ...source, type: 'registry' } : source;
}

/** yarn 1 wrote a SHA-1 behind the address before it had an integrity field. */
function hashesOf(integrity: string | undefined, resolved: string | null): string[] {
  const hashes = (integrity ?? '').split(/\s+/).filter((hash) => hash !== '');
  const fragment = /#([0-9a-f]{40})$/.exec(resolved ?? '')?.[1];
  return hashes.length > 0 || fragment === undefined ? hashes : [`sha1-${fragment}`];
}

/** A lockfile as its program writes it, which may be very long; else any YAML of a length that a person could have written. */
function parseLock(text: string): YamlText {
  const value = parsePlainYaml(text);
  return value === undefined ? parseYaml(text) : { value, problems: [] };
}

function readBerry(path: string, text: string): FileContent {
  const content = emptyContent(path, 'npm', 'lockfile');
  const { value, problems } = parseLock(text);
  content.problems.push(...problems);
  if (!isRecord(value)) return { ...content, problems: [...problems, 'it is not a YAML mapping'] };
  for (const [specifiers, entry] of Object.entries(value)) {
    if (specifiers === '__metadata' || !isRecord(entry)) continue;
    const resolution = textAt(entry, 'resolution') ?? specifiers;
    const match = /^((?:@[^/@]+\/)?[^@/\s]+)@(?:([a-z+]+):)?(.*)$/s.exec(resolution);
    if (match?.[1] === undefined) {
      content.problems.push(`"${resolution.slice(0, 80)}" names no package`);
      continue;
    }
    const [, name, protocol = '', rest = ''] = match;
    // Folders of the workspace are the project's own code.
    if (protocol === 'workspace') continue;
    const checksum = textAt(entry, 'checksum');
    content.dependencies.push(
      dependency({
        ecosystem: 'npm',
        name,
        version: versionAt(entry),
        source: berrySource(protocol, rest),
        integrity: checksum === null ? [] : [checksum],
        key: specifiers,
      }),
    );
  }
  return content;
}

/** YAML reads 1.2 as a number. */
function versionAt(entry: JsonRecord): string | null {
  const version = entry.version;
  return typeof version === 'number' ? String(version) : textAt(entry, 'version');
}

function berrySource(protocol: string, rest: string): Dependency['source'] {
  if (protocol === 'npm' || protocol === '') {
    // `npm:1.0.0::__archiveUrl=https%3A%2F%2F...` names where a package of a foreign registry lies.
    const archive = /__archiveUrl=([^&]+)/.exec(rest)?.[1];
    return archive === undefined ? { type: 'registry', url: null } : tarballSource(decode(archive));
  }
  return sourceOf(`${protocol}:${rest}`);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** pnpm-lock.yaml, versions 5 to 9. */
export const readPnpmLock: FileReader = (path, text) => {
  const content = emptyContent(path, 'npm', 'lockfile');
  const { value, problems } = parseLock(text);
  content.problems.push(...problems);
  if (!isRecord(value)) return { ...content, problems: [...problems, 'it is not a YAML mapping'] };
  const direct = directOfPnpm(value);
  for (const [key, entry] of Object.entries(recordAt(value, 'packages'))) {
    const { name, version } = packageOfPnpmKey(key);
    const fields = isRecord(entry) ? entry : {};
    const resolution = recordAt(fields, 'resolution');
    const tarball = textAt(resolution, 'tarball');
    const repository = textAt(resolution, 'repo');
    const hash = textAt(resolution, 'integrity');
    content.dependencies.push(
      dependency({
        ecosystem: 'npm',
        name: textAt(fields, 'name') ?? name,
        version: textAt(fields, 'version') ?? version,
        isDirect: direct.has(name),
        isDevelopment: fields.dev === true ? true : fields.dev === false ? false : null,
        source:
          tarball !== null
            ? tarballSource(tarball)
            : repository !== null
              ? { type: 'git', url: repository }
              : hash !== null
                ? { type: 'registry', url: null }
                : { type: 'unknown', url: null },
        integrity: hash === null ? [] : [hash],
        hasInstallScript: fields.requiresBuild === true ? true : null,
        key: `packages["${key}"]`,
      }),
    );
  }
  if (!isRecord(value.packages)) content.problems.push('it has no packages');
  for (const [name, wanted] of Object.entries(recordAt(value, 'overrides'))) {
    content.settings.push({ kind: 'override', key: `overrides["${name}"]`, value: String(wanted) });
  }
  return content;
};

function directOfPnpm(lock: JsonRecord): Set<string> {
  const importers = isRecord(lock.importers) ? Object.values(lock.importers).filter(isRecord) : [lock];
  const kinds = ['dependencies', 'optionalDependencies', 'devDependencies'];
  return new Set(importers.flatMap((importer) => kinds.flatMap((kind) => Object.keys(recordAt(importer, kind)))));
}

/** `/name/1.0.0_peer` (5), `/name@1.0.0(peer)` (6), `name@1.0.0` (9), `host/name/1.0.0` or an address. */
function packageOfPnpmKey(key: string): { name: string; version: string | null } {
  const plain = key.replace(/\(.*$/s, '').replace(/^\//, '');
  const at = /^((?:@[^/@]+\/)?[^/@]+)@(.+)$/.exec(plain);
  if (at !== null) return { name: at[1] ?? plain, version: at[2] ?? null };
  const slash = /^(?:[^/@]+\.[^/@]+\/)?((?:@[^/]+\/)?[^/@]+)\/(\d[^/_]*)/.exec(plain);
  return slash === null ? { name: plain, version: null } : { name: slash[1] ?? plain, version: slash[2] ?? null };
}

/** pnpm-workspace.yaml: catalogues of versions, and which packages may run code when they are installed. */
export const readPnpmWorkspace: FileReader = (path, text) => {
  const content = emptyContent(path, 'npm', 'manifest');
  const { value, problems } = parseYaml(text);
  content.problems.push(...problems);
  if (!isRecord(value)) return content;
  const catalogues: [string, JsonRecord][] = [
    ['catalog', recordAt(value, 'catalog')],
    ...Object.entries(recordAt(value, 'catalogs')).map(([name, entries]): [string, JsonRecord] => [
      `catalogs.${name}`,
      isRecord(entries) ? entries : {},
    ]),
  ];
  for (const [group, entries] of catalogues) {
    for (const [name, range] of Object.entries(entries)) {
      const asked = String(range);
      const source = sourceOf(asked);
      content.dependencies.push(
        dependency({
          ecosystem: 'npm',
          name,
          version: asked,
          isDirect: true,
          source: source.type === 'unknown' ? { type: 'registry', url: null } : source,
          key: `${group}["${name}"]`,
        }),
      );
    }
  }
  for (const [name, wanted] of Object.entries(recordAt(value, 'overrides'))) {
    content.settings.push({ kind: 'override', key: `overrides["${name}"]`, value: String(wanted) });
  }
  const allowed = Array.isArray(value.onlyBuiltDependencies) ? value.onlyBuiltDependencies : [];
  for (const name of allowed) {
    content.settings.push({
      kind: 'install_script',
      key: `onlyBuiltDependencies ${String(name)}`,
      value: String(name),
    });
  }
  return content;
};

/** .yarnrc.yml, and .yarnrc of the first Yarn: registries, plugins, and switches that take a guard away. */
export const readYarnrc: FileReader = (path, text) => {
  const content = emptyContent(path, 'npm', 'configuration');
  if (!path.endsWith('.yml')) {
    for (const line of text.split('\n')) {
      const [, key = '', value = ''] = /^\s*"?([\w@:/-]+)"?\s+"?([^"\s]+)"?\s*$/.exec(line) ?? [];
      if (key === 'registry' || key.endsWith(':registry')) content.settings.push({ kind: 'registry', key, value });
      else if (/^(?:strict-ssl|ignore-scripts|yarn-path)$/.test(key))
        content.settings.push({ kind: 'build_hook', key, value });
    }
    return content;
  }
  const { value, problems } = parseYaml(text);
  content.problems.push(...problems);
  if (!isRecord(value)) return content;
  const server = textAt(value, 'npmRegistryServer');
  if (server !== null) content.settings.push({ kind: 'registry', key: 'npmRegistryServer', value: server });
  for (const [scope, entry] of Object.entries(recordAt(value, 'npmScopes'))) {
    const own = isRecord(entry) ? textAt(entry, 'npmRegistryServer') : null;
    if (own !== null) content.settings.push({ kind: 'registry', key: `npmScopes.${scope}`, value: own });
  }
  for (const key of ['enableScripts', 'enableStrictSsl', 'checksumBehavior', 'unsafeHttpWhitelist', 'yarnPath']) {
    const entry = Object.hasOwn(value, key) ? value[key] : undefined;
    if (entry !== undefined && entry !== null) {
      const shown = typeof entry === 'object' ? JSON.stringify(entry) : String(entry);
      content.settings.push({ kind: 'build_hook', key, value: shown });
    }
  }
  for (const entry of Array.isArray(value.plugins) ? value.plugins : []) {
    const plugin =
      typeof entry === 'string' ? entry : isRecord(entry) ? (textAt(entry, 'spec') ?? textAt(entry, 'path')) : null;
    if (plugin !== null) content.settings.push({ kind: 'build_hook', key: `plugins ${plugin}`, value: plugin });
  }
  return content;
};
