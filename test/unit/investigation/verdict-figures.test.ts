import { intervals, wilson } from '../../../bench/verdict-figures.mjs';

const isTrue = (value: unknown) => value === true;
const list = (yes: number, no: number) => [...Array(yes).fill(true), ...Array(no).fill(false)];

test('an interval of a share leaves room for doubt where all cases agree', () => {
  const [low, high] = wilson(list(41, 0), isTrue) ?? [];
  expect(low).toBeCloseTo(0.914, 3);
  expect(high).toBe(1);
  expect(wilson(list(0, 10), isTrue)?.[0]).toBe(0);
});

test('it is the known one for 8 of 10, and narrows with more cases', () => {
  const [low, high] = wilson(list(8, 2), isTrue) ?? [];
  expect(low).toBeCloseTo(0.49, 2);
  expect(high).toBeCloseTo(0.943, 3);
  const [narrowLow = 0, narrowHigh = 1] = wilson(list(800, 200), isTrue) ?? [];
  expect(narrowHigh - narrowLow).toBeLessThan(0.06);
});

test('there is none without cases', () => {
  expect(wilson([], isTrue)).toBeNull();
  expect(intervals([])).toEqual({ tp_detection: null, fp_rejection: null, needs_review: null, brier: null });
});
