import type { ServiceResponse } from '../service';
import type { ParsedQuery } from './query';
import { type ServerHabits, USUAL_HABITS } from './server-habits';

/** Thrown anywhere below a route to answer with GitLab's error body. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly body: Record<string, unknown>,
    readonly headers: Record<string, string> = {},
  ) {
    super(JSON.stringify(body));
  }
}

/** GitLab's answer for what is missing and for what the token may not see alike. */
export const notFound = (what: string) => new ApiError(404, { message: `404 ${what} Not Found` });
export const badRequest = (error: string) => new ApiError(400, { error });

/**
 * Cuts one page out of a list and writes the paging headers. `counted: false` leaves out the totals and
 * `rel="last"`, as the endpoints do that never count (jobs), and all of them do for long lists. Offsets end at the ceiling.
 */
export function page<T>(
  items: readonly T[],
  query: ParsedQuery,
  url: string,
  counted = true,
  settings: Pick<ServerHabits, 'maxOffset' | 'countedUpTo'> = USUAL_HABITS,
): ServiceResponse & { body: T[] } {
  const number = Math.max(1, query.integer('page') ?? 1);
  const size = Math.min(100, Math.max(1, query.integer('per_page') ?? 20));
  const offset = (number - 1) * size;
  if (offset > settings.maxOffset) {
    const error = `Offset pagination has a maximum allowed offset of ${settings.maxOffset} for requests that return objects of this type. Remaining records can be retrieved using keyset pagination.`;
    throw new ApiError(405, { error });
  }
  const withTotals = counted && items.length <= settings.countedUpTo;
  const last = Math.max(1, Math.ceil(items.length / size));
  const next = offset + size < items.length ? number + 1 : undefined;
  const previous = number > 1 ? number - 1 : undefined;
  const link = (rel: string, to: number | undefined) => {
    if (to === undefined) return [];
    const params = new URLSearchParams(query.raw);
    params.set('page', String(to));
    params.set('per_page', String(size));
    return [`<${url}?${params}>; rel="${rel}"`];
  };
  const headers: Record<string, string> = {
    'x-page': String(number),
    'x-per-page': String(size),
    'x-next-page': next === undefined ? '' : String(next),
    'x-prev-page': previous === undefined ? '' : String(previous),
    link: [
      ...link('prev', previous),
      ...link('next', next),
      ...link('first', 1),
      ...(withTotals ? link('last', last) : []),
    ].join(', '),
  };
  if (withTotals) Object.assign(headers, { 'x-total': String(items.length), 'x-total-pages': String(last) });
  return { status: 200, headers, body: items.slice(offset, offset + size) };
}
