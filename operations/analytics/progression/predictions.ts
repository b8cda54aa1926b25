import { z } from 'zod';
import { isCloudTechnique } from '../attack/cloud-techniques';
import { callById } from '../attack/cloudtrail-calls';
import { mitigationsOf } from '../attack/mitigations';
import { type TacticName, tacticPosition, tactics } from '../attack/tactics';
import { parentOf, techniqueNamed } from '../attack/technique';
import type { Ranked } from './co-occurrence';
import { binOf, progressionModel, progressionRankers, type Reliability } from './model';
import { playbookOf } from './playbook';

export const confidenceSchema = z.object({
  rate: z.number().describe('Share of comparable predictions that came true in held-out data, 0 to 1'),
  n: z.number().int().describe('How many comparable predictions that is the share of'),
});

export const countermeasuresSchema = z.object({
  mitigations: z.array(z.object({ id: z.string(), name: z.string() })).describe('Of ATT&CK; empty where it names none'),
  playbook: z.array(z.string()).describe('What to do in AWS'),
});

const becauseSchema = z.array(z.object({ id: z.string(), weight: z.number() }));

export const predictedTechniqueSchema = z.object({
  rank: z.number().int(),
  id: z.string(),
  name: z.string(),
  tactics: z.array(z.string()),
  confidence: confidenceSchema,
  because: becauseSchema.describe('Observed techniques it rests on, strongest first; empty: only its frequency'),
  seen_in_reports: z.number().int().describe('Training reports that hold it'),
  countermeasures: countermeasuresSchema,
});
export type PredictedTechnique = z.infer<typeof predictedTechniqueSchema>;

export const predictedCallSchema = z.object({
  rank: z.number().int(),
  call: z.string(),
  kind: z.enum(['change', 'read_only', 'everyday']),
  techniques: z.array(z.string()),
  confidence: confidenceSchema,
  because: becauseSchema.describe('Observed calls it rests on, strongest first'),
  incidents: z.array(z.string()).describe('Incidents with it and an observed call, at most 3'),
  countermeasures: countermeasuresSchema,
});
export type PredictedCall = z.infer<typeof predictedCallSchema>;

/** Predictions, best first, and how far the first five together can be trusted. */
export interface Predicted<T> {
  list: T[];
  top_five: z.infer<typeof topFiveSchema>;
}

export const tacticPriorSchema = z.object({
  tactic: z.string(),
  share: z.number().describe('Share of the reports with the reached tactic that also hold this one'),
  reports: z.number().int().describe('Reports with the reached tactic'),
});
export type TacticPrior = z.infer<typeof tacticPriorSchema>;

export const topFiveSchema = z
  .object({
    rate: z.number().describe('Share of comparable held-out halves in which at least one of the first five came true'),
    n: z.number().int().describe('How many halves that is the share of'),
    basis: z.string(),
  })
  .nullable()
  .describe('How far the first five together can be trusted; null when nothing is predicted');

function confidenceOf(reliability: Reliability, score: number) {
  const bin = binOf(reliability.by_score, score);
  return { rate: bin?.rate ?? 0, n: bin?.n ?? 0 };
}

/** Never more than the single rates add up to: a list of which much was left out may lie below every half that was held out. */
function topFiveOf(reliability: Reliability, listed: readonly Ranked[]): z.infer<typeof topFiveSchema> {
  const five = listed.slice(0, 5);
  const bin = binOf(
    reliability.top_five,
    five.reduce((sum, { score }) => sum + score, 0),
  );
  if (five.length === 0 || bin === undefined) return null;
  const together = five.reduce((sum, { score }) => sum + confidenceOf(reliability, score).rate, 0);
  return { rate: Number(Math.min(bin.rate, together).toFixed(4)), n: bin.n, basis: reliability.basis };
}

/** Scores of the lowest bin come true no more often than anything would: they are no prediction. */
function isPrediction(reliability: Reliability, { score }: Ranked): boolean {
  return score > 0 && score >= (reliability.by_score[1]?.from_score ?? 0);
}

