import {
  type Dependency,
  dependency,
  emptyContent,
  type FileContent,
  type FileReader,
  type Source,
  sourceOf,
} from './dependency';
import { isRecord, type JsonRecord, listAt, parseRecord, recordAt, textAt, textsOf } from './json-text';
import { parseToml } from './toml-text';

/** Names compare without case, and with `-`, `_` and `.` alike (PEP 503). */
export function pythonName(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, '-');
}

const requirement = /^([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*(.*)$/s;

/** requirements.txt and constraints: one requirement a line, options between them. */
export const readRequirements: FileReader = (path, text) => {
  const content = emptyContent(path, 'pypi', 'manifest');
  let isPinned = true;
  for (const { line, number } of logicalLines(text)) {
    const option = /^(-{1,2}[a-z-]+)(?:[=\s]+(.*))?$/i.exec(line);
    if (option !== null) {
      readOption(option[1] ?? '', option[2] ?? '', number, content);
      continue;
    }
    const hashes = [...line.matchAll(/--hash[=\s]+([a-z0-9]+:[0-9a-f]+)/gi)].map((match) => match[1] ?? '');
    const plain = line.replace(/\s--hash[=\s]+\S+/gi, '').trim();
    const found = fromRequirement(plain, `line ${number}`);
    if (found === undefined) {
      content.problems.push(`line ${number}: "${plain.slice(0, 80)}" is no requirement`);
      continue;
    }
    isPinned &&= /^==/.test(found.version ?? '') || hashes.length > 0;
    content.dependencies.push({ ...found, integrity: hashes });
  }
  // What `pip freeze` and `pip-compile` write pins everything: it says what is installed.
  return { ...content, role: isPinned && content.dependencies.length > 0 ? 'lockfile' : 'manifest' };
};

/** Comments off, lines that end in a backslash joined. */
function logicalLines(text: string): { line: string; number: number }[] {
  const lines: { line: string; number: number }[] = [];
  let open = '';
  let from = 0;
  for (const [index, raw] of text.split('\n').entries()) {
    if (open === '') from = index + 1;
    const line = raw.replace(/\r$/, '').replace(/(?:^|\s)#.*$/, '');
    if (line.endsWith('\\')) {
      open += line.slice(0, -1);
      continue;
    }
    const whole = (open + line).trim();
    open = '';
    if (whole !== '') lines.push({ line: whole, number: from });
  }
  if (open.trim() !== '') lines.push({ line: open.trim(), number: from });
  return lines;
}

function readOption(name: string, value: string, number: number, content: FileContent): void {
  const plain = value.trim();
  if (/^(?:-i|--index-url|--pypi-url|--extra-index-url|-f|--find-links|--trusted-host)$/.test(name)) {
    content.settings.push({ kind: 'registry', key: `${name} ${plain}`, value: plain });
  } else if (name === '-e' || name === '--editable') {
    const found = fromRequirement(plain, `line ${number}`);
    if (found !== undefined) content.dependencies.push(found);
  } else if (name === '-r' || name === '--requirement' || name === '-c' || name === '--constraint') {
    content.settings.push({ kind: 'build_hook', key: `${name} ${plain}`, value: plain });
  }
}

/** A PEP 508 requirement, or an address with the name behind `#egg=`. */
export function fromRequirement(
  text: string,
  key: string,
  isDevelopment: boolean | null = null,
): Dependency | undefined {
  const withoutMarker = text.replace(/\s*;.*$/s, '').trim();
  const address = sourceOf(withoutMarker);
  if (address.type !== 'unknown') {
    const named = /[#&]egg=([A-Za-z0-9._-]+)/.exec(withoutMarker)?.[1];
    const last = /([A-Za-z0-9._-]+?)(?:\.git|\.tar\.gz|\.zip|\.whl)?(?:[@#?].*)?$/.exec(withoutMarker)?.[1];
    return dependency({
      ecosystem: 'pypi',
      name: pythonName(named ?? last ?? withoutMarker),
      isDirect: true,
      isDevelopment,
      source: address,
      key,
    });
  }
  const match = requirement.exec(withoutMarker);
  if (match?.[1] === undefined) return undefined;
  const rest = (match[2] ?? '').trim();
  const url = /^@\s*(\S+)/.exec(rest)?.[1];
  return dependency({
    ecosystem: 'pypi',
    name: pythonName(match[1]),
    version: url === undefined && rest !== '' ? rest.replace(/^\((.*)\)$/, '$1') : null,
    isDirect: true,
    isDevelopment,
    source: url === undefined ? { type: 'registry', url: null } : sourceOf(url),
    key,
  });
}

/** pyproject.toml: requirements of the project and of its build, in PEP 621, Poetry's, PDM's and uv's places. */
export const readPyproject: FileReader = (path, text) => {
  const content = emptyContent(path, 'pypi', 'manifest');
  const { value, problems } = parseToml(text);
  if (value === undefined) return { ...content, problems };
  const add = (list: string[], key: string, isDevelopment: boolean) => {
    for (const [index, entry] of list.entries()) {
      const found = fromRequirement(entry, `${key}[${index}]`, isDevelopment);
      if (found === undefined) content.problems.push(`${key}[${index}] is no requirement`);
      else content.dependencies.push({ ...found, key: `${key} ${found.name}` });
    }
  };
  const project = recordAt(value, 'project');
  add(textsOf(project.dependencies), 'project.dependencies', false);
  for (const [extra, list] of Object.entries(recordAt(project, 'optional-dependencies'))) {
    add(textsOf(list), `project.optional-dependencies.${extra}`, false);
  }
  for (const [group, list] of Object.entries(recordAt(value, 'dependency-groups'))) {
    add(textsOf(list), `dependency-groups.${group}`, true);
  }
  // What builds the package runs on every machine that installs it from source.
  add(textsOf(recordAt(value, 'build-system').requires), 'build-system.requires', false);
  const backend = textAt(recordAt(value, 'build-system'), 'build-backend');
  if (backend !== null)
    content.settings.push({ kind: 'build_hook', key: 'build-system.build-backend', value: backend });
  const tool = recordAt(value, 'tool');
  readPoetry(recordAt(tool, 'poetry'), content);
  readUv(recordAt(tool, 'uv'), content, add);
  for (const entry of listAt(recordAt(tool, 'pdm'), 'source')) addIndex(entry, 'tool.pdm.source', content);
  return content;
};

function readPoetry(poetry: JsonRecord, content: FileContent): void {
  const groups: [string, JsonRecord, boolean][] = [
    ['dependencies', recordAt(poetry, 'dependencies'), false],
    ['dev-dependencies', recordAt(poetry, 'dev-dependencies'), true],
    ...Object.entries(recordAt(poetry, 'group')).map(([name, group]): [string, JsonRecord, boolean] => [
      `group.${name}`,
      isRecord(group) ? recordAt(group, 'dependencies') : {},
      true,
    ]),
  ];
  for (const [group, entries, isDevelopment] of groups) {
    for (const [name, wanted] of Object.entries(entries)) {
      if (name === 'python') continue;
      const fields = isRecord(wanted) ? wanted : {};
      const url = textAt(fields, 'git') ?? textAt(fields, 'url') ?? textAt(fields, 'path');
      content.dependencies.push(
        dependency({
          ecosystem: 'pypi',
          name: pythonName(name),
          version: typeof wanted === 'string' ? wanted : textAt(fields, 'version'),
          isDirect: true,
          isDevelopment,
          source: sourceOfFields(fields, url),
          key: `tool.poetry.${group} ${pythonName(name)}`,
        }),
      );
    }
  }
  for (const entry of listAt(poetry, 'source')) addIndex(entry, 'tool.poetry.source', content);
}

function sourceOfFields(fields: JsonRecord, url: string | null): Source {
  if (url === null) return { type: 'registry', url: null };
  if (textAt(fields, 'git') !== null) return { type: 'git', url };
  return textAt(fields, 'path') !== null ? { type: 'file', url } : sourceOf(url);
}

function readUv(uv: JsonRecord, content: FileContent, add: (list: string[], key: string, dev: boolean) => void): void {
  add(textsOf(uv['dev-dependencies']), 'tool.uv.dev-dependencies', true);
  for (const entry of listAt(uv, 'index')) addIndex(entry, 'tool.uv.index', content);
  for (const key of ['index-url', 'extra-index-url', 'find-links']) {
    for (const url of textsOf(uv[key]))
      content.settings.push({ kind: 'registry', key: `tool.uv.${key} ${url}`, value: url });
  }
  for (const [name, entry] of Object.entries(recordAt(uv, 'sources'))) {
    const fields = isRecord(entry) ? entry : {};
    const value = textAt(fields, 'git') ?? textAt(fields, 'url') ?? textAt(fields, 'path') ?? textAt(fields, 'index');
    if (value !== null) content.settings.push({ kind: 'override', key: `tool.uv.sources ${pythonName(name)}`, value });
  }
}

function addIndex(entry: unknown, key: string, content: FileContent): void {
  if (!isRecord(entry)) return;
  const url = textAt(entry, 'url');
  if (url !== null)
    content.settings.push({ kind: 'registry', key: `${key} ${textAt(entry, 'name') ?? url}`, value: url });
}

/** poetry.lock, uv.lock and pdm.lock: `[[package]]` tables. */
export const readPythonLock: FileReader = (path, text) => {
  const content = emptyContent(path, 'pypi', 'lockfile');
  const { value, problems } = parseToml(text);
  if (value === undefined) return { ...content, problems };
  const shared = recordAt(recordAt(value, 'metadata'), 'files');
  for (const [index, entry] of listAt(value, 'package').entries()) {
    const name = isRecord(entry) ? textAt(entry, 'name') : null;
    if (!isRecord(entry) || name === null) {
      content.problems.push(`package[${index}] has no name`);
      continue;
    }
    const source = lockSource(recordAt(entry, 'source'));
    // The project itself stands in uv.lock too.
    if (source.type === 'file' && (source.url === '.' || source.url === null)) continue;
    const version = textAt(entry, 'version');
    content.dependencies.push(
      dependency({
        ecosystem: 'pypi',
        name: pythonName(name),
        version,
        source,
        integrity: hashesOf([
          ...listAt(entry, 'files'),
          entry.sdist,
          ...listAt(entry, 'wheels'),
          ...listAt(shared, name),
        ]),
        key: `package ${pythonName(name)} ${version ?? ''}`.trim(),
      }),
    );
  }
  return content;
};

function lockSource(source: JsonRecord): Source {
  const url = textAt(source, 'url') ?? textAt(source, 'registry') ?? textAt(source, 'git');
  const type = textAt(source, 'type');
  if (textAt(source, 'git') !== null || type === 'git') return { type: 'git', url };
  if (textAt(source, 'registry') !== null || type === 'legacy' || type === 'pypi') return { type: 'registry', url };
  for (const key of ['editable', 'virtual', 'directory', 'path']) {
    const path = textAt(source, key);
    if (path !== null) return { type: 'file', url: path };
  }
  if (type === 'file' || type === 'directory') return { type: 'file', url };
  return url === null ? { type: 'registry', url: null } : sourceOf(url);
}

function hashesOf(files: unknown[]): string[] {
  const hashes = files.flatMap((file) => (isRecord(file) ? [textAt(file, 'hash')] : []));
  return [...new Set(hashes.filter((hash): hash is string => hash !== null))].sort();
}

/** Pipfile.lock: `default` and `develop`, with the indexes in `_meta`. */
export const readPipfileLock: FileReader = (path, text) => {
  const content = emptyContent(path, 'pypi', 'lockfile');
  const lock = parseRecord(text);
  if (lock === undefined) return { ...content, problems: ['it is not a JSON object'] };
  for (const group of ['default', 'develop']) {
    for (const [name, entry] of Object.entries(recordAt(lock, group))) {
      const fields = isRecord(entry) ? entry : {};
      const url = textAt(fields, 'git') ?? textAt(fields, 'file') ?? textAt(fields, 'path');
      content.dependencies.push(
        dependency({
          ecosystem: 'pypi',
          name: pythonName(name),
          version: textAt(fields, 'version')?.replace(/^==/, '') ?? textAt(fields, 'ref'),
          isDevelopment: group === 'develop',
          source: url === null ? { type: 'registry', url: null } : sourceOfFields(fields, url),
          integrity: textsOf(fields.hashes).sort(),
          key: `${group}["${name}"]`,
        }),
      );
    }
  }
  for (const entry of listAt(recordAt(lock, '_meta'), 'sources')) addIndex(entry, '_meta.sources', content);
  return content;
};

/** Pipfile: like Poetry's tables, with `[[source]]`. */
export const readPipfile: FileReader = (path, text) => {
  const content = emptyContent(path, 'pypi', 'manifest');
  const { value, problems } = parseToml(text);
  if (value === undefined) return { ...content, problems };
  for (const [group, isDevelopment] of [
    ['packages', false],
    ['dev-packages', true],
  ] as const) {
    for (const [name, wanted] of Object.entries(recordAt(value, group))) {
      const fields = isRecord(wanted) ? wanted : {};
      const url = textAt(fields, 'git') ?? textAt(fields, 'file') ?? textAt(fields, 'path');
      content.dependencies.push(
        dependency({
          ecosystem: 'pypi',
          name: pythonName(name),
          version: typeof wanted === 'string' ? wanted : textAt(fields, 'version'),
          isDirect: true,
          isDevelopment,
          source: url === null ? { type: 'registry', url: null } : sourceOfFields(fields, url),
          key: `${group}["${name}"]`,
        }),
      );
    }
  }
  for (const entry of listAt(value, 'source')) addIndex(entry, 'source', content);
  return content;
};

/** pip.conf, pip.ini, .pypirc and uv.toml's cousin: which index is asked. */
export const readPipConfiguration: FileReader = (path, text) => {
  const content = emptyContent(path, 'pypi', 'configuration');
  for (const line of text.split('\n')) {
    const match = /^\s*(index-url|extra-index-url|find-links|trusted-host|repository)\s*[=:]\s*(\S.*?)\s*$/i.exec(line);
    if (match !== null) {
      const [, key = '', value = ''] = match;
      content.settings.push({ kind: 'registry', key: `${key.toLowerCase()} ${value}`, value });
    }
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
