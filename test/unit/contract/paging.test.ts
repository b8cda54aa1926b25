import fc from 'fast-check';
import { collectPages, type Page } from '../../../operations/paging';

/** A service that serves `sizes[i]` items on page i, numbered through. */
function service(sizes: readonly number[]) {
  let asked = 0;
  const starts = sizes.map((_, index) => sizes.slice(0, index).reduce((sum, size) => sum + size, 0));
  return {
    total: sizes.reduce((sum, size) => sum + size, 0),
    asked: () => asked,
    read: async (cursor: string | undefined): Promise<Page<number>> => {
      asked += 1;
      const index = cursor === undefined ? 0 : Number(cursor);
      const items = Array.from({ length: sizes[index] ?? 0 }, (_, at) => (starts[index] ?? 0) + at);
      return { items, next: index + 1 < sizes.length ? String(index + 1) : undefined };
    },
  };
}

const sizes = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 20 });

test('gives the first items in order, never more than the limit, and tells the truth about completeness', async () => {
  await fc.assert(
    fc.asyncProperty(sizes, fc.integer({ min: 1, max: 200 }), async (pages, limit) => {
      const { read, total } = service(pages);
      const { items, complete, next } = await collectPages(limit, read);
      expect(items).toEqual(Array.from({ length: Math.min(limit, total) }, (_, index) => index));
      if (complete) expect(items).toHaveLength(total);
      if (total > limit) expect(complete).toBe(false);
      if (complete) expect(next).toBeNull();
    }),
  );
});

test('going on at `next` loses nothing', async () => {
  await fc.assert(
    fc.asyncProperty(sizes, fc.integer({ min: 20, max: 60 }), async (pages, limit) => {
      const { read, total } = service(pages);
      const seen = new Set<number>();
      let from: string | undefined;
      for (let calls = 0; calls < 100; calls += 1) {
        const { items, complete, next } = await collectPages(limit, read, from);
        for (const item of items) seen.add(item);
        if (complete) break;
        expect(next).not.toBeNull();
        from = next ?? undefined;
      }
      expect(seen.size).toBe(total);
    }),
  );
});

test('a looping service ends as incomplete, whatever its cursors', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 6 }),
      fc.option(fc.constantFrom('a', 'b')),
      async (cursors, from) => {
        let asked = 0;
        const result = await collectPages(
          1_000_000,
          async () => {
            asked += 1;
            return { items: [asked], next: cursors[asked % cursors.length] };
          },
          from ?? undefined,
        );
        expect(result.complete).toBe(false);
        expect(asked).toBeLessThanOrEqual(new Set(cursors).size + 1);
      },
    ),
  );
});

test('endless empty pages with ever new cursors end as incomplete', async () => {
  let asked = 0;
  const result = await collectPages(10, async () => {
    asked += 1;
    return { items: [], next: `cursor ${asked}` };
  });
  expect(result).toMatchObject({ items: [], complete: false, next: expect.any(String) });
  expect(asked).toBeLessThanOrEqual(100);
});

test('a failing page fails the reading', async () => {
  await expect(
    collectPages(10, async () => {
      throw new Error('broken');
    }),
  ).rejects.toThrow('broken');
});
