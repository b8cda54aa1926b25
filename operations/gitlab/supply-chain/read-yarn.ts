import { type Dependency, dependency, emptyContent, type FileContent, type FileReader, sourceOf } from './dependency';
import { isRecord, type JsonRecord, listAt, recordAt, shown, textAt } from './json-text';
import { parseLock } from './lock-yaml';
import { isTarballOfRegistry } from './tarball-address';
import { parseYaml } from './yaml-text';

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
    const names = new Set(specifiers.map(nameOfSpecifier));
    const resolved = fields.get('resolved') ?? null;
    for (const name of names) {
      if (name === null) {
        content.problems.push(`line ${line}: no package name in "${specifiers.join(', ').slice(0, 80)}"`);
        continue;
      }
      content.dependencies.push(
        dependency({
          ecosystem: 'npm',
          name,
          version: fields.get('version') ?? null,
          source: resolved === null ? sourceOfSpecifier(specifiers[0] ?? '') : tarballSource(resolved),
          integrity: hashesOf(fields.get('integrity'), resolved),
          key: specifiers.join(', '),
        }),
      );
    }
  }
  return content;
}

function yarn1Entries(text: string, problems: string[]): Entry[] {
  const entries: Entry[] = [];
  let current: Entry | undefined;
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trimEnd();
    if (line === '' || line.trimStart().startsWith('#')) continue;
    if (!/^\s/.test(line)) {
      current = undefined;
      if (!line.endsWith(':')) {
        problems.push(`line ${index + 1}: "${line.slice(0, 80)}" is no entry`);
        continue;
      }
      current = { specifiers: specifiersOf(line.slice(0, -1)), fields: new Map(), line: index + 1 };
      entries.push(current);
      continue;
    }
    const field = /^ {2}(\S+)\s(.+)$/.exec(line);
    if (field !== null && current !== undefined)
      current.fields.set(unquote(field[1] ?? ''), unquote((field[2] ?? '').trim()));
  }
  return entries;
}

/** Parted by commas, of which those inside of quotes part nothing. */
function specifiersOf(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|[^\s,"][^,"]*/g)].map((match) => (match[1] ?? match[0]).trim());
}

function unquote(text: string): string {
  return text.length >= 2 && text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1) : text;
}

/** `left-pad@^1.0.0`, `@scope/name@npm:^1`, `alias@npm:real@^1`: the package that is really fetched. */
function nameOfSpecifier(specifier: string): string | null {
  const [, own, asked = ''] = /^((?:@[^/@\s]+\/)?[^/@\s]+)@(.*)$/s.exec(specifier) ?? [];
  if (own === undefined) return null;
  return /^npm:((?:@[^/@\s]+\/)?[^@/\s]+)@/.exec(asked)?.[1] ?? own;
}

