import fc from 'fast-check';
import { sideBySide } from '../../../nodes-host/side-by-side';

const never = new AbortController().signal;
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

describe('work side by side', () => {
  it('keeps the order of results, the limit, and what is to be alone alone', async () => {
    const piece = fc.record({ alone: fc.boolean(), ms: fc.integer({ min: 0, max: 4 }), fails: fc.constant(false) });
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 12 }), fc.integer({ min: 1, max: 4 }), async (pieces, most) => {
        let running = 0;
        const started: number[] = [];
        const results = await sideBySide(
          pieces.map(({ alone, ms }, index) => ({
            alone,
            run: async () => {
              running += 1;
              started.push(index);
              expect(running).toBeLessThanOrEqual(alone ? 1 : most);
              await pause(ms);
              if (alone) expect(running).toBe(1);
              running -= 1;
              return index;
            },
          })),
          most,
          never,
        );
        expect(results).toEqual(pieces.map((_, index) => index));
        expect(started).toEqual(results);
      }),
      { numRuns: 60 },
    );
  });

  it('runs as many as allowed at a time', async () => {
    let most = 0;
    let running = 0;
    const run = async () => {
      running += 1;
      most = Math.max(most, running);
      await pause(5);
      running -= 1;
    };
    await sideBySide(
      Array.from({ length: 7 }, () => ({ alone: false, run })),
      3,
      never,
    );
    expect(most).toBe(3);
  });

  it('starts nothing after a failure, aborts what runs, waits for it, and throws the first failure', async () => {
    const events: string[] = [];
    const slow = async (signal: AbortSignal) => {
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      await pause(5);
      events.push('slow ended');
      throw new Error('aborted');
    };
    const broken = async () => {
      await pause(2);
      throw new Error('first');
    };
    const late = async () => {
      events.push('late started');
    };
    const work = [slow, broken, late, late].map((run) => ({ alone: false, run }));
    await expect(sideBySide<void>(work, 2, never)).rejects.toThrow('first');
    expect(events).toEqual(['slow ended']);
  });

  it('hands the stop of the whole on to what runs', async () => {
    const stop = new AbortController();
    const run = (signal: AbortSignal) =>
      new Promise<void>((_, reject) => signal.addEventListener('abort', () => reject(new Error('stopped'))));
    const done = sideBySide([{ alone: false, run }], 3, stop.signal);
    stop.abort();
    await expect(done).rejects.toThrow('stopped');
  });
});
