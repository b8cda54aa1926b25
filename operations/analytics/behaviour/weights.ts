import { type Dimension, dimensions, type HalfLives } from './entity-day';
import type { Comparison } from './likelihood';

/** The weights of the score, as `anomaly-weights.json` holds them. */
export interface AnomalyWeights {
  half_life_days: HalfLives;
  /** For each dimension: how much better the one peer explains the day that explains it best. */
  closest: Partial<Record<Dimension, number>>;
  /** For each dimension: how much better the peers explain it on average. */
  peers: Partial<Record<Dimension, number>>;
  /** For the natural logarithm of the number of peers: the best of many is good by chance. Taken off. */
  choice: number;
  /** For the entity's own usual level: the mean score of its ordinary days. Taken off. */
  usual: number;
  intercept: number;
}

/** One term of the raw score: what it says about one dimension. */
export interface RawScore {
  /** Sum of all; about the log-odds in a population where a quarter are taken over. */
  score: number;
  /** By dimension, both kinds together. */
  terms: Partial<Record<Dimension, number>>;
  /** The peer that explains the day best, and by how much in all; null without peers. */
  closest: { entity: string; gain: number } | null;
  choice: number;
}

/** Weighs a comparison. Without peers every term is 0. */
export function weigh(comparison: Comparison, weights: AnomalyWeights): RawScore {
  const best = closestPeer(comparison, weights.closest);
  const terms: RawScore['terms'] = {};
  let score = weights.intercept;
  for (const [index, dimension] of dimensions.entries()) {
    if (!comparison.present[index] || best === undefined) continue;
    const own = comparison.own[index] ?? 0;
    const term =
      (weights.closest[dimension] ?? 0) * ((best.likelihood[index] ?? 0) - own) +
      (weights.peers[dimension] ?? 0) * ((comparison.mean[index] ?? 0) - own);
    terms[dimension] = term;
    score += term;
  }
  const choice = best === undefined ? 0 : -weights.choice * Math.log(comparison.peers.length);
  return {
    score: score + choice,
    terms,
    closest: best === undefined ? null : { entity: best.entity, gain: best.gain },
    choice,
  };
}

export function closestPeer(
  comparison: Comparison,
  weights: AnomalyWeights['closest'],
): { entity: string; likelihood: Float64Array; gain: number } | undefined {
  let best: { entity: string; likelihood: Float64Array; gain: number } | undefined;
  for (const { entity, likelihood } of comparison.peers) {
    let gain = 0;
    for (const [index, dimension] of dimensions.entries())
      gain += (weights[dimension] ?? 0) * ((likelihood[index] ?? 0) - (comparison.own[index] ?? 0));
    if (best === undefined || gain > best.gain) best = { entity, likelihood, gain };
  }
  return best;
}
