import { cleanLine } from '../../text';
import { incidentsWith } from '../calls/score-calls';
import {
  type BinnedDimension,
  bins,
  type Dimension,
  levelBin,
  type NamedDimension,
  namedDimensions,
} from './entity-day';
import { expectedRefusals, type Fact, newToAll } from './fact-terms';
import { type Habits, spreadOf } from './habits';
import type { Population } from './population';
import type { ScoredDay, UnscoredDay } from './score-days';

/** One term of a score, in words. The terms of a score add up to it. */
export interface ExplainedTerm {
  term: string;
  contribution: number;
  statement: string;
}

const titles: Record<NamedDimension, [one: string, many: string]> = {
  action: ['action', 'actions'],
  pair: ['pair of actions in a row', 'pairs of actions in a row'],
  place: ['place', 'places'],
  agent: ['tool', 'tools'],
  region: ['region', 'regions'],
  error: ['refusal', 'refusals'],
};
const mostNamed = 3;
/** Smaller contributions are added up in one line. */
const leastShown = 0.05;

/** Every term of a score in words, with the counts behind it, the largest first. */
export function explain(scored: ScoredDay, population: Population, intercept: number): ExplainedTerm[] {
  const { raw, usual, facts, alone } = scored;
  const terms: ExplainedTerm[] = [];
  for (const [dimension, contribution] of Object.entries(raw.terms) as [Dimension, number][])
    terms.push({ term: dimension, contribution, statement: habitStatement(dimension, scored, population) });
  for (const [fact, contribution] of Object.entries(facts) as [Fact, number][])
    terms.push({ term: fact, contribution, statement: factStatement(fact, scored, population) });
  if (alone !== 0)
    terms.push({
      term: 'own_past',
      contribution: alone,
      statement: `Nobody else to compare with: set against its own ${count(usual.days, 'ordinary day')} alone.`,
    });
  if (raw.choice !== 0)
    terms.push({
      term: 'choice_of_peers',
      contribution: raw.choice,
      statement: `The closest of ${count(scored.peers, 'peer')} was chosen; the best of many fits well by chance.`,
    });
  terms.push({
    term: 'usual_level',
    contribution: -usual.taken,
    statement: `Its last ${count(usual.days, 'ordinary day')} score ${usual.mean.toFixed(1)} on average.`,
  });
  terms.push({ term: 'base', contribution: intercept, statement: 'The same for every day.' });
  const shown = terms.filter(({ contribution }) => Math.abs(contribution) >= leastShown);
  const rest = terms.filter(({ contribution }) => Math.abs(contribution) < leastShown);
  const left = rest.reduce((sum, { contribution }) => sum + contribution, 0);
  if (rest.length > 0)
    shown.push({
      term: 'other',
      contribution: left,
      statement: `${rest.map(({ term }) => term).join(', ')}: little either way.`,
    });
  return shown
    .sort((a, b) => b.contribution - a.contribution)
    .map(({ term, contribution, statement }) => ({ term, contribution: round(contribution), statement }));
}

/** The facts of a day whose entity has too little past. */
export function explainFacts(unscored: UnscoredDay, population: Population): ExplainedTerm[] {
  return (Object.entries(unscored.facts) as [Fact, number][])
    .sort(([, a], [, b]) => b - a)
    .map(([fact, contribution]) => ({
      term: fact,
      contribution: round(contribution),
      statement: factStatement(fact, unscored, population),
    }));
}

function habitStatement(dimension: Dimension, scored: ScoredDay, population: Population): string {
  if ((namedDimensions as readonly string[]).includes(dimension))
    return namedStatement(dimension as NamedDimension, scored, population);
  const { day, own } = scored;
  if (dimension === 'events' || dimension === 'moments') {
    const what = dimension === 'events' ? 'call' : 'active minute';
    const usual =
      dimension === 'events' ? ` (its active days have ${Math.round(own.events / own.days)} on average)` : '';
    return `${count(day[dimension], what)}${usual}; days of that size are ${percent(levelShare(scored, dimension))} of its past.`;
  }
  const bin = dimension as BinnedDimension;
  const share = binShare(own, bin, day.binned[bin] ?? []);
  const what = {
    hour: 'Calls at hours that hold',
    weekday: 'Calls on a weekday that holds',
    burst: 'Calls a minute in steps that hold',
    gap: 'Pauses of a length that holds',
  }[bin];
  const times = dimension === 'hour' ? ` (${hoursOf(day.binned.hour ?? [])} on its clock)` : '';
  return `${what} ${percent(share)} of its past${times}.`;
}

