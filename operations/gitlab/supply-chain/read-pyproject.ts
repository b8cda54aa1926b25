import { dependency, emptyContent, type FileContent, type FileReader, type Source, sourceOf } from './dependency';
import { parseIni } from './ini-text';
import { isRecord, type JsonRecord, listAt, recordAt, shown, textAt, textsOf } from './json-text';
import { fromRequirement, pythonName } from './python-requirement';
import { parseToml } from './toml-text';

/** pyproject.toml: requirements of the project and of its build, in PEP 621, Poetry's, PDM's, Hatch's and uv's places. */
export const readPyproject: FileReader = (path, text) => {
  const content = emptyContent(path, 'pypi', 'manifest');
  const { value, problems } = parseToml(text);
  if (value === undefined) return { ...content, problems };
  const project = recordAt(value, 'project');
  addList(project.dependencies, 'project.dependencies', false, content);
  addLists(recordAt(project, 'optional-dependencies'), 'project.optional-dependencies', false, content);
  addLists(recordAt(value, 'dependency-groups'), 'dependency-groups', true, content);
  // What builds the package runs on every machine that installs it from source.
  const build = recordAt(value, 'build-system');
  addList(build.requires, 'build-system.requires', false, content);
  addHooks(build, ['build-backend', 'backend-path'], 'build-system', content);
  const tool = recordAt(value, 'tool');
  readPoetry(recordAt(tool, 'poetry'), content);
  readUv(recordAt(tool, 'uv'), 'tool.uv.', content);
  readPdm(recordAt(tool, 'pdm'), content);
  readHatch(recordAt(tool, 'hatch'), content);
  addHooks(recordAt(tool, 'setuptools'), ['cmdclass'], 'tool.setuptools', content);
  const flit = recordAt(recordAt(tool, 'flit'), 'metadata');
  addList(flit.requires, 'tool.flit.metadata.requires', false, content);
  return content;
};

/** Tables in such a list include other lists, which are read where they stand. */
function addList(list: unknown, key: string, isDevelopment: boolean, content: FileContent): void {
  for (const entry of textsOf(list)) {
    const asked = entry.replace(/^-e\s+/, '');
    const found = fromRequirement(asked, key, isDevelopment);
    if (found === undefined) content.problems.push(`${key}: "${asked.slice(0, 80)}" is no requirement`);
    else content.dependencies.push(found);
  }
}

function addLists(lists: JsonRecord, key: string, isDevelopment: boolean, content: FileContent): void {
  for (const [name, list] of Object.entries(lists)) addList(list, `${key}.${name}`, isDevelopment, content);
}

function addHooks(record: JsonRecord, names: readonly string[], key: string, content: FileContent): void {
  for (const name of names) {
    const value = Object.hasOwn(record, name) ? record[name] : undefined;
    if (value === undefined) continue;
    content.settings.push({
      kind: 'build_hook',
      key: `${key}.${name}`,
      value: typeof value === 'string' ? value : shown(value),
    });
  }
}

function readPoetry(poetry: JsonRecord, content: FileContent): void {
  addPoetryTable(recordAt(poetry, 'dependencies'), 'tool.poetry.dependencies', false, content);
  addPoetryTable(recordAt(poetry, 'dev-dependencies'), 'tool.poetry.dev-dependencies', true, content);
  for (const [name, group] of Object.entries(recordAt(poetry, 'group'))) {
    if (isRecord(group)) addPoetryTable(recordAt(group, 'dependencies'), `tool.poetry.group.${name}`, true, content);
  }
  // These run inside of Poetry itself.
  addPoetryTable(recordAt(poetry, 'requires-plugins'), 'tool.poetry.requires-plugins', true, content);
  addHooks(poetry, ['build'], 'tool.poetry', content);
  for (const entry of listAt(poetry, 'source')) addIndex(entry, 'tool.poetry.source', content);
}

/** A version, a table, or a list of tables, each for other versions of Python. */
export function addPoetryTable(entries: JsonRecord, key: string, isDevelopment: boolean, content: FileContent): void {
  for (const [name, asked] of Object.entries(entries)) {
    if (name === 'python') continue;
    for (const wanted of Array.isArray(asked) ? asked : [asked]) {
      const fields = isRecord(wanted) ? wanted : {};
      const version = typeof wanted === 'string' ? wanted : textAt(fields, 'version');
      const when = ['python', 'platform', 'markers'].flatMap((condition) => textAt(fields, condition) ?? []);
      content.dependencies.push(
        dependency({
          ecosystem: 'pypi',
          name: pythonName(name),
          version:
            version ??
            textAt(fields, 'rev') ??
            textAt(fields, 'ref') ??
            textAt(fields, 'tag') ??
            textAt(fields, 'branch'),
          isDirect: true,
          isDevelopment,
          source: sourceOfFields(fields),
          key: [key, pythonName(name), ...(when.length > 0 ? [`; ${when.join(' ')}`] : [])].join(' '),
        }),
      );
    }
  }
}

/** Of tables that name where something comes from; a registry by its name in the file. */
export function sourceOfFields(fields: JsonRecord): Source {
  const git = textAt(fields, 'git');
  if (git !== null) return { type: 'git', url: git };
  const path = textAt(fields, 'path');
  if (path !== null) return { type: 'file', url: path };
  const url = textAt(fields, 'url') ?? textAt(fields, 'file');
  if (url !== null) return sourceOf(url);
  return { type: 'registry', url: textAt(fields, 'source') ?? textAt(fields, 'index') };
}

