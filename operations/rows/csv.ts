import type { StreamedRow } from '../row-stream';
import type { Json } from '../text';

/** RFC 4180 ends records with it. */
const recordEnd = '\r\n';

/**
 * What a spreadsheet would take for a formula: `=`, `+`, `-` or `@` (or their full-width forms), also behind quotes and
 * blanks, which spreadsheets drop; and a tab or carriage return, which can push what follows into a cell of its own.
 */
const formula = /^(?:[\s"'\u00a0]*[=+\-@\uff1d\uff0b\uff0d\uff20]|'*[\t\r])/;
/** A negative number is no formula, and has to stay a number: whole numbers past 2^53 arrive as text. */
const negativeNumber = /^-\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const needsQuotes = /[",\r\n]|^\s|\s$/;

export function csvHeader(columns: readonly string[]): string {
  return columns.map(textCell).join(',') + recordEnd;
}

/**
 * One record with a cell for each of the columns; a field that the row lacks is empty. A record of one empty cell would be
 * a blank line, which readers skip: that cell is `""`.
 */
export function csvRecord(columns: readonly string[], row: StreamedRow): string {
  let record = '';
  for (let index = 0; index < columns.length; index += 1) {
    if (index > 0) record += ',';
    const name = columns[index] as string;
    record += Object.hasOwn(row, name) ? csvCell(row[name]) : '';
  }
  return (record === '' ? '""' : record) + recordEnd;
}

/**
 * One cell: null is empty and the empty text is `""`, so that the two can be told apart; numbers and truth values are
 * bare, lists and objects JSON text.
 */
export function csvCell(value: Json | undefined): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return textCell(value);
  if (typeof value === 'object') return quoted(JSON.stringify(value));
  return String(value);
}

function textCell(text: string): string {
  if (text === '') return '""';
  const safe = guardFormula(text);
  return needsQuotes.test(safe) ? quoted(safe) : safe;
}

function quoted(text: string): string {
  return `"${text.replace(/"/g, '""')}"`;
}

/**
 * Puts an apostrophe before text that a spreadsheet would run. Text that already begins with one before a formula gets
 * another, so that taking one apostrophe away from what is a formula behind it always gives back the text.
 */
export function guardFormula(text: string): string {
  return formula.test(text) && !negativeNumber.test(text) ? `'${text}` : text;
}
