import fc from 'fast-check';
import { cleanDiff, countLines } from '../../../operations/gitlab/diff-text';
import { diffLines } from '../../../operations/gitlab/line-diff';
import { cpuMs } from '../supply-chain/cpu-time';

/** Applies hunks the way `patch` does, checking every kept and removed line and the numbers in the headers. */
function patch(before: string, diff: string): string {
  const old = before.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const result: string[] = [];
  let at = 0;
  const rows = diff === '' ? [] : diff.replace(/\n$/, '').split('\n');
  rows.forEach((row, index) => {
    const header = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@$/.exec(row);
    if (header !== null) {
      const start = Number(header[1]) - (header[2] === '0' ? 0 : 1);
      result.push(...old.slice(at, start));
      at = start;
      expect(result.length).toBe(Number(header[3]) - (header[4] === '0' ? 0 : 1));
      return;
    }
    if (row.startsWith('\\')) return;
    const ending = rows[index + 1]?.startsWith('\\') ? '' : '\n';
    const line = row.slice(1) + ending;
    if (row[0] !== '+') {
      expect(old[at]).toBe(line);
      at += 1;
    }
    if (row[0] !== '-') result.push(line);
  });
  return [...result, ...old.slice(at)].join('');
}

const line = fc.constantFrom('a', 'b', 'c', '', '}', 'x y');
const text = fc
  .tuple(fc.array(line, { maxLength: 40 }), fc.boolean())
  .map(([lines, ends]) => lines.join('\n') + (ends ? '\n' : ''));

test('applied to the old text it gives the new one, with and without a last line feed', () => {
  fc.assert(
    fc.property(text, text, (before, after) => {
      const diff = diffLines(before, after);
      expect(patch(before, diff.text)).toBe(after);
      expect(diff).toMatchObject({ added: countLines(diff.text).added, removed: countLines(diff.text).removed });
      expect(diff.text === '').toBe(before === after);
    }),
    { numRuns: 500 },
  );
});

test('small differences are shown with three lines around, near ones in one hunk', () => {
  const before = Array.from({ length: 40 }, (_, n) => `line ${n}\n`).join('');
  const after = before
    .replace('line 10\n', 'line ten\n')
    .replace('line 15\n', '')
    .replace('line 30\n', 'line 30\nline 30b\n');
  expect(diffLines(before, after).text.match(/@@.*@@/g)).toEqual(['@@ -8,12 +8,11 @@', '@@ -29,6 +28,7 @@']);
  expect(diffLines('', 'a\n').text).toBe('@@ -0,0 +1 @@\n+a\n');
  expect(diffLines('a', 'a\n').text).toBe('@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n');
});

test('texts with thousands of changes take bounded time and stay exact', () => {
  const lines = (count: number, of: (n: number) => string) =>
    Array.from({ length: count }, (_, n) => `${of(n)}\n`).join('');
  const before = lines(60_000, (n) => (n % 3 === 0 ? `{` : `"p${n}": "${n}"`));
  const after = lines(60_000, (n) => (n % 3 === 0 ? `{` : n % 5 === 0 ? `"p${n}": "${n}.1"` : `"p${n}": "${n}"`));
  expect(cpuMs(() => diffLines(before, after))).toBeLessThan(3_000);
  const diff = diffLines(before, after);
  expect(patch(before, diff.text)).toBe(after);
  expect(diff.added).toBeLessThan(12_000);
  const strangers = diffLines(
    lines(20_000, (n) => `a${n}`),
    lines(20_000, (n) => `b${n}`),
  );
  expect(strangers).toMatchObject({ added: 20_000, removed: 20_000 });
});

describe('a cleaned diff', () => {
  test('keeps its lines and signs, whatever they hold', () => {
    const part = fc.constantFrom(
      '\r',
      '\u2028',
      '\u202e',
      '\u001b[31m',
      '\u0000',
      '+',
      '-',
      ' ',
      'a',
      'password=',
      'hunter2hunter2',
      '"',
    );
    const row = fc.tuple(
      fc.constantFrom('+', '-', ' '),
      fc.array(part, { maxLength: 12 }).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(fc.array(row, { maxLength: 20 }), (rows) => {
        const cleaned = cleanDiff(rows.map(([sign, rest]) => sign + rest).join('\n')).split('\n');
        expect(cleaned.map((entry) => entry.slice(0, 1))).toEqual(
          rows.length === 0 ? [''] : rows.map(([sign]) => sign),
        );
        expect(cleaned.join('')).not.toMatch(/[\r\u2028\u202e\u001b\u0000]/);
        expect(cleaned.join('')).not.toMatch(/password=hunter2/);
      }),
    );
  });

  test('a carriage return cannot make a removed line look added', () => {
    expect(cleanDiff('-safe\r+evil')).toBe('-safe+evil');
  });

  test('a private key is gone over all its lines, and the lines are still there', () => {
    const diff = ' a\n+-----BEGIN RSA PRIVATE KEY-----\n+MIIEsimulated\n+-----END RSA PRIVATE KEY-----\n+b';
    expect(
      cleanDiff(diff)
        .split('\n')
        .map((entry) => entry[0]),
    ).toEqual([' ', '+', '+', '+', '+']);
    expect(cleanDiff(diff)).not.toContain('MIIE');
    expect(cleanDiff(diff)).toContain('+b');
  });
});
