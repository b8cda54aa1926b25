import { type Dimension, dimensions, type HalfLives } from '../../operations/analytics/behaviour/entity-day';
import type { Comparison } from '../../operations/analytics/behaviour/likelihood';
import { type AnomalyWeights, closestPeer, weigh } from '../../operations/analytics/behaviour/weights';
import type { ComparedCase } from './compared-case';
import { fitNonNegative } from './logistic';

/**
 * What people work on and where from changes within days; at what hours and with what pauses they work is theirs for months;
 * how much they do is between. Whatever is near these numbers does as well, in every tenant (docs/decisions.md).
 */
const [fast, middling, slow] = [3, 10, 90];
export const halfLives: HalfLives = {
  action: fast,
  pair: fast,
  place: middling,
  agent: middling,
  region: middling,
  error: middling,
  hour: slow,
  weekday: middling,
  burst: middling,
  gap: slow,
  events: middling,
  moments: middling,
};
/** The best of n good guesses is better by chance; a quarter to a third of ln n evens that out on any tenant tried. */
const choice = 0.3;

/**
 * Fits the weights of the score to labelled cases: which peer is the closest follows from the weights, so both are found in
 * turns; then how much the user's own usual level counts.
 */
export function fitWeights(cases: readonly ComparedCase[]): AnomalyWeights {
  const labels = cases.map(({ of }) => of.takeover);
  const seen = new Set(
    dimensions.filter((_, index) => cases.some(({ day_comparison }) => day_comparison.present[index])),
  );
  let closest: AnomalyWeights['closest'] = Object.fromEntries(dimensions.map((dimension) => [dimension, 0.5]));
  let peers: AnomalyWeights['peers'] = {};
  for (let turn = 0; turn < 8; turn += 1) {
    const rows = cases.map(({ day_comparison }) => features(day_comparison, closest));
    const { weights } = fitNonNegative(rows, labels);
    closest = named(weights.slice(0, dimensions.length));
    peers = named(weights.slice(dimensions.length));
  }
  const first: AnomalyWeights = { half_life_days: halfLives, closest, peers, choice, usual: 0, intercept: 0 };
  const rows = cases.map(({ day_comparison, usual }) => [
    weigh(day_comparison, first).score,
    -usualLevel(usual, first),
  ]);
  const { weights, intercept } = fitNonNegative(rows, labels);
  const [scale = 1, usual = 0] = weights;
  const scaled = (of: Partial<Record<Dimension, number>>) =>
    Object.fromEntries(
      Object.entries(of)
        .map(([dimension, weight]) => [dimension, Number((weight * scale).toFixed(3))] as const)
        // What weighs less than a hundredth moves no ranking, and costs as much to compare as any other.
        .filter(([dimension, weight]) => weight >= 0.01 && seen.has(dimension as Dimension)),
    );
  return {
    half_life_days: halfLives,
    closest: scaled(closest),
    peers: scaled(peers),
    choice: Number((choice * scale).toFixed(3)),
    usual: Number((usual / scale).toFixed(3)),
    intercept: Number(intercept.toFixed(3)),
  };
}

/** Mean score of ordinary days; 0 without any. */
export function usualLevel(usual: readonly Comparison[], weights: AnomalyWeights): number {
  if (usual.length === 0) return 0;
  return (
    usual.reduce((sum, comparison) => sum + weigh(comparison, weights).score - weights.intercept, 0) / usual.length
  );
}

function features(comparison: Comparison, closest: AnomalyWeights['closest']): number[] {
  const best = closestPeer(comparison, closest);
  if (best === undefined) return new Array<number>(2 * dimensions.length).fill(0);
  const gain = (from: Float64Array) => dimensions.map((_, index) => (from[index] ?? 0) - (comparison.own[index] ?? 0));
  return [...gain(best.likelihood), ...gain(comparison.mean)];
}

function named(weights: readonly number[]): Partial<Record<Dimension, number>> {
  return Object.fromEntries(dimensions.map((dimension, index) => [dimension, weights[index] ?? 0]));
}
