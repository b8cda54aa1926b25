/**
 * SQL in one spelling, to tell whether two texts ask the same: white space outside literals and quoted names becomes one
 * space, comments go, and so do semicolons at the end. Case stays, because paths into JSON depend on it. The result is for
 * comparing and is never sent.
 *
 * A text that the dialects read differently (`//`, dollar quotes, nested comments, a backslash before a quote) is its own
 * spelling, and so is one with a pragma or a hint: there comments and line ends have a meaning.
 */
export function normaliseSql(sql: string): string {
  const pieces = piecesOf(sql);
  if (pieces === undefined) return sql;
  let text = '';
  for (const { start, end, blank } of pieces) {
    if (!blank) text += sql.slice(start, end);
    else if (text !== '' && !text.endsWith(' ')) text += ' ';
  }
  return trimmedEnd(text);
}

/** The text as given, without the semicolons at its end and whatever comments stand among and behind them. */
export function withoutTrailingSemicolon(sql: string): string {
  const pieces = piecesOf(sql);
  if (pieces === undefined) return trimmedEnd(sql);
  const last = pieces.findLast(({ start, end, blank }) => !blank && sql.slice(start, end) !== ';');
  return last === undefined ? '' : sql.slice(0, last.end);
}

/** Whether a comment of the text may be a pragma, in whatever dialect. May say yes to what only looks like one. */
export function mayHavePragma(sql: string): boolean {
  if (!/pragma/i.test(sql)) return false;
  const block = sql.indexOf('/*');
  if (block !== -1 && /pragma/i.test(sql.slice(block))) return true;
  return sql.split(/[\r\n]/).some((line) => {
    const comment = line.search(/--|\/\/|#/);
    return comment !== -1 && /pragma/i.test(line.slice(comment));
  });
}

/** Without semicolons and white space at the end. A literal ends with its quote, so this never reaches into one. */
function trimmedEnd(text: string): string {
  let end = text.length;
  while (end > 0 && /[;\s]/.test(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
}

interface Piece {
  start: number;
  end: number;
  /** White space or a comment. */
  blank: boolean;
}

const whiteSpace = /[ \t\r\n\f\v]+/y;
/** Up to whatever could begin something else. */
const plain = /[^ \t\r\n\f\v'"`;$/-]+/y;
const dollarQuote = /\$\w*\$/y;

/** The pieces of a text that all dialects read alike; undefined for any other, and for one with a literal that never ends. */
function piecesOf(sql: string): Piece[] | undefined {
  if (mayHavePragma(sql)) return undefined;
  const pieces: Piece[] = [];
  for (let at = 0; at < sql.length; ) {
    const blankEnd = endOf(whiteSpace, sql, at) ?? commentEnd(sql, at);
    const end = blankEnd ?? quotedEnd(sql, at) ?? endOf(plain, sql, at) ?? at + 1;
    if (end === unclear || sql.startsWith('//', at) || endOf(dollarQuote, sql, at) !== undefined) return undefined;
    pieces.push({ start: at, end, blank: blankEnd !== undefined });
    at = end;
  }
  return pieces;
}

const unclear = -1;

function endOf(sticky: RegExp, sql: string, at: number): number | undefined {
  sticky.lastIndex = at;
  return sticky.test(sql) ? sticky.lastIndex : undefined;
}

function commentEnd(sql: string, at: number): number | undefined {
  if (sql.startsWith('--', at)) {
    const line = sql.indexOf('\n', at);
    const end = line === -1 ? sql.length : line;
    // Whether a carriage return alone ends a line is not the same everywhere.
    return /\r(?!$)/.test(sql.slice(at, end)) ? unclear : end;
  }
  if (!sql.startsWith('/*', at)) return undefined;
  const close = sql.indexOf('*/', at + 2);
  const nested = sql.indexOf('/*', at + 2);
  if (close === -1 || (nested !== -1 && nested < close) || sql.startsWith('/*+', at)) return unclear;
  return close + 2;
}

function quotedEnd(sql: string, at: number): number | undefined {
  const quote = sql.charAt(at);
  if (quote !== "'" && quote !== '"' && quote !== '`') return undefined;
  for (let from = at + 1; ; ) {
    const close = sql.indexOf(quote, from);
    if (close === -1 || sql.charAt(close - 1) === '\\') return unclear;
    if (sql.charAt(close + 1) !== quote) return close + 1;
    from = close + 2;
  }
}
