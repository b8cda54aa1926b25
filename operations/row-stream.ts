import type { z } from 'zod';
import type { Ports } from './ports';
import type { Json } from './text';

export type StreamedRow = { [key: string]: Json };

/** Some rows of a list that is read page by page. */
export interface RowPage {
  /** Cleaned, like the rows that `run` gives. */
  rows: StreamedRow[];
  /** Names in the order of the SELECT; the same on every page. */
  columns: string[];
  /** Rows of this page and all before it. */
  done: number;
  /** What the service says there is in all. */
  total: number;
}

/** What is known once the last page has been read. */
export interface RowsEnd {
  query_id: string;
  /** Rows that were given out. */
  rows: number;
  /** The service's own total. */
  row_count: number;
  columns: string[];
  complete: boolean;
  /** Cursor of the first page that was not used up; null when complete. */
  next: string | null;
  cut_by: 'max_rows' | 'wait_seconds' | 'service' | null;
  bytes_scanned: number;
  execution_time_ms: number;
}

export type RowStream = AsyncGenerator<RowPage, RowsEnd, void>;

/**
 * How a list is read without the limits of `run`, for hosts that write it to a file instead of into one result. Its input
 * has limits of its own. At most two pages are in memory at any time.
 */
export interface Streaming<I extends z.ZodObject<z.ZodRawShape> = z.ZodObject<z.ZodRawShape>> {
  input: I;
  pages(ports: Ports, input: z.output<I>): RowStream;
}
