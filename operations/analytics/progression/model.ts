import { type CoOccurrenceModel, type Ranker, rankerOf } from './co-occurrence';
import model from './progression-model.json';

/** How often predictions of a score came true in held-out halves. */
export interface ReliabilityBin {
  /** Scores from here on, up to the next bin's. */
  from_score: number;
  /** Share that came true. */
  rate: number;
  /** How many predictions that is the share of. */
  n: number;
}

export interface Reliability {
  by_score: ReliabilityBin[];
  /** How often at least one of the first five came true, by the sum of their scores. */
  top_five: ReliabilityBin[];
  /** What was held out, in words. */
  basis: string;
}

export interface KnownIncident {
  name: string;
  url: string;
  /** Places in the list of calls. */
  calls: number[];
}

interface ProgressionModel {
  provenance: { made_by: string; reports: string; incidents: string; licences: string[]; attack_version: string };
  techniques: CoOccurrenceModel;
  calls: CoOccurrenceModel;
  /** Reports with a technique of both tactics, in the order of the matrix; the diagonal has those with one of the tactic. */
  tactics: number[][];
  incidents: KnownIncident[];
  reliability: { techniques: Reliability; calls: Reliability };
}

/** The trained model as it ships; made by `node bench/train-progression.mjs`. */
export const progressionModel: ProgressionModel = model;

let rankers: { techniques: Ranker; calls: Ranker } | undefined;

/** Prepared once, when first asked for. */
export function progressionRankers(): { techniques: Ranker; calls: Ranker } {
  rankers ??= { techniques: rankerOf(model.techniques), calls: rankerOf(model.calls) };
  return rankers;
}

/** The bin that a score falls into; the first for anything below. */
export function binOf(bins: readonly ReliabilityBin[], score: number): ReliabilityBin | undefined {
  return bins.findLast(({ from_score }) => score >= from_score) ?? bins[0];
}
