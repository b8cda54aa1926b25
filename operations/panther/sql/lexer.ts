import { lowerAscii } from './letter-case';
import type { Reading } from './reading';

export interface Token {
  kind: 'word' | 'number' | 'string' | 'name' | 'symbol' | 'jinja';
  /** As written; words in lower case. */
  text: string;
  offset: number;
  end: number;
  /** For `(`, `[` and `{`: the index of the bracket that closes it. */
  close: number;
  /** Brackets open around it. */
  depth: number;
}

export interface Fault {
  rule: 'unreadable' | 'brackets' | 'depth';
  message: string;
  offset: number;
}

export interface Lexed {
  tokens: Token[];
  comments: { offset: number; end: number }[];
  /** Why the text cannot be taken apart. After `unreadable` the tokens end there, otherwise all are given. */
  fault: Fault | undefined;
}

/** Deeper nesting is refused: it keeps every later step's recursion shallow, and no person writes it. */
export const maxDepth = 100;

const space = /[ \t\r\n\f\v]+/y;
const word = /[\p{L}_][\p{L}\p{M}\p{N}_$]*/uy;
const number = /(?:0x[0-9a-f]+|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?)[\p{L}\p{N}_$]*/iuy;
const symbol = /->>|\|>|<=>|::|:=|=>|->|<=|>=|<>|!=|==|\|\||\$[\p{L}\p{N}_]+|[\s\S]/uy;
const rawPrefix = /r(?=['"])/iy;
const closers: Record<string, string> = { '(': ')', '[': ']', '{': '}' };

/**
 * Takes a text apart in one pass, without comments and white space. `templated`: pieces of a Jinja template are single
 * tokens (`{{ }}`) or are dropped (`{% %}`, `{# #}`). Time is linear in the length of the text.
 */
export function lex(sql: string, reading: Reading, templated = false): Lexed {
  const tokens: Token[] = [];
  const comments: Lexed['comments'] = [];
  const open: { index: number; closer: string }[] = [];
  let fault: Fault | undefined;
  const stop = (rule: Fault['rule'], message: string, offset: number): Lexed => ({
    tokens,
    comments,
    fault: { rule, message, offset },
  });
  const push = (kind: Token['kind'], offset: number, end: number, text = sql.slice(offset, end)): Token => {
    const token = { kind, text, offset, end, close: -1, depth: open.length };
    tokens.push(token);
    return token;
  };
  for (let at = 0; at < sql.length; ) {
    const blank = endOf(space, sql, at);
    if (blank !== undefined) {
      at = blank;
      continue;
    }
    const comment = commentEnd(sql, at, reading);
    if (comment === -1) return stop('unreadable', 'a comment never ends', at);
    if (comment !== undefined) {
      comments.push({ offset: at, end: comment });
      at = comment;
      continue;
    }
    const jinja = templated ? jinjaEnd(sql, at) : undefined;
    if (jinja === -1) return stop('unreadable', 'a piece of the template never ends', at);
    if (jinja !== undefined) {
      if (sql.charAt(at + 1) === '{') push('jinja', at, jinja);
      at = jinja;
      continue;
    }
    const quoted = quotedEnd(sql, at, reading);
    if (quoted?.end === -1)
      return stop('unreadable', `a ${quoted.kind === 'string' ? 'string' : 'quoted name'} never ends`, at);
    if (quoted !== undefined) {
      push(quoted.kind, at, quoted.end);
      at = quoted.end;
      continue;
    }
    const wordEnd = endOf(word, sql, at);
    const end = wordEnd ?? endOf(number, sql, at);
    if (end !== undefined) {
      if (wordEnd === undefined) push('number', at, end);
      else push('word', at, end, lowerAscii(sql.slice(at, end)));
      at = end;
      continue;
    }
    const symbolEnd = endOf(symbol, sql, at) ?? at + 1;
    const text = sql.slice(at, symbolEnd);
    if (text === ')' || text === ']' || text === '}') {
      const opening = open.pop();
      const token = opening && tokens[opening.index];
      if (token !== undefined && opening?.closer === text) token.close = tokens.length;
      else fault ??= { rule: 'brackets', message: `"${text}" closes nothing`, offset: at };
    }
    push('symbol', at, symbolEnd);
    const closer = closers[text];
    if (closer !== undefined) {
      open.push({ index: tokens.length - 1, closer });
      if (open.length > maxDepth) {
        fault ??= { rule: 'depth', message: `brackets are nested deeper than ${maxDepth}`, offset: at };
      }
    }
    at = symbolEnd;
  }
  const left = open.at(-1);
  if (left !== undefined) {
    fault ??= { rule: 'brackets', message: 'a bracket is never closed', offset: tokens[left.index]?.offset ?? 0 };
  }
  return { tokens, comments, fault };
}

function endOf(sticky: RegExp | undefined, text: string, at: number): number | undefined {
  if (sticky === undefined) return undefined;
  sticky.lastIndex = at;
  return sticky.test(text) ? sticky.lastIndex : undefined;
}

/** Where the comment that starts here ends; -1 when it never does, undefined when none starts here. */
function commentEnd(sql: string, at: number, reading: Reading): number | undefined {
  if (sql.startsWith('--', at) || (reading.slashComments && sql.startsWith('//', at))) {
    return lineEnd(sql, at, reading.continuedComments);
  }
  if (!sql.startsWith('/*', at)) return undefined;
  const edge = /\/\*|\*\//g;
  edge.lastIndex = at + 2;
  let open = 1;
  for (let found = edge.exec(sql); found !== null; found = edge.exec(sql)) {
    if (found[0] === '*/') open -= 1;
    else if (reading.nestedComments) open += 1;
    else edge.lastIndex -= 1;
    if (open === 0) return edge.lastIndex;
  }
  return -1;
}

function lineEnd(sql: string, at: number, continued: boolean): number {
  const stop = continued ? /\\\n|[\r\n]/g : /\n/g;
  stop.lastIndex = at;
  for (let found = stop.exec(sql); found !== null; found = stop.exec(sql)) {
    if (found[0] !== '\\\n') return stop.lastIndex;
  }
  return sql.length;
}

function jinjaEnd(sql: string, at: number): number | undefined {
  const closing = sql.startsWith('{{', at)
    ? '}}'
    : sql.startsWith('{%', at)
      ? '%}'
      : sql.startsWith('{#', at)
        ? '#}'
        : undefined;
  if (closing === undefined) return undefined;
  const end = sql.indexOf(closing, at + 2);
  return end === -1 ? -1 : end + 2;
}

function quotedEnd(sql: string, at: number, reading: Reading): { kind: 'string' | 'name'; end: number } | undefined {
  const dollar = endOf(reading.dollarQuote, sql, at);
  if (dollar !== undefined) {
    const close = sql.indexOf(sql.slice(at, dollar), dollar);
    return { kind: 'string', end: close === -1 ? -1 : close + dollar - at };
  }
  const raw = reading.rawStrings ? endOf(rawPrefix, sql, at) : undefined;
  const from = raw ?? at;
  const quote = sql.charAt(from);
  if (quote !== "'" && quote !== '"' && !(quote === '`' && reading.backticks)) return undefined;
  const isString = quote === "'" || (quote === '"' && reading.doubleQuotedStrings);
  const escapes = reading.backslashEscapes && isString && raw === undefined;
  const kind = isString ? 'string' : 'name';
  for (let here = from + 1; here < sql.length; here += 1) {
    const char = sql.charAt(here);
    if (char === '\\' && escapes) here += 1;
    else if (char === quote) {
      // In a raw string two quotes are the end of one and the start of the next, which is the same to every later step.
      if (sql.charAt(here + 1) !== quote || raw !== undefined) return { kind, end: here + 1 };
      here += 1;
    }
  }
  return { kind, end: -1 };
}
