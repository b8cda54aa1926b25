import { turnsAscii } from './letter-case';
import type { Token } from './lexer';
import type { Problems } from './problem';
import type { Range, TokenList } from './token-list';

const readOnly = 'the data lake is read, never changed';
const startFix = 'start with SELECT, or with WITH that leads to a SELECT';

/**
 * The one statement of a text, without the semicolons that may end it. Reports what is not a single statement that reads;
 * then the answer is undefined.
 */
export function singleStatement(list: TokenList, problems: Problems): Range | undefined {
  const { tokens } = list;
  const end = tokens.findIndex((token) => token.kind === 'symbol' && token.text === ';');
  const statement = { from: 0, to: end === -1 ? tokens.length : end };
  const second = end === -1 ? undefined : tokens.slice(end).find((token) => token.text !== ';');
  if (second !== undefined) {
    report(
      problems,
      'one-statement',
      second,
      'only one statement is accepted; there is something after the first ";"',
      'send each statement on its own',
    );
    return undefined;
  }
  let first = 0;
  while (list.isSymbol(first, '(')) first += 1;
  const start = first < statement.to ? tokens[first] : undefined;
  if (start === undefined) {
    problems.add('read-only', 0, 0, 'there is no statement', startFix);
    return undefined;
  }
  if (start.kind !== 'word' || (start.text !== 'select' && start.text !== 'with')) {
    report(
      problems,
      'read-only',
      start,
      `only statements that start with SELECT or WITH are accepted: ${readOnly}`,
      startFix,
    );
    return undefined;
  }
  if (start.text === 'with' && !leadsToSelect(list, first, statement.to)) {
    report(problems, 'read-only', start, `WITH has to lead to a SELECT: ${readOnly}`, startFix);
    return undefined;
  }
  return statement;
}

const statementWords = new Set(['select', 'insert', 'update', 'delete', 'merge', 'replace', 'create', 'values']);

function leadsToSelect(list: TokenList, from: number, to: number): boolean {
  const depth = list.at(from)?.depth;
  for (let at = from; at < to && list.at(at)?.depth === depth; at = list.after(at)) {
    const token = list.at(at);
    if (token?.kind === 'jinja') return true;
    const word = list.keyword(at);
    if (word !== undefined && statementWords.has(word)) return word === 'select';
    // WITH a AS (...) (SELECT ...)
    if (list.isSymbol(at, '(') && list.isSymbol(at - 1, ')') && list.holdsQuery(at)) return true;
  }
  return false;
}

/** Verbs that change something, or read what is no table. */
export const verbs = new Set(
  `alter analyze begin cache call clear comment commit copy create deallocate declare delete deny desc describe detach drop
  attach exec execute explain export fsck get grant import insert install let list load lock ls merge msck optimize pragma
  prepare purge put refresh remove rename repair replace reset restore revoke rm rollback set show sync truncate uncache undrop
  unload unlock unset update upsert use vacuum`.split(/\s+/),
);

/** What may follow a column that is called like a verb. */
const operators = new Set(
  'and or not in is like ilike rlike regexp between as asc desc collate nulls over div from escape any all'.split(' '),
);

/** Whether a statement that changes something starts here: a verb, and then a name instead of an operator. */
export function startsVerb(list: TokenList, at: number): boolean {
  const verb = list.keyword(at);
  if (verb === undefined || !verbs.has(verb)) return false;
  const next = list.at(at + 1);
  if (verb === 'delete' && next?.text === 'from') return true;
  if (next === undefined || next.kind === 'name' || next.text === '@') return next !== undefined;
  return next.kind === 'word' && !operators.has(next.text);
}

const allowedSymbols = new Set(
  '( ) [ ] { } , ; . : :: => -> = == <> != < > <= >= <=> + - * / % || | & ^ ~ ?'.split(' '),
);
/** Letters after a number: the units of the time macros, and Databricks' type marks. */
const numberMarks =
  /^(?:0x[0-9a-f]+|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?(?:s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|wks?|weeks?|l|y|f|bd)?)$/i;

/** Reports characters that mean something else than reading columns: stages, variables, chained statements. */
export function checkSymbols(list: TokenList, problems: Problems): void {
  for (const token of list.tokens) {
    if (token.kind === 'number' && !numberMarks.test(token.text)) {
      report(
        problems,
        'unreadable',
        token,
        `"${token.text.slice(0, 40)}" can be read as a number and as a number with a word`,
        'put a space after the number',
      );
    }
    const odd = token.kind === 'word' ? turnsAscii.exec(token.text)?.[0] : undefined;
    if (odd !== undefined) {
      const message = `${shown(odd)} looks like a letter of a keyword, and some databases read it as one`;
      report(problems, 'character', token, message, 'write A to Z, or quote the name');
    }
    if (token.kind !== 'symbol' || allowedSymbols.has(token.text)) continue;
    if (token.text === '@') report(problems, 'stage', token, 'stages are not read: "@" is refused', 'read a table');
    else if (token.text === '->>' || token.text === '|>') {
      report(problems, 'pipe', token, `"${token.text}" chains statements`, 'write one SELECT');
    } else if (/^\$\d+$/.test(token.text)) continue;
    else if (token.text.startsWith('$') || token.text === ':=') {
      report(
        problems,
        'variable',
        token,
        `"${token.text}" is a variable of the session, whose value is not known here`,
        'write the value itself',
      );
    } else report(problems, 'character', token, `${shown(token.text)} has no meaning here`, fixOf(token.text));
  }
}

function shown(text: string): string {
  const code = text.codePointAt(0) ?? 0;
  return code > 32 && code < 127 ? `"${text}"` : `the character U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
}

function fixOf(text: string): string {
  if (text === '!') return 'write NOT';
  if (/\s/.test(text)) return 'write a plain space';
  return /[‘’“”]/.test(text) ? "write a plain quote '" : 'leave it out';
}

export function report(
  problems: Problems,
  rule: Parameters<Problems['add']>[0],
  token: Token,
  message: string,
  fix = '',
): void {
  problems.add(rule, token.offset, token.end, message, fix);
}
