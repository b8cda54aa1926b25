import fc from 'fast-check';
import { splitResult, tokensIn } from '../../../bridge/src/mcp/result-pages';
import { putTogether } from '../../support/bridge/put-together';

const many = 10_000;
const split = (result: Record<string, unknown>, tokens: number) => splitResult(result, tokens, many);
const piecesOf = (pages: ReturnType<typeof split>) => pages.more.flatMap(({ pieces }) => pieces);
const size = (value: unknown) => tokensIn(JSON.stringify(value));
/** A page is about as long as it may be: names of parts are counted roughly. */
const slack = 60;

const rows = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ index, ip: `192.0.2.${index % 250}`, name: 'n'.repeat(index % 40) }));

describe('a result in pages', () => {
  it('has its small fields whole on the first page, and the beginning of its list', () => {
    const result = { status: 'succeeded', rows: rows(500), row_count: 500, complete: true, next: null };
    const pages = split(result, 2000);
    const shown = pages.first.result as typeof result;
    expect(shown).toMatchObject({ status: 'succeeded', row_count: 500, complete: true, next: null });
    expect(Object.keys(shown)).toEqual(Object.keys(result));
    expect(shown.rows.length).toBeGreaterThan(20);
    expect(shown.rows).toEqual(result.rows.slice(0, shown.rows.length));
    expect(pages.first.cut).toEqual([{ path: '/rows', unit: 'items', shown: shown.rows.length, of: 500 }]);
    expect(pages.more[0]?.pieces[0]).toMatchObject({ path: '/rows', from: shown.rows.length, of: 500 });
    expect(pages.complete).toBe(true);
    expect(putTogether(shown, piecesOf(pages))).toEqual(result);
  });

  it('gives long parts equal room', () => {
    const result = { one: 'a'.repeat(30_000), other: 'b'.repeat(30_000), id: 7 };
    const { first } = split(result, 3000);
    const { one, other, id } = first.result as typeof result;
    expect(id).toBe(7);
    expect(Math.abs(one.length - other.length)).toBeLessThan(20);
    expect(one.length).toBeGreaterThan(3000);
  });

  it('cuts an element that no page can hold, and names it', () => {
    const result = {
      rows: [
        { id: 1, raw: 'x'.repeat(20_000) },
        { id: 2, raw: 'y' },
      ],
    };
    const pages = split(result, 2000);
    expect(pages.first.cut.map(({ path }) => path)).toEqual(['/rows/0/raw', '/rows']);
    expect(putTogether(pages.first.result, piecesOf(pages))).toEqual(result);
  });

  it('never cuts a character in two', () => {
    const result = { text: '😀'.repeat(20_000), note: '調査'.repeat(4000) };
    const pages = split(result, 1999);
    const texts = [...Object.values(pages.first.result as object), ...piecesOf(pages).map(({ text }) => text)];
    for (const text of texts) expect(text).not.toMatch(/\p{Surrogate}/u);
    expect(putTogether(pages.first.result, piecesOf(pages))).toEqual(result);
  });

  it.each<[string, Record<string, unknown>]>([
    ['thousands of names', Object.fromEntries(rows(3000).map((row, index) => [`key-${index}`, row]))],
    ['a name longer than a page', { id: 1, inner: { ['k'.repeat(20_000)]: 'v'.repeat(9000), other: 1 } }],
    ['names that look like paths', { 'a/b~c': { '': rows(400), '~1': 'z'.repeat(9000) } }],
    ['deep nesting', { deep: Array.from({ length: 300 }).reduce<unknown>((inner) => [inner, 'd'.repeat(60)], 'end') }],
    [
      'names of prototypes',
      JSON.parse(`{"__proto__":${JSON.stringify(rows(400))},"constructor":"${'c'.repeat(9000)}"}`),
    ],
    ['long texts of control characters', { text: '\u0001\n"\\'.repeat(5000) }],
  ])('keeps %s, and every page within its size', (_what, result) => {
    const pages = split(result, 2000);
    expect(pages.more.length).toBeGreaterThan(1);
    expect(putTogether(pages.first.result, piecesOf(pages))).toEqual(result);
    for (const page of [pages.first, ...pages.more]) expect(size(page)).toBeLessThan(2000 + slack);
  });

  it('says so when there is more than may be kept', () => {
    const pages = splitResult({ rows: rows(5000) }, 1000, 4);
    expect(pages.more).toHaveLength(3);
    expect(pages.complete).toBe(false);
  });

  it('whatever it is: nothing is lost, nothing comes twice, every page has something on it', () => {
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { maxDepth: 4 },
        fc.string({ maxLength: 3000, unit: 'grapheme' }),
        fc.integer(),
        fc.constant(null),
        fc.array(tie('any'), { maxLength: 40 }),
        fc.dictionary(fc.string({ maxLength: 30 }), tie('any'), { maxKeys: 30 }),
      ),
    })).any;
    const objects = fc.dictionary(fc.string({ maxLength: 12 }), value, { maxKeys: 12 });
    fc.assert(
      fc.property(objects, fc.integer({ min: 1700, max: 4000 }), (made, tokens) => {
        const result = JSON.parse(JSON.stringify(made)) as Record<string, unknown>;
        const pages = split(result, tokens);
        expect(pages.complete).toBe(true);
        for (const { pieces } of pages.more) expect(pieces.length).toBeGreaterThan(0);
        for (const page of [pages.first, ...pages.more]) expect(size(page)).toBeLessThan(tokens + slack);
        expect(putTogether(pages.first.result, piecesOf(pages))).toEqual(result);
      }),
      { numRuns: 150 },
    );
  });

  it('counts no character as more than one token, and three as at least one', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(tokensIn(text)).toBeLessThanOrEqual(text.length);
        expect(tokensIn(text)).toBeGreaterThanOrEqual(text.length / 3);
      }),
    );
  });
});
