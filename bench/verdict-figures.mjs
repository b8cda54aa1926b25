/**
 * The figures of the verdict benchmark, from judged episodes.
 *
 * @typedef {{id: string, source: string, half: string, label: 'attack'|'benign'|'signal', verdict: string, probability: number}} Judged
 */

const closing = new Set(['false_positive', 'benign_positive']);
export const isDetected = ({ verdict }) => verdict === 'true_positive';
export const isRejected = ({ verdict }) => closing.has(verdict);

/** Share of `list` for which `holds`; null for an empty list. */
export function share(list, holds) {
  return list.length === 0 ? null : list.filter(holds).length / list.length;
}

/** The headline figures. A case left to a person is neither detected nor rejected. @param {Judged[]} judged */
export function figuresOf(judged) {
  const attacks = judged.filter(({ label }) => label === 'attack');
  const benign = judged.filter(({ label }) => label === 'benign');
  const both = [...attacks, ...benign];
  return {
    attacks: attacks.length,
    benign: benign.length,
    tp_detection: share(attacks, isDetected),
    fp_rejection: share(benign, isRejected),
    needs_review: share(both, ({ verdict }) => verdict === 'needs_review'),
    attacks_closed: attacks.filter(isRejected).length,
    false_alarms: benign.filter(isDetected).length,
    brier:
      both.length === 0 ? null : mean(both.map((item) => (item.probability - (item.label === 'attack' ? 1 : 0)) ** 2)),
  };
}

function mean(numbers) {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}

/**
 * 95 % intervals of the headline figures. Shares have Wilson's, because drawing again from cases that all agree would show no
 * doubt at all; the Brier score has percentiles of attacks and benign cases drawn apart with replacement. The generator is
 * seeded: the same cases give the same intervals. Null where there are no cases.
 */
export function intervals(judged, rounds = 1000) {
  const attacks = judged.filter(({ label }) => label === 'attack');
  const benign = judged.filter(({ label }) => label === 'benign');
  const random = seeded(20_260_115);
  const drawn = Array.from({ length: rounds }, () =>
    figuresOf([attacks, benign].flatMap((part) => part.map(() => part[Math.floor(random() * part.length)]))),
  );
  const scores = drawn.flatMap(({ brier }) => brier ?? []).sort((a, b) => a - b);
  const at = (portion) => scores[Math.floor(scores.length * portion)];
  return {
    tp_detection: wilson(attacks, isDetected),
    fp_rejection: wilson(benign, isRejected),
    needs_review: wilson([...attacks, ...benign], ({ verdict }) => verdict === 'needs_review'),
    brier: scores.length === 0 ? null : [at(0.025), at(0.975)],
  };
}

/** Wilson's score interval of a share, 95 %. */
export function wilson(list, holds) {
  const count = list.length;
  if (count === 0) return null;
  const found = share(list, holds);
  const square = 1.959964 ** 2 / count;
  const middle = (found + square / 2) / (1 + square);
  const half = Math.sqrt(found * (1 - found) * square + square ** 2 / 4) / (1 + square);
  return [Math.max(0, middle - half), Math.min(1, middle + half)];
}

/** Mulberry32. */
export function seeded(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const edges = [0, 0.05, 0.1, 0.3, 0.5, 0.7, 0.9, 0.97, 1.001];

/** Stated probabilities beside what came true, and the expected calibration error. */
export function reliability(judged) {
  const both = judged.filter(({ label }) => label !== 'signal');
  const bins = edges.slice(0, -1).flatMap((from, index) => {
    const to = edges[index + 1];
    const inside = both.filter(({ probability }) => probability >= from && probability < to);
    if (inside.length === 0) return [];
    const stated = mean(inside.map(({ probability }) => probability));
    const seen = share(inside, ({ label }) => label === 'attack');
    return [{ from, to: Math.min(1, to), cases: inside.length, stated, seen }];
  });
  const error = bins.reduce((sum, { cases, stated, seen }) => sum + (cases * Math.abs(stated - seen)) / both.length, 0);
  return { bins, expected_calibration_error: error };
}
