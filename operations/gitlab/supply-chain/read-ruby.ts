import { type Dependency, dependency, emptyContent, type FileReader } from './dependency';

/** Gemfile.lock: GEM, GIT and PATH parts with their remotes, then DEPENDENCIES and CHECKSUMS. */
export const readGemfileLock: FileReader = (path, text) => {
  const content = emptyContent(path, 'gem', 'lockfile');
  let part = '';
  let remote: string | null = null;
  let revision: string | null = null;
  const direct = new Set<string>();
  const checksums = new Map<string, string[]>();
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    if (/^[A-Z]/.test(line)) {
      part = line.trim();
      remote = null;
      revision = null;
    } else if (line.startsWith('  remote: ')) {
      remote = line.slice('  remote: '.length).trim();
      if (part === 'GEM') content.settings.push({ kind: 'registry', key: `GEM ${remote}`, value: remote });
    } else if (line.startsWith('  revision: ')) revision = line.slice('  revision: '.length).trim();
    else if (part === 'DEPENDENCIES') {
      const name = /^ {2}([^\s!(]+)/.exec(line)?.[1];
      if (name !== undefined) direct.add(name);
    } else if (part === 'CHECKSUMS') {
      const sum = /^ {2}(\S+) \((\S+)\)(?: (\S+))?/.exec(line);
      if (sum?.[3] !== undefined)
        checksums.set(
          `${sum[1]} ${sum[2]}`,
          sum[3].split(',').map((hash) => hash.replace('=', '-')),
        );
    } else if (part === 'BUNDLED WITH') {
      // Bundler installs this version of itself and goes on with it.
      content.dependencies.push(locked('bundler', line.trim(), 'registry', null, 'BUNDLED WITH'));
    } else {
      const spec = /^ {4}([^\s()]+) \(([^()]+)\)/.exec(line);
      if (spec !== null) {
        const [, name = '', version = ''] = spec;
        const type = part === 'GIT' ? 'git' : part === 'PATH' ? 'file' : 'registry';
        const url = type === 'git' && revision !== null ? `${remote ?? ''}#${revision}` : remote;
        content.dependencies.push(locked(name, version, type, url, `${part} ${name} ${version}`));
      } else if (/^ {4}[^ ]/.test(line))
        content.problems.push(`line ${index + 1}: "${line.trim().slice(0, 80)}" is no entry`);
    }
  }
  if (content.dependencies.length === 0 && text.trim() !== '') content.problems.push('it has no specs');
  content.dependencies = content.dependencies.map((gem) => ({
    ...gem,
    isDirect: direct.has(gem.name),
    integrity: checksums.get(`${gem.name} ${gem.version}`) ?? [],
  }));
  return content;
};

function locked(
  name: string,
  version: string,
  type: Dependency['source']['type'],
  url: string | null,
  key: string,
): Dependency {
  return dependency({ ecosystem: 'gem', name, version, source: { type, url }, key });
}

/** What a block of a Gemfile says about the gems in it. */
interface Block {
  source?: Dependency['source'];
  isDevelopment?: boolean;
}

/** A line longer than this is not one that a person wrote, and is not searched. */
const longestLine = 4_000;

