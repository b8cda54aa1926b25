import fc from 'fast-check';
import { canonicalJson } from '../../../bridge/src/store/event-chain';

/** As the first chains were written: what they hash must keep its text. */
function asItWas(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : item,
  );
}

test('any value has the text that older chains were hashed over', () => {
  const anything = fc.anything({
    key: fc.oneof(fc.string(), fc.nat(30).map(String), fc.constantFrom('a', 'B', 'é', '__proto__', 'toJSON')),
    maxDepth: 5,
    withDate: true,
    withNullPrototype: true,
    withSparseArray: true,
  });
  fc.assert(
    fc.property(anything, (value) => {
      expect(canonicalJson(value)).toBe(asItWas(value));
    }),
    { numRuns: 2000 },
  );
});

test('an object whose innermost keys are out of order is gone through once, however deep it is', () => {
  let value: unknown = { b: 1, a: 2 };
  for (let depth = 0; depth < 64; depth += 1) value = { b: value, a: 0 };
  expect(canonicalJson(value)).toBe(asItWas(value));
});

test('the value that was given is not changed', () => {
  const value = Object.freeze({ b: Object.freeze([Object.freeze({ d: 1, c: 2 })]), a: 1 });
  expect(canonicalJson(value)).toBe('{"a":1,"b":[{"c":2,"d":1}]}');
});
