import { dependency, emptyContent, type FileContent, type FileReader, type Source, sourceOf } from './dependency';
import { isRecord, type JsonRecord, listAt, parseRecord, recordAt, shown, textAt, textsOf } from './json-text';

/** What Composer needs of PHP itself is no package. */
const isPlatform = (name: string): boolean => !name.includes('/');

/** Scripts of these names run by themselves. */
const events =
  /^(?:pre|post)-(?:install|update|autoload|root-package|package|create-project|file-download|command-run|operations-exec|pool-create|status|archive)|^(?:init|command)$/;

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
      if (typeof range !== 'string') content.problems.push(`${group}.${name} has no text as its version`);
      content.dependencies.push(
        dependency({
          ecosystem: 'composer',
          name: name.toLowerCase(),
          version: typeof range === 'string' ? range : null,
          isDirect: true,
          isDevelopment,
          source: { type: 'registry', url: null },
          key: `${group}["${name}"]`,
        }),
      );
    }
  }
  addScripts(recordAt(manifest, 'scripts'), content);
  addRepositories(manifest, content);
  const configuration = recordAt(manifest, 'config');
  if (configuration['allow-plugins'] === true)
    content.settings.push({ kind: 'build_hook', key: 'allow-plugins *', value: '*' });
  for (const [name, isAllowed] of Object.entries(recordAt(configuration, 'allow-plugins'))) {
    if (isAllowed === true) content.settings.push({ kind: 'build_hook', key: `allow-plugins ${name}`, value: name });
  }
  for (const key of ['secure-http', 'disable-tls']) {
    if (Object.hasOwn(configuration, key))
      content.settings.push({ kind: 'build_hook', key: `config.${key}`, value: shown(configuration[key]) });
  }
  return content;
};

/** Those that run by themselves, and those that these call by `@name`. */
function addScripts(scripts: JsonRecord, content: FileContent): void {
  const wanted = Object.keys(scripts).filter((name) => events.test(name));
  const seen = new Set(wanted);
  for (let index = 0; index < wanted.length; index += 1) {
    const name = wanted[index] ?? '';
    const lines = textsOf(scripts[name]);
    content.settings.push({
      kind: 'install_script',
      key: name,
      value: lines.length > 0 ? lines.join('\n') : shown(scripts[name]),
    });
    for (const line of lines) {
      const called = /^@([\w:.-]+)/.exec(line)?.[1];
      if (called === undefined || seen.has(called) || !Object.hasOwn(scripts, called)) continue;
      seen.add(called);
      wanted.push(called);
    }
  }
}

function addRepositories(manifest: JsonRecord, content: FileContent): void {
  const repositories = manifest.repositories;
  const entries = isRecord(repositories) ? Object.values(repositories) : listAt(manifest, 'repositories');
  for (const entry of entries) {
    if (!isRecord(entry)) continue;
    const packages = Array.isArray(entry.package) ? entry.package : [entry.package];
    // A package that is described here, with an address of its own.
    const inline = packages.filter(isRecord).flatMap((one) => {
      const name = textAt(one, 'name') ?? '';
      return ['dist', 'source'].map((kind): [string, string | null] => [
        `package ${name} ${kind}`,
        textAt(recordAt(one, kind), 'url'),
      ]);
    });
    for (const [key, url] of [[textAt(entry, 'type') ?? '', textAt(entry, 'url')] as const, ...inline]) {
      if (url !== null) content.settings.push({ kind: 'registry', key: `repositories ${key} ${url}`, value: url });
    }
  }
}

/** composer.lock. */
export const readComposerLock: FileReader = (path, text) => {
  const content = emptyContent(path, 'composer', 'lockfile');
  const lock = parseRecord(text);
  if (lock === undefined) return { ...content, problems: ['it is not a JSON object'] };
  if (!Array.isArray(lock.packages)) content.problems.push('it has no packages');
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
          source: sourceOfPackage(entry, dist, git),
          integrity: [hash && `sha1-${hash}`, reference && `git-${reference}`].filter((sum): sum is string => !!sum),
          hasInstallScript: textAt(entry, 'type') === 'composer-plugin',
          key: `${group} ${name}`,
        }),
      );
    }
  }
  return content;
};

/** Composer's registry keeps no archives of its own: it points at the forges' archives of a commit. */
const archive =
  /^https:\/\/(?:api\.github\.com\/repos\/([^/]+\/[^/]+)\/|gitlab\.com\/api\/v4\/projects\/([^/]+)\/|bitbucket\.org\/([^/]+\/[^/]+)\/get\/)/i;

function sourceOfPackage(entry: JsonRecord, dist: JsonRecord, git: JsonRecord): Source {
  const url = textAt(dist, 'url');
  const repository = textAt(git, 'url');
  if (url === null) return repository === null ? { type: 'unknown', url: null } : { type: 'git', url: repository };
  if (textAt(dist, 'type') === 'path') return { type: 'file', url };
  const match = archive.exec(url);
  const project = match?.[1] ?? match?.[2] ?? match?.[3];
  // Both are of one repository; where they are not, the other one is what an installation from source takes.
  if (project !== undefined && repository !== null && !isOf(repository, decoded(project)))
    return { type: 'git', url: repository };
  const isServed = textAt(entry, 'notification-url') !== null;
  return project !== undefined || isServed ? { type: 'registry', url } : sourceOf(url);
}

function isOf(repository: string, project: string): boolean {
  const plain = repository.toLowerCase().replace(/\.git$/, '');
  // By a number where GitLab's own is used.
  return (
    /^\d+$/.test(project) || plain.endsWith(`/${project.toLowerCase()}`) || plain.endsWith(`:${project.toLowerCase()}`)
  );
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
