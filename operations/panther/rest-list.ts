import { z } from 'zod';
import { collectPages, type Page } from '../paging';
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

export interface Wanted<T, R = T> {
  limit: number;
  cursor?: string;
  /** Only these count. */
  keep?: (item: T) => boolean;
  /** What is handed on of a record; the record itself unless given. */
  shape?: (item: T) => R;
}

export interface RestItems<R> {
  items: R[];
  complete: boolean;
  /** Cursor of the first record that is not here; null when complete. */
  next: string | null;
  /** What ended the reading early. */
  cutBy: 'limit' | 'characters' | 'time' | 'service' | null;
}

/** All records of one call together, as JSON. A model's context and an n8n item both end somewhere. */
const mostCharacters = 1_000_000;
/** Less than this is not enough for another page. */
const pageNeedsMs = 1_000;

/**
 * Reads a list of the REST API until `limit` records passed `keep`, a million characters are there, or time is nearly
 * up. No page is asked for with more records than are still wanted, and one that does not fit is given up whole, so that
 * `next` never skips or repeats a record. A single record over the cap still comes: reading has to go on somehow.
 */
export async function collectRest<T, R = T>(
  client: PantherClient,
  list: RestList<T>,
  { limit, cursor: from, keep = () => true, shape = (item) => item as unknown as R }: Wanted<T, R>,
): Promise<RestItems<R>> {
  let characters = 0;
  let kept = 0;
  let stopped: RestItems<R>['cutBy'] = null;
  const stop = (why: 'characters' | 'time', cursor: string | undefined): Page<R> => {
    stopped = why;
    return { items: [], next: cursor };
  };
  const collected = await collectPages<R>(
    limit,
    async (cursor) => {
      if (kept > 0 && client.deadline.leftMs < pageNeedsMs) return stop('time', cursor);
      for (let size = Math.min(list.largestPage, limit - kept); ; size = Math.ceil(size / 2)) {
        const page = await readRestPage(client, list, size, cursor);
        const items = page.items.filter(keep).map(shape);
        const length = JSON.stringify(items).length;
        if (characters + length <= mostCharacters || (kept === 0 && size === 1)) {
          characters += length;
          kept += items.length;
          client.ports.progress(`Read ${kept} ${list.noun}`, kept, limit);
          return { items, next: page.next };
        }
        // The first page is asked for again, smaller.
        if (kept > 0) return stop('characters', cursor);
      }
    },
    from,
  );
  const { items, complete, next } = collected;
  return { items, complete, next, cutBy: complete ? null : (stopped ?? (items.length >= limit ? 'limit' : 'service')) };
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
