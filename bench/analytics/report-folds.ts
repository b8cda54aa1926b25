import { rankerOf } from '../../operations/analytics/progression/co-occurrence';
import { SeededRandom } from '../../sandbox/src/seeded-random';
import type { Report } from './attack-data';
import { type TrainingOptions, techniqueOptions, train } from './co-occurrence-training';
import { byPopularity, halved, type Outcome, outcomeOf, shuffle } from './held-out';

/** A report with fewer techniques leaves one or none to be found; the table shows those apart. */
export const fewestTechniques = 5;
export const seeds = [1, 2, 3, 4, 5] as const;

export interface Compared {
  model: Outcome[];
  popularity: Outcome[];
}

/** All techniques of the reports, sorted: the places of a model's rows. */
export function vocabularyOf(sets: readonly (readonly string[])[]): string[] {
  return [...new Set(sets.flat())].sort();
}

/**
 * Per seed, a fifth of the reports is held out, a model trained on the others, and half of each held-out report given.
 * What is measured is the model as it ships: cut and rounded. Reports of `fewest` techniques or more are told apart by size.
 */
export function crossValidated(
  reports: readonly Report[],
  say: (text: string) => void,
  fewest = fewestTechniques,
  options: TrainingOptions = techniqueOptions,
  useSeeds: readonly number[] = seeds,
): Compared {
  const compared: Compared = { model: [], popularity: [] };
  for (const seed of useSeeds) {
    const random = new SeededRandom(seed);
    const shuffled = shuffle(reports, random);
    const held = shuffled.slice(0, Math.floor(shuffled.length / 5));
    const training = shuffled.slice(held.length);
    const model = train(training, vocabularyOf(training), options);
    const ranker = rankerOf(model);
    const popularity = byPopularity(model);
    for (const report of held) {
      const known = report.filter((id) => ranker.knows(id));
      if (report.length < fewest || known.length < 2) continue;
      const half = halved(report, random);
      compared.model.push(outcomeOf(ranker, half));
      compared.popularity.push(outcomeOf(popularity, half));
    }
    say(`seed ${seed}: ${compared.model.length} held-out halves`);
  }
  return compared;
}
