import { decayAfter, dimensions, type HalfLives, placeOf } from '../../../operations/analytics/behaviour/entity-day';
import { Population } from '../../../operations/analytics/behaviour/population';
import { dayOf } from './behaviour-days';

const halfLives = Object.fromEntries(dimensions.map((dimension) => [dimension, 30])) as unknown as HalfLives;

/** Twenty-five of each team; what a team does, the other does not, and one call is everybody's. */
function twoTeams(): Population {
  const population = new Population(0, halfLives);
  for (let person = 0; person < 50; person += 1) {
    const team = person % 2 === 0 ? 'build' : 'data';
    for (let day = -10; day < 0; day += 1)
      population.learn(
        dayOf(`${team}-${person}`, day, { actions: [`${team}:Do`, `${team}:Read${person % 5}`, 's3:Get'] }),
      );
  }
  return population.finish();
}

describe('peers', () => {
  it('are everybody else in a small population', () => {
    const population = new Population(0, halfLives);
    for (const name of ['a', 'b', 'c']) population.learn(dayOf(name, -1));
    expect(
      population
        .finish()
        .peersOf('a')
        .map(({ entity }) => entity),
    ).toEqual(['b', 'c']);
  });

  it('are found by likeness in a large one', () => {
    const peers = twoTeams().peersOf('build-0');
    expect(peers.length).toBeGreaterThanOrEqual(4);
    // Those who do the very same come first: person 10, 20, 30 and 40.
    expect(new Set(peers.slice(0, 4).map(({ entity }) => entity))).toEqual(
      new Set(['build-10', 'build-20', 'build-30', 'build-40']),
    );
    expect(peers.some(({ entity }) => entity.startsWith('data'))).toBe(false);
  });

  it('are joined by those whose habits fit the day', () => {
    const population = twoTeams();
    const alike = population.alikeDay(dayOf('build-0', 0, { actions: ['data:Read1'] }), population.of('build-0'), 3);
    expect(alike.length).toBe(3);
    for (const { entity } of alike) expect(entity).toMatch(/^data-/);
    // Nothing is left behind by one question for the next.
    expect(population.alikeDay(dayOf('x', 0, { actions: ['nobody:Did'] }), undefined, 3)).toEqual([]);
  });

  it('never learns from the day that is judged, or from later ones', () => {
    expect(() => new Population(-1, halfLives).learn(dayOf('a', -1))).toThrow(RangeError);
  });
});

describe('what was long ago', () => {
  const decay = decayAfter(10, { ...halfLives, action: 10, hour: 90 });

  it('counts half after the half-life of its dimension, and a third after two', () => {
    expect(decay[placeOf.action]).toBeCloseTo(1 / 2);
    expect(decay[placeOf.hour]).toBeCloseTo(0.9);
    expect(decayAfter(20, { ...halfLives, action: 10 })[placeOf.action]).toBeCloseTo(1 / 3);
  });

  it('is learnt with what is left of it, dimension by dimension', () => {
    const population = new Population(0, { ...halfLives, action: 10, hour: 90 });
    population.learn(dayOf('a', -10, { actions: ['s3:Get'] }));
    const habits = population.finish().of('a');
    const fresh = new Population(-9, { ...halfLives, action: 1e9, hour: 1e9 });
    fresh.learn(dayOf('a', -10, { actions: ['s3:Get'] }));
    const undecayed = fresh.finish().of('a');
    expect(habits?.named.action.total).toBeCloseTo((undecayed?.named.action.total ?? 0) / 2, 6);
    expect(habits?.binned.hour.total).toBeCloseTo((undecayed?.binned.hour.total ?? 0) * 0.9, 6);
  });
});
