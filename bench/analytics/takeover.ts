import { existsSync } from 'node:fs';
import { join } from 'node:path';
import shipped from '../../operations/analytics/behaviour/anomaly-weights.json';
import type { AnomalyWeights } from '../../operations/analytics/behaviour/weights';
import { weigh } from '../../operations/analytics/behaviour/weights';
import { readCases, readTenant } from './behaviour-data';
import { type ComparedCase, compareCase } from './compared-case';
import { fitWeights, usualLevel } from './fit-weights';
import { bootstrap, type Ranking, rank, type Scored } from './metrics';
import type { Part } from './part';
import { referenceScores } from './reference-scores';

const floors: Ranking = { auroc: 0.87, ap: 0.7, tpr_at_1: 0.25, tpr_at_5: 0.5 };
const titles: Record<keyof Ranking, string> = {
  auroc: 'AUROC',
  ap: 'average precision',
  tpr_at_1: 'found at 1 % false positives',
  tpr_at_5: 'found at 5 % false positives',
};
const referenceTitles = {
  never_seen: 'Share of actions never seen before',
  volume_z: 'Volume, in standard deviations',
  peer_llr: 'Actions, own against peers (log-likelihood ratio)',
  peer_llr_hour_place: 'The same with hour and place, summed',
} as const;

