import { z } from 'zod';
import { cleanLine } from '../../text';
import type { BehaviourDay } from './behaviour-rows';
import { entityTypes } from './entity-type';
import { explain, explainFacts } from './explain';
import type { NaiveRatios } from './naive-ratios';
import { notableCalls } from './notable-calls';
import { riskOf } from './ordinary';
import type { Behaviour } from './read-behaviour';
import {
  anomalyWeights,
  fewestActiveDays,
  fewestEvents,
  type ScoredDay,
  type ScoredWindow,
  type UnscoredDay,
} from './score-days';

const dayMs = 86_400_000;

const termSchema = z.object({
  term: z.string().describe('What the term is about: a dimension of behaviour or a fact'),
  contribution: z.number().describe('What it adds to the score, in log-odds; the terms add up to the score'),
  statement: z.string().describe('The same in words, with the counts behind it'),
});

const entitySchema = z.object({
  entity: z.string().describe('ARN of a user or role, id of an access key, or address. Text from the logs'),
  from: z.string().describe('Start of the day of 24 hours, ISO 8601 in UTC'),
  to: z.string(),
  state: z
    .enum(['scored', 'insufficient_baseline'])
    .describe(
      `insufficient_baseline: fewer than ${fewestActiveDays} active days or ${fewestEvents} calls in the past, so there is no risk, only facts`,
    ),
  risk: z
    .number()
    .int()
    .min(0)
    .max(100)
    .nullable()
    .describe('25 for each power of ten of rarity: 50 is one ordinary day in 100, 75 one in 1,000'),
  priority: z
    .enum(['high', 'medium', 'low', 'none', 'unknown'])
    .describe('Whom to look at first: high from risk 75, medium from 50, low from 25. No verdict'),
  ordinary_days_alike: z
    .number()
    .nullable()
    .describe('Share of ordinary days that score at least as much, by the calibration'),
  score: z.number().nullable().describe('Sum of the terms'),
  summary: z.string(),
  terms: z.array(termSchema).max(30),
  notable_calls: z
    .array(
      z.object({
        action: z.string(),
        calls: z.number().int(),
        refused: z.number().int(),
        days_before: z.number().int().describe('Active days of its past on which it made the call'),
        others: z.number().int().describe('Other entities that made it in the past'),
        incidents: z.number().int().describe('Public incidents in which the call was seen; alone it says little'),
      }),
    )
    .max(5)
    .describe('Calls to look at first: seldom for this entity, seen in incidents, refused'),
  closest_peer: z.string().nullable().describe('The peer whose habits explain the day best; null without peers'),
  events: z.number().int(),
  denied: z.number().int(),
  baseline: z.object({
    active_days: z.number().int(),
    events: z.number().int(),
    peers: z.number().int().describe('Entities it was compared with, found by likeness of habits when there are many'),
  }),
  naive: z
    .object({
      never_seen_share: z.number(),
      volume_ratio: z.number().nullable(),
      volume_z: z.number().nullable(),
    })
    .describe(
      'Ratios that guides propose, for comparison: share of actions never seen, calls over the mean of an active day, and the same in standard deviations. They rank little better than chance',
    ),
});

export const anomalyOutput = {
  entity_type: z.enum(entityTypes),
  window: z.object({ from: z.string(), to: z.string(), baseline_from: z.string(), zone: z.string() }),
  entities: z.array(entitySchema).describe('Highest risk first; behind them those with too little past'),
  active: z.number().int().describe('Entities with calls in the window'),
  scored: z.number().int().describe('Entity days in the window that were judged'),
  insufficient_baseline: z.number().int().describe('Entity days in the window without enough past'),
  calibration: z.object({
    basis: z.enum(['tenant', 'shipped']).describe('Whose ordinary days the risk is measured on'),
    ordinary_days: z.number().int(),
  }),
  complete: z.boolean().describe('Whether every entity day was read'),
  not_found: z
    .array(z.string())
    .describe(
      'Entities asked for that made no call in the window, by what was read: when complete is false they may be behind the cut',
    ),
  notes: z.array(z.string()).describe('What to know before relying on this'),
  query_id: z.string(),
} as const;