function readUv(uv: JsonRecord, prefix: string, content: FileContent): void {
  addList(uv['dev-dependencies'], `${prefix}dev-dependencies`, true, content);
  for (const entry of listAt(uv, 'index')) addIndex(entry, `${prefix}index`, content);
  for (const key of ['index-url', 'extra-index-url', 'find-links', 'allow-insecure-host']) {
    for (const url of textsOf(uv[key]))
      content.settings.push({ kind: 'registry', key: `${prefix}${key} ${url}`, value: url });
  }
  addHooks(uv, ['index-strategy', 'no-verify-hashes'], prefix.replace(/\.$/, ''), content);
  for (const key of ['override-dependencies', 'constraint-dependencies', 'build-constraint-dependencies']) {
    for (const asked of textsOf(uv[key])) {
      const name = fromRequirement(asked, '')?.key ?? asked;
      content.settings.push({ kind: 'override', key: `${prefix}${key} ${name}`, value: asked });
    }
  }
  for (const [name, entry] of Object.entries(recordAt(uv, 'sources'))) {
    for (const fields of (Array.isArray(entry) ? entry : [entry]).filter(isRecord)) {
      const place = ['git', 'url', 'path', 'index'].flatMap((key) => textAt(fields, key) ?? [])[0];
      const of = textAt(fields, 'rev') ?? textAt(fields, 'tag') ?? textAt(fields, 'branch');
      if (place !== undefined)
        content.settings.push({
          kind: 'override',
          key: `${prefix}sources ${pythonName(name)}`,
          value: of === null ? place : `${place}@${of}`,
        });
    }
  }
}

/** uv.toml: what pyproject.toml has under `tool.uv`. */
export const readUvConfiguration: FileReader = (path, text) => {
  const content = emptyContent(path, 'pypi', 'configuration');
  const { value, problems } = parseToml(text);
  if (value === undefined) return { ...content, problems };
  readUv(value, '', content);
  readUv(recordAt(value, 'pip'), 'pip.', content);
  return content;
};

function readPdm(pdm: JsonRecord, content: FileContent): void {
  addLists(recordAt(pdm, 'dev-dependencies'), 'tool.pdm.dev-dependencies', true, content);
  addList(pdm.plugins, 'tool.pdm.plugins', true, content);
  for (const entry of listAt(pdm, 'source')) addIndex(entry, 'tool.pdm.source', content);
  for (const [name, wanted] of Object.entries(recordAt(recordAt(pdm, 'resolution'), 'overrides'))) {
    const value = typeof wanted === 'string' ? wanted : shown(wanted);
    content.settings.push({ kind: 'override', key: `tool.pdm.resolution.overrides ${pythonName(name)}`, value });
  }
  for (const [name, script] of Object.entries(recordAt(pdm, 'scripts'))) {
    // Names like these are called by PDM itself.
    if (/^(?:pre|post)_/.test(name))
      content.settings.push({
        kind: 'install_script',
        key: `tool.pdm.scripts.${name}`,
        value: typeof script === 'string' ? script : shown(script),
      });
  }
}

function readHatch(hatch: JsonRecord, content: FileContent): void {
  for (const [name, environment] of Object.entries(recordAt(hatch, 'envs'))) {
    if (!isRecord(environment)) continue;
    for (const key of ['dependencies', 'extra-dependencies'])
      addList(environment[key], `tool.hatch.envs.${name}.${key}`, true, content);
  }
  addHooks(recordAt(hatch, 'build'), ['hooks'], 'tool.hatch.build', content);
  addHooks(recordAt(hatch, 'metadata'), ['hooks'], 'tool.hatch.metadata', content);
}

export function addIndex(entry: unknown, key: string, content: FileContent): void {
  if (!isRecord(entry)) return;
  const url = textAt(entry, 'url');
  if (url !== null)
    content.settings.push({ kind: 'registry', key: `${key} ${textAt(entry, 'name') ?? url}`, value: url });
}

/** setup.cfg: what setup.py would ask for. */
export const readSetupCfg: FileReader = (path, text) => {
  const content = emptyContent(path, 'pypi', 'manifest');
  for (const { section, key, value } of parseIni(text, { goesOn: true, separators: '=:' })) {
    const isRequired = section === 'options' && /^(?:install|setup|tests)_requires$/.test(key);
    if (isRequired || section === 'options.extras_require') {
      const lines = value.split('\n').flatMap((line) => line.replace(/(?:^|\s)#.*$/, '').trim() || []);
      addList(lines, isRequired ? key : `${section}.${key}`, key === 'tests_requires', content);
    } else if (section === 'options' && key === 'cmdclass')
      content.settings.push({ kind: 'build_hook', key: 'options.cmdclass', value });
    else if (key === 'index_url' || key === 'index-url' || key === 'find_links')
      content.settings.push({ kind: 'registry', key: `${section}.${key}`, value });
  }
  return content;
};

/** setup.py is a program that runs on installing: its text is the fact. */
export const readSetupPy: FileReader = (path, text) => {
  const content = emptyContent(path, 'pypi', 'manifest');
  content.settings.push({ kind: 'build_hook', key: 'setup.py', value: text });
  const counts = new Map<string, number>();
  for (const [what] of text.matchAll(
    /cmdclass\s{0,9}=|subprocess\.|os\.system|exec\(|eval\(|urllib|requests\.get|base64/g,
  )) {
    const count = (counts.get(what) ?? 0) + 1;
    counts.set(what, count);
    // Numbered, so that a line put in above is no change of those below.
    content.settings.push({
      kind: 'install_script',
      key: `setup.py ${what}${count === 1 ? '' : ` (${count})`}`,
      value: what,
    });
  }
  return content;
};
