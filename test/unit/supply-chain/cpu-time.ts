import { processorMs } from '../../support/processor-time';

/** Time of the processor that something takes, in milliseconds: what other programs do at the same time does not count. */
export function cpuMs(work: () => void): number {
  return processorMs(work);
}

/** Below this a measurement says more about the collector of garbage than about what is measured. */
const tooShortMs = 60;

/**
 * How many times as long twice the size takes: about 2 where time is linear, 4 where it is quadratic. 1 when twice the size is too
 * quick to tell, which nothing quadratic is at a size that is worth a test. The best of a few tries counts.
 */
export function growth(size: number, run: (size: number) => void): number {
  let best = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < 4 && best > 3; attempt += 1) {
    const once = cpuMs(() => run(size));
    const twice = cpuMs(() => run(2 * size));
    if (twice < tooShortMs) return 1;
    best = Math.min(best, twice / once);
  }
  return best;
}

/** What no linear work reaches by chance. */
export const mostGrowth = 3;
