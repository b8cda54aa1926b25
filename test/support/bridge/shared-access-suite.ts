import { RateLimits } from '../../../bridge/src/access/rate-limits';
import { SeenSignatures } from '../../../bridge/src/access/seen-signatures';
import { type Database, openDatabase } from '../../../bridge/src/store/database';

/** What processes on one database count together, on whatever engine `url()` names. */
export function describeSharedLimits(url: () => string): void {
  let databases: Database[] = [];
  beforeAll(async () => {
    databases = await Promise.all([openDatabase(url()), openDatabase(url())]);
  });
  afterAll(() => Promise.all(databases.map((database) => database.close())));

  it('are never exceeded by several processes together, and begin anew with the minute', async () => {
    let now = new Date('2026-11-28T10:00:05Z');
    const pods = databases.map(({ db }) => new RateLimits(db, () => now));
    const taken = await Promise.all(Array.from({ length: 300 }, (_, index) => pods[index % 2]?.take('caller', 100)));
    const through = taken.filter((wait) => wait === undefined).length;
    expect(through).toBeLessThanOrEqual(100);
    expect(through).toBeGreaterThanOrEqual(96);
    expect(new Set(taken)).toEqual(new Set([undefined, 55]));
    expect(await pods[0]?.take('another', 100)).toBeUndefined();
    now = new Date('2026-11-28T10:01:00Z');
    expect(await pods[0]?.take('caller', 100)).toBeUndefined();
    expect(await pods[0]?.take('caller', 0)).toBeUndefined();
  });

  it('a signature is let in once, by whichever process, as long as it could be used', async () => {
    let now = new Date('2026-11-28T10:00:00Z');
    const pods = databases.map(({ db }) => new SeenSignatures(db, () => now));
    const first = (pod: number, signature: string) => pods[pod]?.first('n8n.a', signature, 305_000);
    const same = await Promise.all(Array.from({ length: 20 }, (_, index) => first(index % 2, 'v1=aa')));
    expect(same.filter(Boolean)).toHaveLength(1);
    now = new Date('2026-11-28T10:05:04Z');
    expect(await first(0, 'v1=aa')).toBe(false);
    expect(await first(1, 'v1=aa')).toBe(false);
    expect(await pods[1]?.first('n8n.b', 'v1=aa', 305_000)).toBe(true);
  });
}