export type AnomalyOutput = z.infer<z.ZodObject<typeof anomalyOutput>>;

export interface ReportOptions {
  zone: string;
  windowDays: number;
  entities: readonly string[];
  minRisk: number;
  most: number;
}

/** Shapes what was scored into the result of an operation. */
export function anomalyReport(
  entityType: AnomalyOutput['entity_type'],
  behaviour: Behaviour,
  window: ScoredWindow,
  options: ReportOptions,
): AnomalyOutput {
  const at = (day: number) => new Date(behaviour.window.to + day * dayMs).toISOString();
  const isAsked = (entity: string) =>
    options.entities.length === 0 || options.entities.some((asked) => isNamed(asked, entity));
  const scored = window.scored
    .filter(({ day }) => isAsked(day.entity))
    .map((one) => ({ one, share: window.calibration.share(one.score) }))
    .filter(({ share }) => riskOf(share) >= options.minRisk)
    .sort(
      (a, b) =>
        riskOf(b.share) - riskOf(a.share) ||
        b.one.score - a.one.score ||
        (a.one.day.entity < b.one.day.entity ? -1 : 1),
    )
    .map(({ one, share }) => scoredEntity(one, share, window, at));
  const insufficient = window.insufficient
    .filter(({ day }) => isAsked(day.entity))
    .sort((a, b) => sumOf(b.facts) - sumOf(a.facts) || (a.day.entity < b.day.entity ? -1 : 1))
    .map((one) => unscoredEntity(one, window, at));
  const listed = [...scored, ...insufficient];
  const active = new Set([...window.scored, ...window.insufficient].map(({ day }) => day.entity));
  return {
    entity_type: entityType,
    window: {
      from: at(-options.windowDays),
      to: at(0),
      baseline_from: new Date(behaviour.window.baselineFrom).toISOString(),
      zone: options.zone,
    },
    entities: listed.slice(0, options.most),
    active: window.active,
    scored: window.scored.length,
    insufficient_baseline: window.insufficient.length,
    calibration: { basis: window.calibration.basis, ordinary_days: window.calibration.days },
    complete: behaviour.complete,
    not_found: options.entities
      .filter((asked) => ![...active].some((entity) => isNamed(asked, entity)))
      .map((asked) => cleanLine(asked, 200)),
    notes: notesOn(behaviour, window, listed.length, options),
    query_id: behaviour.queryId,
  };
}

/** An entity by its whole id, or by the part behind the last slash, in any case of letters. */
function isNamed(asked: string, entity: string): boolean {
  const wanted = asked.trim().toLowerCase();
  const own = entity.toLowerCase();
  return own === wanted || own.split('/').at(-1) === wanted;
}

function scoredEntity(
  one: ScoredDay,
  share: number,
  { population, calibration }: ScoredWindow,
  at: (day: number) => string,
) {
  const risk = riskOf(share);
  const terms = explain(one, population, anomalyWeights.intercept);
  const main = terms
    .filter(({ contribution, term }) => contribution > 0 && term !== 'usual_level')
    .slice(0, 3)
    .map(({ statement }) => statement);
  const rarity = rarityOf(share, calibration);
  return {
    ...partsOf(one.day, one.naive, at),
    state: 'scored' as const,
    risk,
    priority:
      risk >= 75
        ? ('high' as const)
        : risk >= 50
          ? ('medium' as const)
          : risk >= 25
            ? ('low' as const)
            : ('none' as const),
    ordinary_days_alike: Number(share.toPrecision(3)),
    score: Math.round(one.score * 100) / 100,
    summary: `${rarity}.${main.length === 0 ? '' : ` ${main.join(' ')}`}`,
    terms,
    notable_calls: notableCalls(one.day, one.own, population),
    closest_peer: one.raw.closest === null ? null : cleanLine(one.raw.closest.entity, 300),
    baseline: { active_days: one.own.days, events: one.own.events, peers: one.peers },
  };
}

