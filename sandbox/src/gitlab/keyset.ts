import type { ServiceResponse } from '../service';
import { ApiError, badRequest, page } from './answers';
import type { RequestContext } from './request-context';

/**
 * One page of a list that knows keyset paging, newest id first. With `pagination=keyset` the only way on is the cursor in
 * the next link: no totals, no `x-next-page`, and no link at all on the last page. Without it, pages by number.
 */
export function keysetPage<T extends { id: number }>(
  c: RequestContext,
  items: readonly T[],
): ServiceResponse & { body: T[] } {
  const sorted = items.toSorted((a, b) => b.id - a.id);
  const { query } = c;
  if (query.oneOf('pagination', ['keyset', 'legacy']) !== 'keyset') return page(sorted, query, c.url);
  if (query.oneOf('order_by', ['id']) === undefined || query.oneOf('sort', ['asc', 'desc']) === 'asc')
    throw new ApiError(405, {
      error: 'Keyset pagination is not yet available for this type of request',
    });
  const size = Math.min(100, Math.max(1, query.integer('per_page') ?? 20));
  const below = query.text('cursor') === undefined ? Number.POSITIVE_INFINITY : idOf(query.text('cursor') ?? '');
  const rest = sorted.filter(({ id }) => id < below);
  const body = rest.slice(0, size);
  const last = body.at(-1);
  if (rest.length <= size || last === undefined) return { status: 200, headers: {}, body };
  const params = new URLSearchParams(query.raw);
  params.set('per_page', String(size));
  params.set('cursor', Buffer.from(JSON.stringify({ id: String(last.id), _kd: 'n' })).toString('base64url'));
  return { status: 200, headers: { link: `<${c.url}?${params}>; rel="next"` }, body };
}

function idOf(cursor: string): number {
  try {
    const { id } = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')) as { id: string };
    if (/^\d+$/.test(id)) return Number(id);
  } catch {
    // Falls through to the refusal.
  }
  throw badRequest('cursor is invalid');
}
