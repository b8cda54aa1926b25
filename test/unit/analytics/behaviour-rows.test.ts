import fc from 'fast-check';
import { behaviourDay } from '../../../operations/analytics/behaviour/behaviour-rows';

const row = (facets: unknown, over: object = {}) => ({ entity: 'arn:x', day: -3, facets, ...over }) as never;

describe('a row of the data lake', () => {
  it('is a day with its counts by dimension', () => {
    const day = behaviourDay(
      row({
        'a|iam:CreateUser': 2,
        'n|198.51.100.0/24': 3,
        'h|47': 3,
        'b|0.0': 2,
        't|events': 3,
        't|moments': 2,
        't|denied': 1,
      }),
    );
    expect(day).toMatchObject({ entity: 'arn:x', day: -3, events: 3, moments: 2, denied: 1, root: 0 });
    expect(day?.named.action).toEqual(new Map([['iam:CreateUser', 2]]));
    expect(day?.binned).toEqual({ hour: [[47, 3]], burst: [[0, 2]] });
  });

  it('may come as JSON in a text and with names in capitals, as some drivers give it', () => {
    const facets = { 'a|x:Y|Z': 1, 't|events': 1 };
    const plain = behaviourDay(row(facets));
    expect(behaviourDay(row(JSON.stringify(facets)))).toEqual(plain);
    expect(behaviourDay({ ENTITY: 'arn:x', DAY: '-3', FACETS: facets } as never)).toEqual(plain);
    expect([...(plain?.named.action?.keys() ?? [])]).toEqual(['x:Y|Z']);
  });

  it('gives the same whatever the order of the counts', () => {
    const keys = ['a|b:B', 'a|a:A', 'h|3', 'h|1', 'p|a:A + b:B', 't|events', 't|moments'];
    const inOrder = (names: readonly string[]) =>
      JSON.stringify(behaviourDay(row(Object.fromEntries(names.map((name) => [name, 1])))), (_, value) =>
        value instanceof Map ? [...value] : value,
      );
    fc.assert(
      fc.property(fc.shuffledSubarray(keys, { minLength: keys.length }), (names) => {
        expect(inOrder(names)).toBe(inOrder(keys));
      }),
    );
  });

  it.each([
    ['no calls', row({})],
    ['no entity', row({ 't|events': 1 }, { entity: null })],
    ['no day', row({ 't|events': 1 }, { day: 'x' })],
    ['a list for counts', row([1])],
    ['a text that is no JSON', row('{')],
  ])('with %s is none', (_, given) => {
    expect(behaviourDay(given)).toBeUndefined();
  });

  it('never fails, and never has a bin that is not there', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.anything()), fc.integer(), (facets, bin) => {
        const day = behaviourDay(row({ ...facets, [`h|${bin}`]: 1, 't|events': 1 }));
        for (const [at] of day?.binned.hour ?? []) {
          expect(at).toBeGreaterThanOrEqual(0);
          expect(at).toBeLessThan(48);
        }
      }),
    );
  });
});
