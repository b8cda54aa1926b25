/**
 * YAML as pnpm and Yarn write it: block mappings, scalars on one line, lists and mappings in brackets on one line, lists of
 * scalars. Lockfiles of several megabytes are read in one pass. What is written in any other way is not understood rather than
 * guessed at, so that nobody can write a lockfile that reads differently here than to the package manager.
 */
type PlainValue = string | boolean | null | PlainValue[] | PlainMap;
interface PlainMap {
  [key: string]: PlainValue;
}

interface Open {
  indent: number;
  map: PlainMap;
}

class NotPlain extends Error {}

/** The mapping that a text holds; undefined for what is written in any other way. Strings stay strings: `1.10` is no number. */
export function parsePlainYaml(text: string): PlainMap | undefined {
  try {
    return new Reader(text.replace(/^\ufeff/, '').split('\n')).read();
  } catch (error) {
    if (error instanceof NotPlain) return undefined;
    throw error;
  }
}

class Reader {
  private at = 0;
  private readonly root = newMap();
  private readonly stack: Open[] = [{ indent: 0, map: this.root }];

  constructor(private readonly lines: readonly string[]) {}

  read(): PlainMap {
    for (let line = this.next(); line !== undefined; line = this.next()) {
      const indent = indentOf(line);
      const { map } = this.open(indent);
      this.entry(map, indent, line.slice(indent));
    }
    return this.root;
  }

  /** The next line that says something; those behind it are read by whoever takes it. */
  private next(): string | undefined {
    for (; this.at < this.lines.length; this.at += 1) {
      const line = this.current();
      const start = line.trimStart();
      if (start === '' || start.startsWith('#')) continue;
      if (this.at === 0 && line === '---') continue;
      this.at += 1;
      return line;
    }
    return undefined;
  }

  private current(): string {
    const line = this.lines[this.at] ?? '';
    return line.endsWith('\r') ? line.slice(0, -1) : line;
  }

  /** The mapping that goes on at this indentation. */
  private open(indent: number): Open {
    for (let top = this.stack.at(-1); top !== undefined; top = this.stack.at(-1)) {
      if (top.indent === indent) return top;
      if (top.indent < indent) break;
      this.stack.pop();
    }
    throw new NotPlain();
  }

  private entry(map: PlainMap, indent: number, text: string): void {
    const [key, rest] = text.startsWith('? ') ? this.longKey(indent, text.slice(2)) : keyOf(text);
    if (Object.hasOwn(map, key)) throw new NotPlain();
    if (rest !== '') {
      map[key] = /^[|>][-+]?$/.test(rest) ? this.block(indent) : valueIn(rest);
      return;
    }
    map[key] = this.below(indent);
  }

  /** `? key` on one line, `:` on the next: how keys of more than a thousand characters are written. */
  private longKey(indent: number, text: string): [string, string] {
    const line = this.next();
    if (line === undefined || indentOf(line) !== indent || line[indent] !== ':') throw new NotPlain();
    const [key, rest] = keyOf(`${text}:`);
    if (rest !== '') throw new NotPlain();
    return [key, line.slice(indent + 1).trim()];
  }

  /** What stands below a key without a value of its own: a mapping, a list, or nothing. */
  private below(indent: number): PlainValue {
    while (this.at < this.lines.length && (this.current().trim() === '' || this.current().trimStart().startsWith('#')))
      this.at += 1;
    if (this.at >= this.lines.length) return null;
    const line = this.current();
    const deeper = indentOf(line);
    if (line.startsWith('- ', deeper) && deeper >= indent) return this.list(deeper);
    if (deeper <= indent) return null;
    const map = newMap();
    this.stack.push({ indent: deeper, map });
    return map;
  }

  private list(indent: number): PlainValue[] {
    const items: PlainValue[] = [];
    for (; this.at < this.lines.length; this.at += 1) {
      const line = this.current();
      if (indentOf(line) !== indent || !line.startsWith('- ', indent)) break;
      const text = line.slice(indent + 2).trim();
      if (text.startsWith('- ')) throw new NotPlain();
      items.push(valueIn(text));
    }
    return items;
  }

  /** A text over several lines; what it says is of no interest here. */
  private block(indent: number): string {
    const lines: string[] = [];
    let first: number | undefined;
    for (; this.at < this.lines.length; this.at += 1) {
      const line = this.current();
      if (line.trim() === '') continue;
      const own = indentOf(line);
      if (own <= indent) break;
      first ??= own;
      if (own < first) throw new NotPlain();
      lines.push(line.trim());
    }
    return lines.join('\n');
  }
}

/** Without a prototype, so that `__proto__` is a key like any other. */
function newMap(): PlainMap {
  return Object.create(null) as PlainMap;
}

