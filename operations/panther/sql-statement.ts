import { InvalidInputError } from '../errors';

/**
 * The dialects Panther's data lakes speak differ in what ends a string or starts a comment. Text that
 * is harmless in one may hide a second statement in another, so a statement has to pass in every dialect that can
 * read it to its end.
 */
interface Dialect {
  /** `\'` inside a string is a quote, not its end. */
  backslashEscapes: boolean;
  /** `//` starts a comment. */
  slashComments: boolean;
  /** Block comments nest. */
  nestedComments: boolean;
  /** Matches the opening of a dollar-quoted string, which ends where the same text comes again. */
  dollarQuote: RegExp | undefined;
  /** `"..."` is a string with the escapes of `'...'`, not a name. */
  doubleQuotedStrings: boolean;
  /** Back-ticks quote identifiers. */
  backticks: boolean;
}

const snowflake: Dialect = {
  backslashEscapes: true,
  slashComments: true,
  nestedComments: false,
  dollarQuote: /\$\$/y,
  doubleQuotedStrings: false,
  backticks: false,
};
const databricks: Dialect = {
  backslashEscapes: true,
  slashComments: false,
  nestedComments: true,
  dollarQuote: undefined,
  doubleQuotedStrings: true,
  backticks: true,
};
const ansi: Dialect = {
  backslashEscapes: false,
  slashComments: false,
  nestedComments: true,
  dollarQuote: /\$(?:[A-Za-z_][A-Za-z0-9_]*)?\$/y,
  doubleQuotedStrings: false,
  backticks: true,
};

export interface SqlToken {
  kind: 'word' | 'number' | 'string' | 'identifier' | 'symbol';
  /** As written; words in lower case. */
  text: string;
  /** Parentheses open around it. */
  depth: number;
}

/** The tokens of a text without its comments; undefined when a string, identifier or comment never ends. */
export function tokenize(sql: string, dialect: Dialect): SqlToken[] | undefined {
  const tokens: SqlToken[] = [];
  let depth = 0;
  for (let at = 0; at < sql.length; ) {
    const space = matchAt(/\s+/y, sql, at);
    if (space !== undefined) {
      at += space.length;
      continue;
    }
    const comment = commentEnd(sql, at, dialect);
    if (comment === -1) return undefined;
    if (comment !== undefined) {
      at = comment;
      continue;
    }
    const end = quotedEnd(sql, at, dialect) ?? plainEnd(sql, at);
    if (end === -1) return undefined;
    const text = sql.slice(at, end);
    if (text === ')') depth -= 1;
    tokens.push({ ...kindOf(text), depth });
    if (text === '(') depth += 1;
    at = end;
  }
  return tokens;
}

function kindOf(text: string): { kind: SqlToken['kind']; text: string } {
  const first = text.charAt(0);
  if (first === "'" || (first === '$' && text.length > 3)) return { kind: 'string', text };
  if (first === '"' || first === '`') return { kind: 'identifier', text };
  if (/[0-9]/.test(first)) return { kind: 'number', text };
  return /[\p{L}_]/u.test(first) ? { kind: 'word', text: text.toLowerCase() } : { kind: 'symbol', text };
}

/** Where the comment that starts here ends; -1 when it never does, undefined when none starts here. */
function commentEnd(sql: string, at: number, dialect: Dialect): number | undefined {
  if (sql.startsWith('--', at) || (dialect.slashComments && sql.startsWith('//', at))) {
    const line = sql.indexOf('\n', at);
    return line === -1 ? sql.length : line + 1;
  }
  if (!sql.startsWith('/*', at)) return undefined;
  let open = 0;
  for (let here = at; here < sql.length; ) {
    if (sql.startsWith('/*', here) && (dialect.nestedComments || open === 0)) {
      open += 1;
      here += 2;
    } else if (sql.startsWith('*/', here)) {
      open -= 1;
      here += 2;
      if (open === 0) return here;
    } else here += 1;
  }
  return -1;
}

function quotedEnd(sql: string, at: number, dialect: Dialect): number | undefined {
  const quote = sql.charAt(at);
  const dollar = matchAt(dialect.dollarQuote, sql, at);
  if (dollar !== undefined) {
    const close = sql.indexOf(dollar, at + dollar.length);
    return close === -1 ? -1 : close + dollar.length;
  }
  if (quote !== "'" && quote !== '"' && !(quote === '`' && dialect.backticks)) return undefined;
  const isString = quote === "'" || (quote === '"' && dialect.doubleQuotedStrings);
  const escapes = dialect.backslashEscapes && isString;
  for (let here = at + 1; here < sql.length; here += 1) {
    const char = sql.charAt(here);
    if (char === '\\' && escapes) here += 1;
    else if (char === quote) {
      if (sql.charAt(here + 1) !== quote) return here + 1;
      here += 1;
    }
  }
  return -1;
}

function plainEnd(sql: string, at: number): number {
  return at + (matchAt(/[\p{L}_][\p{L}\p{N}_$]*|[0-9][0-9a-z_.]*|[\s\S]/iuy, sql, at)?.length ?? 1);
}

function matchAt(sticky: RegExp | undefined, text: string, at: number): string | undefined {
  if (sticky === undefined) return undefined;
  sticky.lastIndex = at;
  return sticky.exec(text)?.[0];
}

const statementWords = new Set(['select', 'insert', 'update', 'delete', 'merge', 'replace', 'create', 'values']);

/**
 * Refuses everything but one statement that starts with SELECT, or WITH leading to a SELECT; a `;` may end it. Nothing
 * is rewritten: the text is sent as it was given. Throws InvalidInputError on the field `sql`.
 */
export function assertSingleSelect(sql: string): void {
  const readings = [snowflake, databricks, ansi].map((dialect) => tokenize(sql, dialect));
  const readable = readings.filter((tokens) => tokens !== undefined);
  if (readable.length === 0) throw new InvalidInputError('sql', 'a string, quoted name or comment in it never ends');
  for (const tokens of readable) {
    const problem = problemOf(tokens);
    if (problem !== undefined) throw new InvalidInputError('sql', problem);
  }
}

function problemOf(tokens: readonly SqlToken[]): string | undefined {
  const end = tokens.findIndex((token) => token.text === ';' && token.kind === 'symbol');
  const statement = end === -1 ? tokens : tokens.slice(0, end);
  if (end !== -1 && tokens.slice(end).some((token) => token.text !== ';')) {
    return 'only one statement is accepted; there is something after the first ";"';
  }
  const [first] = statement;
  if (first?.kind !== 'word' || (first.text !== 'select' && first.text !== 'with')) {
    return 'only statements that start with SELECT or WITH are accepted: the data lake is read, never changed';
  }
  if (first.text === 'select') return undefined;
  const main = statement.find((token) => token.kind === 'word' && token.depth === 0 && statementWords.has(token.text));
  return main?.text === 'select' ? undefined : 'WITH has to lead to a SELECT: the data lake is read, never changed';
}
