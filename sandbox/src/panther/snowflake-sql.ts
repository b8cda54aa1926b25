import { Dialect, init, transpile } from '@polyglot-sql/sdk';
import { VARIANT_COLUMNS } from './catalogue';
import { CompilationError, RESERVED } from './rewrite-context';
import { rewrite } from './snowflake-rewrite';
import type { Piece } from './sql-pieces';
import { isOp, isWord, nameOf, nest, SqlSyntaxError, type Token, tokenize } from './sql-tokens';
import { TimeMacroError } from './time-macros';

/** A query that Panther would report as `failed`; the message is what stands in the query's `message`. */
export class QueryFailure extends Error {}

export interface Translation {
  /** DuckDB SQL, one statement. */
  sql: string;
  /** The statement began with EXPLAIN: it is compiled, not run. */
  explain: boolean;
  tokens: readonly Token[];
}

const COMPILATION = 'SQL compilation error:\n';

/** Text of a syntax error at a source offset. Lines count from 1 and positions in them from 0, as in Snowflake. */
export function syntaxFailure(sql: string, error: SqlSyntaxError): QueryFailure {
  const before = sql.slice(0, error.offset);
  const line = before.split('\n').length;
  const position = error.offset - (before.lastIndexOf('\n') + 1);
  return new QueryFailure(
    `${COMPILATION}syntax error line ${line} at position ${position} unexpected '${error.unexpected}'.`,
  );
}

/** Readies the translator (it is WebAssembly); must have resolved before the first `translate`. */
export async function initTranslation(): Promise<void> {
  await init();
}

/**
 * Translates one read-only Snowflake statement to DuckDB. `now` is the time that CURRENT_TIMESTAMP and Panther's time
 * filters mean. Throws QueryFailure with a Snowflake-like text for anything that is not one SELECT or WITH, for what
 * cannot be parsed, and for time filters that cannot be read.
 */
export function translate(sql: string, now: Date): Translation {
  try {
    if (/^\s*--\s*pragma:\s*pantherflow/im.test(sql))
      throw new QueryFailure('PantherFlow is not supported over the API.');
    const all = withoutTrailingSemicolons(tokenize(sql));
    const explain = isWord(all[0], 'EXPLAIN');
    const tokens = explain ? all.slice(isWord(all[1], 'USING') ? 3 : 1) : all;
    refuseWrites(tokens);
    const pieces = rewrite(nest(tokens, sql), {
      sql,
      now,
      variants: new Set([...VARIANT_COLUMNS, ...flattenColumns(tokens)]),
      aliases: aliasesOf(tokens),
    });
    return { sql: transpiled(pieces, tokens, sql), explain, tokens };
  } catch (error) {
    if (error instanceof SqlSyntaxError) throw syntaxFailure(sql, error);
    if (error instanceof CompilationError) throw new QueryFailure(`${COMPILATION}${error.message}`);
    if (error instanceof TimeMacroError) throw new QueryFailure(error.message);
    throw error;
  }
}

function withoutTrailingSemicolons(tokens: Token[]): Token[] {
  let end = tokens.length;
  while (isOp(tokens[end - 1], ';')) end -= 1;
  const kept = tokens.slice(0, end);
  const statements = kept.filter((token) => isOp(token, ';')).length + 1;
  if (statements > 1) {
    throw new QueryFailure(`Actual statement count ${statements} did not match the desired statement count 1.`);
  }
  return kept;
}

const VERBS = new Set(
  (
    'DELETE INSERT UPDATE MERGE TRUNCATE DROP CREATE ALTER GRANT REVOKE COPY PUT GET REMOVE RM LIST LS CALL EXECUTE USE SET UNSET SHOW ' +
    'DESC DESCRIBE BEGIN COMMIT ROLLBACK UNDROP COMMENT DECLARE'
  ).split(' '),
);

function refuseWrites(tokens: readonly Token[]): void {
  const [first] = tokens;
  if (!first) throw new QueryFailure(`${COMPILATION}syntax error line 1 at position 0 unexpected '<EOF>'.`);
  if (isWord(first, 'SELECT', 'WITH') || isOp(first, '(')) return;
  if (first.kind === 'word' && VERBS.has(first.text.toUpperCase())) throw accessFailure(tokens);
  throw new SqlSyntaxError(first.start, first.text);
}

/** What a read-only role is told about anything but a SELECT. */
export function accessFailure(tokens: readonly Token[]): QueryFailure {
  const at = tokens.findIndex((token) => isWord(token, 'INTO', 'FROM', 'TABLE', 'UPDATE'));
  let end = at + 1;
  while (isWord(tokens[end], 'IF', 'NOT', 'EXISTS', 'INTO', 'TABLE')) end += 1;
  while (isOp(tokens[end + 1], '.')) end += 2;
  const name = at < 0 ? undefined : tokens[end];
  const object = name ? `table '${nameOf(name).toUpperCase()}'` : "schema 'PUBLIC'";
  return new QueryFailure(`SQL access control error:\nInsufficient privileges to operate on ${object}.`);
}

function flattenColumns(tokens: readonly Token[]): string[] {
  return tokens.some((token) => isWord(token, 'FLATTEN')) ? ['value', 'this'] : [];
}

/** Lower-case names that may stand before a dot: given with AS, or right behind a table, a bracket or another name. */
function aliasesOf(tokens: readonly Token[]): Set<string> {
  const aliases = new Set<string>();
  for (const [i, token] of tokens.entries()) {
    const before = tokens[i - 1];
    if (token.kind !== 'word' && token.kind !== 'quoted') continue;
    const behindName =
      before &&
      (before.kind === 'word' || before.kind === 'quoted') &&
      !isWord(
        before,
        'SELECT',
        'WHERE',
        'AND',
        'OR',
        'ON',
        'BY',
        'NOT',
        'WHEN',
        'THEN',
        'ELSE',
        'DISTINCT',
        'CASE',
        'HAVING',
        'QUALIFY',
        'BETWEEN',
        'IN',
        'LIKE',
        'ILIKE',
      );
    if (behindName || isOp(before, ')')) aliases.add(nameOf(token).toLowerCase());
  }
  return aliases;
}

function transpiled(pieces: readonly Piece[], tokens: readonly Token[], source: string): string {
  let text = '';
  const starts: number[] = [];
  for (const piece of pieces) {
    starts.push(text.length);
    text += `${piece.text} `;
  }
  const result = transpile(text, Dialect.Snowflake, Dialect.DuckDB);
  const [statement] = result.sql ?? [];
  if (result.success && statement !== undefined) return statement;
  if (result.errorStart === undefined && !/^Parse error/i.test(result.error ?? ''))
    throw new Error(result.error ?? 'the translation gave nothing');
  const offset = result.errorStart ?? text.length;
  const index = starts.findLastIndex((start) => start <= offset);
  const at = pieces[index]?.at ?? 0;
  const place = tokens.findIndex((candidate) => candidate.end > at);
  const token = tokens[place];
  // The parser names the last token when the text ends too early: an operator or key word there wants something more.
  const wantsMore =
    place === tokens.length - 1 && (token?.kind === 'op' || RESERVED.has(token?.text.toUpperCase() ?? ''));
  if (!token || wantsMore || /end of input/i.test(result.error ?? ''))
    throw new SqlSyntaxError(source.trimEnd().length, '<EOF>');
  throw new SqlSyntaxError(token.start, token.text);
}
