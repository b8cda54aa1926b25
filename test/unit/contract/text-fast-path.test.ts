import fc from 'fast-check';
import {
  cleanJson,
  cleanLine,
  redactEverywhere,
  redactSecrets,
  stripEverywhere,
  stripHidden,
  truncate,
} from '../../../operations/text';
import { processorMs } from '../../support/processor-time';

/** Pieces of what the patterns look for, in every case, so that matches arise from parts and at every border. */
const words = [
  '-----BEGIN ',
  'RSA ',
  'PRIVATE KEY-----',
  '-----END ',
  'glpat-',
  'gldt-',
  'glagent-',
  'glffct-',
  'ghp_',
  'ghs_',
  'github_pat_',
  'xoxb-',
  'xapp-',
  'https://hooks.slack.com/',
  'services/T0/B0',
  'eyJhbGciOi',
  'eyJzdWIiOiIx',
  '.',
  'npm_',
  'sk',
  'pk',
  'rk',
  '-',
  '_',
  'live',
  'test',
  'proj',
  'ant',
  'AIza',
  'authorization',
  'Proxy-Authorization',
  ':',
  '=',
  '"',
  "'",
  ' ',
  '\t',
  '\n',
  'bearer ',
  'Basic ',
  'token ',
  'private-token',
  'job-token',
  'x-api-key',
  'x-amz-security-token',
  'ftp',
  '://',
  'user',
  '@',
  '/',
  'password',
  'PASSWD',
  'Secret',
  'api',
  'key',
  'access',
  'auth',
  'private',
  'arn:aws:secretsmanager:x:',
  '123456789012:',
  'abcdefghij0123456789',
  'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345',
  '[redacted secret]',
  '[+12 characters]',
  '\u017fecret',
  '\u212aey',
  '\u200b',
  '\u001b[31m',
  '\r\n',
  '\u0000',
  '\ud800',
  'Ä',
  '表',
];
const text = fc
  .array(fc.oneof(fc.constantFrom(...words), fc.string({ maxLength: 3 })), { maxLength: 14 })
  .map((parts) => parts.join(''));

test('the look for signs of a secret never changes what is redacted', () => {
  let redacted = 0;
  fc.assert(
    fc.property(text, (value) => {
      const slow = redactEverywhere(value);
      if (slow !== value) redacted += 1;
      expect(redactSecrets(value)).toBe(slow);
      expect(redactSecrets(value.toUpperCase())).toBe(redactEverywhere(value.toUpperCase()));
    }),
    { numRuns: 5_000 },
  );
  // A generator that never made a secret would prove nothing.
  expect(redacted).toBeGreaterThan(100);
});

test('the look for anything but plain text never changes what is stripped', () => {
  fc.assert(
    fc.property(fc.oneof(text, fc.string({ unit: 'binary' })), (value) => {
      expect(stripHidden(value)).toBe(stripEverywhere(value));
    }),
    { numRuns: 600 },
  );
});

test('an object whose keys need no cleaning keeps them, and any other gets cleaned ones', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.oneof(text, fc.constantFrom('__proto__', 'constructor', 'a')), { maxLength: 4 }),
      (keys) => {
        const given = JSON.parse(JSON.stringify(Object.fromEntries(keys.map((key) => [key, 0])))) as object;
        const cleaned = cleanJson(given) as object;
        expect(Object.getPrototypeOf(cleaned)).toBe(Object.prototype);
        expect(Object.keys(cleaned)).toHaveLength(Object.keys(given).length);
        for (const key of Object.keys(cleaned)) expect(cleanLine(key, 250)).toBe(key);
      },
    ),
    { numRuns: 600 },
  );
});

/** The rules of cleaning once more, without any short cut, and always copying. */
function cleanedPlainly(value: unknown): unknown {
  if (typeof value === 'string') return truncate(redactEverywhere(stripEverywhere(value)), 4000);
  if (Array.isArray(value)) return value.map(cleanedPlainly);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, cleanedPlainly(item)]));
}

test('what is not copied, and what is known from before, is as clean as the rest', () => {
  const long = fc.string({ minLength: 3_990, maxLength: 4_010 });
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof({ maxDepth: 3 }, tie('leaf'), fc.array(tie('tree'), { maxLength: 3 }), tie('record')),
    record: fc.dictionary(fc.constantFrom('a', 'b', 'userName', 'p_any_ip_addresses'), tie('tree')),
    leaf: fc.oneof(text, text, fc.integer(), fc.boolean(), fc.constant(null), long),
  }));
  fc.assert(
    fc.property(tree, (value) => {
      const given = JSON.parse(JSON.stringify(value)) as unknown;
      const before = JSON.stringify(given);
      expect(cleanJson(given)).toEqual(cleanedPlainly(given));
      // A second time, when short texts are known.
      expect(cleanJson(given)).toEqual(cleanedPlainly(given));
      expect(JSON.stringify(given)).toBe(before);
    }),
    { numRuns: 600 },
  );
});

test('a text that fits one limit is still cut at a smaller one', () => {
  const value = 'x'.repeat(100);
  expect(cleanJson(value)).toBe(value);
  expect(String(cleanJson(value, 40)).length).toBeLessThanOrEqual(40);
});

test.each([
  ['signs of a secret', 'password '.repeat(100_000)],
  ['blanks behind a sign', `${'password'.padEnd(1_000_000)}x`],
  ['addresses', '://'.repeat(300_000)],
])('a megabyte of %s is looked through in linear time', (_name, value) => {
  expect(processorMs(() => redactSecrets(value))).toBeLessThan(2_000);
});

test('two keys of which nothing is left are numbered without a space in front', () => {
  expect(Object.keys(cleanJson({ '\t': 1, '': 2 }) as object).sort()).toEqual(['', '(2)']);
});
