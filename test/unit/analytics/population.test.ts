import { Population } from '../../../operations/analytics/behaviour/population';
import { dayOf } from './behaviour-days';

/** Twenty-five of each team; what a team does, the other does not, and one call is everybody's. */
function twoTeams(): Population {
  const population = new Population(0, 30);
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
    const population = new Population(0, 30);
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
    expect(() => new Population(-1, 30).learn(dayOf('a', -1))).toThrow(RangeError);
  });
});
