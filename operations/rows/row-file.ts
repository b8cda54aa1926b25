import type { StreamedRow } from '../row-stream';
import { csvHeader, csvRecord } from './csv';

export const rowFormats = ['ndjson', 'csv'] as const;
export type RowFormat = (typeof rowFormats)[number];

export const mimeTypes: Record<RowFormat, string> = { ndjson: 'application/x-ndjson', csv: 'text/csv' };

/** Turns rows into the text of one file, piece by piece. */
export interface RowEncoder {
  /** What every file begins with; for CSV its line of column names. */
  readonly header: string;
  /** The rows' lines, each with its line end. */
  encode(rows: readonly StreamedRow[]): string;
  /** Fields that rows had and the file has no column for, at most 20; always empty for NDJSON. */
  readonly leftOut: readonly string[];
}

/**
 * `columns` are the names of the SELECT. A CSV file has a column for each of them and for every further field of
 * `firstRows`; NDJSON takes rows as they come.
 */
export function rowEncoder(
  format: RowFormat,
  columns: readonly string[],
  firstRows: readonly StreamedRow[] = [],
): RowEncoder {
  return format === 'csv' ? new CsvEncoder(columns, firstRows) : new NdjsonEncoder();
}

class NdjsonEncoder implements RowEncoder {
  readonly header = '';
  readonly leftOut: readonly string[] = [];

  encode(rows: readonly StreamedRow[]): string {
    let text = '';
    for (const row of rows) text += `${JSON.stringify(row)}\n`;
    return text;
  }
}

const mostLeftOut = 20;

class CsvEncoder implements RowEncoder {
  readonly header: string;
  readonly leftOut: string[] = [];
  private readonly columns: string[];
  private readonly known: Set<string>;

  constructor(columns: readonly string[], firstRows: readonly StreamedRow[]) {
    this.known = new Set([...columns, ...firstRows.flatMap((row) => Object.keys(row))]);
    this.columns = [...this.known];
    this.header = csvHeader(this.columns);
  }

  encode(rows: readonly StreamedRow[]): string {
    let text = '';
    for (const row of rows) {
      text += csvRecord(this.columns, row);
      for (const name in row) if (!this.known.has(name)) this.leaveOut(name);
    }
    return text;
  }

  private leaveOut(name: string): void {
    if (this.leftOut.length < mostLeftOut && !this.leftOut.includes(name)) this.leftOut.push(name);
  }
}
