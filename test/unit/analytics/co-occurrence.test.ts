import fc from 'fast-check';
import { signatureOf } from '../../../bench/analytics/attack-data';
import { inverseOf, techniqueOptions, train } from '../../../bench/analytics/co-occurrence-training';
import { halved } from '../../../bench/analytics/held-out';
import { binned } from '../../../bench/analytics/reliability';
import { bySight } from '../../../bench/analytics/shipped-reports';
import { rankerOf } from '../../../operations/analytics/progression/co-occurrence';
import { decodeRow, encodeRow } from '../../../operations/analytics/progression/weight-text';
import { SeededRandom } from '../../../sandbox/src/seeded-random';

const options = { lengthExponent: 0.5, dropout: 0.5, ridge: 1, smallestShare: 0 };

it('ranks what was seen together with the given first, and says why', () => {
  const sets = [
    ['a', 'b'],
    ['a', 'b', 'c'],
    ['a', 'b'],
    ['d', 'e'],
    ['d', 'e', 'c'],
    ['d', 'e'],
  ];
  const ranker = rankerOf(train(sets, ['a', 'b', 'c', 'd', 'e'], options));
  const [first] = ranker.rank(['a'], 5);
  expect(first?.id).toBe('b');
  expect(first?.because.map(({ id }) => id)).toEqual(['a']);
  expect(ranker.rank(['a', 'nobody'], 5).map(({ id }) => id)).not.toContain('a');
});

it('falls back to the frequent when nothing known is given', () => {
  const ranker = rankerOf(train([['a', 'b'], ['a'], ['c', 'a'], ['c']], ['a', 'b', 'c'], options));
  expect(ranker.rank(['unknown'], 3).map(({ id, because }) => [id, because])).toEqual([
    ['a', []],
    ['c', []],
    ['b', []],
  ]);
});

it('writes weights as text and reads them back within their rounding', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.constant(0), fc.double({ min: -1, max: 1, noNaN: true })), { minLength: 1, maxLength: 600 }),
      (row) => {
        const back = new Float64Array(row.length);
        for (const { index, weight } of decodeRow(encodeRow(row, 1, 0), 1, row.length)) back[index] = weight;
        for (const [index, weight] of row.entries()) {
          expect(Math.abs((back[index] ?? 0) - weight)).toBeLessThan(0.03);
          expect(Math.sign(back[index] ?? 0) * Math.sign(weight)).toBeGreaterThanOrEqual(0);
        }
      },
    ),
  );
});

it('refuses a text that it cannot have written', () => {
  expect(() => decodeRow('"', 1, 5)).toThrow(/character/);
  expect(() => decodeRow('!', 1, 5)).toThrow(/middle/);
  expect(() => decodeRow('z!z!', 1, 5)).toThrow(/middle/);
});

it('inverts a symmetric positive definite matrix, and refuses another', () => {
  const matrix = [4, 1, 0.5, 1, 3, 0.2, 0.5, 0.2, 2];
  const inverse = inverseOf(Float64Array.from(matrix), 3);
  for (let row = 0; row < 3; row += 1)
    for (let column = 0; column < 3; column += 1) {
      let sum = 0;
      for (let k = 0; k < 3; k += 1) sum += (matrix[row * 3 + k] ?? 0) * (inverse[k * 3 + column] ?? 0);
      expect(sum).toBeCloseTo(row === column ? 1 : 0, 9);
    }
  expect(() => inverseOf(Float64Array.from([1, 2, 2, 1]), 2)).toThrow(/positive definite/);
});

it('gives half, the same half for the same seed, and hides the rest', () => {
  const set = ['a', 'b', 'c', 'd', 'e'];
  const { given, hidden } = halved(set, new SeededRandom(1));
  expect(given).toHaveLength(3);
  expect([...given, ...hidden].sort()).toEqual(set);
  expect(halved(set, new SeededRandom(1)).given).toEqual(given);
});

it('merges bins until a higher score is never less sure', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ score: fc.double({ min: 0, max: 1, noNaN: true }), hit: fc.boolean() }), {
        minLength: 1,
        maxLength: 200,
      }),
      (scored) => {
        const bins = binned(scored, 8);
        expect(bins.reduce((sum, { n }) => sum + n, 0)).toBe(scored.length);
        expect(bins.map(({ rate }) => rate)).toEqual(bins.map(({ rate }) => rate).sort((a, b) => a - b));
      },
    ),
  );
});

it('tells reports that the model was trained on from new ones, with a technique more or less', () => {
  const ids = Array.from({ length: 20 }, (_, index) => `T${1001 + index}`);
  const fresh = Array.from({ length: 20 }, (_, index) => `T${1500 + index}`);
  const half = [...ids.slice(0, 10), ...fresh.slice(0, 10)];
  const trained = [signatureOf(ids)];
  expect(bySight([ids, ids.slice(1), fresh, half], trained)).toEqual({
    seen: [ids, ids.slice(1)],
    unseen: [fresh, half],
  });
});

it('ties sub-techniques of one technique that were never seen together, and no others', () => {
  const sets = [
    ['T1059.001', 'T1105', 'T1204'],
    ['T1059.001', 'T1105'],
    ['T1059.003', 'T1486', 'T1490'],
    ['T1059.003', 'T1486'],
    ['T1566.001', 'T1486'],
  ];
  const ids = [...new Set(sets.flat())].sort();
  const ranked = rankerOf(train(sets, ids, { ...techniqueOptions, ridge: 1, smallestShare: 0 })).rank(
    ['T1059.001'],
    10,
  );
  const score = (id: string) => ranked.find((one) => one.id === id)?.score ?? 0;
  expect(score('T1059.003')).toBeGreaterThan(0.01);
  expect(score('T1566.001')).toBeLessThan(score('T1059.003') / 4);
});
