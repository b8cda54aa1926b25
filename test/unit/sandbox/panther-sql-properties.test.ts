import fc from 'fast-check';
import { QueryFailure } from '../../../sandbox/src/panther/snowflake-sql';
import { nest, SqlSyntaxError, stringValue, tokenize } from '../../../sandbox/src/panther/sql-tokens';
import { offsetSeconds } from '../../../sandbox/src/panther/time-macros';
import { type FilledLake, lakeOf } from './panther-lake';

const literal = (value: string): string => `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;

test('tokens follow each other without overlap, and what lies between is white space or a comment', () => {
  const fragment = fc.constantFrom(
    'SELECT',
    'a:b',
    '"x y"',
    "'it''s'",
    "'\\''",
    '$$q$$',
    '1.5e3',
    '::',
    '--c\n',
    '/* x */',
    '//y\n',
    ' ',
    '(',
    ')',
    '=>',
    ',',
    'é',
  );
  fc.assert(
    fc.property(fc.array(fragment, { maxLength: 20 }), (fragments) => {
      const sql = fragments.join(' ');
      const tokens = tokenize(sql);
      let end = 0;
      for (const token of tokens) {
        expect(sql.slice(token.start, token.end)).toBe(token.text);
        expect(sql.slice(end, token.start)).toMatch(/^(\s|--c\n|\/\* x \*\/|\/\/y\n)*$/);
        end = token.end;
      }
    }),
  );
});

test('any text either nests or is refused with a place inside it', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('(', ')', '[', ']', "'", '"', 'a', ' ', '$', '/', '*', '-', '\\', '\n') }),
      (sql) => {
        try {
          nest(tokenize(sql), sql);
        } catch (error) {
          expect(error).toBeInstanceOf(SqlSyntaxError);
          expect((error as SqlSyntaxError).offset).toBeLessThanOrEqual(sql.length);
        }
      },
    ),
  );
});

test('a string literal means what was put into it', () => {
  fc.assert(
    fc.property(fc.string(), (value) => {
      const [token, ...rest] = tokenize(literal(value));
      expect(rest).toEqual([]);
      expect(token && stringValue(token)).toBe(value);
    }),
  );
});

test('an offset counts its unit, whatever its spelling', () => {
  const units = {
    s: 1,
    second: 1,
    m: 60,
    minutes: 60,
    h: 3600,
    hrs: 3600,
    d: 86_400,
    days: 86_400,
    w: 604_800,
    weeks: 604_800,
  };
  fc.assert(
    fc.property(
      fc.nat(100_000),
      fc.constantFrom(...Object.entries(units)),
      fc.constantFrom('', ' ', '  '),
      (count, [unit, seconds], gap) => {
        expect(offsetSeconds(`${count}${gap}${unit.toUpperCase()}`)).toBe(count * seconds);
        expect(offsetSeconds(`${count}${gap}`)).toBe(count);
        expect(offsetSeconds(`-${count}${unit}`)).toBeUndefined();
      },
    ),
  );
});

describe('in the lake', () => {
  let filled: FilledLake;
  beforeAll(async () => {
    filled = await lakeOf([{ eventName: 'A', eventTime: '2026-03-01T10:00:00Z' }]);
  });
  afterAll(() => filled.lake.close());

  test('text goes through a query unchanged', async () => {
    const texts = fc.array(
      fc.string({ unit: fc.constantFrom('a', "'", '"', '\\', '%', '--', '/*', '$$', ';', ':', '\n', 'é', '{', '::') }),
      { minLength: 1, maxLength: 8 },
    );
    await fc.assert(
      fc.asyncProperty(texts, async (values) => {
        const [row] = await filled.rows(`SELECT ${values.map((value, i) => `${literal(value)} AS c${i}`).join(', ')}`);
        expect(Object.values(row ?? {})).toEqual(values);
      }),
      { numRuns: 30 },
    );
  });

  test('JSON goes through PARSE_JSON unchanged, but for keys that differ in case only', async () => {
    const value = fc
      .jsonValue({ maxDepth: 2, noUnicodeString: false, stringUnit: fc.constantFrom('a', 'b', ' ', "'", '\\', '.') })
      .filter(
        (json) =>
          json !== null &&
          JSON.stringify(json).length < 300 &&
          !/e[+-]\d|-0\b|""|(^|[^.\d])\d{16}/.test(JSON.stringify(json)),
      );
    await fc.assert(
      fc.asyncProperty(value, async (json) => {
        const [row] = await filled.rows(`SELECT PARSE_JSON(${literal(JSON.stringify(json))}) AS j`);
        // Through JSON, which knows no negative zero.
        expect(row?.j).toEqual(JSON.parse(JSON.stringify(json)));
      }),
      { numRuns: 30 },
    );
  });

  test('whatever is asked, the answer is rows or a worded failure', async () => {
    const word = fc.constantFrom(
      'SELECT',
      'FROM',
      'aws_cloudtrail',
      'WHERE',
      'userIdentity',
      ':',
      'userName',
      '::',
      'string',
      '=',
      "'x'",
      '(',
      ')',
      ',',
      '*',
      'COUNT',
      'GROUP BY',
      '1',
      'p_occurs_since',
      "'1 d'",
      'CASE',
      'WHEN',
      'END',
      'LATERAL FLATTEN',
      'input =>',
      'f',
      'AS',
      'ORDER BY',
      '[0]',
      'CAST',
      'LISTAGG',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(word, { minLength: 1, maxLength: 12 }), async (words) => {
        const outcome = await filled.lake.run(`SELECT ${words.join(' ')}`).catch((error: Error) => error);
        if (outcome instanceof Error) {
          expect(outcome).toBeInstanceOf(QueryFailure);
          expect(outcome.message).not.toMatch(/DuckDB|sf_|LINE 1/);
        }
      }),
      { numRuns: 100 },
    );
  });
});
