import {
  Composer,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  type Node,
  Parser,
  Scalar,
  type Tags,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';

/** GitLab's own tag: another part of the same pipeline, by the keys that lead to it. */
export class Reference {
  constructor(readonly path: readonly string[]) {}

  /** As it is written, which is how it shows up wherever it is not followed. */
  toString(): string {
    return `!reference [${this.path.join(', ')}]`;
  }
}

const reference = {
  tag: '!reference',
  collection: 'seq' as const,
  resolve: (list: unknown) => new Scalar(new Reference(isSeq(list) ? list.items.map(keyOf) : [])),
};

/** `1.10` is a version here and never a number: it stays the text it is. */
const numbers = new Set(['tag:yaml.org,2002:int', 'tag:yaml.org,2002:float']);
const customTags = (tags: Tags): Tags => [
  ...tags.filter((tag) => typeof tag === 'string' || !numbers.has(tag.tag ?? '')),
  reference,
];

/**
 * What no person and no program writes, and what costs a parser minutes: everything is counted in one pass of its lexer before
 * anything is built.
 */
const limits = { characters: 512 * 1024, depth: 60, aliases: 500, longKeys: 50, errors: 50, merged: 50_000 };

export interface YamlText {
  /** Undefined when the text is no YAML at all. */
  value: unknown;
  problems: string[];
}

/**
 * A YAML text as plain values, of its first document. Numbers stay texts; anchors and merge keys are followed, and an alias gives the
 * same object, so that a bomb takes no memory, and whoever walks through a value has to keep count. Never throws: what the
 * parser complains of comes back as problems, in its words.
 */
export function parseYaml(text: string): YamlText {
  const { values, problems } = parseYamlDocuments(text);
  return { value: values[0], problems };
}

/** All documents of a YAML text, and the problems of all of them. Never throws. */
export function parseYamlDocuments(text: string): { values: unknown[]; problems: string[] } {
  const problems: string[] = [];
  const values: unknown[] = [];
  try {
    const refused = refusal(text);
    if (refused !== undefined) return { values, problems: [refused] };
    for (const document of documentsOf(text)) {
      for (const { message, pos } of document.errors.slice(0, 5)) {
        const line = text.slice(0, pos[0]).split('\n').length;
        problems.push(`line ${line}: ${message.split('\n')[0] ?? 'not YAML'}`);
      }
      if (document.errors.length > 0 && document.contents === null) continue;
      values.push(new Values(problems).of(document.contents, 0));
    }
  } catch (error) {
    problems.push(error instanceof Error ? (error.message.split('\n')[0] ?? '') : 'not YAML');
  }
  return { values, problems: [...new Set(problems)].slice(0, 10) };
}

function documentsOf(text: string): Document.Parsed[] {
  const composer = new Composer({
    customTags,
    logLevel: 'silent',
    uniqueKeys: false,
    merge: true,
    // The parser would look for the line of every error anew.
    prettyErrors: false,
  });
  // It goes on after errors, whatever their number, and gives no other way to stop it.
  const report = Reflect.get(composer, 'onError') as (...known: unknown[]) => void;
  let left = limits.errors;
  Object.assign(composer, {
    onError: (...known: unknown[]) => {
      left -= 1;
      if (left < 0) throw new Error('more errors than any real file has');
      report(...known);
    },
  });
  return [...composer.compose(new Parser().parse(text))];
}

/** Plain values of nodes, each node once. */
class Values {
  private readonly anchors = new Map<string, { value: unknown; isOpen: boolean }>();
  private merged = 0;

  constructor(private readonly problems: string[]) {}

  of(node: Node | null | undefined, depth: number): unknown {
    if (node === null || node === undefined) return null;
    if (depth > 2 * limits.depth) {
      this.problems.push(`it is nested deeper than ${2 * limits.depth} levels`);
      return null;
    }
    if (isAlias(node)) return this.ofAlias(node.source);
    if (isScalar(node)) {
      if (node.anchor !== undefined) this.anchors.set(node.anchor, { value: node.value, isOpen: false });
      return node.value;
    }
    if (isSeq(node)) return this.ofList(node, depth);
    return isMap(node) ? this.ofMap(node, depth) : null;
  }

  private ofAlias(name: string): unknown {
    const found = this.anchors.get(name);
    if (found !== undefined && !found.isOpen) return found.value;
    const shown = name.slice(0, 80);
    this.problems.push(found === undefined ? `there is no anchor ${shown}` : `the anchor ${shown} is inside of itself`);
    return null;
  }

  private ofList(node: YAMLSeq, depth: number): unknown[] {
    const list: unknown[] = [];
    const entry = { value: list, isOpen: true };
    if (node.anchor !== undefined) this.anchors.set(node.anchor, entry);
    for (const item of node.items) list.push(this.of(item as Node, depth + 1));
    entry.isOpen = false;
    return list;
  }

  private ofMap(node: YAMLMap, depth: number): Record<string, unknown> {
    const record: Record<string, unknown> = {};
    const entry = { value: record, isOpen: true };
    if (node.anchor !== undefined) this.anchors.set(node.anchor, entry);
    const merged: unknown[] = [];
    for (const { key, value } of node.items) {
      const name = keyOf(key);
      const plain = this.of(value as Node, depth + 1);
      if (name === '<<') merged.push(...(Array.isArray(plain) ? plain.slice(0, limits.aliases) : [plain]));
      else set(record, name, plain);
    }
    for (const from of merged) this.merge(record, from);
    entry.isOpen = false;
    return record;
  }

  /** What stands in the mapping itself wins, and of what is merged the first. */
  private merge(record: Record<string, unknown>, from: unknown): void {
    if (typeof from !== 'object' || from === null || Array.isArray(from)) return;
    const entries = Object.entries(from);
    this.merged += entries.length;
    if (this.merged > limits.merged) {
      this.problems.push('it merges more than any real file does');
      return;
    }
    for (const [name, value] of entries) if (!Object.hasOwn(record, name)) set(record, name, value);
  }
}

/** A key named `__proto__` is a key like any other. */
function set(record: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(record, name, { value, writable: true, enumerable: true, configurable: true });
}

function keyOf(key: unknown): string {
  if (isScalar(key)) return String(key.source ?? key.value ?? '');
  return isAlias(key) ? `*${key.source}` : typeof key === 'string' ? key : '';
}

/** Why a text is not parsed; undefined for an ordinary one. */
function refusal(text: string): string | undefined {
  if (text.length > limits.characters) return `it is longer than ${limits.characters / 1024} KiB of YAML`;
  let depth = 0;
  let dashes = 0;
  let aliases = 0;
  let longKeys = 0;
  for (const token of new Lexer().lex(text)) {
    const sign = token[0];
    if (token === '{' || token === '[') depth += 1;
    else if (token === '}' || token === ']') depth -= 1;
    else if (sign === '*' || sign === '&') aliases += 1;
    else if (token === '?') longKeys += 1;
    else if (token === '-') dashes += 1;
    else if (sign === '\n' || sign === '\r') dashes = 0;
    if (depth > limits.depth || dashes > limits.depth) return `it is nested deeper than ${limits.depth} levels`;
    if (aliases > limits.aliases) return `it has more than ${limits.aliases} anchors and aliases`;
    if (longKeys > limits.longKeys) return `it has more than ${limits.longKeys} keys of several lines`;
  }
  return undefined;
}
