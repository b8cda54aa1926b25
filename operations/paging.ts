export interface Page<T> {
  items: T[];
  /** Where the next page is; undefined on the last one. */
  next: string | undefined;
}

export interface Collected<T> {
  items: T[];
  /** False when the limit ended the reading before the service did. */
  complete: boolean;
  /** Where to go on; null when complete. */
  next: string | null;
}

/**
 * Reads pages until `limit` items are there or the service has no more. A page that repeats a cursor already seen ends
 * the reading as incomplete, so that a service that loops cannot hold us for ever. Items past the limit are dropped
 * and `complete` is then false.
 */
export async function collectPages<T>(
  limit: number,
  read: (cursor: string | undefined) => Promise<Page<T>>,
  from?: string,
): Promise<Collected<T>> {
  const items: T[] = [];
  const seen = new Set<string>();
  let cursor = from;
  for (;;) {
    const page = await read(cursor);
    const room = limit - items.length;
    for (const item of page.items.slice(0, room)) items.push(item);
    if (page.items.length > room) return { items, complete: false, next: cursor ?? null };
    if (page.next === undefined) return { items, complete: true, next: null };
    if (items.length >= limit || seen.has(page.next)) return { items, complete: false, next: page.next };
    seen.add(page.next);
    cursor = page.next;
  }
}