/** Is a day a person's own, or a team-mate's? Over what real people did. */
export const takeover: Part = {
  name: 'takeover',
  needs: ['behaviour/cases.ndjson'],
  async run(data, say) {
    const leftOut: string[] = [];
    const leaveOut = (text: string) => {
      say(`left out: ${text}`);
      leftOut.push(text);
    };
    const all = readCases(data, leaveOut);
    const absent = [...new Set(all.map(({ tenant }) => tenant))].filter(
      (tenant) => !existsSync(join(data, 'behaviour', `${tenant}.ndjson`)),
    );
    const present = all.filter(({ tenant }) => !absent.includes(tenant));
    const read = [...new Set(present.map((one) => one.tenant))].map((name) => readTenant(data, name, leaveOut));
    const fittedOn = new Set(shipped.provenance.tenants.map(({ digest }) => digest));
    // The only tenant, known to the shipped weights: nothing is left to fit others on, and those it has seen say nothing.
    const known =
      read.length === 1 && read.every(({ digest }) => fittedOn.has(digest)) ? read.map(({ name }) => name) : [];
    const left = [
      ...absent.map((name) => `${name} (no behaviour/${name}.ndjson)`),
      ...known.map((name) => `${name} (the shipped weights were fitted on it, and there is no other tenant to fit on)`),
    ];
    if (left.length > 0) say(`skipping ${left.join(', ')}`);
    const tenants = new Map(read.map((tenant) => [tenant.name, tenant]));
    const judged = present.filter(({ tenant }) => !known.includes(tenant));
    const cases = judged.filter(({ tenant, actor, day }) =>
      tenants
        .get(tenant)
        ?.users.get(actor)
        ?.some((past) => past.day === day),
    );
    if (cases.length < judged.length)
      leaveOut(`${judged.length - cases.length} cases of a day on which the actor did nothing`);
    if (cases.length === 0)
      return {
        json: {},
        figures: [],
        notes: [],
        skipped: left.length + leftOut.length > 0 ? [...left, ...leftOut] : ['a case in behaviour/cases.ndjson'],
      };
    const compared: ComparedCase[] = [];
    for (const one of cases) {
      const tenant = tenants.get(one.tenant);
      if (tenant === undefined) continue;
      compared.push(compareCase(one, tenant, shipped.weights.half_life_days));
      if (compared.length % 1000 === 0) say(`${compared.length} of ${cases.length} days`);
    }
    const scored: Scored[] = [];
    const byTenant: string[] = [];
    for (const [name, { digest }] of tenants) {
      const own = compared.filter(({ of }) => of.tenant === name);
      const others = compared.filter(({ of }) => of.tenant !== name);
      const refitted = fittedOn.has(digest);
      if (refitted) say(`fitting without ${name}`);
      const weights: AnomalyWeights = refitted ? fitWeights(others) : shipped.weights;
      const scores = own.map((one) => scoredCase(one, scoreOf(one, weights)));
      scored.push(...scores);
      const ranking = rank(scores);
      byTenant.push(
        row(
          name,
          [cell(ranking.auroc), cell(ranking.ap), cell(ranking.tpr_at_1), cell(ranking.tpr_at_5)],
          [String(scores.length), refitted ? 'fitted without it' : 'as shipped'],
        ),
      );
    }
    const references = compared.map((one) => {
      const tenant = tenants.get(one.of.tenant);
      return { one, scores: tenant && referenceScores(one.of, tenant) };
    });
    const ranking = rank(scored);
    const intervals = bootstrap(scored);
    const rows = Object.entries(referenceTitles).map(([key, title]) => {
      const of = rank(
        references.map(({ one, scores }) => scoredCase(one, scores?.[key as keyof typeof referenceTitles] ?? 0)),
      );
      return row(
        title,
        keys.map((figure) => cell(of[figure])),
      );
    });
    const range = (key: keyof Ranking) => intervals[key].map((value) => value.toFixed(2)).join(' to ');
    return {
      json: { takeover: { ...ranking, intervals, cases: scored.length } },
      figures: keys.map((key) => ({
        name: `Takeover by a team-mate: ${titles[key]}`,
        measured: `${ranking[key].toFixed(3)} (95 %: ${range(key)})`,
        floor: `at least ${floors[key]}`,
        met: ranking[key] >= floors[key],
        meaning: meanings[key],
      })),
      notes: [
        ...(left.length === 0 ? [] : [`Tenants skipped: ${left.join(', ')}.`]),
        ...(leftOut.length === 0 ? [] : [`Left out: ${leftOut.join('; ')}.`]),
        `Takeover: ${scored.length.toLocaleString('en-US')} days in ${tenants.size} tenants, of which ${scored.filter(({ positive }) => positive).length} are a team-mate's. What people did is real (public histories, names hashed); the takeovers are made by swapping days. Only what came before a day is learnt, by anybody, so a team-mate's day cannot be recognised in that team-mate's own habits.`,
        'Weights are never fitted on the tenant that they are measured on: tenants that the shipped weights have seen are scored with weights fitted on the others. Intervals draw people with replacement.',
        'The zone of a clock stands for the place here, which is cleaner than the network of a SIEM; expect less from addresses. When clocks are put forward or back nobody moves: a past day from the other season is learnt with both zones that its place may have by then, for the reference scores as well.',
      ],
      tables: [
        '| takeover | AUROC | AP | found at 1 % FP | found at 5 % FP |',
        '| --- | --- | --- | --- | --- |',
        ...rows,
        row(
          '**Ours**',
          keys.map((key) => `**${cell(ranking[key])}**`),
        ),
        '',
        '| tenant | AUROC | AP | found at 1 % FP | found at 5 % FP | days | weights |',
        '| --- | --- | --- | --- | --- | --- | --- |',
        ...byTenant,
      ],
    };
  },
};

const keys = Object.keys(floors) as (keyof Ranking)[];
const meanings: Record<keyof Ranking, string> = {
  auroc: "chance that a team-mate's day ranks above a person's own.",
  ap: 'mean precision down the ranking; 0.25 is chance.',
  tpr_at_1: 'share of takeovers above the score that 1 % of own days reach.',
  tpr_at_5: 'share of takeovers above the score that 5 % of own days reach.',
};

function scoreOf(one: ComparedCase, weights: AnomalyWeights): number {
  return weigh(one.day_comparison, weights).score - weights.usual * usualLevel(one.usual, weights);
}

function scoredCase({ of }: ComparedCase, score: number): Scored {
  return { score, positive: of.takeover, group: `${of.tenant} ${of.user}` };
}

function cell(value: number): string {
  return Number.isNaN(value) ? '–' : value.toFixed(3);
}

function row(title: string, figures: readonly string[], more: readonly string[] = []): string {
  return `| ${[title, ...figures, ...more].join(' | ')} |`;
}
