import type { DuckDBDataChunk, DuckDBMaterializedResult } from '@duckdb/node-api';

export type ChunkSource = Pick<DuckDBMaterializedResult, 'rowCount' | 'chunkCount' | 'getChunk'>;

/**
 * Finds rows in a result that stays in DuckDB's chunks. Where each chunk begins is noted once; the chunk last used is
 * kept, because a page is smaller than a chunk and the next page mostly begins in the same one.
 */
export class ChunkIndex {
  /** Number of the first row of each chunk that has been seen. */
  private readonly starts: number[] = [];
  /** Rows in all chunks that have been seen. */
  private seen = 0;
  private last: { at: number; chunk: DuckDBDataChunk } | undefined;

  constructor(private readonly source: ChunkSource) {}

  /** Calls `use` for every run of rows in one chunk from row `from` on, `count` rows in all, fewer at the end. */
  read(from: number, count: number, use: (chunk: DuckDBDataChunk, first: number, end: number) => void): void {
    let left = count;
    for (let at = this.chunkOf(from); left > 0 && at < this.source.chunkCount; at += 1) {
      const chunk = this.chunk(at);
      const first = Math.max(0, from - (this.starts[at] ?? 0));
      const end = Math.min(chunk.rowCount, first + left);
      if (end > first) use(chunk, first, end);
      left -= Math.max(0, end - first);
    }
  }

  /** The chunk that holds a row; past the last chunk when there is no such row. */
  private chunkOf(row: number): number {
    while (row >= this.seen && this.starts.length < this.source.chunkCount) this.chunk(this.starts.length);
    if (row >= this.seen) return this.source.chunkCount;
    let low = 0;
    let high = this.starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.starts[middle] ?? 0) <= row) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  private chunk(at: number): DuckDBDataChunk {
    if (this.last?.at !== at) this.last = { at, chunk: this.source.getChunk(at) };
    const { chunk } = this.last;
    if (at === this.starts.length) {
      this.starts.push(this.seen);
      this.seen += chunk.rowCount;
    }
    return chunk;
  }
}
