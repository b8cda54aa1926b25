import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LoadResult, loadProblem, runLoad } from '../../support/bridge/load-run';

/** The short form of bench/bridge-load.mjs. How fast it was is for the bench; here it counts that nothing was lost or done twice. */
const problem = loadProblem();
const withBoth = problem === undefined ? describe : describe.skip;

withBoth('two pods under load, one of which is killed again and again', () => {
  let folder: string;
  let load: LoadResult;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'soc-load-'));
    // Generous, because other tests may keep nginx from its turn.
    const noticedWithinMs = 2000;
    load = await runLoad({ folder, seconds: 15, killEverySeconds: 6, capacitySeconds: 3, share: 0.8, noticedWithinMs });
  }, 180_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('only calls that were with the killed pod are lost', () => {
    expect(load.kills).toBeGreaterThanOrEqual(1);
    expect(load.answered).toBeGreaterThan(100);
    expect({ lost: load.lost, besideKills: load.lostBesideKills }).toEqual({
      lost: expect.any(Object),
      besideKills: 0,
    });
  });

  it('what the pod that lives holds was looked at', () => {
    expect(load.memory.held.last).toBeGreaterThan(1);
    expect(load.memory.resident.last).toBeGreaterThan(load.memory.held.last);
  });

  it('every alert that was acknowledged has one case', () => {
    expect(load.alerts.acknowledged).toBeGreaterThan(10);
    expect(load.alerts).toMatchObject({ cases: load.alerts.acknowledged, twice: 0 });
  });
});

if (problem !== undefined) it.skip(`load: ${problem}`, () => {});
