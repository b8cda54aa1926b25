/** The lexical classes of Snowflake SQL that the translation tells apart. Comments and white space are dropped. */
export type TokenKind = 'word' | 'quoted' | 'string' | 'number' | 'op';

export interface Token {
  kind: TokenKind;
  /** Source text, quotes included. */
  text: string;
  /** Offset of the first character in the source, and one past the last. */
  start: number;
  end: number;
}

/** Brackets with what they hold; `text` is the opening bracket. */
export interface Group {
  kind: 'group';
  text: '(' | '[' | '{';
  start: number;
  end: number;
  items: Item[];
}

export type Item = Token | Group;

/** The text cannot be read; `offset` is where, `unexpected` what stands there (`<EOF>` at the end). */
export class SqlSyntaxError extends Error {
  constructor(
    readonly offset: number,
    readonly unexpected: string,
  ) {
    super(`unexpected '${unexpected}'`);
  }
}

const WORD_START = /[\p{L}_$@]/u;
const WORD_PART = /[\p{L}\p{N}_$@]/u;
const NUMBER = /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y;
const OPERATORS = ['::', '=>', '->', '||', '<=', '>=', '<>', '!='];

/**
 * Splits Snowflake SQL into tokens. Follows Snowflake's lexical rules where they differ from other dialects: `//`
 * comments, backslash escapes in strings, `$$` strings, block comments that do not nest.
 * Throws SqlSyntaxError for a string, quoted name or comment that never ends.
 */
export function tokenize(sql: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const push = (kind: TokenKind, end: number): void => {
    tokens.push({ kind, text: sql.slice(at, end), start: at, end });
    at = end;
  };
  while (at < sql.length) {
    const char = sql[at] ?? '';
    const two = sql.slice(at, at + 2);
    if (/\s/.test(char)) at += 1;
    else if (two === '--' || two === '//') at = endOf(sql, '\n', at, true);
    else if (two === '/*') at = endOf(sql, '*/', at, false);
    else if (two === '$$') push('string', endOf(sql, '$$', at, false));
    else if (char === "'") push('string', endOfString(sql, at));
    else if (char === '"') push('quoted', endOfQuoted(sql, at));
    else if (/\d/.test(char) || (char === '.' && /\d/.test(sql[at + 1] ?? '') && !isName(tokens.at(-1), at))) {
      NUMBER.lastIndex = at;
      push('number', at + (NUMBER.exec(sql)?.[0].length ?? 1));
    } else if (WORD_START.test(char)) {
      let end = at + 1;
      while (end < sql.length && WORD_PART.test(sql[end] ?? '')) end += 1;
      push('word', end);
    } else push('op', at + (OPERATORS.includes(two) ? 2 : 1));
  }
  return tokens;
}

function isName(token: Token | undefined, at: number): boolean {
  return token !== undefined && token.end === at && (token.kind === 'word' || token.kind === 'quoted');
}

function endOf(sql: string, closing: string, from: number, mayEnd: boolean): number {
  const found = sql.indexOf(closing, from + (mayEnd ? 0 : 2));
  if (found >= 0) return found + closing.length;
  if (mayEnd) return sql.length;
  throw new SqlSyntaxError(sql.length, '<EOF>');
}

function endOfString(sql: string, from: number): number {
  for (let i = from + 1; i < sql.length; i += 1) {
    if (sql[i] === '\\') i += 1;
    else if (sql[i] === "'") {
      if (sql[i + 1] !== "'") return i + 1;
      i += 1;
    }
  }
  throw new SqlSyntaxError(sql.length, '<EOF>');
}

function endOfQuoted(sql: string, from: number): number {
  for (let i = from + 1; i < sql.length; i += 1) {
    if (sql[i] !== '"') continue;
    if (sql[i + 1] !== '"') return i + 1;
    i += 1;
  }
  throw new SqlSyntaxError(sql.length, '<EOF>');
}

const CLOSING: Record<string, string> = { '(': ')', '[': ']', '{': '}' };

/** Nests tokens by their brackets. Throws SqlSyntaxError at a bracket that does not match. */
export function nest(tokens: readonly Token[], sql: string): Item[] {
  const root: Item[] = [];
  const open: Group[] = [];
  for (const token of tokens) {
    const top = open.at(-1);
    const items = top?.items ?? root;
    if (token.kind === 'op' && token.text in CLOSING) {
      const group: Group = {
        kind: 'group',
        text: token.text as Group['text'],
        start: token.start,
        end: token.end,
        items: [],
      };
      items.push(group);
      open.push(group);
    } else if (token.kind === 'op' && [')', ']', '}'].includes(token.text)) {
      if (!top || CLOSING[top.text] !== token.text) throw new SqlSyntaxError(token.start, token.text);
      top.end = token.end;
      open.pop();
    } else items.push(token);
  }
  if (open.length > 0) throw new SqlSyntaxError(sql.trimEnd().length, '<EOF>');
  return root;
}

/** True for the operator or punctuation `text`. */
export function isOp(item: Item | undefined, ...texts: string[]): item is Token & { kind: 'op' } {
  return item?.kind === 'op' && texts.includes(item.text);
}

/** True for one of the given key words, in any case. */
export function isWord(item: Item | undefined, ...words: string[]): item is Token & { kind: 'word' } {
  return item?.kind === 'word' && words.includes(item.text.toUpperCase());
}

export function isGroup(item: Item | undefined, text?: Group['text']): item is Group {
  return item?.kind === 'group' && (text === undefined || item.text === text);
}

/** Cuts a list at its top-level commas. An empty list gives no parts; `a, , b` gives an empty middle part. */
export function splitByComma(items: readonly Item[]): Item[][] {
  if (items.length === 0) return [];
  const parts: Item[][] = [[]];
  for (const item of items) {
    if (isOp(item, ',')) parts.push([]);
    else parts.at(-1)?.push(item);
  }
  return parts;
}

/** What a string literal stands for. */
export function stringValue(token: Token): string {
  if (token.text.startsWith('$$')) return token.text.slice(2, -2);
  return token.text
    .slice(1, -1)
    .replace(/''|\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|[\s\S])/g, (match, escaped: string | undefined) => {
      if (match === "''") return "'";
      const code = escaped ?? '';
      if (code.length > 1) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
      return { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f', '0': '\0' }[code] ?? code;
    });
}

/** Name without its quotes; unquoted names keep their spelling. */
export function nameOf(token: Token): string {
  return token.kind === 'quoted' ? token.text.slice(1, -1).replaceAll('""', '"') : token.text;
}
