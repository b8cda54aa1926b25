import { z } from 'zod';
import { type Collected, collectPages, type Page } from '../paging';
import type { PantherClient } from './client';
import type { RestQuery } from './rest';

export interface RestList<T> {
  path: string;
  query: RestQuery;
  item: z.ZodType<T, z.ZodTypeDef, unknown>;
  /** Most records that Panther gives in one answer; more is refused. */
  largestPage: number;
  permission: string;
  what: string;
  object: string;
  /** Said in progress reports, e.g. `alerts`. */
  noun: string;
}

/** Less than this is not enough for another page. */
const pageNeedsMs = 1_000;

/**
 * Reads a list of the REST API until `limit` records passed `keep`, from a cursor on if one is given. No page is asked
 * for with more records than are still wanted, so that `next` never skips or repeats one. Out of time with something in
 * hand, the list ends as incomplete.
 */
export async function collectRest<T>(
  client: PantherClient,
  list: RestList<T>,
  { limit, cursor, keep = () => true }: { limit: number; cursor?: string; keep?: (item: T) => boolean },
): Promise<Collected<T>> {
  let kept = 0;
  return collectPages<T>(
    limit,
    async (at) => {
      if (kept > 0 && client.deadline.leftMs < pageNeedsMs) return { items: [], next: at };
      const size = Math.min(list.largestPage, limit - kept);
      const page = await readRestPage(client, list, size, at);
      const items = page.items.filter(keep);
      kept += items.length;
      client.ports.progress(`Read ${kept} ${list.noun}`, kept, limit);
      return { items, next: page.next };
    },
    cursor,
  );
}

/** One page; an absent or empty `next` ends the list. */
export async function readRestPage<T>(
  client: PantherClient,
  { path, query, item, permission, what, object }: RestList<T>,
  size: number,
  cursor: string | undefined,
): Promise<Page<T>> {
  const body = await client.rest({
    method: 'GET',
    path,
    query: { ...query, limit: size, cursor },
    // Null is an empty list of a service written in Go; a body without the key is no list at all.
    answer: z.object({ results: z.array(item).nullable(), next: z.string().nullish() }),
    safeToRepeat: true,
    permission,
    what,
    object,
  });
  return { items: body?.results ?? [], next: body?.next || undefined };
}