function rarityOf(share: number, { basis, days }: ScoredWindow['calibration']): string {
  if (basis === 'tenant' && share < 1 / days) return `Scores above all ${days} ordinary days of this tenant`;
  return share < 0.5
    ? `About one ordinary day in ${Math.round(1 / share).toLocaleString('en-US')} scores as much`
    : 'An ordinary day';
}

function unscoredEntity(one: UnscoredDay, { population }: ScoredWindow, at: (day: number) => string) {
  const terms = explainFacts(one, population);
  const past =
    one.own === undefined
      ? 'It has no past in the baseline'
      : `Its past has ${one.own.days} active days and ${one.own.events} calls`;
  return {
    ...partsOf(one.day, one.naive, at),
    state: 'insufficient_baseline' as const,
    risk: null,
    priority: 'unknown' as const,
    ordinary_days_alike: null,
    score: null,
    summary: `${past}; at least ${fewestActiveDays} days and ${fewestEvents} calls are needed to tell what is usual.${terms.map(({ statement }) => ` ${statement}`).join('')}`,
    terms,
    notable_calls: notableCalls(one.day, one.own, population),
    closest_peer: null,
    baseline: {
      active_days: one.own?.days ?? 0,
      events: one.own?.events ?? 0,
      peers: Math.max(0, population.size - (one.own === undefined ? 0 : 1)),
    },
  };
}

function partsOf(day: BehaviourDay, naive: NaiveRatios, at: (day: number) => string) {
  const round = (value: number | null) => (value === null ? null : Math.round(value * 100) / 100);
  return {
    entity: cleanLine(day.entity, 300),
    from: at(day.day),
    to: at(day.day + 1),
    events: day.events,
    denied: day.denied,
    naive: {
      never_seen_share: Math.round(naive.never_seen_share * 100) / 100,
      volume_ratio: round(naive.volume_ratio),
      volume_z: round(naive.volume_z),
    },
  };
}

function notesOn(behaviour: Behaviour, window: ScoredWindow, listed: number, options: ReportOptions): string[] {
  const notes = [
    'The risk is a priority for looking, not a verdict: unusual is not hostile, and a careful intruder is not unusual.',
  ];
  const { days, found, complete, cutBy, unreadable } = behaviour;
  if (!complete)
    notes.push(
      `INCOMPLETE: ${days.length} of ${found} entity days were read (${cutReason(cutBy)}). Entities behind the cut are not in the result, also those in not_found may be there, and the peers are only those that were read. Ask for fewer baseline_days, or for one entity.`,
    );
  if (days.length === 0)
    notes.push('The data lake has no call of this kind in the window or the baseline: nothing was judged.');
  else if (window.active === 0) notes.push('There was no call in the window: nothing was judged.');
  if (unreadable > 0) notes.push(`${unreadable} rows were no entity's day and were left out.`);
  if (window.active > 0 && window.population.size === 1)
    notes.push('There is only one entity in the baseline: it is compared with its own past alone.');
  if (window.active > 0 && window.population.size === 0)
    notes.push('The baseline is empty: nobody has a past to compare with.');
  if (window.calibration.basis === 'shipped' && window.scored.length > 0)
    notes.push(
      'There are too few ordinary days here to measure the risk on; it is measured on the shipped ones, of other people and other work.',
    );
  const skewed = days.filter(({ day }) => day >= -options.windowDays).reduce((sum, { skewed: own }) => sum + own, 0);
  if (skewed > 0)
    notes.push(
      `${skewed} ${skewed === 1 ? 'call' : 'calls'} of the window ${skewed === 1 ? 'is' : 'are'} dated more than five minutes after arrival: a clock is wrong, and the hours with it.`,
    );
  if (listed > options.most) notes.push(`${listed - options.most} more are left out; max_entities asks for more.`);
  return notes;
}

function cutReason(cutBy: Behaviour['cutBy']): string {
  if (cutBy === 'wait_seconds') return 'the time ran out';
  return cutBy === 'service' ? 'the data lake gave no more' : 'max_rows was reached';
}

function sumOf(facts: Partial<Record<string, number>>): number {
  return Object.values(facts).reduce<number>((sum, value) => sum + (value ?? 0), 0);
}