function namedStatement(dimension: NamedDimension, { day, own }: ScoredDay, population: Population): string {
  const habit = own.named[dimension];
  const others = Math.max(0, population.size - 1);
  const values = [...(day.named[dimension] ?? [])].map(([value, calls]) => {
    const days = habit.values.get(value)?.days ?? 0;
    return { value, calls, days, peers: population.users(dimension, value) - (days > 0 ? 1 : 0) };
  });
  const [one, many] = titles[dimension];
  const unseen = values.filter(({ days }) => days === 0).length;
  const telling = values
    .sort((a, b) => a.days - b.days || b.peers - a.peers || b.calls - a.calls || (a.value < b.value ? -1 : 1))
    .slice(0, mostNamed)
    .map(
      ({ value, days, peers }) =>
        `${cleanLine(value, 100)} (on ${days} of ${count(own.days, 'active day')}; ${peers} of ${count(others, 'other')} had it)`,
    );
  return `${unseen} of ${values.length} ${values.length === 1 ? one : many} never seen before: ${telling.join(', ')}.`;
}

function factStatement(fact: Fact, of: ScoredDay | UnscoredDay, population: Population): string {
  const { day, own } = of;
  switch (fact) {
    case 'denied': {
      const expected = 'refusals' in of ? day.events * expectedRefusals(of.refusals) : undefined;
      const usual = expected === undefined ? '' : `; ${expected.toFixed(1)} were to expect`;
      return `${count(day.denied, 'call')} of ${day.events} refused${usual}.`;
    }
    case 'root':
      return `${count(day.root, 'call')} by the root user.`;
    case 'without_mfa':
      return `${count(day.withoutMfa, 'sign-in')} without MFA.`;
    case 'failed_sign_ins':
      return `${count(day.failedSignIns, 'sign-in')} failed.`;
    default: {
      const dimension = (
        { new_to_all_actions: 'action', new_to_all_places: 'place', new_to_all_agents: 'agent' } as const
      )[fact];
      const values = newToAll(day, dimension, own, population).sort(
        (a, b) => incidentsWith(b) - incidentsWith(a) || (a < b ? -1 : 1),
      );
      const named = values.slice(0, mostNamed).map((value) => cleanLine(value, 100));
      const more = values.length > named.length ? ` and ${values.length - named.length} more` : '';
      const [one, many] = titles[dimension];
      return `${values.length} ${values.length === 1 ? one : many} that none of ${count(population.size, 'entity', 'entities')} had before: ${named.join(', ')}${more}.`;
    }
  }
}

/** Share of the own past in bins near these, by kernel where there is one. */
function binShare(own: Habits, dimension: BinnedDimension, day: readonly (readonly [number, number])[]): number {
  const { total } = own.binned[dimension];
  if (total === 0 || day.length === 0) return 0;
  const habit = spreadOf(dimension, own.binned[dimension]);
  const near = new Set<number>();
  const reach = dimension === 'hour' ? 2 : 0;
  for (const [bin] of day)
    for (let step = -reach; step <= reach; step += 1) near.add((bin + step + bins[dimension]) % bins[dimension]);
  return Math.min(1, [...near].reduce((sum, bin) => sum + (habit[bin] ?? 0), 0) / total);
}

function levelShare({ day, own }: ScoredDay, dimension: 'events' | 'moments'): number {
  const habit = own.binned[dimension];
  if (habit.total === 0) return 0;
  const at = levelBin(day[dimension]);
  let near = 0;
  for (let bin = at - 2; bin <= at + 2; bin += 1) near += habit.weights[bin] ?? 0;
  return near / habit.total;
}

function hoursOf(hours: readonly (readonly [number, number])[]): string {
  const bins = hours.map(([bin]) => bin).sort((a, b) => a - b);
  const clock = (bin: number) => `${String(Math.floor(bin / 2)).padStart(2, '0')}:${bin % 2 === 0 ? '00' : '30'}`;
  const [first, last] = [bins[0], bins.at(-1)];
  if (first === undefined || last === undefined) return 'none';
  return first === last ? `from ${clock(first)}` : `from ${clock(first)} to ${clock((last + 1) % 48)}`;
}

function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString('en-US')} ${number === 1 ? one : many}`;
}

function percent(share: number): string {
  const value = 100 * share;
  return `${value >= 1 || value === 0 ? Math.round(value) : value.toFixed(1)} %`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
