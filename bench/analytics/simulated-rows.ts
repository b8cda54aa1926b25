import { SeededRandom } from '../../sandbox/src/seeded-random';

/**
 * Rows as the data lake gives them for one window, simulated: entities with habits of their own, of which about
 * five in seven are active on a day. NDJSON, one row a line, sorted as the query sorts.
 */
export function simulatedRows(rows: number, daysEach = 31): string[] {
  const random = new SeededRandom('rows');
  const actions = Array.from({ length: 400 }, (_, index) => `service${index % 40}:DoThing${index}`);
  const result: string[] = [];
  for (let entity = 0; result.length < rows; entity += 1) {
    const team = entity % 25;
    const own = Array.from({ length: 14 }, () => actions[(team * 13 + random.int(0, 40)) % actions.length] ?? '');
    const network = `198.51.${team}.0/24`;
    const start = random.int(10, 20);
    for (let day = -daysEach; day < 0 && result.length < rows; day += 1) {
      if (day !== -1 && random.chance(0.28)) continue;
      const facets: Record<string, number> = {};
      const count = (facet: string, by = 1) => {
        facets[facet] = (facets[facet] ?? 0) + by;
      };
      const calls = random.int(15, 90);
      let before = '';
      let pairs = 0;
      for (let call = 0; call < calls; call += 1) {
        const action = random.pick(own);
        count(`a|${action}`);
        if (before !== '' && before !== action) {
          const pair = `p|${action < before ? `${action} + ${before}` : `${before} + ${action}`}`;
          if (pair in facets || pairs < 12) {
            pairs += pair in facets ? 0 : 1;
            count(pair);
          }
        }
        before = action;
        count(`h|${start + random.int(0, 16)}`);
        if (random.chance(0.6)) count(`g|${random.int(2, 8)}`);
      }
      count(`n|${network}`, calls);
      count(`u|tool${team % 5}`, calls);
      count(`r|eu-west-${team % 3}`, calls);
      count(`w|${((day % 7) + 7) % 7}`, calls);
      count('b|0', Math.ceil(calls / 2));
      count('b|1', Math.floor(calls / 5) + 1);
      count('t|events', calls);
      count('t|moments', Math.ceil(calls * 0.7));
      result.push(
        JSON.stringify({
          entity: `arn:aws:iam::111122223333:user/simulated-${entity}`,
          day,
          facets,
          entity_days: rows,
        }),
      );
    }
  }
  return result;
}
