import fc from 'fast-check';
import {
  type Position,
  type ReadOn,
  readOn,
  readPosition,
  writePosition,
} from '../../../operations/panther/page-position';

const position = fc
  .record({
    cursor: fc.option(fc.string({ unit: 'binary', minLength: 1 }), { nil: undefined }),
    pageSize: fc.integer({ min: 1, max: 999 }),
    used: fc.nat(999),
    before: fc.nat(),
  })
  .map((value) => ({ ...value, used: Math.min(value.used, value.pageSize) }));

test('a place is read back as it was written', () => {
  fc.assert(
    fc.property(fc.string(), position, (owner, place) => {
      const text = writePosition(owner, place);
      expect(text).toMatch(/^[\w-]+$/);
      expect(readPosition(owner, text, 'foreign')).toEqual(place);
    }),
  );
});

test('a place in something else is refused', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), position, (owner, other, place) => {
      fc.pre(owner !== other);
      expect(() => readPosition(other, writePosition(owner, place), 'belongs elsewhere')).toThrow(
        'cursor: belongs elsewhere',
      );
    }),
  );
});

const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

test.each([
  ['free text', 'page 2'],
  ["Panther's own cursor", encoded({ query: 'q', offset: 5 })],
  ['nothing', ''],
  ['a page too large', encoded(['q', 1000, 0, 0, null])],
  ['more used than the page has', encoded(['q', 10, 11, 0, null])],
  ['a fraction', encoded(['q', 10, 0.5, 0, null])],
  ['a negative count', encoded(['q', 10, 0, -1, null])],
  ['a cursor that is no text', encoded(['q', 10, 0, 0, 7])],
  ['too few parts', encoded(['q', 10])],
  ['too much text', 'A'.repeat(30_000)],
])('%s is no place', (_name, text) => {
  expect(() => readPosition('q', text, 'foreign')).toThrow(/^cursor: is not one that was given out/);
});

test('whatever text comes in, only a typed refusal comes out', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      try {
        readPosition('q', text, 'foreign');
      } catch (error) {
        expect(error).toMatchObject({ code: 'invalid_input', details: { field: 'cursor' } });
      }
    }),
  );
});

/** A service over the numbers 0 to total - 1. */
const service = (total: number) => async (cursor: string | undefined, pageSize: number) => {
  const from = Number(cursor ?? 0);
  const end = Math.min(total, from + pageSize);
  const items = Array.from({ length: end - from }, (_, index) => from + index);
  return { items, next: end < total ? String(end) : undefined, more: end < total };
};
const beginning = (pageSize: number): Position => ({ cursor: undefined, pageSize, used: 0, before: 0 });

test('however a list is cut into readings, each item that counts comes once and in order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.nat(60),
      fc.integer({ min: 1, max: 20 }),
      fc.array(fc.integer({ min: 1, max: 25 }), { minLength: 1 }),
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 30 }),
      async (total, pageSize, limits, every, room) => {
        const read = service(total);
        const got: number[] = [];
        let at: Position | undefined = beginning(pageSize);
        for (let turn = 0; at !== undefined; turn += 1) {
          let left = room;
          const part: ReadOn<number> = await readOn(at, {
            limit: limits[turn % limits.length] ?? 1,
            read,
            keep: (item) => item % every === 0,
            hasRoom: () => left-- > 0,
          });
          expect(at.before).toBe(got.length);
          got.push(...part.items);
          expect(part.stopped === undefined).toBe(part.next === undefined);
          at = part.next;
          expect(turn).toBeLessThan(200);
        }
        expect(got).toEqual(Array.from({ length: total }, (_, index) => index).filter((item) => item % every === 0));
      },
    ),
  );
});

test('an item without room is given when it is the first, so that a reading moves on', async () => {
  const part = await readOn(beginning(5), { limit: 10, read: service(5), hasRoom: () => false });
  expect(part).toMatchObject({ items: [0], stopped: 'room', next: { used: 1, before: 1 } });
});

test('no time for another page ends the reading at that page', async () => {
  const part = await readOn(beginning(5), { limit: 100, read: service(20), hasTime: () => false });
  expect(part).toMatchObject({ items: [0, 1, 2, 3, 4], stopped: 'time', next: { cursor: '5', used: 0, before: 5 } });
});

test('a service that gives empty pages for ever is left after a hundred', async () => {
  let reads = 0;
  const part = await readOn(beginning(5), {
    limit: 5,
    read: async () => ({ items: [], next: String(++reads), more: true }),
  });
  expect(part).toMatchObject({ items: [], stopped: 'service' });
  expect(reads).toBe(100);
});

test.each([
  ['repeats a cursor', '7'],
  ['gives no cursor', undefined],
])('a service that promises more and %s is left without a way on', async (_name, next) => {
  const part = await readOn(beginning(2), { limit: 9, read: async () => ({ items: [1], next, more: true }) });
  expect(part).toMatchObject({ stopped: 'service', next: undefined });
});
