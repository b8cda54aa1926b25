import { rankerOf } from '../../operations/analytics/progression/co-occurrence';
import { progressionModel } from '../../operations/analytics/progression/model';
import { SeededRandom } from '../../sandbox/src/seeded-random';
import { type Report, readReports, reportsFile } from './attack-data';
import { byPopularity, halved, outcomeOf, type Summary, summaryOf } from './held-out';
import type { Part } from './part';
import { reliabilityOf, reliabilityTable } from './reliability';
import { type Compared, crossValidated, fewestTechniques, seeds } from './report-folds';
import { bySight, trainedSignatures } from './shipped-reports';

const floors = { recall_at_20: 0.5, hit_at_5: 0.74 };

/**
 * Half of a report's techniques given, the other half sought. New reports are ranked by the shipped model as it is. Where
 * most reports are those it was trained on, it would be asked what it knows; then five times a fifth is held out and a model
 * trained on the rest in the same way.
 */
export const progression: Part = {
  name: 'progression',
  needs: [reportsFile],
  async run(data, say) {
    const leftOut: string[] = [];
    const reports = readReports(data, (text) => leftOut.push(text));
    for (const text of leftOut) say(`left out: ${text}`);
    const usable = reports.filter(({ length }) => length >= fewestTechniques);
    const { seen, unseen } = bySight(usable, trainedSignatures());
    const shipped = unseen.length > seen.length;
    say(`${usable.length} usable reports, of which the shipped model has seen ${seen.length}`);
    const evaluate = (fewest: number, most = Number.POSITIVE_INFINITY): Compared => {
      const within = ({ length }: Report) => length >= fewest && length <= most;
      if (!shipped) return crossValidated(reports, say, fewest);
      return asShipped(bySight(reports.filter(within), trainedSignatures()).unseen);
    };
    const main = evaluate(fewestTechniques);
    if (main.model.length === 0)
      throw new Error(`${reportsFile} has no report with ${fewestTechniques} techniques or more`);
    const model = summaryOf(main.model);
    const popularity = summaryOf(main.popularity);
    const all = evaluate(2);
    const how = shipped
      ? 'the shipped model on reports that it has not seen'
      : 'cross-validated, because these are the reports that the shipped model was trained on';
    const meaning = `${how}; half of the techniques given, ${model.n} halves of reports with ${fewestTechniques} techniques or more, ${seeds.length} seeds.`;
    const figure = (key: keyof typeof floors, name: string) => ({
      name,
      measured: `${model[key].toFixed(3)} (by popularity ${popularity[key].toFixed(3)})`,
      floor: `at least ${floors[key].toFixed(2)}`,
      met: model[key] >= floors[key],
      meaning,
    });
    return {
      json: {
        progression: {
          ...model,
          popularity,
          two_techniques_or_more: summaryOf(all.model),
          evaluated: shipped ? 'shipped_model' : 'cross_validated',
          reports: reports.length,
          usable_reports: usable.length,
          seen_by_shipped_model: seen.length,
        },
      },
      figures: [
        figure('recall_at_20', 'Next techniques: share of the hidden ones among the first 20'),
        figure('hit_at_5', 'Next techniques: reports with one of the hidden among the first 5'),
      ],
      notes: [
        ...leftOut.map((text) => `Left out: ${text}.`),
        `Of ${usable.length} usable reports the shipped model has seen ${seen.length}, or nearly the same, told by their techniques; figures are ${how}.`,
        'A report lists what was used, not in which order: "next" means "also in the same report".',
      ],
      tables: [
        '| next techniques | recall at 20 | recall at 10 | hit at 5 | halves |',
        '| --- | --- | --- | --- | --- |',
        row(`Model, reports with ${fewestTechniques} techniques or more`, model),
        row('Popularity, the same reports', popularity),
        row('Model, reports with 2 techniques or more', summaryOf(all.model)),
        row('Popularity, the same reports', summaryOf(all.popularity)),
        '',
        ...reliabilityTable('Next techniques', reliabilityOf(all.model, 10, '')),
      ],
    };
  },
};

function asShipped(reports: readonly Report[]): Compared {
  const compared: Compared = { model: [], popularity: [] };
  const ranker = rankerOf(progressionModel.techniques);
  const popularity = byPopularity(progressionModel.techniques);
  for (const seed of seeds) {
    const random = new SeededRandom(seed);
    for (const report of reports) {
      const half = halved(report, random);
      compared.model.push(outcomeOf(ranker, half));
      compared.popularity.push(outcomeOf(popularity, half));
    }
  }
  return compared;
}

export function row(name: string, { recall_at_20, recall_at_10, hit_at_5, n }: Summary): string {
  return `| ${name} | ${recall_at_20.toFixed(3)} | ${recall_at_10.toFixed(3)} | ${hit_at_5.toFixed(3)} | ${n} |`;
}
