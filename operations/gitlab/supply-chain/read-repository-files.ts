import { dependency, emptyContent, type FileReader, sourceOf } from './dependency';
import { isRecord, listAt, textAt } from './json-text';
import { parseYaml } from './yaml-text';

/** .gitmodules: where the code of a submodule comes from. */
export const readGitmodules: FileReader = (path, text) => {
  const content = emptyContent(path, 'git_submodule', 'manifest');
  let name: string | undefined;
  const fields = new Map<string, { url?: string; branch?: string }>();
  for (const line of text.split('\n')) {
    const section = /^\s*\[submodule\s+"([^"]*)"\]/.exec(line);
    if (section !== null) {
      name = section[1] ?? '';
      fields.set(name, {});
      continue;
    }
    const field = /^\s*(url|branch)\s*=\s*(.*?)\s*$/.exec(line);
    if (field === null || name === undefined) continue;
    fields.set(name, { ...fields.get(name), [field[1] as 'url' | 'branch']: field[2] });
  }
  for (const [submodule, { url, branch }] of fields) {
    if (url === undefined) {
      content.problems.push(`submodule ${submodule} has no url`);
      continue;
    }
    const source = sourceOf(url);
    content.dependencies.push(
      dependency({
        ecosystem: 'git_submodule',
        name: submodule,
        version: branch ?? null,
        isDirect: true,
        source: source.type === 'file' ? source : { type: 'git', url },
        key: `submodule ${submodule}`,
      }),
    );
  }
  return content;
};

/** .pre-commit-config.yaml: repositories whose code runs on the machines of everybody who commits. */
export const readPreCommit: FileReader = (path, text) => {
  const content = emptyContent(path, 'git_submodule', 'manifest');
  const { value, problems } = parseYaml(text);
  content.problems.push(...problems);
  for (const entry of isRecord(value) ? listAt(value, 'repos') : []) {
    const repository = isRecord(entry) ? textAt(entry, 'repo') : null;
    if (!isRecord(entry) || repository === null || repository === 'local' || repository === 'meta') continue;
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
    if (line === '' || line.startsWith('[') || line.startsWith('^[')) continue;
    const [pattern = '', ...owners] = line.split(/\s+/);
    content.settings.push({ kind: 'verification', key: `owners of ${pattern}`, value: owners.join(' ') });
  }
  return content;
};

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
