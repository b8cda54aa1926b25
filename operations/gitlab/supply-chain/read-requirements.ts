import { emptyContent, type FileContent, type FileReader } from './dependency';
import { parseIni, unquoted } from './ini-text';
import { fromRequirement, isOwnProject } from './python-requirement';

/** requirements.txt and constraints: one requirement a line, options between them. */
export const readRequirements: FileReader = (path, text) => {
  const content = emptyContent(path, 'pypi', 'manifest');
  let isPinned = true;
  for (const { line, number } of logicalLines(text)) {
    const option = /^(--[a-z][a-z-]*|-[a-zA-Z])(?:\s*=\s*|\s+|(?<=^-[a-zA-Z]))(.*)$|^(--?[a-z][a-z-]*)$/s.exec(
      line.slice(0, longestLine),
    );
    if (line.length > longestLine) content.problems.push(`line ${number} is too long`);
    else if (option !== null)
      readOption(option[1] ?? option[3] ?? '', unquoted((option[2] ?? '').trim()), number, content);
    else isPinned = readRequirement(line, number, content) && isPinned;
  }
  // What `pip freeze` and `pip-compile` write pins everything: it says what is installed.
  return { ...content, role: isPinned && content.dependencies.length > 0 ? 'lockfile' : 'manifest' };
};

/** With a thousand checksums behind a name, still shorter. */
const longestLine = 200_000;

/** Whether the requirement allows one version only. */
function readRequirement(line: string, number: number, content: FileContent): boolean {
  const [plain = '', ...options] = line.split(/\s(?=--[a-z])/);
  const found = fromRequirement(plain, '');
  if (found === undefined) {
    if (!isOwnProject(plain)) content.problems.push(`line ${number}: "${plain.slice(0, 80)}" is no requirement`);
    return true;
  }
  const integrity = options.flatMap((option) => {
    const hash = /^--hash[=\s]\s*([a-z0-9]+:[0-9a-f]+)/i.exec(option)?.[1];
    return hash === undefined ? [] : [hash];
  });
  content.dependencies.push({ ...found, integrity: integrity.sort() });
  return integrity.length > 0 || /^===?[^*,]+$/.test(found.version ?? '');
}

/**
 * As pip does it: lines end where Python ends them, form feeds and Unicode's separators included, so that nothing can be put behind
 * a comment; lines that end in a backslash are joined, and then comments come off.
 */
function logicalLines(text: string): { line: string; number: number }[] {
  const lines: { line: string; number: number }[] = [];
  let open: string[] = [];
  let from = 0;
  const finish = (line: string) => {
    const whole = [...open, line]
      .join('')
      .replace(/(?:^|\s)#.*$/s, '')
      .trim();
    open = [];
    if (whole !== '') lines.push({ line: whole, number: from });
  };
  for (const [index, raw] of text.split(/\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/).entries()) {
    if (open.length === 0) from = index + 1;
    const isComment = raw.trimStart().startsWith('#');
    if (raw.endsWith('\\') && !isComment) open.push(raw.slice(0, -1));
    else finish(isComment ? ` ${raw}` : raw);
  }
  if (open.length > 0) finish('');
  return lines;
}

const indexes = new Set([
  '-i',
  '--index-url',
  '--pypi-url',
  '--extra-index-url',
  '-f',
  '--find-links',
  '--trusted-host',
]);

function readOption(name: string, value: string, number: number, content: FileContent): void {
  if (indexes.has(name)) content.settings.push({ kind: 'registry', key: `${name} ${value}`, value });
  else if (name === '-e' || name === '--editable') {
    const found = fromRequirement(value, '');
    if (found !== undefined) content.dependencies.push(found);
    else if (!isOwnProject(value)) content.problems.push(`line ${number}: "${value.slice(0, 80)}" is no requirement`);
  } else if (['-r', '--requirement', '-c', '--constraint'].includes(name)) {
    content.settings.push({ kind: 'build_hook', key: `${name} ${value}`, value });
  } else if (name === '--require-hashes') content.settings.push({ kind: 'verification', key: name, value: 'true' });
  else if (name !== '--no-index' && name !== '--pre' && name !== '--prefer-binary') {
    content.settings.push({ kind: 'build_hook', key: `${name} ${value}`.trim(), value: value === '' ? 'true' : value });
  }
}

const places = /^(?:index-url|extra-index-url|find-links|trusted-host|repository|pypi-url)$/;

/** pip.conf, pip.ini and .pypirc: which index is asked. Names of settings are as free as pip takes them. */
export const readPipConfiguration: FileReader = (path, text) => {
  const content = emptyContent(path, 'pypi', 'configuration');
  for (const { key, value } of parseIni(text, { goesOn: true, separators: '=:' })) {
    const name = key.toLowerCase().replace(/_/g, '-').replace(/^--/, '');
    for (const part of value.split(/\s+/).filter((one) => one !== '')) {
      if (places.test(name)) content.settings.push({ kind: 'registry', key: `${name} ${part}`, value: part });
      else if (/^(?:proxy|cert|client-cert|no-binary|pre|require-hashes)$/.test(name))
        content.settings.push({ kind: 'build_hook', key: name, value: part });
    }
  }
  return content;
};