function indentOf(line: string): number {
  let indent = 0;
  while (line[indent] === ' ') indent += 1;
  if (line[indent] === '\t') throw new NotPlain();
  return indent;
}

/** Begins something that is no plain text. */
const special = new Set('!&*|>%@`"\'{}[],#?:-'.split(''));

function keyOf(text: string): [string, string] {
  const first = text[0] ?? '';
  if (first === '"' || first === "'") {
    const [key, end] = quoted(text, 0);
    if (text[end] !== ':') throw new NotPlain();
    return [key, behind(text, end)];
  }
  if (special.has(first)) throw new NotPlain();
  const inner = text.indexOf(': ');
  const end = inner === -1 ? (text.trimEnd().endsWith(':') ? text.trimEnd().length - 1 : -1) : inner;
  const key = text.slice(0, Math.max(0, end));
  if (end === -1 || key.includes(' #') || key !== key.trim()) throw new NotPlain();
  return [key, behind(text, end)];
}

function behind(text: string, colon: number): string {
  const rest = text.slice(colon + 1);
  if (rest !== '' && !rest.startsWith(' ')) throw new NotPlain();
  return rest.trim();
}

/** A quoted text from `start`, and where it ends. */
function quoted(text: string, start: number): [string, number] {
  const mark = text[start] ?? '';
  let value = '';
  for (let at = start + 1; at < text.length; at += 1) {
    const sign = text[at] ?? '';
    if (sign === mark && mark === "'" && text[at + 1] === "'") {
      value += "'";
      at += 1;
    } else if (sign === mark) return [value, at + 1];
    else if (sign === '\\' && mark === '"') {
      const next = text[at + 1] ?? '';
      if (next !== '"' && next !== '\\' && next !== '/') throw new NotPlain();
      value += next;
      at += 1;
    } else value += sign;
  }
  throw new NotPlain();
}

function valueIn(text: string): PlainValue {
  const first = text[0] ?? '';
  if (first === '"' || first === "'") {
    const [value, end] = quoted(text, 0);
    if (end !== text.length) throw new NotPlain();
    return value;
  }
  if (first === '{' || first === '[') {
    const flow = new Flow(text);
    const value = flow.value(0);
    if (flow.at !== text.length) throw new NotPlain();
    return value;
  }
  if ((special.has(first) && !/^-\S/.test(text)) || / #|: |:$/.test(text)) throw new NotPlain();
  return scalar(text);
}

function scalar(text: string): PlainValue {
  if (text === 'true') return true;
  if (text === 'false') return false;
  return text === 'null' || text === '~' || text === '' ? null : text;
}

const deepestFlow = 20;

/** `{integrity: sha512-..., tarball: https://...}` and `[linux, darwin]`. */
class Flow {
  at = 0;

  constructor(private readonly text: string) {}

  value(depth: number): PlainValue {
    if (depth > deepestFlow) throw new NotPlain();
    const sign = this.text[this.at] ?? '';
    if (sign === '{') return this.map(depth);
    if (sign === '[') return this.list(depth);
    return scalar(this.word(/[,\]}]/g));
  }

  private map(depth: number): PlainMap {
    const map = newMap();
    this.at += 1;
    for (this.blank(); this.text[this.at] !== '}'; this.blank()) {
      const key = this.word(/:(?=\s)|[,\]}]/g);
      if (this.text[this.at] !== ':' || Object.hasOwn(map, key)) throw new NotPlain();
      this.at += 1;
      this.blank();
      map[key] = this.value(depth + 1);
      this.comma('}');
    }
    this.at += 1;
    return map;
  }

  private list(depth: number): PlainValue[] {
    const items: PlainValue[] = [];
    this.at += 1;
    for (this.blank(); this.text[this.at] !== ']'; this.blank()) {
      items.push(this.value(depth + 1));
      this.comma(']');
    }
    this.at += 1;
    return items;
  }

  private comma(end: string): void {
    this.blank();
    if (this.text[this.at] === ',') this.at += 1;
    else if (this.text[this.at] !== end) throw new NotPlain();
  }

  private blank(): void {
    while (this.text[this.at] === ' ') this.at += 1;
  }

  /** A text in quotes, or up to one of the signs. */
  private word(until: RegExp): string {
    const first = this.text[this.at] ?? '';
    if (first === '"' || first === "'") {
      const [value, end] = quoted(this.text, this.at);
      this.at = end;
      return value;
    }
    if (special.has(first)) throw new NotPlain();
    until.lastIndex = this.at;
    const end = until.exec(this.text)?.index;
    if (end === undefined) throw new NotPlain();
    const value = this.text.slice(this.at, end).trim();
    if (value === '' || value.includes(' #') || value.includes(': ') || /[{[]/.test(value)) throw new NotPlain();
    this.at = end;
    return value;
  }
}
