import fc from 'fast-check';
import { cellText, readTable, TableError, writeTable } from '../../../operations/compliance/csv-table';

const columns = ['name', 'text', 'more'] as const;
const hostile = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }),
  fc
    .array(
      fc.constantFrom(
        '=',
        '+',
        '-',
        '@',
        '\t',
        '\r',
        '\n',
        '"',
        "'",
        ',',
        ' ',
        '\u202e',
        '\u200b',
        '\uff1d',
        '\u00a0',
        '1',
      ),
      { maxLength: 8 },
    )
    .map((parts) => parts.join('')),
);
const rows = fc.array(fc.record({ name: hostile, text: hostile, more: hostile }), { maxLength: 6 });

test('what was written is read back, row for row, with the hashes of its lines', () => {
  fc.assert(
    fc.property(rows, (given) => {
      const { text, rows: written } = writeTable(columns, given);
      const read = readTable(text);
      expect(read.columns).toEqual([...columns]);
      expect(read.rows).toEqual(written);
      expect(written.map(({ cells }) => cells.name)).toEqual(given.map(({ name }) => cellText(name)));
    }),
  );
});

test('no cell is a formula, and none holds what cannot be seen', () => {
  fc.assert(
    fc.property(rows, (given) => {
      const { text } = writeTable(columns, given);
      for (const line of text.split('\r\n')) {
        const [first = ''] = line.split(',');
        expect(first.replace(/^"/, '')).not.toMatch(/^[=+@\t\r]|^-(?!\d)/);
      }
      expect(text.replace(/\r\n/g, '')).not.toMatch(
        /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/,
      );
    }),
  );
});

test.each(['=1+1', '+1', '-cmd', '@SUM(A1)', "'=x", '"=x"', ' =x', '-5', '-5.2e3', "''-1", '\uff1d1'])(
  'keeps %j apart from all others',
  (value) => {
    const { text } = writeTable(['a', 'b'], [{ a: value, b: '' }]);
    expect(readTable(text).rows[0]?.cells).toEqual({ a: cellText(value), b: '' });
  },
);

test.each([
  ['', 'empty'],
  ['a,b\r\nx', 'line end'],
  ['a,b\r\nx,y', 'line end'],
  ['a,b\nx,y\n', 'line end'],
  ['a,b\r\nx\r\n', 'cells'],
  ['a,b\r\nx,"y\r\n', 'quote'],
  ['a,b\r\nx,"y"\r\n', 'not written as'],
  ['a,b\r\nx,=y\r\n', 'not written as'],
  ['a,b\r\nx,\r\n', 'not written as'],
])('refuses %j', (text, why) => {
  expect(() => readTable(text)).toThrow(TableError);
  expect(() => readTable(text)).toThrow(why);
});
