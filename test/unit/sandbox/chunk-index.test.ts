import fc from 'fast-check';
import { ChunkIndex, type ChunkSource } from '../../../sandbox/src/panther/chunk-index';

/** A result whose chunks have these sizes; row n holds n. Counts how often a chunk is fetched. */
function source(sizes: readonly number[]): ChunkSource & { fetched: number } {
  const starts = sizes.map((_, at) => sizes.slice(0, at).reduce((sum, size) => sum + size, 0));
  const result = {
    rowCount: sizes.reduce((sum, size) => sum + size, 0),
    chunkCount: sizes.length,
    fetched: 0,
    getChunk: (at: number) => {
      result.fetched += 1;
      return { rowCount: sizes[at] ?? 0, start: starts[at] ?? 0 };
    },
  };
  return result as unknown as ChunkSource & { fetched: number };
}

function rows(index: ChunkIndex, from: number, count: number): number[] {
  const found: number[] = [];
  index.read(from, count, (chunk, first, end) => {
    const { start } = chunk as unknown as { start: number };
    for (let row = first; row < end; row += 1) found.push(start + row);
  });
  return found;
}

test('finds any rows in any order, whatever the sizes of the chunks', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 7 }), { maxLength: 12 }),
      fc.array(fc.tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 20 })), { maxLength: 8 }),
      (sizes, reads) => {
        const given = source(sizes);
        const index = new ChunkIndex(given);
        const all = Array.from({ length: given.rowCount }, (_, row) => row);
        for (const [from, count] of reads) expect(rows(index, from, count)).toEqual(all.slice(from, from + count));
      },
    ),
  );
});

test('pages to the end fetch every chunk about once', () => {
  const given = source(Array.from({ length: 500 }, () => 2_048));
  const index = new ChunkIndex(given);
  for (let from = 0; from < given.rowCount; from += 999) expect(rows(index, from, 999)[0]).toBe(from);
  expect(given.fetched).toBeLessThanOrEqual(510);
});
