/**
 * GitLab's pipeline and job lists are slow and limited per user, so no operation has more than this many requests
 * under way.
 */
export const maxConcurrency = 4;

/** Maps in order with at most `limit` calls under way. The first rejection rejects the whole and starts no more. */
export async function mapConcurrently<T, R>(
  items: readonly T[],
  map: (item: T, index: number) => Promise<R>,
  limit = maxConcurrency,
): Promise<R[]> {
  const results = new Array<R>(items.length);
  let next = 0;
  let failed = false;
  const worker = async () => {
    while (next < items.length && !failed) {
      const index = next;
      next += 1;
      try {
        results[index] = await map(items[index] as T, index);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  return results;
}
