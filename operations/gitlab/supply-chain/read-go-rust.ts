import { type Dependency, dependency, emptyContent, type FileContent, type FileReader, sourceOf } from './dependency';
import { isRecord, type JsonRecord, listAt, recordAt, shown, textAt } from './json-text';
import { parseToml } from './toml-text';

/** go.mod and go.work: what is required, and what stands in for it. */
export const readGoMod: FileReader = (path, text) => {
  const content = emptyContent(path, 'golang', 'manifest');
  let block: string | undefined;
  for (const [index, raw] of text.split('\n').entries()) {
    const isIndirect = /\/\/\s*indirect\b/.test(raw);
    const line = raw.replace(/\/\/.*$/, '').trim();
    if (line === '') continue;
    if (line === ')') {
      block = undefined;
      continue;
    }
    const opened = /^(require|replace|exclude|retract|tool|godebug|ignore|use)\s*\($/.exec(line);
    if (opened !== null) {
      block = opened[1];
      continue;
    }
    const single = /^(require|replace|exclude|retract|tool|toolchain|go|module|godebug|ignore|use)\s+(.+)$/.exec(line);
    const directive = block ?? single?.[1];
    const rest = block === undefined ? (single?.[2] ?? '') : line;
    if (directive === 'require') {
      const [name = '', version = null] = rest.split(/\s+/).map(unquotedPath);
      content.dependencies.push(
        dependency({
          ecosystem: 'golang',
          name,
          version,
          isDirect: !isIndirect,
          source: { type: 'registry', url: null },
          key: `require ${name}`,
        }),
      );
    } else if (directive === 'replace') {
      const [from = '', to = ''] = rest.split('=>').map((part) => part.trim().split(/\s+/).map(unquotedPath).join(' '));
      content.settings.push({ kind: 'override', key: `replace ${from}`, value: to });
    } else if (directive === 'tool') {
      content.settings.push({ kind: 'build_hook', key: `tool ${unquotedPath(rest)}`, value: unquotedPath(rest) });
    } else if (directive === 'toolchain') {
      content.settings.push({ kind: 'distribution', key: 'toolchain', value: rest });
    } else if (directive === undefined)
      content.problems.push(`line ${index + 1}: "${line.slice(0, 80)}" is no directive`);
  }
  return content;
};

/** Paths may stand in quotes of either kind. */
function unquotedPath(text: string): string {
  return /^(["`]).*\1$/s.test(text) && text.length > 1 ? text.slice(1, -1) : text;
}

/** go.sum: checksums of modules and of their go.mod files. */
export const readGoSum: FileReader = (path, text) => {
  const content = emptyContent(path, 'golang', 'lockfile');
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const match = /^(\S+)\s+(v[^\s/]+)(\/go\.mod)?\s+(h\d+:\S+)\s*$/.exec(line);
    if (match === null) {
      content.problems.push(`line ${index + 1}: "${line.slice(0, 80)}" is no checksum`);
      continue;
    }
    const [, name = '', version = '', ofMod = '', hash = ''] = match;
    content.dependencies.push(
      dependency({
        ecosystem: 'golang',
        name,
        version,
        source: { type: 'registry', url: null },
        integrity: [hash],
        key: `${name} ${version}${ofMod}`,
      }),
    );
  }
  return content;
};

/** Cargo.toml. */
export const readCargoToml: FileReader = (path, text) => {
  const content = emptyContent(path, 'cargo', 'manifest');
  const { value, problems } = parseToml(text);
  if (value === undefined) return { ...content, problems };
  const tables = (record: JsonRecord, prefix: string) => {
    for (const [group, isDevelopment] of [
      ['dependencies', false],
      ['build-dependencies', false],
      ['dev-dependencies', true],
      // As Cargo took them at first, and still does for older editions.
      ['build_dependencies', false],
      ['dev_dependencies', true],
    ] as const) {
      for (const [name, wanted] of Object.entries(recordAt(record, group))) {
        content.dependencies.push(crate(name, wanted, isDevelopment, `${prefix}${group} ${name}`));
      }
    }
  };
  tables(value, '');
  tables(recordAt(value, 'workspace'), 'workspace.');
  for (const [target, entry] of Object.entries(recordAt(value, 'target'))) {
    if (isRecord(entry)) tables(entry, `target ${target} `);
  }
  addPatches(value, content);
  const build = textAt(recordAt(value, 'package'), 'build');
  if (build !== null) content.settings.push({ kind: 'build_hook', key: 'package.build', value: build });
  return content;
};

/** What stands in for crates: by registry, and in the older `[replace]` by name and version. */
function addPatches(value: JsonRecord, content: FileContent): void {
  const lists: [string, JsonRecord][] = [
    ...Object.entries(recordAt(value, 'patch')).map(([registry, entries]): [string, JsonRecord] => [
      `patch ${registry}`,
      isRecord(entries) ? entries : {},
    ]),
    ['replace', recordAt(value, 'replace')],
  ];
  for (const [list, entries] of lists) {
    for (const [name, wanted] of Object.entries(entries)) {
      const replacement = typeof wanted === 'string' ? wanted : shown(wanted);
      content.settings.push({ kind: 'override', key: `${list} ${name}`, value: replacement });
    }
  }
}

function crate(name: string, wanted: unknown, isDevelopment: boolean, key: string): Dependency {
  const fields = isRecord(wanted) ? wanted : {};
  const git = textAt(fields, 'git');
  const folder = textAt(fields, 'path');
  // In front of the version, which a repository may keep while it moves.
  const takenFrom = git === null ? null : (textAt(fields, 'rev') ?? textAt(fields, 'tag') ?? textAt(fields, 'branch'));
  const registry = textAt(fields, 'registry') ?? textAt(fields, 'registry-index');
  return dependency({
    ecosystem: 'cargo',
    name: textAt(fields, 'package') ?? name,
    version: typeof wanted === 'string' ? wanted : (takenFrom ?? textAt(fields, 'version')),
    isDirect: true,
    isDevelopment,
    source:
      git !== null
        ? { type: 'git', url: git }
        : folder !== null
          ? { type: 'file', url: folder }
          : { type: 'registry', url: registry },
    key,
  });
}

/** Cargo.lock: a package without a source is the project's own. */
export const readCargoLock: FileReader = (path, text) => {
  const content = emptyContent(path, 'cargo', 'lockfile');
  const { value, problems } = parseToml(text);
  if (value === undefined) return { ...content, problems };
  const metadata = recordAt(value, 'metadata');
  for (const [index, entry] of listAt(value, 'package').entries()) {
    const name = isRecord(entry) ? textAt(entry, 'name') : null;
    if (!isRecord(entry) || name === null) {
      content.problems.push(`package[${index}] has no name`);
      continue;
    }
    const version = textAt(entry, 'version');
    const origin = textAt(entry, 'source');
    if (origin === null) continue;
    const hash = textAt(entry, 'checksum') ?? textAt(metadata, `checksum ${name} ${version} (${origin})`);
    const url = origin.replace(/^(?:registry|sparse)\+/, '');
    content.dependencies.push(
      dependency({
        ecosystem: 'cargo',
        name,
        version,
        source: /^(?:registry|sparse)\+/.test(origin) ? { type: 'registry', url } : sourceOf(origin),
        integrity: hash === null ? [] : [`sha256-${hash}`],
        key: `package ${name} ${version ?? ''}`.trim(),
      }),
    );
  }
  return content;
};

/** .cargo/config.toml: registries, sources that replace others, and programs that run in place of the compiler. */
export const readCargoConfiguration: FileReader = (path, text) => {
  const content = emptyContent(path, 'cargo', 'configuration');
  const { value, problems } = parseToml(text);
  if (value === undefined) return { ...content, problems };
  for (const [name, entry] of Object.entries(recordAt(value, 'source'))) {
    if (!isRecord(entry)) continue;
    for (const key of ['replace-with', 'registry', 'git', 'directory', 'local-registry']) {
      const address = textAt(entry, key);
      if (address !== null) content.settings.push({ kind: 'registry', key: `source.${name}.${key}`, value: address });
    }
  }
  for (const [name, entry] of Object.entries(recordAt(value, 'registries'))) {
    const index = isRecord(entry) ? textAt(entry, 'index') : null;
    if (index !== null) content.settings.push({ kind: 'registry', key: `registries.${name}`, value: index });
  }
  const build = recordAt(value, 'build');
  for (const key of ['rustc-wrapper', 'rustc', 'rustc-workspace-wrapper']) {
    const program = textAt(build, key);
    if (program !== null) content.settings.push({ kind: 'build_hook', key: `build.${key}`, value: program });
  }
  for (const [target, entry] of Object.entries(recordAt(value, 'target'))) {
    for (const key of ['linker', 'runner']) {
      const program = isRecord(entry) && Object.hasOwn(entry, key) ? entry[key] : undefined;
      if (program === undefined) continue;
      const words = typeof program === 'string' ? program : shown(program);
      content.settings.push({ kind: 'build_hook', key: `target.${target}.${key}`, value: words });
    }
  }
  addPatches(value, content);
  return content;
};

/** build.rs is a program that runs when the crate is built. */
export const readBuildRs: FileReader = (path, text) => {
  const content = emptyContent(path, 'cargo', 'manifest');
  content.settings.push({ kind: 'build_hook', key: 'build.rs', value: text });
  return content;
};
