import type { SqlDialect } from '../tenant-settings';

/**
 * How one database reads characters. The dialects differ in what ends a string or starts a comment: text that is harmless
 * in one may hide a second statement in another.
 */
export interface Reading {
  name: SqlDialect | 'ansi';
  /** `\'` inside a string is a quote, not its end. */
  backslashEscapes: boolean;
  /** `r'...'` has no escapes. */
  rawStrings: boolean;
  /** `//` starts a comment. */
  slashComments: boolean;
  /** A backslash before the line end carries a `--` comment on to the next line; a lone carriage return ends it. */
  continuedComments: boolean;
  /** Block comments nest. */
  nestedComments: boolean;
  /** `/*+` starts a hint, whose inside is SQL. */
  hints: boolean;
  /** Matches the opening of a dollar-quoted string, which ends where the same text comes again. */
  dollarQuote: RegExp | undefined;
  /** `"..."` is a string with the escapes of `'...'`, not a name. */
  doubleQuotedStrings: boolean;
  /** Back-ticks quote names. */
  backticks: boolean;
  /** A quoted name is kept as written, an unquoted one is turned to upper case; else case never matters. */
  exactQuotedNames: boolean;
}

const snowflakeReading: Reading = {
  name: 'snowflake',
  backslashEscapes: true,
  rawStrings: false,
  slashComments: true,
  continuedComments: false,
  nestedComments: false,
  hints: false,
  dollarQuote: /\$\$/y,
  doubleQuotedStrings: false,
  backticks: false,
  exactQuotedNames: true,
};

const databricksReading: Reading = {
  name: 'databricks',
  backslashEscapes: true,
  rawStrings: true,
  slashComments: false,
  continuedComments: true,
  nestedComments: true,
  hints: true,
  dollarQuote: undefined,
  doubleQuotedStrings: true,
  backticks: true,
  exactQuotedNames: false,
};

const ansiReading: Reading = {
  name: 'ansi',
  backslashEscapes: false,
  rawStrings: false,
  slashComments: false,
  continuedComments: false,
  nestedComments: true,
  hints: false,
  dollarQuote: /\$(?:[A-Za-z_][A-Za-z0-9_]*)?\$/y,
  doubleQuotedStrings: false,
  backticks: true,
  exactQuotedNames: false,
};

/** The tenant's own reading first, then the others. */
export function readingsFor(dialect: SqlDialect): [Reading, ...Reading[]] {
  return dialect === 'databricks'
    ? [databricksReading, snowflakeReading, ansiReading]
    : [snowflakeReading, databricksReading, ansiReading];
}

/** Whether a text has nothing that the readings could take differently, so that one reading stands for all. */
export function readsAlike(sql: string): boolean {
  return !/["`\\$\r]|\/\/|\/\*/.test(sql);
}
