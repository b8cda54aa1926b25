import { SeededRandom } from '../../sandbox/src/seeded-random';

/** A case that was scored: higher is more unusual. `group` is what the bootstrap draws: cases of one person hang together. */
export interface Scored {
  score: number;
  positive: boolean;
  group: string;
}

export interface Ranking {
  /** Chance that a positive ranks above a negative; ties count half. */
  auroc: number;
  /** Average precision: mean over the positives of the precision down to each; ties share one place. */
  ap: number;
  /** Share of positives found when at most 1 % (5 %) of the negatives are. */
  tpr_at_1: number;
  tpr_at_5: number;
}

/** Raw ranking figures. NaN scores count as lowest. Without a positive or without a negative all are NaN. */
export function rank(cases: readonly Scored[]): Ranking {
  const value = (score: number) => (Number.isNaN(score) ? Number.NEGATIVE_INFINITY : score);
  const sorted = [...cases].sort((a, b) => value(b.score) - value(a.score));
  const positives = cases.filter(({ positive }) => positive).length;
  const negatives = cases.length - positives;
  if (positives === 0 || negatives === 0)
    return { auroc: Number.NaN, ap: Number.NaN, tpr_at_1: Number.NaN, tpr_at_5: Number.NaN };
  let [hits, misses, area, ap, at1, at5] = [0, 0, 0, 0, 0, 0];
  for (let from = 0; from < sorted.length; ) {
    let to = from;
    let [newHits, newMisses] = [0, 0];
    for (; to < sorted.length && value(sorted[to]?.score ?? 0) === value(sorted[from]?.score ?? 0); to += 1) {
      if (sorted[to]?.positive) newHits += 1;
      else newMisses += 1;
    }
    area += newMisses * (hits + newHits / 2);
    hits += newHits;
    misses += newMisses;
    ap += newHits * (hits / (hits + misses));
    if (misses <= 0.01 * negatives) at1 = hits / positives;
    if (misses <= 0.05 * negatives) at5 = hits / positives;
    from = to;
  }
  return { auroc: area / (positives * negatives), ap: ap / positives, tpr_at_1: at1, tpr_at_5: at5 };
}

/** 95 % intervals of each figure, by drawing whole groups with replacement. */
export function bootstrap(
  cases: readonly Scored[],
  rounds = 400,
  seed = 'bootstrap',
): Record<keyof Ranking, [number, number]> {
  const byGroup = new Map<string, Scored[]>();
  for (const one of cases) byGroup.set(one.group, [...(byGroup.get(one.group) ?? []), one]);
  const groups = [...byGroup.values()];
  const random = new SeededRandom(seed);
  const drawn: Ranking[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const sample = groups.flatMap(() => random.pick(groups));
    const ranking = rank(sample);
    if (!Number.isNaN(ranking.auroc)) drawn.push(ranking);
  }
  const interval = (key: keyof Ranking): [number, number] => {
    const values = drawn.map((ranking) => ranking[key]).sort((a, b) => a - b);
    const at = (share: number) => values[Math.min(values.length - 1, Math.floor(share * values.length))] ?? Number.NaN;
    return [at(0.025), at(0.975)];
  };
  return {
    auroc: interval('auroc'),
    ap: interval('ap'),
    tpr_at_1: interval('tpr_at_1'),
    tpr_at_5: interval('tpr_at_5'),
  };
}