function becauseOf(ranked: Ranked) {
  return ranked.because.slice(0, 5).map(({ id, weight }) => ({ id, weight: Number(weight.toFixed(3)) }));
}

/**
 * Techniques that reports hold together with the observed ones, most likely first. What only repeats an observed one in
 * other words (its parent) is left out; `cloudOnly` leaves out what no cloud's log would show.
 */
export function nextTechniques(
  observed: readonly string[],
  cloudOnly: boolean,
  most: number,
): Predicted<PredictedTechnique> {
  const { techniques } = progressionRankers();
  const parents = new Set(observed.map(parentOf));
  const reliability = progressionModel.reliability.techniques;
  const listed = techniques
    .rank(observed, progressionModel.techniques.ids.length)
    .filter((ranked) => isPrediction(reliability, ranked) && !parents.has(ranked.id))
    .filter(({ id }) => !cloudOnly || isCloudTechnique(id));
  return {
    top_five: topFiveOf(reliability, listed),
    list: listed.slice(0, most).flatMap((ranked, index) => {
      const technique = techniqueNamed(ranked.id);
      if (technique === undefined) return [];
      return [
        {
          rank: index + 1,
          id: technique.id,
          name: technique.name,
          tactics: [...technique.tactics],
          confidence: confidenceOf(reliability, ranked.score),
          because: becauseOf(ranked),
          seen_in_reports: Math.round(techniques.frequency(ranked.id) * progressionModel.techniques.sets),
          countermeasures: countermeasures(technique.id, technique.tactics),
        },
      ];
    }),
  };
}

/** Calls that incidents in AWS hold together with the observed ones, most likely first. */
export function nextCalls(observed: readonly string[], most: number): Predicted<PredictedCall> {
  const { calls } = progressionRankers();
  const reliability = progressionModel.reliability.calls;
  const listed = calls.rank(observed, Math.max(5, most)).filter((ranked) => isPrediction(reliability, ranked));
  return {
    top_five: topFiveOf(reliability, listed),
    list: listed.slice(0, most).map((ranked) => {
      const call = callById(ranked.id);
      const [technique] = call?.techniques ?? [];
      return {
        rank: ranked.rank,
        call: ranked.id,
        kind: call?.kind ?? 'change',
        techniques: (call?.techniques ?? []).map(({ id, name }) => `${id} ${name}`),
        confidence: confidenceOf(reliability, ranked.score),
        because: becauseOf(ranked),
        incidents: incidentsWith(ranked.id, observed),
        countermeasures:
          technique === undefined
            ? { mitigations: [], playbook: [] }
            : countermeasures(technique.id, call?.tactics ?? []),
      };
    }),
  };
}

function incidentsWith(call: string, observed: readonly string[]): string[] {
  const { ids } = progressionModel.calls;
  const place = ids.indexOf(call);
  const seen = new Set(observed.map((id) => ids.indexOf(id)));
  return progressionModel.incidents
    .filter(({ calls }) => calls.includes(place))
    .map(({ name, calls }) => ({ name, shared: calls.filter((other) => seen.has(other)).length }))
    .filter(({ shared }) => shared > 0)
    .sort((a, b) => b.shared - a.shared)
    .slice(0, 3)
    .map(({ name }) => name);
}

function countermeasures(id: string, of: readonly TacticName[]) {
  return { mitigations: [...mitigationsOf(id)], playbook: [...playbookOf(id, of)] };
}

/** How often reports that reach a tactic hold each later one too. A prior: it knows nothing of the case but its stage. */
export function tacticPrior(stage: TacticName | null): TacticPrior[] {
  if (stage === null) return [];
  const from = tacticPosition(stage);
  const row = progressionModel.tactics[from] ?? [];
  const reports = row[from] ?? 0;
  if (reports === 0) return [];
  return tactics
    .map(({ name }, index) => ({
      tactic: name as string,
      share: Number(((row[index] ?? 0) / reports).toFixed(3)),
      reports,
      index,
    }))
    .filter(({ index }) => index > from)
    .sort((a, b) => b.share - a.share)
    .map(({ tactic, share }) => ({ tactic, share, reports }));
}
