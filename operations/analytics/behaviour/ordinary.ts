import shipped from './anomaly-weights.json';

/** What ordinary days score, and what a score is worth among them. */
export interface Calibration {
  /** Ordinary days behind it; 0 when the quantiles are the shipped ones. */
  days: number;
  basis: 'tenant' | 'shipped';
  /** Share of ordinary days that score at least as much, above 0 and at most 1. */
  share(score: number): number;
}

/** With fewer ordinary days of its own, a tenant is measured with the shipped quantiles. */
const fewestDays = 40;
const tailShare = 0.1;
/** No tail is taken for steeper: few days cannot show that nothing ever scores much. */
const leastExcess = 0.5;
/** Days seen say little about what is rarer than one in fifty times their number. */
const farthest = 50;

/**
 * Calibrates on the scores of ordinary days. Above the upper tenth the tail is taken for exponential with the mean excess
 * found there, so that scores beyond all days seen still differ.
 */
export function calibrate(scores: readonly number[]): Calibration {
  if (scores.length < fewestDays) return { days: 0, basis: 'shipped', share: shippedShare };
  const sorted = [...scores].sort((a, b) => a - b);
  const from = Math.floor((1 - tailShare) * sorted.length);
  const threshold = sorted[from] ?? 0;
  const tail = sorted.slice(from);
  const excess = Math.max(leastExcess, tail.reduce((sum, score) => sum + score - threshold, 0) / tail.length);
  const atThreshold = tail.length / sorted.length;
  const leastShare = 1 / (farthest * sorted.length);
  return {
    days: sorted.length,
    basis: 'tenant',
    share(score) {
      if (score >= threshold) return Math.max(leastShare, atThreshold * Math.exp(-(score - threshold) / excess));
      return Math.max(atThreshold, (sorted.length - firstAtLeast(sorted, score)) / sorted.length);
    },
  };
}

const shippedPoints = Object.entries(shipped.ordinary_quantiles)
  .map(([share, score]) => ({ share: 1 - Number(share), score }))
  .sort((a, b) => a.score - b.score);

/** The last shipped quantile is one in 200. */
const shippedLeast = 0.0005;

/** Log-linear between the shipped quantiles, and beyond them as between the last two. */
function shippedShare(score: number): number {
  const above = shippedPoints.findIndex((point) => point.score >= score);
  const index = above === -1 ? shippedPoints.length - 1 : Math.max(1, above);
  const [low, high] = [shippedPoints[index - 1], shippedPoints[index]];
  if (low === undefined || high === undefined) return 1;
  const slope = Math.log(high.share / low.share) / Math.max(1e-6, high.score - low.score);
  return Math.min(1, Math.max(shippedLeast, low.share * Math.exp(slope * (score - low.score))));
}

function firstAtLeast(sorted: readonly number[], score: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) < score) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** 0 to 100: 25 for each power of ten. One ordinary day in 10 has 25, one in 100 has 50, one in 1,000 has 75. */
export function riskOf(share: number): number {
  return Math.max(0, Math.min(100, Math.round(-25 * Math.log10(share))));
}
