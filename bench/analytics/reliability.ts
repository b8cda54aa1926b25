import type { Reliability, ReliabilityBin } from '../../operations/analytics/progression/model';
import type { Outcome } from './held-out';

const round = (value: number) => Number(value.toFixed(4));

/**
 * Empirical rates by score, of single predictions and of the first five together (by the sum of their scores, so that a
 * list of which some are left out is judged by what is left).
 */
export function reliabilityOf(outcomes: readonly Outcome[], bins: number, basis: string): Reliability {
  const single = outcomes.flatMap(({ predictions }) => predictions.map(({ score, hit }) => ({ score, hit })));
  const five = outcomes.map(({ predictions, hitAt5 }) => ({
    score: predictions.slice(0, 5).reduce((sum, { score }) => sum + score, 0),
    hit: hitAt5,
  }));
  return { by_score: binned(single, bins), top_five: binned(five, bins), basis };
}

/**
 * Bins of equal numbers, merged until a higher score never has a lower rate (pool adjacent violators), so that confidence
 * cannot fall as evidence grows.
 */
export function binned(scored: readonly { score: number; hit: boolean }[], bins: number): ReliabilityBin[] {
  const sorted = [...scored].sort((a, b) => a.score - b.score);
  const size = Math.ceil(sorted.length / bins);
  const merged: { from: number; hits: number; n: number }[] = [];
  for (let start = 0; start < sorted.length; start += size) {
    const part = sorted.slice(start, start + size);
    merged.push({ from: part[0]?.score ?? 0, hits: part.filter(({ hit }) => hit).length, n: part.length });
    for (;;) {
      const [before, last] = merged.slice(-2);
      if (before === undefined || last === undefined || before.hits / before.n <= last.hits / last.n) break;
      merged.splice(-2, 2, { from: before.from, hits: before.hits + last.hits, n: before.n + last.n });
    }
  }
  return merged.map(({ from, hits, n }) => ({ from_score: round(from), rate: round(hits / n), n }));
}

/** Lines of a Markdown table. */
export function reliabilityTable(title: string, reliability: Reliability): string[] {
  const line = (bin: ReliabilityBin) =>
    `| ${bin.from_score.toFixed(3)} | ${(100 * bin.rate).toFixed(1)} % | ${bin.n} |`;
  return [
    `| ${title}, each: score from | came true | predictions |`,
    '| --- | --- | --- |',
    ...reliability.by_score.map(line),
    '',
    `| ${title}, first five: sum of scores from | at least one came true | halves |`,
    '| --- | --- | --- |',
    ...reliability.top_five.map(line),
  ];
}
