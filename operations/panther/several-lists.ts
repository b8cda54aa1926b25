import { z } from 'zod';
import { InvalidInputError } from '../errors';
import type { Page } from '../paging';

/** Where to go on: in which list, after which of Panther's cursors, and how many items of that page are done. */
export interface ListPosition<L extends string> {
  list: L;
  after: string | null;
  skip: number;
}

export interface ReadLists<L extends string, T> {
  /** Lists in the order they are read. */
  lists: readonly L[];
  limit: number;
  from: ListPosition<L> | undefined;
  /** One page; undefined when the list cannot be read and the others shall be. */
  read(list: L, after: string | undefined): Promise<Page<T> | undefined>;
  /** Whether an item is wanted: whatever Panther was asked to filter by is looked at here again. */
  keep(item: T, list: L): boolean;
}

export interface FoundInLists<L extends string, T> {
  found: { list: L; item: T }[];
  /** Undefined when everything was read. */
  rest: ListPosition<L> | undefined;
  /** Lists that gave a cursor a second time, so that nobody knows what they still hold. */
  circular: L[];
}

/** Pages that one call reads at most: a filter that only we apply may pass by a great many items. */
const mostPages = 200;

/**
 * Reads several of Panther's REST lists as one, in order, until `limit` items are wanted or all lists are at their end.
 * A cursor that comes a second time ends its list. The rest may turn out to hold nothing wanted: that is only known by
 * reading it.
 */
export async function readLists<L extends string, T>(options: ReadLists<L, T>): Promise<FoundInLists<L, T>> {
  const { lists, limit, keep } = options;
  const found: { list: L; item: T }[] = [];
  const circular: L[] = [];
  const startOf = (index: number): ListPosition<L> | undefined => {
    const list = lists[index];
    return list === undefined ? undefined : { list, after: null, skip: 0 };
  };
  let position = options.from ?? startOf(0);
  let seen = new Set<string>();
  for (let pages = 0; position !== undefined; pages += 1) {
    if (found.length >= limit || pages >= mostPages) return { found, rest: position, circular };
    const { list, after, skip }: ListPosition<L> = position;
    const page = await options.read(list, after ?? undefined);
    for (const [offset, item] of (page?.items ?? []).entries()) {
      if (offset < skip || !keep(item, list)) continue;
      if (found.length === limit) return { found, rest: { list, after, skip: offset }, circular };
      found.push({ list, item });
    }
    const next = page?.next;
    if (next !== undefined && next !== after && !seen.has(next)) {
      seen.add(next);
      // A caller who asks for less than before gets smaller pages, of which more than one may be done.
      position = { list, after: next, skip: Math.max(0, skip - (page?.items.length ?? 0)) };
    } else {
      if (next !== undefined) circular.push(list);
      seen = new Set();
      position = startOf(lists.indexOf(list) + 1);
    }
  }
  return { found, rest: undefined, circular };
}

const positionSchema = z.object({
  list: z.string(),
  after: z.string().nullable(),
  skip: z.number().int().min(0).max(10_000),
});

/** A position as the text of a cursor. `more` travels with it. */
export function positionText<L extends string>(position: ListPosition<L>, more?: unknown): string {
  return JSON.stringify([position.list, position.after, position.skip, ...(more === undefined ? [] : [more])]);
}

/** Reads a cursor back. Throws InvalidInputError for a text that is none, or is for a list that is not read now. */
export function parsePosition<L extends string, M = undefined>(
  cursor: string,
  lists: readonly L[],
  more?: z.ZodType<M, z.ZodTypeDef, unknown>,
): { position: ListPosition<L>; more: M | undefined } {
  let value: unknown;
  try {
    value = JSON.parse(cursor);
  } catch {
    value = undefined;
  }
  const [list, after, skip, rest] = Array.isArray(value) ? (value as unknown[]) : [];
  const position = positionSchema.safeParse({ list, after, skip });
  const carried = rest === undefined || more === undefined ? undefined : more.safeParse(rest);
  if (!position.success || (rest !== undefined && carried?.success !== true)) {
    throw new InvalidInputError('cursor', 'is not a next value of this operation');
  }
  const known = lists.find((name) => name === position.data.list);
  if (known === undefined) {
    throw new InvalidInputError('cursor', 'is from a call with other filters; start again without it');
  }
  return { position: { ...position.data, list: known }, more: carried?.data };
}
