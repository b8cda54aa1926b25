import { writeFileSync } from 'node:fs';
import { postgresProblem } from '../../support/bridge/scratch-postgres';
import { CrashSite, type Engine } from '../../support/crash-points';

/**
 * The bridge is killed at points between the writes of its ledgers, which are read from a case that ran through. By itself this takes
 * every point of the effects and escalations and every eighth of the others; `node bench/crash-points.mjs` takes them all.
 */
const all = process.env.SOC_CRASH_POINTS === 'all';
const resultFile = process.env.SOC_CRASH_POINTS_RESULT;
jest.setTimeout(all ? 900_000 : 240_000);

/** At a time; they mostly wait for leases. */
const lanes = 3;
const problem = postgresProblem();
if (problem !== undefined) it.skip(`on PostgreSQL: ${problem}`, () => {});
const engines: Engine[] = problem === undefined ? ['SQLite', 'PostgreSQL'] : ['SQLite'];
const results: Record<string, { points: number; same: number; differing: string[] }> = {};

afterAll(() => {
  if (resultFile !== undefined) writeFileSync(resultFile, JSON.stringify(results));
});

it.each(engines)(
  'on %s a case ends the same, with each effect once, wherever its bridge was killed',
  async (engine) => {
    const site = await CrashSite.open(engine);
    try {
      const points = all
        ? site.points
        : site.points.filter((point, at) => /^effect|escalation/.test(point) || at % 8 === 0);
      // The reference is a case to measure by: it asked, told people and wrote its report.
      expect(site.points.length).toBeGreaterThan(40);
      expect(site.reference.effects).not.toEqual([]);
      expect(site.reference.messages).toBeGreaterThan(0);
      expect(site.reference.row).toMatchObject({ escalated: true, reported: true });
      const differing: string[] = [];
      const waiting = [...points];
      const lane = async () => {
        for (let point = waiting.shift(); point !== undefined; point = waiting.shift()) {
          const left = await site.killedAt(point).catch((error: Error) => error.message);
          try {
            expect(left).toEqual(site.reference);
          } catch (error) {
            differing.push(`${point}: ${(error as Error).message}`);
          }
        }
      };
      await Promise.all(Array.from({ length: lanes }, lane));
      results[engine] = { points: points.length, same: points.length - differing.length, differing };
      expect(differing).toEqual([]);
    } finally {
      await site.close();
    }
  },
);
