import type { CoOccurrenceModel, Ranker } from '../../operations/analytics/progression/co-occurrence';
import type { SeededRandom } from '../../sandbox/src/seeded-random';

/** One set of which half was told and half was hidden. */
export interface HeldOut {
  given: string[];
  hidden: string[];
}

/** Shuffled; the first half is given, the larger one where they differ. */
export function halved(set: readonly string[], random: SeededRandom): HeldOut {
  const shuffled = shuffle(set, random);
  const half = Math.ceil(shuffled.length / 2);
  return { given: shuffled.slice(0, half), hidden: shuffled.slice(half) };
}

/** Fisher and Yates; a new list. */
export function shuffle<T>(list: readonly T[], random: SeededRandom): T[] {
  const shuffled = [...list];
  for (let last = shuffled.length - 1; last > 0; last -= 1) {
    const other = random.int(0, last);
    [shuffled[last], shuffled[other]] = [shuffled[other] as T, shuffled[last] as T];
  }
  return shuffled;
}

/** One prediction at its rank, and whether it was among the hidden. */
export interface Prediction {
  given: number;
  rank: number;
  score: number;
  hit: boolean;
}

export interface Outcome {
  recallAt20: number;
  recallAt10: number;
  hitAt5: boolean;
  given: number;
  predictions: Prediction[];
}

/** Ranks the hidden half by the given one; hidden items that the ranker does not know are missed. */
export function outcomeOf(ranker: Pick<Ranker, 'rank'>, { given, hidden }: HeldOut): Outcome {
  const top = ranker.rank(given, 20);
  const sought = new Set(hidden);
  const found = (most: number) => top.filter(({ id, rank }) => rank <= most && sought.has(id)).length;
  return {
    recallAt20: found(20) / hidden.length,
    recallAt10: found(10) / hidden.length,
    hitAt5: found(5) > 0,
    given: given.length,
    predictions: top.map(({ id, rank, score }) => ({ given: given.length, rank, score, hit: sought.has(id) })),
  };
}

export interface Summary {
  recall_at_20: number;
  recall_at_10: number;
  hit_at_5: number;
  n: number;
}

export function summaryOf(outcomes: readonly Outcome[]): Summary {
  const mean = (value: (outcome: Outcome) => number) =>
    outcomes.reduce((sum, outcome) => sum + value(outcome), 0) / outcomes.length;
  return {
    recall_at_20: mean(({ recallAt20 }) => recallAt20),
    recall_at_10: mean(({ recallAt10 }) => recallAt10),
    hit_at_5: mean(({ hitAt5 }) => (hitAt5 ? 1 : 0)),
    n: outcomes.length,
  };
}

/** The same whatever is given: what was most frequent. The floor that a model has to beat. */
export function byPopularity({ ids, counts }: Pick<CoOccurrenceModel, 'ids' | 'counts'>): Pick<Ranker, 'rank'> {
  const order = ids.map((id, index) => ({ id, count: counts[index] ?? 0 })).sort((a, b) => b.count - a.count);
  return {
    rank(given, most) {
      const taken = new Set(given);
      return order
        .filter(({ id }) => !taken.has(id))
        .slice(0, most)
        .map(({ id, count }, index) => ({ id, rank: index + 1, score: count, because: [] }));
    },
  };
}
