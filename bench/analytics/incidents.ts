import { rankerOf } from '../../operations/analytics/progression/co-occurrence';
import { progressionModel } from '../../operations/analytics/progression/model';
import { SeededRandom } from '../../sandbox/src/seeded-random';
import { callsFile, type Incident, readCalls, sameIncident } from './attack-data';
import { halved, outcomeOf, summaryOf } from './held-out';
import { fewestCalls, leaveOneOut } from './incident-folds';
import type { Part } from './part';
import { row } from './progression';
import { reliabilityOf, reliabilityTable } from './reliability';
import { seeds } from './report-folds';

const floor = 0.8;

/**
 * Half of an incident's calls given, the other half sought, by a model of all known incidents but this one: those of the
 * data and those that ship. Incidents that the shipped model has not seen are also ranked by it as it is.
 */
export const incidents: Part = {
  name: 'incidents',
  needs: [callsFile],
  async run(data, say) {
    const { calls, incidents: listed } = readCalls(data);
    const shipped = shippedIncidents();
    const fresh = listed.filter((incident) => !shipped.some((other) => sameIncident(other, incident)));
    const known = [...listed, ...shipped.filter(({ url }) => !listed.some((other) => other.url === url))];
    const left = leaveOneOut(listed, known, calls, say);
    if (left.incidents === 0) throw new Error(`${callsFile} has no incident with ${fewestCalls} calls or more`);
    const model = summaryOf(left.model);
    const popularity = summaryOf(left.popularity);
    const ranker = rankerOf(progressionModel.calls);
    const asIs = fresh
      .filter(({ calls: own }) => own.length >= fewestCalls)
      .flatMap(({ url, calls: own }) =>
        seeds.map((seed) => outcomeOf(ranker, halved(own, new SeededRandom(`${seed} ${url}`)))),
      );
    return {
      json: {
        incidents: {
          ...model,
          popularity,
          incidents: left.incidents,
          new_incidents: fresh.length,
          shipped_model_on_new: asIs.length === 0 ? null : summaryOf(asIs),
        },
      },
      figures: [
        {
          name: 'Next AWS calls: halves of incidents with one of the hidden among the first 5',
          measured: `${model.hit_at_5.toFixed(3)} (by popularity ${popularity.hit_at_5.toFixed(3)})`,
          floor: `at least ${floor.toFixed(2)}`,
          met: model.hit_at_5 >= floor,
          meaning: `each of ${left.incidents} incidents with ${fewestCalls} calls or more left out in turn, half of its calls given, ${seeds.length} seeds; a call that no other incident has is a miss.`,
        },
      ],
      notes: [`${fresh.length} of ${listed.length} incidents are new to the shipped model.`],
      tables: [
        '| next AWS calls | recall at 20 | recall at 10 | hit at 5 | halves |',
        '| --- | --- | --- | --- | --- |',
        row('Model, one incident left out', model),
        row('Popularity, the same', popularity),
        ...(asIs.length === 0 ? [] : [row('Shipped model, incidents new to it', summaryOf(asIs))]),
        '',
        ...reliabilityTable('Next AWS calls', reliabilityOf(left.model, 6, '')),
      ],
    };
  },
};

function shippedIncidents(): Incident[] {
  const { ids } = progressionModel.calls;
  return progressionModel.incidents.map(({ name, url, calls }) => ({
    name,
    url,
    calls: calls.map((place) => ids[place] as string).sort(),
  }));
}
