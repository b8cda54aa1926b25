import type { RowStream, RowsEnd } from '../row-stream';
import { type RowEncoder, type RowFormat, rowEncoder } from './row-file';

/** One page of rows as text. */
export interface EncodedPage {
  /** What a file begins with; the same on every page, so that a result can also be cut into several files. */
  header: string;
  text: string;
  rows: number;
  /** Rows of this page and all before it, and what the service says there is in all. */
  done: number;
  total: number;
}

export interface EncodedEnd extends RowsEnd {
  /** Fields that later rows had and the file has no column for, at most 20. */
  left_out_columns: string[];
}

/** The pages of a stream as text in a format. Leaving it leaves the stream too. */
export async function* encodedPages(
  stream: RowStream,
  format: RowFormat,
): AsyncGenerator<EncodedPage, EncodedEnd, void> {
  let encoder: RowEncoder | undefined;
  let ended = false;
  try {
    for (;;) {
      const step = await stream.next();
      if (step.done) {
        ended = true;
        return { ...step.value, left_out_columns: [...(encoder?.leftOut ?? [])] };
      }
      const { rows, columns, done, total } = step.value;
      encoder ??= rowEncoder(format, columns, rows);
      yield { header: encoder.header, text: encoder.encode(rows), rows: rows.length, done, total };
    }
  } finally {
    if (!ended) await stream.return({} as RowsEnd);
  }
}
