import { createHash } from 'node:crypto';
import { csvHeader, csvRecord } from '../rows/csv';
import { cleanLine } from '../text';

/** One record of a population: every cell is text, and what is not there is the empty text. */
export type PopulationRow = Readonly<Record<string, string>>;

/** A row as it stands in its file. */
export interface TableRow {
  cells: PopulationRow;
  /** SHA-256 in hex of the record's bytes in the file, without its line end: what exceptions cite. */
  sha256: string;
}

export interface Table {
  columns: readonly string[];
  rows: readonly TableRow[];
}

const longestCell = 2_000;

/** What may stand in a cell: one line without control, bidirectional or invisible characters, at most 2000 characters. */
export function cellText(value: unknown): string {
  if (value === null || value === undefined) return '';
  return cleanLine(typeof value === 'object' ? JSON.stringify(value) : String(value), longestCell);
}

/** Rows as the text of a CSV file (RFC 4180), and as they stand in it. Text that a spreadsheet would run gets an apostrophe. */
export function writeTable(
  columns: readonly string[],
  rows: readonly PopulationRow[],
): { text: string; rows: TableRow[] } {
  const lines: string[] = [csvHeader(columns)];
  const written: TableRow[] = [];
  for (const row of rows) {
    const cells = Object.fromEntries(columns.map((name) => [name, cellText(row[name])]));
    const line = csvRecord(columns, cells);
    lines.push(line);
    written.push({ cells, sha256: hashOf(line.slice(0, -2)) });
  }
  return { text: lines.join(''), rows: written };
}

/** A CSV file that cannot be one of ours. */
export class TableError extends Error {}

/**
 * Reads back what writeTable wrote, and nothing else: another quoting, a missing line end or a cell too many is an error,
 * so that two files which differ never read alike. Throws TableError that names the record.
 */
export function readTable(text: string): Table {
  const records = readRecords(text);
  const header = records.shift();
  if (header === undefined) throw new TableError('it is empty');
  const columns = header.cells;
  const rows = records.map(({ cells, line }, index) => {
    if (cells.length !== columns.length)
      throw new TableError(`record ${index + 1} has ${cells.length} cells, the header ${columns.length}`);
    const named = Object.fromEntries(columns.map((name, at) => [name, cells[at] ?? '']));
    if (csvRecord(columns, named) !== `${line}\r\n`)
      throw new TableError(`record ${index + 1} is not written as this program writes it`);
    return { cells: named, sha256: hashOf(line) };
  });
  return { columns, rows };
}

function readRecords(text: string): { cells: string[]; line: string }[] {
  const records: { cells: string[]; line: string }[] = [];
  let at = 0;
  while (at < text.length) {
    const begin = at;
    const cells: string[] = [];
    for (;;) {
      const [cell, next] = readCell(text, at, records.length);
      cells.push(cell);
      at = next;
      if (text[at] !== ',') break;
      at += 1;
    }
    if (text[at] !== '\r' || text[at + 1] !== '\n') throw new TableError(`record ${records.length} has no line end`);
    records.push({ cells, line: text.slice(begin, at) });
    at += 2;
  }
  return records;
}

function readCell(text: string, from: number, record: number): [cell: string, next: number] {
  let at = from;
  if (text[at] !== '"') {
    while (at < text.length && !',\r\n"'.includes(text[at] as string)) at += 1;
    return [withoutGuard(text.slice(from, at)), at];
  }
  for (at += 1; ; at += 1) {
    const end = text.indexOf('"', at);
    if (end < 0) throw new TableError(`record ${record} has a quote that does not end`);
    if (text[end + 1] !== '"') return [withoutGuard(text.slice(from + 1, end).replace(/""/g, '"')), end + 1];
    at = end + 1;
  }
}

const guarded = /^'(?:[\s"'\u00a0]*[=+\-@\uff1d\uff0b\uff0d\uff20]|'*[\t\r])/;

/** Takes away the apostrophe that the guard put before a formula. */
function withoutGuard(cell: string): string {
  return guarded.test(cell) ? cell.slice(1) : cell;
}

function hashOf(line: string): string {
  return createHash('sha256').update(line, 'utf8').digest('hex');
}