/** A folder is not fetched and has no address of its own. */
function sourceOfSpecifier(specifier: string): Dependency['source'] {
  const source = sourceOf(specifier.slice(specifier.indexOf('@', 1) + 1));
  return source.type === 'unknown' ? { type: 'unknown', url: null } : source;
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

function readBerry(path: string, text: string): FileContent {
  const content = emptyContent(path, 'npm', 'lockfile');
  const { values, problems } = parseLock(text);
  content.problems.push(...problems);
  const [value] = values;
  if (!isRecord(value)) return { ...content, problems: [...problems, 'it is not a YAML mapping'] };
  const direct = directOf(value);
  for (const [specifiers, entry] of Object.entries(value)) {
    if (specifiers === '__metadata') continue;
    if (!isRecord(entry)) {
      content.problems.push(`"${specifiers.slice(0, 80)}" is not a mapping`);
      continue;
    }
    const resolution = textAt(entry, 'resolution') ?? specifiers;
    const [, name, reference = ''] = /^((?:@[^/@\s]+\/)?[^/@\s]+)@(.*)$/s.exec(resolution) ?? [];
    if (name === undefined) {
      content.problems.push(`"${resolution.slice(0, 80)}" names no package`);
      continue;
    }
    // Folders of the workspace are the project's own code.
    if (reference.startsWith('workspace:')) continue;
    const checksum = textAt(entry, 'checksum');
    content.dependencies.push(
      dependency({
        ecosystem: 'npm',
        name,
        version: textAt(entry, 'version'),
        isDirect: specifiers.split(/,\s/).some((specifier) => direct.has(specifier)),
        source: berrySource(reference),
        integrity: checksum === null ? [] : [checksum],
        key: specifiers,
      }),
    );
  }
  return content;
}

/** What the folders of the workspace ask for, as it stands in the keys of the entries. */
function directOf(lock: JsonRecord): Set<string> {
  const wanted = new Set<string>();
  for (const entry of Object.values(lock)) {
    if (!isRecord(entry) || !(textAt(entry, 'resolution') ?? '').includes('@workspace:')) continue;
    for (const [name, range] of Object.entries(recordAt(entry, 'dependencies'))) {
      wanted.add(`${name}@${String(range)}`);
      // Before version 4 the protocol stood in the keys only.
      wanted.add(`${name}@npm:${String(range)}`);
    }
  }
  return wanted;
}

function berrySource(reference: string): Dependency['source'] {
  if (reference.startsWith('npm:')) {
    // `npm:1.0.0::__archiveUrl=https%3A%2F%2F...` names where a package of a foreign registry lies.
    const archive = reference.split('__archiveUrl=')[1]?.split('&')[0];
    return archive === undefined ? { type: 'registry', url: null } : tarballSource(decoded(archive));
  }
  // A patch is a file of the project on top of a package that has an entry of its own.
  if (/^(?:patch|exec):/.test(reference)) return { type: 'file', url: reference };
  const source = sourceOf(reference);
  return source.type === 'unknown' && /^v?\d/.test(reference) ? { type: 'registry', url: null } : source;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Settings of .yarnrc.yml that take a guard away or put a program of one's own in. */
const switches = [
  'enableScripts',
  'enableStrictSsl',
  'enableHardenedMode',
  'enableImmutableInstalls',
  'checksumBehavior',
  'unsafeHttpWhitelist',
  'yarnPath',
  'httpProxy',
  'httpsProxy',
  'httpsCaFilePath',
  'npmMinimalAgeGate',
  'npmPreapprovedPackages',
  'ignorePath',
];

/** .yarnrc.yml, and .yarnrc of the first Yarn: registries, plugins, and switches that take a guard away. */
export const readYarnrc: FileReader = (path, text) => {
  const content = emptyContent(path, 'npm', 'configuration');
  if (!path.endsWith('.yml')) {
    for (const line of text.split('\n')) {
      const [first = '', ...rest] = line.trim().split(/\s+/);
      const key = unquote(first);
      const value = unquote(rest.join(' '));
      if (key.startsWith('#') || value === '') continue;
      if (key === 'registry' || key.endsWith(':registry')) content.settings.push({ kind: 'registry', key, value });
      else if (/^(?:strict-ssl|ignore-scripts|yarn-path|cafile|https?-proxy)$/.test(key))
        content.settings.push({ kind: 'build_hook', key, value });
      else if (/^(?:yarn-offline-mirror|disturl)$|[_-](?:mirror|binary[_-]host)$/.test(key))
        content.settings.push({ kind: 'distribution', key, value });
    }
    return content;
  }
  const { value, problems } = parseYaml(text);
  content.problems.push(...problems);
  if (!isRecord(value)) return content;
  addServers(value, content);
  for (const key of switches) {
    const entry = Object.hasOwn(value, key) ? value[key] : undefined;
    if (entry !== undefined && entry !== null)
      content.settings.push({ kind: 'build_hook', key, value: typeof entry === 'string' ? entry : shown(entry) });
  }
  for (const entry of listAt(value, 'plugins')) {
    const plugin =
      typeof entry === 'string' ? entry : isRecord(entry) ? (textAt(entry, 'spec') ?? textAt(entry, 'path')) : null;
    if (plugin !== null) content.settings.push({ kind: 'build_hook', key: `plugins ${plugin}`, value: plugin });
  }
  for (const [name, extension] of Object.entries(recordAt(value, 'packageExtensions')))
    content.settings.push({ kind: 'override', key: `packageExtensions["${name}"]`, value: shown(extension) });
  return content;
};

function addServers(value: JsonRecord, content: FileContent): void {
  const server = textAt(value, 'npmRegistryServer');
  if (server !== null) content.settings.push({ kind: 'registry', key: 'npmRegistryServer', value: server });
  for (const [scope, entry] of Object.entries(recordAt(value, 'npmScopes'))) {
    const own = isRecord(entry) ? textAt(entry, 'npmRegistryServer') : null;
    if (own !== null) content.settings.push({ kind: 'registry', key: `npmScopes.${scope}`, value: own });
  }
}
