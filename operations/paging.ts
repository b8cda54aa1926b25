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

const mostEmptyPages = 100;

/**
 * Reads pages until `limit` items are there or the service has no more. A page that repeats a cursor already seen, and a
 * long run of empty pages, end the reading as incomplete, so that a service that loops cannot hold us for ever. Items
 * past the limit are dropped and `complete` is then false.
 */
export async function collectPages<T>(
  limit: number,
  read: (cursor: string | undefined) => Promise<Page<T>>,
  from?: string,
): Promise<Collected<T>> {
  const items: T[] = [];
  const seen = new Set<string>(from === undefined ? [] : [from]);
  let cursor = from;
  let empty = 0;
  for (;;) {
    const page = await read(cursor);
    const room = limit - items.length;
    for (const item of page.items.slice(0, room)) items.push(item);
    if (page.items.length > room) return { items, complete: false, next: cursor ?? null };
    if (page.next === undefined) return { items, complete: true, next: null };
    empty = page.items.length === 0 ? empty + 1 : 0;
    if (items.length >= limit || seen.has(page.next) || empty >= mostEmptyPages) {
      return { items, complete: false, next: page.next };
    }
    seen.add(page.next);
    cursor = page.next;
  }
}
