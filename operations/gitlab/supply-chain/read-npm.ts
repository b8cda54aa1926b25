import { type Dependency, dependency, emptyContent, type FileContent, type FileReader, sourceOf } from './dependency';
import { parseIni, unquoted } from './ini-text';
import { isRecord, type JsonRecord, parseRecord, recordAt, shown, textAt, textsOf } from './json-text';
import { addRenovate } from './read-renovate';

/** Scripts of a package.json that npm runs by itself when the project is installed. */
export const installScripts = [
  'preinstall',
  'install',
  'postinstall',
  'prepare',
  'prepublish',
  'preprepare',
  'postprepare',
  'dependencies',
  'pnpm:devPreinstall',
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
    if (Object.hasOwn(manifest, group) && !isRecord(manifest[group])) content.problems.push(`${group} is no object`);
    for (const [name, range] of Object.entries(recordAt(manifest, group))) {
      if (typeof range !== 'string') content.problems.push(`${group}.${name} has no text as its version`);
      else content.dependencies.push(fromRange(name, range, isDevelopment, `${group}["${name}"]`));
    }
  }
  const manager = textAt(manifest, 'packageManager');
  // Corepack downloads it and runs it in place of npm: from the registry, or from the address that stands there.
  if (manager !== null)
    content.settings.push({
      kind: manager.includes('://') ? 'distribution' : 'verification',
      key: 'packageManager',
      value: manager,
    });
  const scripts = recordAt(manifest, 'scripts');
  for (const name of installScripts) {
    const script = textAt(scripts, name);
    if (script !== null) content.settings.push({ kind: 'install_script', key: name, value: script });
  }
  const pnpm = recordAt(manifest, 'pnpm');
  addOverrides('overrides', recordAt(manifest, 'overrides'), content);
  addOverrides('resolutions', recordAt(manifest, 'resolutions'), content);
  addOverrides('pnpm.overrides', recordAt(pnpm, 'overrides'), content);
  for (const [key, value] of Object.entries(recordAt(manifest, 'publishConfig'))) {
    if (/^(?:@[^:]+:)?registry$/.test(key) && typeof value === 'string')
      content.settings.push({ kind: 'registry', key: `publishConfig.${key}`, value });
  }
  addAllowedScripts('pnpm.', pnpm, content);
  for (const name of textsOf(manifest.trustedDependencies))
    content.settings.push({ kind: 'install_script', key: `trustedDependencies ${name}`, value: name });
  addRenovate(manifest, content);
  return content;
};

export function addOverrides(key: string, entries: JsonRecord, content: FileContent): void {
  for (const [name, value] of Object.entries(entries)) {
    const wanted = typeof value === 'string' ? value : shown(value);
    content.settings.push({ kind: 'override', key: `${key}["${name}"]`, value: wanted });
  }
}

/** Packages that pnpm lets run code when they are installed. */
export function addAllowedScripts(prefix: string, pnpm: JsonRecord, content: FileContent): void {
  const allowed: [string, string][] = [
    ...textsOf(pnpm.onlyBuiltDependencies).map((name): [string, string] => ['onlyBuiltDependencies', name]),
    ...Object.entries(recordAt(pnpm, 'allowBuilds'))
      .filter(([, isAllowed]) => isAllowed === true)
      .map(([name]): [string, string] => ['allowBuilds', name]),
  ];
  for (const [key, name] of allowed)
    content.settings.push({ kind: 'install_script', key: `${prefix}${key} ${name}`, value: name });
  if (pnpm.dangerouslyAllowAllBuilds === true)
    content.settings.push({ kind: 'install_script', key: `${prefix}dangerouslyAllowAllBuilds`, value: 'true' });
}

/** A range, an address, an alias (`npm:other@1`), or a tag. */
export function fromRange(name: string, range: string, isDevelopment: boolean | null, key: string): Dependency {
  const known = { ecosystem: 'npm' as const, isDirect: true, isDevelopment, key };
  const asked = range.trim();
  const alias = /^npm:((?:@[^/@]+\/)?[^@]+)(?:@(.*))?$/s.exec(asked);
  // Yarn writes ranges of the same package as `npm:^1.0.0`.
  if (alias?.[1] !== undefined && /^[@a-z_]/i.test(alias[1])) {
    return dependency({ ...known, name: alias[1], version: alias[2] ?? null, source: { type: 'registry', url: null } });
  }
  const source = sourceOf(asked);
  // `owner/repository` is a repository on GitHub.
  const isShortGit = source.type === 'unknown' && /^[\w.-]+\/[\w.-]+(?:#.*)?$/s.test(asked);
  return dependency({
    ...known,
    name,
    version: range,
    source: isShortGit
      ? { type: 'git', url: `github:${asked}` }
      : source.type === 'unknown'
        ? { type: 'registry', url: null }
        : source,
  });
}

/** Switches that take a guard away or put a program of one's own in, and settings that say where binaries come from. */
const switches =
  /^(?:ignore-scripts|strict-ssl|script-shell|shell|node-options|cafile|ca|https?-proxy|proxy|unsafe-perm|init-module|git|userconfig|globalconfig|pnpmfile|global-pnpmfile|verify-store-integrity|dangerously-allow-all-builds|package-lock|before|min-release-age|minimum-release-age)$/;
const mirrors = /(?:[_-]mirror|[_-]binary[_-]host|^disturl|^node-mirror:.*)$/i;

/** As npm reads it: a comment goes to the end of the line, with or without a blank in front of it. */
function iniValue(value: string): string {
  const plain = unquoted(value);
  if (plain !== value) return plain;
  return value
    .replace(/(?<!\\)[;#].*$/s, '')
    .replace(/\\([;#\\])/g, '$1')
    .trim();
}

/** .npmrc: registries, of everything or of a scope, and switches that take a guard away. */
export const readNpmrc: FileReader = (path, text) => {
  const content = emptyContent(path, 'npm', 'configuration');
  for (const entry of parseIni(text, { bare: 'true' })) {
    const key = unquoted(entry.key).replace(/\[\]$/, '');
    const value = iniValue(entry.value);
    if (key === 'registry' || key.endsWith(':registry')) content.settings.push({ kind: 'registry', key, value });
    else if (switches.test(key)) content.settings.push({ kind: 'build_hook', key, value });
    else if (mirrors.test(key)) content.settings.push({ kind: 'distribution', key, value });
  }
  return content;
};
