import type { Lexed } from './lexer';
import type { Problems } from './problem';
import type { Reading } from './reading';

/** Ends a line for some programs and not for others; a carriage return does so unless a line feed follows. */
const oddLineEnd = /\r(?!\n)|[\v\f\u0085\u2028\u2029]/g;
/** A hint without quotes or comments of its own. */
const plainHint = /^\/\*\+[\w\s,().]*\*\/$/;

/**
 * Reports comments whose end is not certain: text that is a comment here and SQL in the database, or the other way round,
 * gets past every other rule.
 */
export function checkComments(sql: string, lexed: Lexed, reading: Reading, problems: Problems): void {
  for (const { offset, end } of lexed.comments) {
    if (!sql.startsWith('/*', offset)) {
      oddLineEnd.lastIndex = offset;
      const found = oddLineEnd.exec(sql);
      if (found === null || found.index >= end) continue;
      problems.add(
        'unreadable',
        found.index,
        found.index + 1,
        'a character in the comment may end its line for the database',
        'end lines with a line feed',
      );
      continue;
    }
    const inner = sql.indexOf('/*', offset + 2);
    if (inner !== -1 && inner < end) {
      problems.add(
        'unreadable',
        inner,
        inner + 2,
        'whether comments nest differs, so that the end of this one is not certain',
        'leave the inner "/*" out',
      );
    } else if (reading.hints && sql.startsWith('/*+', offset) && !plainHint.test(sql.slice(offset, end))) {
      problems.add(
        'unreadable',
        offset,
        offset + 3,
        '"/*+" starts a hint, which is SQL and no comment',
        'write only names, numbers, commas and brackets into a hint',
      );
    }
  }
}
