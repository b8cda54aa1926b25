import { dependency, emptyContent, type FileContent, type FileReader, sourceOf } from './dependency';
import { parseIni, unquoted } from './ini-text';
import { isRecord, listAt, textAt, textsOf } from './json-text';
import { parseYaml } from './yaml-text';

/** .gitmodules: where the code of a submodule comes from, and which of it is taken. Names of sections and keys have no case. */
export const readGitmodules: FileReader = (path, text) => {
  const content = emptyContent(path, 'git_submodule', 'manifest');
  const fields = new Map<string, Map<string, string>>();
  for (const { section, key, value } of parseIni(text)) {
    const name = /^submodule\s+"((?:[^"\\]|\\.)*)"$/i.exec(section)?.[1]?.replace(/\\(.)/g, '$1');
    if (name === undefined) continue;
    const own = fields.get(name) ?? new Map<string, string>();
    fields.set(name, own.set(key.toLowerCase(), gitValue(value)));
  }
  for (const [submodule, own] of fields) {
    const url = own.get('url');
    const update = own.get('update');
    // Older Gits ran what stands behind the mark.
    if (update?.startsWith('!'))
      content.settings.push({ kind: 'build_hook', key: `submodule ${submodule} update`, value: update.slice(1) });
    if (url === undefined) {
      content.problems.push(`submodule ${submodule} has no url`);
      continue;
    }
    const source = sourceOf(url);
    content.dependencies.push(
      dependency({
        ecosystem: 'git_submodule',
        name: submodule,
        version: own.get('branch') ?? null,
        isDirect: true,
        source: source.type === 'file' ? source : { type: 'git', url },
        key: `submodule ${submodule}`,
      }),
    );
  }
  return content;
};

/** As Git reads it: quotes come off, and a comment behind it too. */
function gitValue(value: string): string {
  if (value.startsWith('"')) return unquoted(value.replace(/\s[#;][^"]*$/, '').trim());
  return value.replace(/\s[#;].*$/, '').trim();
}

/** .pre-commit-config.yaml: code that runs on the machines of everybody who commits: repositories, what they install, and commands. */
export const readPreCommit: FileReader = (path, text) => {
  const content = emptyContent(path, 'git_submodule', 'manifest');
  const { value, problems } = parseYaml(text);
  content.problems.push(...problems);
  if (!isRecord(value) && value !== null && value !== undefined) content.problems.push('it is not a YAML mapping');
  for (const entry of isRecord(value) ? listAt(value, 'repos') : []) {
    const repository = isRecord(entry) ? textAt(entry, 'repo') : null;
    if (!isRecord(entry) || repository === null) continue;
    addHooks(repository, listAt(entry, 'hooks'), content);
    if (repository === 'local' || repository === 'meta') continue;
    content.dependencies.push(
      dependency({
        ecosystem: 'git_submodule',
        name: repository,
        version: textAt(entry, 'rev'),
        isDirect: true,
        isDevelopment: true,
        source: { type: 'git', url: repository },
        key: `repos ${repository}`,
      }),
    );
  }
  return content;
};

/** Commands that a hook is given here, and packages that are installed for it. */
function addHooks(repository: string, hooks: readonly unknown[], content: FileContent): void {
  for (const hook of hooks.filter(isRecord)) {
    const key = `hook ${textAt(hook, 'id') ?? ''} of ${repository}`;
    const entry = textAt(hook, 'entry');
    if (entry !== null) content.settings.push({ kind: 'build_hook', key, value: entry });
    for (const wanted of textsOf(hook.additional_dependencies)) {
      const name = wanted.split(/(?<=.)[\s<>=!~@;[]/)[0] ?? wanted;
      content.settings.push({ kind: 'build_hook', key: `${key} installs ${name}`, value: wanted });
    }
  }
}

/** Files that run by themselves: git hooks, pnpm's hook file, a Makefile. Their text is the fact. */
export const readHookFile: FileReader = (path, text) => {
  const content = emptyContent(path, 'npm', 'configuration');
  content.settings.push({ kind: 'build_hook', key: path, value: text });
  return content;
};

/** binding.gyp makes npm build a native part on installing, with whatever its actions run, without any script in package.json. */
export const readBindingGyp: FileReader = (path, text) => {
  const content = emptyContent(path, 'npm', 'configuration');
  content.settings.push({ kind: 'install_script', key: 'binding.gyp', value: text });
  return content;
};

/** CODEOWNERS: who has to approve what. */
export const readCodeowners: FileReader = (path, text) => {
  const content = emptyContent(path, 'gitlab_ci', 'configuration');
  for (const raw of text.split('\n')) {
    const line = raw.replace(/(^|\s)#.*$/, '').trim();
    if (line === '') continue;
    // `[Section][2] @owner`, with a `^` in front where it is optional: who owns what has no owner of its own below.
    const section = /^\^?\[([^\]]*)\](?:\[(\d+)\])?(.*)$/.exec(line);
    if (section !== null) {
      const owners = wordsOf(section[3] ?? '');
      const key = `section ${section[1] ?? ''}`;
      if (owners.length > 0)
        content.settings.push({ kind: 'verification', key: `owners of ${key}`, value: owners.join(' ') });
      if (section[2] !== undefined)
        content.settings.push({ kind: 'verification', key: `approvals of ${key}`, value: section[2] });
      continue;
    }
    // A blank in a pattern is written with a backslash.
    const [pattern = '', ...owners] = line.split(/(?<!\\)\s+/);
    content.settings.push({ kind: 'verification', key: `owners of ${pattern}`, value: owners.join(' ') });
  }
  return content;
};

const wordsOf = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '');

/** .gitattributes: marks that keep a file's changes from being shown. */
export const readGitattributes: FileReader = (path, text) => {
  const content = emptyContent(path, 'gitlab_ci', 'configuration');
  for (const raw of text.split('\n')) {
    const line = raw.trim();
    if (/\s(?:gitlab-generated|linguist-generated|-diff|binary)\b/.test(line)) {
      content.settings.push({ kind: 'verification', key: `hidden from review: ${line}`, value: line });
    }
  }
  return content;
};
