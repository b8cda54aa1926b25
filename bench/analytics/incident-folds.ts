import { rankerOf } from '../../operations/analytics/progression/co-occurrence';
import { SeededRandom } from '../../sandbox/src/seeded-random';
import { type CallRecord, type Incident, kinshipOf, sameIncident } from './attack-data';
import { callOptions, train } from './co-occurrence-training';
import { byPopularity, halved, outcomeOf } from './held-out';
import { type Compared, seeds, vocabularyOf } from './report-folds';

/** With fewer calls there is hardly a half to be given. */
export const fewestCalls = 4;

/** Trains the model of calls on incidents. Only calls seen in one of them are places of the model. */
export function trainOnIncidents(incidents: readonly Incident[], calls: readonly CallRecord[]) {
  const sets = incidents.map((incident) => incident.calls);
  const ids = vocabularyOf(sets);
  const seen = new Set(ids);
  const kinship = kinshipOf(calls.filter(({ id }) => seen.has(id)));
  const { kinshipWeight, ...options } = callOptions;
  return train(sets, ids, { ...options, kinship: (a, b) => kinshipWeight * kinship(a, b) });
}

/**
 * Leave one incident out: for each of `tested` with enough calls, a model trained on all of `known` but that one (told by
 * its address, or by nearly the same calls), half of its calls given, five times. A call that no other incident has is a miss.
 */
export function leaveOneOut(
  tested: readonly Incident[],
  known: readonly Incident[],
  calls: readonly CallRecord[],
  say: (text: string) => void,
): Compared & { incidents: number } {
  const compared: Compared & { incidents: number } = { model: [], popularity: [], incidents: 0 };
  for (const incident of tested) {
    if (incident.calls.length < fewestCalls) continue;
    const others = known.filter((other) => !sameIncident(other, incident));
    const model = trainOnIncidents(others, calls);
    const ranker = rankerOf(model);
    const popularity = byPopularity(model);
    for (const seed of seeds) {
      const half = halved(incident.calls, new SeededRandom(`${seed} ${incident.url}`));
      compared.model.push(outcomeOf(ranker, half));
      compared.popularity.push(outcomeOf(popularity, half));
    }
    compared.incidents += 1;
    if (compared.incidents % 10 === 0) say(`${compared.incidents} incidents left out in turn`);
  }
  return compared;
}
