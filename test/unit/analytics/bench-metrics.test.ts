import fc from 'fast-check';
import { fitNonNegative } from '../../../bench/analytics/logistic';
import { rank, type Scored } from '../../../bench/analytics/metrics';
import weights from '../../../operations/analytics/behaviour/anomaly-weights.json';

const cases = fc.array(fc.record({ score: fc.integer({ min: 0, max: 6 }), positive: fc.boolean() }), {
  minLength: 2,
  maxLength: 40,
});
const scored = (list: { score: number; positive: boolean }[]): Scored[] => list.map((one) => ({ ...one, group: 'g' }));

describe('the figures of a ranking', () => {
  it('has the share of pairs in the right order for AUROC, ties by half', () => {
    fc.assert(
      fc.property(cases, (list) => {
        const positives = list.filter(({ positive }) => positive);
        const negatives = list.filter(({ positive }) => !positive);
        fc.pre(positives.length > 0 && negatives.length > 0);
        let pairs = 0;
        for (const yes of positives)
          for (const no of negatives) pairs += yes.score > no.score ? 1 : yes.score === no.score ? 0.5 : 0;
        expect(rank(scored(list)).auroc).toBeCloseTo(pairs / (positives.length * negatives.length), 9);
      }),
    );
  });

  it('is perfect, worst and chance where it should be', () => {
    const list = (scores: number[]) => scored(scores.map((score, index) => ({ score, positive: index < 5 })));
    expect(rank(list([9, 9, 8, 8, 7, 1, 1, 1, 1, 0]))).toEqual({ auroc: 1, ap: 1, tpr_at_1: 1, tpr_at_5: 1 });
    expect(rank(list([0, 0, 0, 0, 0, 1, 1, 1, 1, 1])).auroc).toBe(0);
    expect(rank(list(new Array(10).fill(3)))).toMatchObject({ auroc: 0.5, ap: 0.5, tpr_at_1: 0 });
    expect(rank(list([Number.NaN, 1, 1, 1, 1, 0, 0, 0, 0, 0])).tpr_at_1).toBe(0.8);
  });

  it('is no number without a positive or without a negative', () => {
    for (const positive of [true, false]) expect(rank(scored([{ score: 1, positive }])).auroc).toBeNaN();
  });
});

describe('the weights', () => {
  it('are found by the fit where there is one to find, and never negative', () => {
    const rows = Array.from({ length: 400 }, (_, index) => [(index % 20) - 10, (index * 7) % 11]);
    const labels = rows.map(([first = 0], index) => first + ((index * 13) % 5) > 2);
    const fitted = fitNonNegative(rows, labels);
    expect(fitted.weights[0]).toBeGreaterThan(0.3);
    const turned = fitNonNegative(
      rows,
      labels.map((label) => !label),
    );
    expect(turned.weights[0]).toBe(0);
  });

  it('that are shipped are none of them negative, and say what they come from', () => {
    for (const group of [weights.weights.closest, weights.weights.peers])
      for (const weight of Object.values(group)) expect(weight).toBeGreaterThan(0);
    expect(weights.provenance.days).toBeGreaterThan(1000);
    const quantiles = Object.values(weights.ordinary_quantiles);
    expect([...quantiles].sort((a, b) => a - b)).toEqual(quantiles);
  });
});
