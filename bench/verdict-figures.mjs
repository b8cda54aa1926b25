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
 * 95 % percentile intervals of the headline figures, from resampling attacks and benign cases apart with replacement. The
 * generator is seeded: the same cases give the same intervals.
 */
export function intervals(judged, rounds = 1000) {
  const random = seeded(20_260_115);
  const parts = ['attack', 'benign'].map((label) => judged.filter((item) => item.label === label));
  const drawn = Array.from({ length: rounds }, () =>
    figuresOf(parts.flatMap((part) => part.map(() => part[Math.floor(random() * part.length)]))),
  );
  const names = ['tp_detection', 'fp_rejection', 'needs_review', 'brier'];
  return Object.fromEntries(
    names.map((name) => {
      const values = drawn
        .map((figures) => figures[name])
        .filter((value) => value !== null)
        .sort((a, b) => a - b);
      return [
        name,
        values.length === 0
          ? null
          : [values[Math.floor(values.length * 0.025)], values[Math.floor(values.length * 0.975)]],
      ];
    }),
  );
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
