import fc from 'fast-check';
import { mayHavePragma, normaliseSql, withoutTrailingSemicolon } from '../../../operations/panther/normalise-sql';
import { processorMs } from '../../support/processor-time';

test.each([
  ['white space', 'SELECT\n\t a ,b\r\n FROM  t', 'SELECT a ,b FROM t'],
  ['comments', 'SELECT a -- the name\nFROM /* all */ t -- end', 'SELECT a FROM t'],
  ['a comment as the only gap', 'SELECT/**/a FROM t', 'SELECT a FROM t'],
  ['semicolons at the end', 'SELECT a FROM t ; ;-- x\n', 'SELECT a FROM t'],
  ['white space in literals stays', 'SELECT \'a  b\', "c  d", `e  f` FROM t', 'SELECT \'a  b\', "c  d", `e  f` FROM t'],
  ['comment signs in literals stay', "SELECT '-- a', 'b /* c */ ; ' FROM t;", "SELECT '-- a', 'b /* c */ ; ' FROM t"],
  ['doubled quotes', "SELECT 'it''s  --' AS a", "SELECT 'it''s  --' AS a"],
  ['case stays', 'select p:userIdentity.Arn', 'select p:userIdentity.Arn'],
  ['minus and division', 'SELECT a - b / c', 'SELECT a - b / c'],
  ['white space of no dialect stays', 'SELECT a', 'SELECT a'],
])('%s', (_name, given, expected) => {
  expect(normaliseSql(given)).toBe(expected);
});

test.each([
  ['a pragma', '-- pragma: template\nSELECT  1;'],
  ['a pragma in a block', '/* x\n pragma: pantherflow */ SELECT  1'],
  ['a hint', 'SELECT /*+ BROADCAST(t) */  1'],
  ['slashes', 'SELECT 1 // 2\n  + 3'],
  ['a dollar quote', 'SELECT $$a  b$$'],
  ['a tagged dollar quote', 'SELECT $x$a  b$x$'],
  ['a nested comment', 'SELECT /* /* */  1 */'],
  ['a backslash before a quote', "SELECT 'a\\'  b'"],
  ['a literal that never ends', "SELECT 'a  b"],
  ['a comment that never ends', 'SELECT /*  b'],
])('%s is read differently by dialects, so the text stays as it is', (_name, given) => {
  expect(normaliseSql(given)).toBe(given);
});

test.each([
  ['SELECT 1;', 'SELECT 1'],
  ['SELECT 1 ; -- done', 'SELECT 1'],
  ['SELECT 1 -- done', 'SELECT 1'],
  ["SELECT ';' ;\n;", "SELECT ';'"],
  ['SELECT  $$a$$ ;; ', 'SELECT  $$a$$'],
  ['SELECT  a -- why\n FROM  t', 'SELECT  a -- why\n FROM  t'],
])('%j ends with its statement', (given, expected) => {
  expect(withoutTrailingSemicolon(given)).toBe(expected);
});

test.each([
  ['-- pragma: template\nSELECT 1', true],
  ['SELECT 1 --PRAGMA show_macros', true],
  ['SELECT 1 // pragma: x', true],
  ['/* a\n pragma: b */ SELECT 1', true],
  ["SELECT 'Pragma: no-cache' FROM t", false],
  ["-- headers\nSELECT 'Pragma: no-cache' FROM t", false],
])('%j has a pragma: %s', (given, expected) => {
  expect(mayHavePragma(given)).toBe(expected);
});

/** Contents that look like everything a reader could trip over. */
const content = fc
  .array(
    fc.constantFrom(' ', '  ', '\n', '--', '/*', '*/', ';', '//', '$$', 'a', 'B', "''", '"', '`', 'é', '\t', '\u00a0'),
    {
      maxLength: 8,
    },
  )
  .map((parts) => parts.join(''));
const literal = content.map((text) => `'${text}'`);
const gap = fc
  .array(fc.constantFrom(' ', '\n', '\t', '\r\n', '/* note */', '-- note\n', '/*;*/'), { minLength: 1, maxLength: 3 })
  .map((parts) => parts.join(''));

/** `SELECT <literal>, <literal>… FROM t` with the gaps given. */
const statement = (literals: readonly string[], gaps: readonly string[], end = ''): string => {
  const words = ['SELECT', ...literals.flatMap((text, index) => (index === 0 ? [text] : [',', text])), 'FROM', 't'];
  return words.map((word, index) => (index === 0 ? word : `${gaps[index % gaps.length] ?? ' '}${word}`)).join('') + end;
};
const literals = fc.array(literal, { minLength: 1, maxLength: 3 });
const gaps = fc.array(gap, { minLength: 1, maxLength: 4 });

test('texts that differ inside a literal never become equal', () => {
  fc.assert(
    fc.property(literals, literals, gaps, gaps, (a, b, left, right) => {
      fc.pre(a.join('\u0000') !== b.join('\u0000'));
      expect(normaliseSql(statement(a, left))).not.toBe(normaliseSql(statement(b, right)));
    }),
    { numRuns: 2000 },
  );
});

test('every literal is found again in the normal form, unchanged and in order', () => {
  fc.assert(
    fc.property(literals, gaps, (texts, spaces) => {
      const normal = normaliseSql(statement(texts, spaces));
      let from = 0;
      for (const text of texts) {
        const at = normal.indexOf(text, from);
        expect(at).toBeGreaterThanOrEqual(from);
        from = at + text.length;
      }
    }),
  );
});

test('gaps and the end make no difference', () => {
  fc.assert(
    fc.property(
      literals,
      gaps,
      gaps,
      fc.constantFrom('', ';', ' ;\n', '-- end', '; /* end */ ;'),
      (texts, a, b, end) => {
        expect(normaliseSql(statement(texts, a, end))).toBe(normaliseSql(statement(texts, b)));
      },
    ),
  );
});

test('normalising again changes nothing, and nothing makes it fail', () => {
  const anything = fc.array(fc.oneof(content, gap, fc.string()), { maxLength: 10 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(anything, (text) => {
      const once = normaliseSql(text);
      expect(normaliseSql(once)).toBe(once);
      expect(text.startsWith(withoutTrailingSemicolon(text))).toBe(true);
    }),
    { numRuns: 2000 },
  );
});

test('a long text takes no long time', () => {
  const parts = ['-', "'", '/*', '$', ';', '-- pragm\n', "'a'''", ' ', 'pragma /*'];
  const texts = parts.flatMap((part) => ['', 'x', ' pragma'].map((end) => part.repeat(100_000 / part.length) + end));
  const spent = processorMs(() => {
    for (const text of texts) {
      normaliseSql(text);
      withoutTrailingSemicolon(text);
    }
  });
  expect(spent).toBeLessThan(1500);
});
