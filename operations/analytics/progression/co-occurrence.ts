import { decodeRow, type Weight } from './weight-text';

/**
 * What follows from what was seen together: a weight from each known item to each other one, as trained by
 * `bench/analytics/co-occurrence-training.ts`. Rows are texts of weight-text.ts.
 */
export interface CoOccurrenceModel {
  ids: readonly string[];
  /** In how many of the training sets each item was, in the order of `ids`. */
  counts: readonly number[];
  /** How many sets it was trained on. */
  sets: number;
  /** The largest weight of any row. */
  largest: number;
  rows: readonly string[];
}

export interface Contribution {
  id: string;
  weight: number;
}

export interface Ranked {
  id: string;
  /** Position from 1. */
  rank: number;
  /** Sum of the contributions: comparable between items of one call and, by the reliability table, between calls. */
  score: number;
  /** What it rests on, strongest first; empty when only its frequency speaks for it. */
  because: Contribution[];
}

export interface Ranker {
  knows(id: string): boolean;
  /** Share of the training sets that held the item. */
  frequency(id: string): number;
  /** Everything not in `given`, best first. Ties go to the more frequent, so that no evidence gives the frequent ones. */
  rank(given: readonly string[], most: number): Ranked[];
}

/** Prepares a model; rows are decoded when first needed. */
export function rankerOf(model: CoOccurrenceModel): Ranker {
  const indexOf = new Map(model.ids.map((id, index) => [id, index]));
  const decoded = new Map<number, Weight[]>();
  const rowOf = (index: number): Weight[] => {
    let row = decoded.get(index);
    if (row === undefined) {
      row = decodeRow(model.rows[index] ?? '', model.largest, model.ids.length);
      decoded.set(index, row);
    }
    return row;
  };
  return {
    knows: (id) => indexOf.has(id),
    frequency: (id) => (model.counts[indexOf.get(id) ?? -1] ?? 0) / model.sets,
    rank(given, most) {
      const known = [...new Set(given)].map((id) => indexOf.get(id)).filter((index) => index !== undefined);
      const scores = new Float64Array(model.ids.length);
      for (const index of known) for (const { index: target, weight } of rowOf(index)) add(scores, target, weight);
      const taken = new Set(known);
      const order = model.ids.map((_, index) => index).filter((index) => !taken.has(index));
      order.sort((a, b) => at(scores, b) - at(scores, a) || (model.counts[b] ?? 0) - (model.counts[a] ?? 0) || a - b);
      return order.slice(0, most).map((target, position) => ({
        id: model.ids[target] as string,
        rank: position + 1,
        score: at(scores, target),
        because: because(known, target),
      }));
    },
  };

  function because(known: readonly number[], target: number): Contribution[] {
    return known
      .map((index) => ({
        id: model.ids[index] as string,
        weight: rowOf(index).find((entry) => entry.index === target)?.weight ?? 0,
      }))
      .filter(({ weight }) => weight > 0)
      .sort((a, b) => b.weight - a.weight);
  }
}

function add(scores: Float64Array, index: number, value: number): void {
  scores[index] = at(scores, index) + value;
}

function at(scores: Float64Array, index: number): number {
  return scores[index] ?? 0;
}
