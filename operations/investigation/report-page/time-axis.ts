/** Where times lie on a drawing, and where time was left out. */
export interface TimeAxis {
  /** Position of a time in milliseconds, in the drawing's units. */
  place(time: number): number;
  /** Long stretches without events that are drawn short: their middle, and how long they were in milliseconds. */
  breaks: { at: number; leftOutMs: number }[];
  /** Times worth a label, none nearer to the next one than `minGap`. */
  ticks: { at: number; time: number }[];
}

/** A stretch without events longer than this share of all others together is drawn at that length. */
const longestShare = 0.1;

/**
 * Lays times from `left` to `right` in order. An attack is minutes of acts with hours between them: drawn to scale it would
 * be two heaps at the ends, so long silences are cut and marked.
 */
export function timeAxis(times: readonly number[], left: number, right: number, minGap: number): TimeAxis {
  const sorted = [...new Set(times.filter(Number.isFinite))].sort((a, b) => a - b);
  const first = sorted[0];
  if (first === undefined) return { place: () => left, breaks: [], ticks: [] };
  const gaps = sorted.slice(1).map((time, index) => time - (sorted[index] as number));
  const cap = capOf(gaps);
  const drawn = gaps.map((gap) => Math.min(gap, cap));
  const total = drawn.reduce((sum, gap) => sum + gap, 0);
  const scale = total === 0 ? 0 : (right - left) / total;
  const places = new Map<number, number>([[first, total === 0 ? (left + right) / 2 : left]]);
  const breaks: TimeAxis['breaks'] = [];
  let at = left;
  for (const [index, gap] of gaps.entries()) {
    const length = (drawn[index] as number) * scale;
    if (gap > cap) breaks.push({ at: at + length / 2, leftOutMs: gap - (drawn[index] as number) });
    at += length;
    places.set(sorted[index + 1] as number, at);
  }
  const ticks: TimeAxis['ticks'] = [];
  for (const [time, place] of places) {
    const last = ticks.at(-1);
    if (last === undefined || place - last.at >= minGap) ticks.push({ at: place, time });
  }
  return { place: (time) => places.get(time) ?? left, breaks, ticks };
}

/** The longest gap drawn to scale: gaps are capped until none takes more than its share of the whole, or down to the usual one. */
function capOf(gaps: readonly number[]): number {
  const usual = [...gaps].sort((a, b) => a - b)[Math.floor((gaps.length - 1) / 2)] ?? 0;
  let cap = Math.max(0, ...gaps);
  for (let round = 0; round < 40; round += 1) {
    const total = gaps.reduce((sum, gap) => sum + Math.min(gap, cap), 0);
    const wanted = Math.max(total * longestShare, usual);
    if (cap <= wanted * 1.0001) return cap;
    cap = wanted;
  }
  return cap;
}
