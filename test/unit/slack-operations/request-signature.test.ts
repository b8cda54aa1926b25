import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { slackSignature, verifySlackSignature } from '../../../operations/slack/request-signature';

const secret = 'simulated-signing-secret';
const now = new Date('2026-11-28T10:00:00.000Z');
const seconds = now.getTime() / 1000;
const body = 'payload=%7B%22type%22%3A%22block_actions%22%7D';

const signed = (at = seconds, rawBody: string | Uint8Array = body, key = secret) => ({
  rawBody,
  timestamp: String(at),
  signature: slackSignature(rawBody, String(at), key),
});
const problemOf = (request: Parameters<typeof verifySlackSignature>[0], secrets = [secret]) => {
  const result = verifySlackSignature(request, secrets, now);
  return result.valid ? 'valid' : result.problem;
};

test('the signature is the one of the documentation', () => {
  // https://docs.slack.dev/authentication/verifying-requests-from-slack gives the recipe; computed here on its own.
  const expected = createHmac('sha256', secret).update(`v0:${seconds}:${body}`, 'utf8').digest('hex');
  expect(signed().signature).toBe(`v0=${expected}`);
  expect(problemOf(signed())).toBe('valid');
  expect(problemOf(signed(seconds, new TextEncoder().encode(body)))).toBe('valid');
});

test.each([
  ['no signature', { ...signed(), signature: undefined }, 'missing'],
  ['an empty signature', { ...signed(), signature: '' }, 'missing'],
  ['no timestamp', { ...signed(), timestamp: undefined }, 'missing'],
  ['another version', { ...signed(), signature: signed().signature.replace('v0', 'v1') }, 'malformed'],
  ['upper case', { ...signed(), signature: signed().signature.toUpperCase() }, 'malformed'],
  ['a cut signature', { ...signed(), signature: signed().signature.slice(0, -1) }, 'malformed'],
  ['a timestamp with a sign', { ...signed(), timestamp: `-${seconds}` }, 'malformed'],
  ['a timestamp that is no number', { ...signed(), timestamp: 'NaN' }, 'malformed'],
  ['another body', { ...signed(), rawBody: `${body} ` }, 'forged'],
  ['another time', { ...signed(), timestamp: String(seconds - 1) }, 'forged'],
  ['another secret', signed(seconds, body, 'another'), 'forged'],
  ['300 s ago', signed(seconds - 300), 'valid'],
  ['301 s ago', signed(seconds - 301), 'stale'],
  ['300 s ahead', signed(seconds + 300), 'valid'],
  ['301 s ahead', signed(seconds + 301), 'future'],
])('%s', (_name, request, expected) => {
  expect(problemOf(request)).toBe(expected);
});

test('without a secret nothing is valid, whatever it is signed with', () => {
  expect(problemOf(signed(seconds, body, ''), [])).toBe('not_configured');
  expect(problemOf(signed(seconds, body, ''), [''])).toBe('not_configured');
});

test('while a secret is exchanged, the old and the new one count', () => {
  for (const key of ['old', 'new']) expect(problemOf(signed(seconds, body, key), ['new', 'old'])).toBe('valid');
  expect(problemOf(signed(seconds, body, 'old'), ['new'])).toBe('forged');
});

test('no other body, time, signature or secret passes', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'binary' }),
      fc.integer({ min: -290, max: 290 }),
      (a, b, age) => {
        const request = signed(seconds + age, a);
        expect(problemOf(request)).toBe('valid');
        if (a !== b) expect(problemOf({ ...request, rawBody: b })).toBe('forged');
        if (b !== secret) expect(problemOf(request, [b])).not.toBe('valid');
        expect(problemOf({ ...request, signature: b })).not.toBe('valid');
      },
    ),
  );
});