/** Gemfile is a program; its usual lines and blocks are read, and a gem whose name is computed is told. */
export const readGemfile: FileReader = (path, text) => {
  const content = emptyContent(path, 'gem', 'manifest');
  const blocks: Block[] = [];
  for (const { line, number } of statementsOf(text)) {
    if (line.length > longestLine) {
      content.problems.push(`line ${number} is too long`);
      continue;
    }
    const opens = /\bdo(?: ?\|[^|]*\|)?$/.test(line);
    const word = /^[a-z_]+/.exec(line)?.[0] ?? '';
    const [first] = quotedOf(line);
    if (word === 'source' && first !== undefined) {
      content.settings.push({ kind: 'registry', key: `source ${first}`, value: first });
      if (opens) blocks.push({ source: { type: 'registry', url: first } });
    } else if (word === 'eval_gemfile') {
      content.settings.push({ kind: 'build_hook', key: `eval_gemfile ${first ?? line}`, value: line });
    } else if (word === 'gem' || word === 'plugin') {
      if (first === undefined || !/^(?:gem|plugin) ?\(? ?(?:["']|%q)/.test(line))
        content.problems.push(`line ${number}: the name in "${line.slice(0, 80)}" is computed`);
      else content.dependencies.push(gemOf(word, first, line, blocks));
    } else if (opens) blocks.push(blockOf(word, line, first));
    else if (/^(?:if|unless|case|begin|while|until|def|class|module)\b/.test(line) && !/\bend$/.test(line))
      blocks.push({});
    else if (line === 'end') blocks.pop();
  }
  return content;
};

/** Comments off, white space evened out, lines that end in a comma joined. */
function statementsOf(text: string): { line: string; number: number }[] {
  const statements: { line: string; number: number }[] = [];
  let open = '';
  let from = 0;
  for (const [index, raw] of text.split('\n').entries()) {
    if (raw.startsWith('__END__')) break;
    const line = raw
      .replace(/(?:^|\s)#(?!\{).*$/, '')
      .replace(/\s+/g, ' ')
      .trim();
    if (line === '') continue;
    if (open === '') from = index + 1;
    open += open === '' ? line : ` ${line}`;
    if (/[,(\\]$/.test(line) && open.length < longestLine) {
      open = open.replace(/\\$/, '');
      continue;
    }
    statements.push({ line: open, number: from });
    open = '';
  }
  if (open !== '') statements.push({ line: open, number: from });
  return statements;
}

function quotedOf(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|'([^']*)'|%q[({[]([^)}\]]*)[)}\]]/g)].map(
    (match) => match[1] ?? match[2] ?? match[3] ?? '',
  );
}

function blockOf(word: string, line: string, first: string | undefined): Block {
  if (word === 'group') return { isDevelopment: !/:(?:default|production)\b/.test(line) };
  if (word === 'git' && first !== undefined) return { source: { type: 'git', url: first } };
  if (word === 'github' && first !== undefined) return { source: { type: 'git', url: forge('github', first) } };
  return word === 'path' && first !== undefined ? { source: { type: 'file', url: first } } : {};
}

const forges: Record<string, string> = {
  github: 'https://github.com/',
  gitlab: 'https://gitlab.com/',
  bitbucket: 'https://bitbucket.org/',
  gist: 'https://gist.github.com/',
};

function forge(kind: string, name: string): string {
  return `${forges[kind] ?? ''}${name.includes('/') || kind === 'gist' ? name : `${name}/${name}`}`;
}

function gemOf(word: string, name: string, line: string, blocks: readonly Block[]): Dependency {
  const option = (keys: string): [string, string] | undefined => {
    const match = new RegExp(`[\\s,("':](${keys})["']?(?:: ?| ?=> ?)["']([^"']*)["']`).exec(line);
    return match === null ? undefined : [match[1] ?? '', match[2] ?? ''];
  };
  const git = option('git|github|gitlab|bitbucket|gist');
  const folder = option('path');
  const own = option('source');
  const versions = [...line.matchAll(/, ?["']([^"']*)["'](?= ?(?:,|\)|$|if\b|unless\b))/g)].map(
    (match) => match[1] ?? '',
  );
  const around = blocks.findLast(({ source }) => source !== undefined)?.source;
  const source: Dependency['source'] =
    git !== undefined
      ? { type: 'git', url: git[0] === 'git' ? git[1] : forge(git[0], git[1]) }
      : folder !== undefined
        ? { type: 'file', url: folder[1] }
        : own !== undefined
          ? { type: 'registry', url: own[1] }
          : (around ?? { type: 'registry', url: null });
  const version = versions.join(', ') || (option('ref|tag|branch')?.[1] ?? '');
  return dependency({
    ecosystem: 'gem',
    name,
    version: version === '' ? null : version,
    isDirect: true,
    isDevelopment:
      /\bgroups?(?:: ?| ?=> ?)\[? ?:(?:development|test)\b/.test(line) ||
      blocks.some(({ isDevelopment }) => isDevelopment === true),
    source,
    key: `${word} ${name}`,
  });
}
