/** One statement of a Gradle build file: what is called, with what, and inside of which blocks. */
export interface GradleStatement {
  /** Names of the blocks around it, outermost first. */
  blocks: readonly string[];
  /** Words, quoted texts and signs, in order. */
  parts: readonly GradlePart[];
}

export type GradlePart = { kind: 'word' | 'sign'; text: string } | { kind: 'text'; text: string };

/** Deeper than any real file; what is below is taken as if it stood there. */
const deepest = 60;

/**
 * The statements of a build file in Groovy or Kotlin, as far as they can be told without running it: a line, or several that a
 * bracket keeps together. Comments are left out. Linear in the length of the text.
 */
export function gradleStatements(text: string): GradleStatement[] {
  const statements: GradleStatement[] = [];
  const blocks: string[] = [];
  let parts: GradlePart[] = [];
  let brackets = 0;
  const finish = () => {
    if (parts.length > 0) statements.push({ blocks: [...blocks], parts });
    parts = [];
  };
  for (const part of partsOf(text)) {
    if (part.kind !== 'sign') {
      parts.push(part);
      continue;
    }
    if (part.text === '{') {
      const name = parts.find(({ kind }) => kind === 'word')?.text ?? '';
      finish();
      if (blocks.length < deepest) blocks.push(name);
      else blocks[deepest - 1] = name;
      brackets = 0;
    } else if (part.text === '}') {
      finish();
      blocks.pop();
      brackets = 0;
    } else if (part.text === '\n' || part.text === ';') {
      if (brackets === 0 && !goesOn(parts)) finish();
    } else {
      if (part.text === '(' || part.text === '[') brackets += 1;
      else if (part.text === ')' || part.text === ']') brackets = Math.max(0, brackets - 1);
      parts.push(part);
    }
  }
  finish();
  return statements;
}

/** A comma at the end of a line keeps the next one to it. */
function goesOn(parts: readonly GradlePart[]): boolean {
  const last = parts.at(-1);
  return last?.kind === 'sign' && (last.text === ',' || last.text === '=' || last.text === ':');
}

const pattern = /\/\/[^\n]*|\/\*|"""|'''|"|'|[A-Za-z_$][\w.$-]*|[{}()[\],:=;\n]/g;

function* partsOf(text: string): Iterable<GradlePart> {
  pattern.lastIndex = 0;
  let at = 0;
  for (;;) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match === null) return;
    const [sign] = match;
    at = pattern.lastIndex;
    if (sign.startsWith('//')) continue;
    if (sign === '/*') {
      const end = text.indexOf('*/', at);
      if (end === -1) return;
      at = end + 2;
    } else if (sign === '"""' || sign === "'''") {
      const end = text.indexOf(sign, at);
      const until = end === -1 ? text.length : end;
      yield { kind: 'text', text: text.slice(at, until) };
      at = until + 3;
    } else if (sign === '"' || sign === "'") {
      const end = endOfQuoted(text, at, sign);
      yield { kind: 'text', text: text.slice(at, end) };
      at = end + 1;
    } else yield { kind: /^[A-Za-z_$]/.test(sign) ? 'word' : 'sign', text: sign };
  }
}

/** A quote that is never closed ends with its line. */
function endOfQuoted(text: string, from: number, quote: string): number {
  for (let at = from; at < text.length; at += 1) {
    const sign = text[at];
    if (sign === '\\') at += 1;
    else if (sign === quote || sign === '\n') return at;
  }
  return text.length;
}
