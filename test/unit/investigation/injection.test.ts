import { canonicalJson } from '../../../operations/investigation/canonical-json';
import { encodings, orders, plantable, type World } from '../../support/planted-text';
import { cases, correlated, worldOf } from '../../support/planted-world';

/**
 * Instructions planted wherever an attacker can write: verdict, severity, actions and evidence are the same bytes with and
 * without them. Only the hashes of the rows differ, because the rows do.
 */
function judged(world: World) {
  const { verdict, evidence, coverage, next_actions, observed } = correlated(world);
  const items = evidence.map((item) => ({ ...item, row_sha256: null }));
  return canonicalJson({ verdict, severity: verdict.severity, next_actions, observed, coverage, evidence: items });
}

const planted = Object.entries(plantable).flatMap(([field, plant], place) =>
  Object.entries(orders).map(
    ([language, text], index): [string, string, string, (world: World, text: string) => World, string] => {
      const encoding = Object.keys(encodings)[(place + index) % Object.keys(encodings).length] ?? 'plain';
      return [field, language, encoding, plant, (encodings[encoding] ?? String)(text)];
    },
  ),
);

test('there are at least 150 planted instructions, in every field, language and encoding', () => {
  expect(planted.length).toBeGreaterThanOrEqual(150);
  expect(new Set(planted.map(([, , encoding]) => encoding)).size).toBe(Object.keys(encodings).length);
});

test('the three cases end in three ways', () => {
  const outcomes = Object.values(cases).map((rows) => JSON.parse(judged(worldOf(rows))).verdict.outcome);
  expect(outcomes).toEqual(['true_positive', 'needs_review', 'false_positive']);
});

test.each(planted)('%s, %s, %s', (_field, _language, _encoding, plant, text) => {
  for (const rows of Object.values(cases)) {
    const clean = worldOf(rows);
    expect(judged(plant(clean, text))).toBe(judged(clean));
  }
});
