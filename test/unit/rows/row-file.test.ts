import fc from 'fast-check';
import type { StreamedRow } from '../../../operations/row-stream';
import { csvCell, csvRecord, guardFormula } from '../../../operations/rows/csv';
import { rowEncoder } from '../../../operations/rows/row-file';

/** Reads CSV by RFC 4180: records of cells, each with whether it was quoted. */
function readCsv(text: string): { text: string; quoted: boolean }[][] {
  const records: { text: string; quoted: boolean }[][] = [];
  let at = 0;
  while (at < text.length) {
    const record: { text: string; quoted: boolean }[] = [];
    for (;;) {
      let cell = '';
      const quoted = text[at] === '"';
      if (quoted) {
        for (at += 1; !(text[at] === '"' && text[at + 1] !== '"'); at += 1) {
          if (at >= text.length) throw new Error('a quoted cell does not end');
          if (text[at] === '"') at += 1;
          cell += text[at];
        }
        at += 1;
      } else {
        const end = text.slice(at).search(/[,\r\n]/);
        cell = text.slice(at, at + end);
        if (cell.includes('"')) throw new Error(`a bare cell holds a quote: ${cell}`);
        at += end;
      }
      record.push({ text: cell, quoted });
      if (text[at] === ',') at += 1;
      else if (text.startsWith('\r\n', at)) {
        at += 2;
        break;
      } else throw new Error(`neither a comma nor the end of a record at ${at}`);
    }
    records.push(record);
  }
  return records;
}

/** What a spreadsheet might run, said independently of the guard: blanks and quotes in front do not count. */
const runs = (cell: string) => /^[=+@\-\uff1d\uff0b\uff0d\uff20]/u.test(cell.replace(/^[\s"']+/u, ''));
const isNumber = (cell: string) => cell.trim() !== '' && Number.isFinite(Number(cell));

const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom('=', '+', '-', '@', '\t', '\r', '\n', ' ', '"', "'", ',', ';', '|', '\uff1d', '\u00a0'),
      fc.constantFrom('cmd', "=cmd|' /C calc'!A0", '1', '-12.5', 'a', '=HYPERLINK("https://evil.example","x")'),
      fc.string({ unit: 'grapheme', maxLength: 4 }),
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.join(''));
const cell = fc.oneof(
  hostile,
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.constant(null),
  fc.array(hostile, { maxLength: 3 }),
  fc.dictionary(fc.string({ maxLength: 3 }), hostile, { maxKeys: 3 }),
);
const columns = fc.uniqueArray(fc.oneof(hostile, fc.constantFrom('a', 'b', '__proto__', 'constructor')), {
  minLength: 1,
  maxLength: 5,
});
const table = columns.chain((names) =>
  fc.record({
    names: fc.constant(names),
    rows: fc.array(
      fc
        .tuple(...names.map(() => cell))
        .map((values) => JSON.parse(JSON.stringify(Object.fromEntries(names.map((name, i) => [name, values[i]]))))),
      { maxLength: 4 },
    ) as fc.Arbitrary<StreamedRow[]>,
  }),
);

/** Undoes the guard: one apostrophe before what is a formula. */
const unguarded = (text: string) =>
  text.startsWith("'") && guardFormula(text.slice(1)) === text ? text.slice(1) : text;

describe('CSV', () => {
  test('gives back every value', () => {
    fc.assert(
      fc.property(table, ({ names, rows }) => {
        const encoder = rowEncoder('csv', names, rows);
        const [header, ...records] = readCsv(encoder.header + encoder.encode(rows));
        expect(header?.map(({ text }) => unguarded(text))).toEqual(names);
        expect(records).toHaveLength(rows.length);
        for (const [index, row] of rows.entries()) {
          for (const [at, name] of names.entries()) {
            const { text, quoted } = records[index]?.[at] ?? { text: 'missing', quoted: false };
            const value = row[name];
            if (value === null || value === undefined) {
              expect({ text, quoted }).toEqual({ text: '', quoted: names.length === 1 });
            } else if (typeof value === 'string') {
              expect(unguarded(text)).toBe(value);
              if (value === '') expect(quoted).toBe(true);
            } else expect(JSON.parse(text)).toEqual(value);
          }
        }
        expect(encoder.leftOut).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  test('no cell of text is one that a spreadsheet runs', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const [record] = readCsv(csvRecord(['x', 'y'], { x: text }));
        const shown = record?.[0]?.text ?? '';
        // The apostrophe is the guard; without it the cell must be harmless or a number.
        expect(!runs(text) || isNumber(text) || shown.startsWith("'")).toBe(true);
        expect(shown).not.toMatch(/^[\t\r]/);
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    '=1+1',
    '+1 234',
    '-a',
    '@SUM(A1)',
    '\t=1',
    '\r=1',
    ' =1',
    '"=1',
    ' " =1',
    "'=1",
    '\u00a0=1',
    '\uff1d1',
    '-',
    '-1-1',
  ])('guards %j', (text) => expect(guardFormula(text)).toBe(`'${text}`));
  test.each(['-5', '-12.5e3', '-12345678901234567890', 'a=b', '1+1', 'user@site.example', '', '{"a":"=1"}'])(
    'leaves %j alone',
    (text) => expect(guardFormula(text)).toBe(text),
  );
  test('leaves negative numbers alone', () => expect(csvCell(-5)).toBe('-5'));

  test('has a column for every field of the first page, and tells which later ones had none', () => {
    const encoder = rowEncoder('csv', ['a'], [{ a: 1, b: 2 }]);
    expect(encoder.header).toBe('a,b\r\n');
    expect(encoder.encode([{ b: 3 }, { a: 4, c: 5 }])).toBe(',3\r\n4,\r\n');
    expect(encoder.leftOut).toEqual(['c']);
  });
});

test('NDJSON has one line a row, which gives back the row', () => {
  fc.assert(
    fc.property(table, ({ names, rows }) => {
      const encoder = rowEncoder('ndjson', names, rows);
      const lines = (encoder.header + encoder.encode(rows)).split('\n');
      expect(lines.pop()).toBe('');
      expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(rows);
    }),
  );
});
