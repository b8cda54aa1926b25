import { type Dependency, dependency, emptyContent, type FileReader, type Source, sourceOf } from './dependency';
import { hostOf, isPublicRegistry } from './hosts';
import { isRecord, type JsonRecord, listAt, parseRecord, recordAt, textAt, textsOf } from './json-text';
import { pythonName } from './python-requirement';
import { addIndex, addPoetryTable, sourceOfFields } from './read-pyproject';
import { parseToml } from './toml-text';

/** poetry.lock, uv.lock and pdm.lock have `[[package]]` tables; pylock.toml (PEP 751) has `[[packages]]`. */
export const readPythonLock: FileReader = (path, text) => {
  const content = emptyContent(path, 'pypi', 'lockfile');
  const { value, problems } = parseToml(text);
  if (value === undefined) return { ...content, problems };
  // Poetry kept checksums apart before its version 1.3.
  const shared = recordAt(recordAt(value, 'metadata'), 'files');
  for (const [index, entry] of [...listAt(value, 'package'), ...listAt(value, 'packages')].entries()) {
    const name = isRecord(entry) ? textAt(entry, 'name') : null;
    if (!isRecord(entry) || name === null) {
      content.problems.push(`package[${index}] has no name`);
      continue;
    }
    const files = [...filesOf(entry), ...listAt(shared, name)].filter(isRecord);
    const source = withFiles(lockSource(entry), files);
    // The project itself stands in uv.lock too.
    if (source.type === 'file' && (source.url === '.' || source.url === null)) continue;
    const version = textAt(entry, 'version');
    content.dependencies.push(
      dependency({
        ecosystem: 'pypi',
        name: pythonName(name),
        version,
        isDevelopment: isDevelopmentOnly(entry),
        source,
        integrity: [...new Set(files.flatMap(hashesOf))].sort(),
        key: `package ${pythonName(name)} ${version ?? ''}`.trim(),
      }),
    );
  }
  return content;
};

function filesOf(entry: JsonRecord): unknown[] {
  return [...listAt(entry, 'files'), entry.sdist, ...listAt(entry, 'wheels'), entry.archive];
}

/** `hash = "sha256:..."`, or `hashes = { sha256 = "..." }`. */
function hashesOf(file: JsonRecord): string[] {
  const hash = textAt(file, 'hash');
  const named = Object.entries(recordAt(file, 'hashes')).flatMap(([algorithm, value]) =>
    typeof value === 'string' ? [`${algorithm}:${value}`] : [],
  );
  return hash === null ? named : [hash, ...named];
}

/** Poetry and PDM say which groups a package is for; older versions of Poetry, which category. */
function isDevelopmentOnly(entry: JsonRecord): boolean | null {
  const groups = textsOf(entry.groups);
  if (groups.length > 0) return !groups.includes('main') && !groups.includes('default');
  const category = textAt(entry, 'category');
  return category === null ? null : category === 'dev';
}

/** In a table of its own, or, in PDM's files and in pylock.toml, beside the name. */
function lockSource(entry: JsonRecord): Source {
  const table = isRecord(entry.source) ? entry.source : entry;
  const vcs = recordAt(entry, 'vcs');
  const git =
    textAt(table, 'git') ?? (textAt(table, 'type') === 'git' ? textAt(table, 'url') : null) ?? textAt(vcs, 'url');
  if (git !== null) {
    const commit = textAt(table, 'resolved_reference') ?? textAt(table, 'revision') ?? textAt(vcs, 'commit-id');
    return { type: 'git', url: commit === null || git.includes('#') ? git : `${git}#${commit}` };
  }
  for (const key of ['editable', 'virtual', 'directory', 'path']) {
    const path = textAt(table, key) ?? textAt(recordAt(table, key), 'path');
    if (path !== null) return { type: 'file', url: path };
  }
  const type = textAt(table, 'type');
  const url = textAt(table, 'url') ?? textAt(recordAt(entry, 'archive'), 'url');
  if (type === 'file' || type === 'directory') return { type: 'file', url };
  const registry =
    textAt(table, 'registry') ?? textAt(entry, 'index') ?? (type === 'legacy' || type === 'pypi' ? url : null);
  if (registry !== null) return { type: 'registry', url: registry };
  return url === null ? { type: 'registry', url: null } : sourceOf(url);
}

/** Where PyPI keeps its files. */
const filesOfPypi = 'files.pythonhosted.org';

/**
 * uv and PDM write the address of every file, and that is what is fetched. One on another host than the registry's says more than
 * the registry does.
 */
function withFiles(source: Source, files: readonly JsonRecord[]): Source {
  if (source.type !== 'registry') return source;
  const home = hostOf(source.url);
  const foreign = files
    .flatMap((file) => textAt(file, 'url') ?? [])
    .find((url) => {
      const host = hostOf(url);
      if (host === null || host === home) return false;
      return !(host === filesOfPypi && (home === null || isPublicRegistry(source.url)));
    });
  return foreign === undefined ? source : { type: 'registry', url: foreign };
}

/** Pipfile.lock: a list for every category, of which `default` and `develop` are the usual ones, and the indexes in `_meta`. */
export const readPipfileLock: FileReader = (path, text) => {
  const content = emptyContent(path, 'pypi', 'lockfile');
  const lock = parseRecord(text);
  if (lock === undefined) return { ...content, problems: ['it is not a JSON object'] };
  if (!['_meta', 'default', 'develop'].some((group) => isRecord(lock[group])))
    content.problems.push('it has neither _meta nor packages');
  for (const [group, packages] of Object.entries(lock)) {
    if (group === '_meta' || !isRecord(packages)) continue;
    for (const [name, entry] of Object.entries(packages)) {
      if (isRecord(entry)) content.dependencies.push(inPipfileLock(name, entry, group));
      else content.problems.push(`${group}["${name}"] is not an object`);
    }
  }
  for (const entry of listAt(recordAt(lock, '_meta'), 'sources')) addIndex(entry, '_meta.sources', content);
  return content;
};

function inPipfileLock(name: string, fields: JsonRecord, group: string): Dependency {
  return dependency({
    ecosystem: 'pypi',
    name: pythonName(name),
    version: textAt(fields, 'version')?.replace(/^==/, '') ?? textAt(fields, 'ref'),
    isDevelopment: group !== 'default',
    source: sourceOfFields(fields),
    integrity: textsOf(fields.hashes).sort(),
    key: `${group}["${name}"]`,
  });
}

/** Tables of a Pipfile that hold no packages. */
const otherTables = new Set(['source', 'requires', 'scripts', 'pipenv', 'pipfile']);

/** Pipfile: tables like Poetry's, one a category, and `[[source]]`. */
export const readPipfile: FileReader = (path, text) => {
  const content = emptyContent(path, 'pypi', 'manifest');
  const { value, problems } = parseToml(text);
  if (value === undefined) return { ...content, problems };
  for (const [group, entries] of Object.entries(value)) {
    if (!otherTables.has(group) && isRecord(entries)) addPoetryTable(entries, group, group !== 'packages', content);
  }
  for (const entry of listAt(value, 'source')) addIndex(entry, 'source', content);
  return content;
};
