import fc from 'fast-check';
import { cleanText, redactSecrets } from '../../operations/text';
import { cpuMs } from './supply-chain/cpu-time';

const secrets = [
  'AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY',
  'database_password: "correct-horse-battery"',
  'Authorization: Bearer abcdef1234567890',
  'PRIVATE-TOKEN: abcdef1234567890',
  'https://deploy:hunter2hunter2@git.example/x.git',
  'glpat-abcdefghij0123456789',
  'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl',
];

test.each(secrets)('redacts the secret of %s and nothing more the second time', (line) => {
  const once = redactSecrets(`before ${line} after`);
  expect(once).toMatch(/^before .*\[redacted [a-zA-Z ]+\].* after$/);
  expect(once).not.toMatch(/wJalr|correct-horse|abcdef|hunter2|eyJzdWIi/);
  expect(redactSecrets(once)).toBe(once);
});

test('redacting twice is redacting once, for any mix of secrets and noise', () => {
  const piece = fc.oneof(fc.constantFrom(...secrets), fc.string({ maxLength: 12 }), fc.constantFrom('\n', '=', ': '));
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const once = redactSecrets(pieces.join(' '));
      expect(redactSecrets(once)).toBe(once);
    }),
  );
});

test.each([
  ['dots', 'a.'.repeat(500_000)],
  ['token prefixes', 'eyJaaaaaaaa-'.repeat(80_000)],
  ['addresses', 'a://a:'.repeat(150_000)],
  ['keywords', 'password '.repeat(100_000)],
  ['key headers', '-----BEGIN PRIVATE '.repeat(50_000)],
])('a megabyte of %s is cleaned in linear time', (_name, text) => {
  expect(cpuMs(() => cleanText(text))).toBeLessThan(3000);
});
