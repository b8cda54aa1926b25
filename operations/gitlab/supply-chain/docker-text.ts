/** One instruction of a Dockerfile, with its lines joined. */
export interface DockerInstruction {
  /** In capitals; empty for a line that begins with no word. */
  name: string;
  /** Everything behind the name. What stands in here-documents follows it, line by line. */
  rest: string;
}

export interface DockerText {
  instructions: DockerInstruction[];
  /** The image that reads the file itself: `# syntax=docker/dockerfile:1`. */
  syntax: string | null;
}

/**
 * The instructions of a Dockerfile as BuildKit cuts them: lines that go on (with the sign that an `escape` directive names) are
 * joined over comments and empty lines, and here-documents belong to the instruction that opens them. Linear in the length of the
 * text.
 */
export function parseDockerfile(text: string): DockerText {
  const lines = text.split(/\r\n|\n/);
  const { syntax, mark } = directivesOf(lines);
  const instructions: DockerInstruction[] = [];
  let open: string[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    if (/^\s*#/.test(line) || line.trim() === '') continue;
    const end = line.trimEnd();
    if (end.endsWith(mark) && !end.endsWith(mark + mark)) {
      open.push(end.slice(0, -1));
      continue;
    }
    open.push(line);
    const whole = open.join(' ').trim();
    open = [];
    const bodies: string[] = [];
    for (const { name, tabs } of hereDocuments(whole)) {
      for (at += 1; at < lines.length; at += 1) {
        const body = lines[at] ?? '';
        if ((tabs ? body.replace(/^\t+/, '') : body) === name) break;
        bodies.push(body);
      }
    }
    instructions.push(instructionOf([whole, ...bodies].join('\n')));
  }
  if (open.join('').trim() !== '') instructions.push(instructionOf(open.join(' ').trim()));
  return { instructions, syntax };
}

function instructionOf(text: string): DockerInstruction {
  const [, name = '', rest = ''] = /^([A-Za-z]+)\s+(.*)$/s.exec(text) ?? [];
  return { name: name.toUpperCase(), rest };
}

/** Comments of this form at the very top, before anything else, are no comments. */
function directivesOf(lines: readonly string[]): { syntax: string | null; mark: string } {
  let syntax: string | null = null;
  let mark = '\\';
  for (const line of lines) {
    const [, name, value = ''] = /^\s*#\s*([A-Za-z]+)\s*=(.*)$/.exec(line.slice(0, 1_000)) ?? [];
    if (name === undefined) break;
    if (name.toLowerCase() === 'syntax') syntax ??= value.trim();
    if (name.toLowerCase() === 'escape' && value.trim() === '`') mark = '`';
  }
  return { syntax, mark };
}

/** Docker takes them for these instructions only. */
const takesDocuments = /^(?:RUN|COPY|ADD|ONBUILD)\b/i;

/** `<<EOF`, `<<-EOF`, `<<"EOF"`: the words that end them, in order. */
function hereDocuments(instruction: string): { name: string; tabs: boolean }[] {
  if (!takesDocuments.test(instruction) || !instruction.includes('<<')) return [];
  return [...instruction.matchAll(/(?<!<)<<(-?)(["']?)([A-Za-z_]\w{0,100})\2/g)].map((match) => ({
    name: match[3] ?? '',
    tabs: match[1] === '-',
  }));
}
