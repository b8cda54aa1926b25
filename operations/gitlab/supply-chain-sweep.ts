import { OperationError } from '../errors';
import type { GitLab } from './client';

/** Changes that are looked at side by side; each asks for several things at once. */
const atATime = 6;
/** Left for ending the answer, and for what is under way. */
const reserveMs = 20_000;

/** Why a sweep ended before its end. */
export type Ended = 'enough' | 'requests' | 'time' | 'rate_limited';

export interface Swept<R> {
  /** Of the first items, in order, without a gap. */
  results: R[];
  /** Null when every item was looked at. */
  ended: Ended | null;
  /** What GitLab said, where a limit of requests or of time ended it. */
  error: OperationError | null;
}

export interface Bounds<R> {
  /** Whether the results in order suffice. */
  isEnough(results: readonly R[]): boolean;
  /** Requests sent so far. */
  sent(): number;
  mostRequests: number;
  /** A result that says that GitLab takes no more requests for now. */
  limitIn(result: R): OperationError | null;
}

/**
 * Looks at items in order, a few side by side, until there is enough or the budget of requests or of time is used up. What was
 * looked at beyond the first gap is dropped, so that whoever goes on behind the last result misses nothing.
 */
export async function sweep<T, R>(
  gitlab: GitLab,
  items: readonly T[],
  look: (item: T) => Promise<R>,
  bounds: Bounds<R>,
): Promise<Swept<R>> {
  const results: R[] = [];
  const early = new Map<number, R>();
  let next = 0;
  let ended: Ended | null = null;
  let error: OperationError | null = null;
  const end = (why: Ended, by: OperationError | null = null) => {
    ended ??= why;
    error ??= by;
  };
  const worker = async () => {
    while (ended === null && next < items.length) {
      if (gitlab.deadline.leftMs < Math.min(reserveMs, gitlab.deadline.totalMs / 4)) return end('time');
      if (bounds.sent() >= bounds.mostRequests) return end('requests');
      const index = next;
      next += 1;
      let result: R;
      try {
        result = await look(items[index] as T);
      } catch (failure) {
        if (failure instanceof OperationError && failure.code === 'timeout') return end('time', failure);
        end('time');
        throw failure;
      }
      const limit = bounds.limitIn(result);
      if (limit !== null) return end('rate_limited', limit);
      early.set(index, result);
      for (let at = results.length; early.has(at); at += 1) {
        results.push(early.get(at) as R);
        early.delete(at);
      }
      gitlab.ports.progress('Looked at changes', results.length + early.size, items.length);
      if (bounds.isEnough(results)) end('enough');
    }
    return undefined;
  };
  await Promise.all(Array.from({ length: Math.min(atATime, items.length) }, worker));
  return { results, ended: results.length === items.length ? null : ended, error };
}
