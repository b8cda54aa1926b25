import fc from 'fast-check';
import { CancelledError } from '../../../operations/errors';
import { askedDelayMs, backoffMs, Deadline } from '../../../operations/retry';
import { fakeHost } from './fake-host';

const unit = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

test('back-off lies between zero and its cap, and its reach doubles', () => {
  fc.assert(
    fc.property(
      fc.nat(10_000),
      unit,
      fc.integer({ min: 1, max: 5000 }),
      fc.integer({ min: 1, max: 60_000 }),
      (attempt, random, base, cap) => {
        const delay = backoffMs(attempt, random, base, cap);
        expect(delay).toBeGreaterThanOrEqual(0);
        expect(delay).toBeLessThan(Math.min(cap, base * 2 ** attempt) + 1e-9);
        expect(backoffMs(attempt + 1, random, base, cap)).toBeGreaterThanOrEqual(delay);
      },
    ),
  );
});

test('a deadline never waits past its end, and says so at once', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 100_000 }),
      fc.array(fc.integer({ min: 0, max: 50_000 }), { maxLength: 20 }),
      async (total, waits) => {
        const host = fakeHost(() => ({}));
        const deadline = new Deadline(host, total);
        for (const wait of waits) {
          const before = host.elapsed();
          const left = deadline.leftMs;
          const waited = await deadline.wait(wait);
          expect(waited).toBe(wait < left);
          expect(host.elapsed() - before).toBe(waited ? wait : 0);
          expect(deadline.leftMs).toBeGreaterThanOrEqual(0);
        }
        expect(host.elapsed()).toBeLessThan(total);
      },
    ),
  );
});

test('an aborted call does not wait', async () => {
  const host = fakeHost(() => ({}), { signal: AbortSignal.abort() });
  await expect(new Deadline(host, 1000).wait(1)).rejects.toBeInstanceOf(CancelledError);
  expect(host.waits).toEqual([]);
});

describe('how long a service asks us to wait', () => {
  const now = new Date('2026-05-01T00:00:00Z');
  const at = (seconds: number) => String(Math.floor(now.getTime() / 1000) + seconds);

  test.each([
    [{ 'retry-after': '7' }, 7000],
    [{ 'retry-after': ' 0 ' }, 0],
    [{ 'retry-after': '1.5' }, 1500],
    [{ 'retry-after': 'Fri, 01 May 2026 00:00:09 GMT' }, 9000],
    [{ 'retry-after': 'Thu, 30 Apr 2026 00:00:00 GMT' }, 0],
    [{ 'ratelimit-reset': at(20) }, 20_000],
    [{ 'ratelimit-reset': at(-20) }, 0],
    [{ 'retry-after': '3', 'ratelimit-reset': at(20) }, 3000],
    [{ 'retry-after': 'soon', 'ratelimit-reset': at(20) }, 20_000],
    [{ 'ratelimit-reset': at(20), 'ratelimit-remaining': '0' }, 20_000],
    [{ 'ratelimit-reset': at(20), 'ratelimit-remaining': '5' }, undefined],
    [{ 'retry-after': '' }, undefined],
    [{}, undefined],
  ])('%j is %s ms', (headers, expected) => {
    expect(askedDelayMs(headers as Record<string, string>, now)).toBe(expected);
  });

  test('whatever the headers say, the answer is a time from now on or none', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (after, reset) => {
        const delay = askedDelayMs({ 'retry-after': after, 'ratelimit-reset': reset }, now);
        if (delay !== undefined) expect(delay).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});
