import { InvalidInputError } from '../../errors';
import { cleanLine } from '../../text';
import type { TenantSettings } from '../tenant-settings';
import { checkComments } from './comments';
import { lex } from './lexer';
import { checkPantherFlow, checkPragmas, checkTemplate, isPantherFlow, pragmasIn } from './pragmas';
import { Problems, type SqlProblem } from './problem';
import { QueryReader } from './query-reader';
import { type Reading, readingsFor, readsAlike } from './reading';
import { checkSymbols, singleStatement } from './statement';
import { TableRules } from './table-access';
import { TokenList } from './token-list';

export type { SqlProblem, SqlRule } from './problem';

export interface SqlGuardOptions {
  /** Database for table names without one; with or without its schema. */
  database: string;
  settings: TenantSettings;
  /** What `current_timestamp` is taken for. */
  now: Date;
}

/**
 * Everything that is wrong with a text as one reading query for the data lake, in the order of the text, at most 50
 * problems; empty when it may be sent. The text is never rewritten.
 *
 * What is checked: one statement, which is a SELECT or a WITH that leads to one; no stage, session variable, chained statement
 * or pragma; only known built-in functions; only tables of Panther's databases and of `settings.databases`; and for each table
 * in each query block a bound on p_event_time (a comparison with a time that can be worked out here, or a Panther macro) of
 * at most `settings.maxWindowDays`, from its lower bound to its upper one or now. Without a bound go panther_lookups, four small
 * tables of panther_monitor, four views of information_schema, and blocks that pick up to 20 literal ids of idColumns.
 *
 * Databases read characters differently. The rules for tables and time follow the reading of `settings.dialect`; that
 * it is one reading statement has to hold in every reading that gets to the end of the text.
 *
 * With the pragma `template` allowed and given, pieces of the template are single opaque tokens: a template can produce any text,
 * so nothing here holds for what it produces, and whoever allows it trusts its writers. With `pantherflow` allowed and given
 * as the first line, only SQL behind it is refused.
 *
 * Time is linear in the length of the text for a given depth of brackets, which is limited to 100.
 */
export function checkSql(sql: string, options: SqlGuardOptions): SqlProblem[] {
  const { settings } = options;
  const problems = new Problems(sql);
  const nul = sql.indexOf('\0');
  if (nul !== -1)
    problems.add('character', nul, nul + 1, 'the character U+0000 ends the text for some programs', 'leave it out');
  if (settings.pragmas.includes('pantherflow') && isPantherFlow(sql)) {
    checkPantherFlow(sql, problems);
    return problems.sorted();
  }
  const templated = settings.pragmas.includes('template') && pragmasIn(sql).some(({ pragma }) => pragma === 'template');
  if (settings.pragmas.includes('pantherflow')) refuseStrayPantherFlow(sql, problems);
  const [own, ...others] = readingsFor(settings.dialect);
  checkFully(sql, own, templated, options, problems);
  if (readsAlike(sql)) return problems.sorted();
  for (const reading of others) checkStatement(sql, reading, templated, problems);
  return problems.sorted();
}

/**
 * Refuses a text that checkSql finds something wrong with. Throws InvalidInputError on the field `sql` whose message names
 * the first problem, its place and the fix; `details` are `{token, line, column, rule}`.
 */
export function assertAllowedSql(sql: string, options: SqlGuardOptions): void {
  const [first, ...more] = checkSql(sql, options);
  if (first === undefined) return;
  const { rule, line, column } = first;
  const rest = more.length === 0 ? '' : ` (and ${more.length} more)`;
  const fix = first.fix === '' ? '' : `; ${first.fix}`;
  throw new InvalidInputError('sql', cleanLine(`${line}:${column} ${first.message}${fix}${rest}`, 600), {
    token: cleanLine(first.token, 60),
    line,
    column,
    rule,
  });
}

function checkFully(
  sql: string,
  reading: Reading,
  templated: boolean,
  options: SqlGuardOptions,
  problems: Problems,
): void {
  const { settings, database, now } = options;
  const lexed = lex(sql, reading, templated);
  checkPragmas(sql, lexed, settings, problems);
  checkComments(sql, lexed, reading, problems);
  if (!templated) checkTemplate(lexed.tokens, problems);
  const list = new TokenList(lexed.tokens, sql, reading);
  checkSymbols(list, problems);
  if (lexed.fault !== undefined) {
    const { rule, message, offset } = lexed.fault;
    problems.add(rule, offset, offset + 1, message, rule === 'depth' ? 'write a flatter query' : 'close it');
    return;
  }
  const statement = singleStatement(list, problems);
  if (statement === undefined) return;
  const rules = new TableRules(database, settings, reading);
  const limits = { now: now.getTime(), maxWindowDays: settings.maxWindowDays };
  new QueryReader(list, problems, rules, limits).query(statement, new Set());
}

/** What has to hold however the text is read; a reading that finds no end to a string or a comment is no reading of it. */
function checkStatement(sql: string, reading: Reading, templated: boolean, problems: Problems): void {
  const lexed = lex(sql, reading, templated);
  if (lexed.fault !== undefined && lexed.fault.rule === 'unreadable') return;
  const list = new TokenList(lexed.tokens, sql, reading);
  singleStatement(list, problems);
  for (const [index, token] of lexed.tokens.entries()) {
    if (list.isSymbol(index, '->>') || list.isSymbol(index, '|>')) {
      problems.add('pipe', token.offset, token.end, `"${token.text}" chains statements`, 'write one SELECT');
    }
  }
}

/** Allowed, but not as the first line: whether Panther takes the text for SQL is then not known. */
function refuseStrayPantherFlow(sql: string, problems: Problems): void {
  for (const { pragma, offset, end } of pragmasIn(sql)) {
    if (pragma !== 'pantherflow') continue;
    problems.add(
      'pragma',
      offset,
      end,
      'the pragma pantherflow has to be the first line',
      'begin with the line "-- pragma: pantherflow"',
    );
  }
}
