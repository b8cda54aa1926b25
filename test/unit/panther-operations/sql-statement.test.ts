import fc from 'fast-check';
import { InvalidInputError } from '../../../operations/errors';
import { assertSingleSelect } from '../../../operations/panther/sql-statement';

test.each([
  'SELECT 1',
  'select * from panther_logs.public.aws_cloudtrail;',
  '  -- what happened\n/* in May; */ SELECT 1 ; ; \n-- done',
  "SELECT ';' AS a, 'it''s; fine' AS b",
  "SELECT 'C:\\\\temp\\\\; DROP' AS path",
  'SELECT "a;b" FROM t',
  'SELECT $$a b$$',
  "WITH a AS (SELECT 1), b (x) AS (SELECT 'delete') SELECT * FROM a, b",
  "SELECT count(*) FROM t WHERE verb = 'delete' AND p_occurs_since('1 day')",
  'SELECT a:b.c::string, col[0] FROM t QUALIFY row_number() OVER (ORDER BY a) = 1',
  "SELECT 'unterminated \\' in one dialect only'",
])('%j is one reading statement', (sql) => {
  expect(() => assertSingleSelect(sql)).not.toThrow();
});

test.each([
  ['', 'nothing'],
  [';', 'nothing but an end'],
  ['-- SELECT 1', 'a comment'],
  ['DELETE FROM t', 'another verb'],
  ['EXPLAIN SELECT 1', 'another verb'],
  ['(SELECT 1)', 'a bracket first'],
  ['SELECT 1; SELECT 2', 'two statements'],
  ['SELECT 1 -- ;\n; DELETE FROM t', 'a second after a comment'],
  ["SELECT '\\'; DELETE FROM t; --'", 'hidden where a backslash is no escape'],
  ["SELECT 1 // ' \n; DELETE FROM t --'", 'hidden where // starts a comment'],
  ['SELECT 1 /* /* */ ; DELETE FROM t --*/', 'hidden where comments do not nest'],
  ["SELECT `'` ; DELETE FROM t --'", 'hidden where back-ticks quote'],
  ["SELECT $a$ ' $a$ ; DELETE FROM t --'", 'hidden where dollar tags quote'],
  ['SELECT "\\"" ; DELETE FROM t --"', 'hidden where double quotes are strings'],
  ["SELECT 'never ends", 'an open string'],
  ['SELECT /* never ends', 'an open comment'],
  ['WITH a AS (SELECT 1) DELETE FROM t', 'WITH before another verb'],
  ['WITH a AS (SELECT 1) INSERT INTO t SELECT * FROM a', 'WITH before INSERT'],
])('%j is refused: %s', (sql) => {
  expect(() => assertSingleSelect(sql)).toThrow(InvalidInputError);
});

/** Any text as a literal that every dialect reads the same way. */
const literal = fc.string({ maxLength: 30 }).map((text) => `'${text.replaceAll('\\', '').replaceAll("'", "''")}'`);
const comment = fc.string({ maxLength: 20 }).map((text) => `/* ${text.replaceAll(/[*/]/g, '')} */`);

test('what stands in literals and comments never changes the decision', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(literal, comment), { maxLength: 5 }), (parts) => {
      const list = parts.map((part) => (part.startsWith('/*') ? part : `${part},`)).join(' ');
      expect(() => assertSingleSelect(`SELECT ${list} 1`)).not.toThrow();
      expect(() => assertSingleSelect(`SELECT ${list} 1; DROP TABLE t`)).toThrow(InvalidInputError);
    }),
  );
});

test('any text is either accepted or refused with a typed error, quickly', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      "'",
      '"',
      '`',
      '--',
      '/*',
      '*/',
      '//',
      '$$',
      '$a$',
      ';',
      '\\',
      '\n',
      'SELECT ',
      'WITH ',
      'DELETE ',
      '(',
      ')',
    ),
    fc.string({ maxLength: 5 }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      try {
        assertSingleSelect(pieces.join(''));
      } catch (error) {
        expect(error).toBeInstanceOf(InvalidInputError);
      }
    }),
  );
  const started = performance.now();
  expect(() => assertSingleSelect(`SELECT ${"'a', ".repeat(15_000)}1`)).not.toThrow();
  expect(performance.now() - started).toBeLessThan(3000);
});
