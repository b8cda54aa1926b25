/** One piece of work: `alone` when nothing may run beside it. */
export interface Work<T> {
  alone: boolean;
  run(signal: AbortSignal): Promise<T>;
}

/**
 * Runs work in its order, up to `most` pieces at a time; a piece that is to be alone waits for those before it, and those
 * behind it wait for it. Resolves to the results in the order of the work. When a piece fails, no other is started, the
 * running ones are aborted and waited for, and the first failure is thrown. `stop` aborts everything.
 */
export async function sideBySide<T>(work: Iterable<Work<T>>, most: number, stop: AbortSignal): Promise<T[]> {
  const results: T[] = [];
  const running = new Set<Promise<void>>();
  const end = new AbortController();
  const onStop = () => end.abort();
  if (stop.aborted) end.abort();
  stop.addEventListener('abort', onStop, { once: true });
  let failure: { error: unknown } | undefined;

  const start = (index: number, piece: Work<T>) => {
    const running_ = piece
      .run(end.signal)
      .then((result) => {
        results[index] = result;
      })
      .catch((error: unknown) => {
        failure ??= { error };
        end.abort();
      })
      .finally(() => running.delete(running_));
    running.add(running_);
  };

  try {
    let index = 0;
    for (const piece of work) {
      while (failure === undefined && running.size >= (piece.alone ? 1 : most)) await Promise.race(running);
      if (failure !== undefined) break;
      start(index, piece);
      index += 1;
      if (piece.alone) await Promise.all(running);
    }
    await Promise.all(running);
  } finally {
    stop.removeEventListener('abort', onStop);
  }
  if (failure !== undefined) throw failure.error;
  return results;
}
