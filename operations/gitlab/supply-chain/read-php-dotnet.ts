import { dependency, emptyContent, type FileReader, type Source, sourceOf } from './dependency';
import { isRecord, type JsonRecord, listAt, parseRecord, recordAt, textAt } from './json-text';
import { blocksOf, firstText } from './xml-text';

/** What Composer needs of PHP itself is no package. */
const isPlatform = (name: string): boolean => !name.includes('/');

/** composer.json. */
export const readComposerJson: FileReader = (path, text) => {
  const content = emptyContent(path, 'composer', 'manifest');
  const manifest = parseRecord(text);
  if (manifest === undefined) return { ...content, problems: ['it is not a JSON object'] };
  for (const [group, isDevelopment] of [
    ['require', false],
    ['require-dev', true],
  ] as const) {
    for (const [name, range] of Object.entries(recordAt(manifest, group))) {
      if (isPlatform(name)) continue;
      content.dependencies.push(
        dependency({
          ecosystem: 'composer',
          name: name.toLowerCase(),
          version: String(range),
          isDirect: true,
          isDevelopment,
          source: { type: 'registry', url: null },
          key: `${group}["${name}"]`,
        }),
      );
    }
  }
  for (const [name, script] of Object.entries(recordAt(manifest, 'scripts'))) {
    // These run by themselves on install and update.
    if (
      /^(?:pre|post)-(?:install|update|autoload|root-package|package|create-project)|^post-status|^init$/.test(name)
    ) {
      content.settings.push({ kind: 'install_script', key: name, value: JSON.stringify(script) });
    }
  }
  const repositories = manifest.repositories;
  const entries = isRecord(repositories) ? Object.entries(repositories) : listAt(manifest, 'repositories').entries();
  for (const [key, entry] of entries) {
    const url = isRecord(entry) ? textAt(entry, 'url') : null;
    if (url !== null) content.settings.push({ kind: 'registry', key: `repositories ${key} ${url}`, value: url });
  }
  for (const [name, isAllowed] of Object.entries(recordAt(recordAt(manifest, 'config'), 'allow-plugins'))) {
    if (isAllowed === true) content.settings.push({ kind: 'build_hook', key: `allow-plugins ${name}`, value: name });
  }
  return content;
};

/** composer.lock. */
export const readComposerLock: FileReader = (path, text) => {
  const content = emptyContent(path, 'composer', 'lockfile');
  const lock = parseRecord(text);
  if (lock === undefined) return { ...content, problems: ['it is not a JSON object'] };
  for (const [group, isDevelopment] of [
    ['packages', false],
    ['packages-dev', true],
  ] as const) {
    for (const [index, entry] of listAt(lock, group).entries()) {
      const name = isRecord(entry) ? textAt(entry, 'name') : null;
      if (!isRecord(entry) || name === null) {
        content.problems.push(`${group}[${index}] has no name`);
        continue;
      }
      const dist = recordAt(entry, 'dist');
      const git = recordAt(entry, 'source');
      const hash = textAt(dist, 'shasum');
      const reference = textAt(dist, 'reference') ?? textAt(git, 'reference');
      content.dependencies.push(
        dependency({
          ecosystem: 'composer',
          name: name.toLowerCase(),
          version: textAt(entry, 'version'),
          isDevelopment,
          source: composerSource(dist, git),
          integrity: [hash && `sha1-${hash}`, reference && `git-${reference}`].filter((sum): sum is string => !!sum),
          hasInstallScript: textAt(entry, 'type') === 'composer-plugin',
          key: `${group} ${name}`,
        }),
      );
    }
  }
  return content;
};

function composerSource(dist: JsonRecord, git: JsonRecord): Source {
  const url = textAt(dist, 'url');
  // Composer's registry keeps no archives of its own: it points at the forges' archives of a commit.
  if (
    url !== null &&
    /^https:\/\/(?:api\.github\.com\/repos|gitlab\.com\/api\/v4\/projects|api\.bitbucket\.org)\//.test(url)
  )
    return { type: 'registry', url };
  if (url !== null) return textAt(dist, 'type') === 'path' ? { type: 'file', url } : sourceOf(url);
  const repository = textAt(git, 'url');
  return repository === null ? { type: 'unknown', url: null } : { type: 'git', url: repository };
}

/** packages.lock.json of NuGet. */
export const readNugetLock: FileReader = (path, text) => {
  const content = emptyContent(path, 'nuget', 'lockfile');
  const lock = parseRecord(text);
  if (lock === undefined) return { ...content, problems: ['it is not a JSON object'] };
  for (const [framework, packages] of Object.entries(recordAt(lock, 'dependencies'))) {
    for (const [name, entry] of Object.entries(isRecord(packages) ? packages : {})) {
      const fields = isRecord(entry) ? entry : {};
      const type = textAt(fields, 'type');
      if (type === 'Project') continue;
      const hash = textAt(fields, 'contentHash');
      content.dependencies.push(
        dependency({
          ecosystem: 'nuget',
          name: name.toLowerCase(),
          version: textAt(fields, 'resolved'),
          isDirect: type === 'Direct',
          source: { type: 'registry', url: null },
          integrity: hash === null ? [] : [`sha512-${hash}`],
          key: `dependencies["${framework}"]["${name}"]`,
        }),
      );
    }
  }
  return content;
};

/** .csproj, .fsproj, .props and .targets: package references, and programs that run in the build. */
export const readProjectFile: FileReader = (path, text) => {
  const content = emptyContent(path, 'nuget', 'manifest');
  for (const tag of ['PackageReference', 'PackageVersion', 'GlobalPackageReference']) {
    for (const match of text.matchAll(new RegExp(`<${tag}\\s([^<>]*)>`, 'g'))) {
      const name = /\b(?:Include|Update)\s*=\s*"([^"]*)"/.exec(match[1] ?? '')?.[1];
      if (name === undefined) continue;
      content.dependencies.push(
        dependency({
          ecosystem: 'nuget',
          name: name.toLowerCase(),
          version: /\bVersion(?:Override)?\s*=\s*"([^"]*)"/.exec(match[1] ?? '')?.[1] ?? null,
          isDirect: true,
          source: { type: 'registry', url: null },
          key: `${tag} ${name}`,
        }),
      );
    }
  }
  for (const [index, match] of [...text.matchAll(/<Exec\s[^<>]*\bCommand\s*=\s*"([^"]*)"/g)].entries()) {
    content.settings.push({ kind: 'build_hook', key: `Exec ${index + 1}`, value: match[1] ?? '' });
  }
  const sources = firstText(text, 'RestoreSources') ?? firstText(text, 'RestoreAdditionalProjectSources');
  if (sources !== null) content.settings.push({ kind: 'registry', key: 'RestoreSources', value: sources });
  return content;
};

/** NuGet.config: package sources, and which of them serves which names. */
export const readNugetConfig: FileReader = (path, text) => {
  const content = emptyContent(path, 'nuget', 'configuration');
  for (const { body } of blocksOf(text, 'packageSources')) {
    for (const match of body.matchAll(/<add\s([^<>]*)>/g)) {
      const key = /\bkey\s*=\s*"([^"]*)"/.exec(match[1] ?? '')?.[1] ?? '';
      const value = /\bvalue\s*=\s*"([^"]*)"/.exec(match[1] ?? '')?.[1];
      if (value !== undefined) content.settings.push({ kind: 'registry', key: `packageSources ${key}`, value });
    }
  }
  return content;
};
