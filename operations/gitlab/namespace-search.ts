import { z } from 'zod';
import { InvalidInputError } from '../errors';
import type { GitLab, Params } from './client';
import { readStanding } from './token-standing';

/** What lists of projects and of groups have in common. */
export const searchInput = {
  contains: z
    .string()
    .max(200)
    .optional()
    .describe('Only those that have all of these words in name, path or description; case does not matter'),
  whole_instance: z
    .boolean()
    .default(false)
    .describe('Look beyond the default group that is set on the connection. Default: false'),
  all_visible: z
    .boolean()
    .optional()
    .describe(
      'true: everything that the credential may see, with what is public on the instance; false: only what its user is a member of, also through a group. Plays no part within a group. Default: false, and true for an administrator, who is seldom a member',
    ),
  limit: z.number().int().min(1).max(100).default(50).describe('Most of one page, 1 to 100. Default: 50'),
  cursor: z.string().max(100).optional().describe('`next` of the page before; with the same other input'),
};

/** GitLab finds texts shorter than this only where they are the whole name. */
const shortestSearch = 3;
/** Pages read by one call when what was found has to be left out again here. */
const mostPages = 5;

/** The words of a search, in lower case. */
export function wordsOf(contains: string | undefined): string[] {
  return (contains ?? '').toLowerCase().split(/\s+/).filter(Boolean);
}

/** Whether every word is in one of the texts. */
export function hasWords(words: readonly string[], texts: readonly (string | null)[]): boolean {
  const all = texts.map((text) => text?.toLowerCase() ?? '');
  return words.every((word) => all.some((text) => text.includes(word)));
}

/**
 * What GitLab is asked to search for; undefined when it would find less than what is meant. Within a group, and for groups,
 * it looks at the last part of a path only.
 */
export function searchText(words: readonly string[], wholePaths: boolean): string | undefined {
  const parts = wholePaths ? words : words.map((word) => word.split('/').pop() ?? '');
  const long = parts.filter((part) => part.length >= shortestSearch);
  return long.length === 0 ? undefined : long.join(' ');
}

/** Where a list by page number goes on. */
export interface ListPage {
  page: number;
  size: number;
  /** What was decided for the first page, so that all pages are of one list. */
  allVisible: boolean;
}

/** The first page, or the one that a cursor names. Throws InvalidInputError for a cursor that is none of this list. */
export async function readListPage(
  gitlab: GitLab,
  list: string,
  given: { all_visible?: boolean; limit: number; cursor?: string },
  isInstance: boolean,
): Promise<ListPage> {
  const cursor = given.cursor?.trim() ?? '';
  if (cursor === '') {
    const allVisible = given.all_visible ?? (isInstance && (await readStanding(gitlab, '')).isAdmin === true);
    return { page: 1, size: given.limit, allVisible };
  }
  const match = /^([a-z]+)~([1-9]\d{0,4})~([1-9]\d?|100)~(all|member)$/.exec(cursor);
  if (match === null || match[1] !== list) {
    throw new InvalidInputError(
      'cursor',
      'is not one that this operation gave; pass `next` of the page before unchanged',
    );
  }
  return { page: Number(match[2]), size: Number(match[3]), allVisible: match[4] === 'all' };
}

/** The position as the text that callers pass back. */
export function listCursor(list: string, { page, size, allVisible }: ListPage): string {
  return [list, page, size, allVisible ? 'all' : 'member'].join('~');
}

/** One page of what `keep` keeps; when nothing of a page is kept, the next ones are read, a few of them. */
export async function searchPage<T>(
  gitlab: GitLab,
  query: { list: string; path: string; params: Params; what: string; from: ListPage },
  read: (value: unknown) => T,
  keep: (item: T) => boolean,
): Promise<{ items: T[]; next: string | null }> {
  const { from } = query;
  for (let reads = 1; ; reads += 1) {
    const number = from.page + reads - 1;
    const params = { ...query.params, page: number, per_page: from.size };
    const page = await gitlab.page(query.path, params, query.what, read);
    const items = page.items.filter(keep);
    const next = page.next === undefined ? null : listCursor(query.list, { ...from, page: number + 1 });
    if (items.length > 0 || next === null || reads >= mostPages) return { items, next };
  }
}
