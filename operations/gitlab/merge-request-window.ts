import type { Page } from '../paging';
import { type GitLab, type Params, pageSize } from './client';
import { OffsetCeilingError, RefusedParametersError } from './gitlab-error';
import { isBehind, type ListPosition } from './list-position';
import { type Filters, filterParams, matches, type TimeField } from './merge-request-filters';
import type { Scope } from './scope';
import { isWithin, NewestFirst, type TimeWindow, toIso } from './time-window';
import { readWire, type WireMergeRequest, wireMergeRequest } from './wire-types';

/** Bounds what one call reads when the server ignores the window: 5,000 merge requests. */
const maxPages = 50;
const smallestPage = 20;
/** A window that ends this close to now ends "now": see `endParam`. */
const nowMs = 5 * 60_000;

export interface WindowQuery {
  scope: Scope;
  filters: Filters;
  window: TimeWindow;
  /** Go on behind this one. */
  after: Pick<ListPosition, 'time' | 'id'> | undefined;
  /** Enough of them end the reading where the order allows it. */
  enough: number;
  includeArchived: boolean;
}

export interface FoundInWindow {
  /** Newest first by the time field, then by falling id. */
  items: WireMergeRequest[];
  /** Everything in the window behind `after` was read. */
  complete: boolean;
  /** When not complete: everything newer than this was read; null when the server's order does not tell. */
  readDownTo: number | null;
}

/**
 * The merge requests of a window, filtered again here, because GitLab ignores parameters that it does not know. "Merged in a
 * window" uses `merged_after`/`merged_before` (late 2026) and `order_by=merged_at` (17.2); older servers are read by
 * `updated_after`, which loses nothing since a merge is an update.
 */
export async function readMergeRequestWindow(gitlab: GitLab, query: WindowQuery): Promise<FoundInWindow> {
  const { scope, filters, window } = query;
  const field = filters.time_field;
  const params: Params = {
    ...filterParams(filters),
    scope: 'all',
    sort: 'desc',
    non_archived: scope.kind === 'group' && query.includeArchived ? false : undefined,
    per_page: evenPages(query.enough + 1),
  };
  if (field !== 'merged') return readSegments(gitlab, query, params, field);
  // Never `updated_before`: what was merged in the window may have been commented on later.
  const byUpdate = { ...params, updated_after: startParam(window) };
  try {
    return await readSegments(gitlab, query, byUpdate, 'merged');
  } catch (error) {
    if (!(error instanceof RefusedParametersError)) throw error;
    return readSegments(gitlab, query, byUpdate, 'updated');
  }
}

/** The page size that holds so many in as few pages as possible, with little left over on the last one. */
function evenPages(items: number): number {
  return Math.max(smallestPage, Math.ceil(items / Math.ceil(items / pageSize)));
}

/**
 * Reads pages newest first by `orderedBy`. Where the offset ceiling ends the list, a list whose order held goes on from
 * the time that was reached, as a list of its own.
 */
async function readSegments(
  gitlab: GitLab,
  query: WindowQuery,
  params: Params,
  orderedBy: TimeField,
): Promise<FoundInWindow> {
  const reading = new Reading(query, orderedBy);
  const isOwnField = orderedBy === query.filters.time_field;
  let end = isOwnField ? Math.min(query.window.to, query.after?.time ?? Number.POSITIVE_INFINITY) : undefined;
  for (;;) {
    const segment: Params = {
      ...params,
      order_by: `${orderedBy}_at`,
      ...(isOwnField ? { [`${orderedBy}_after`]: startParam(query.window) } : {}),
      ...endParam(gitlab, orderedBy, end),
    };
    try {
      const complete = await readPages(gitlab, query, segment, reading);
      return reading.found(complete);
    } catch (error) {
      if (!(error instanceof OffsetCeilingError)) throw error;
      const reached = reading.reached;
      if (reached === null || reached >= (end ?? Number.POSITIVE_INFINITY)) return reading.found(false);
      end = reached;
    }
  }
}

/** One millisecond early, whether a server takes its parameter as included or not; what is too early is cut here. */
function startParam(window: TimeWindow): string {
  return toIso(window.from - 1);
}

/**
 * GitLab keeps microseconds and shows milliseconds, so the end is asked for one millisecond late and cut here. A list by
 * update whose window ends now is asked for without an end: what is updated meanwhile then moves to the front, where it
 * pushes others down, instead of out of the list, where it would pull one up past the page that is being read.
 */
function endParam(gitlab: GitLab, orderedBy: TimeField, end: number | undefined): Params {
  if (end === undefined) return {};
  if (orderedBy === 'updated' && end >= gitlab.ports.now().getTime() - nowMs) return {};
  return { [`${orderedBy}_before`]: toIso(end + 1) };
}

/** True when the end of the window was reached, false when reading stopped before. */
async function readPages(gitlab: GitLab, query: WindowQuery, params: Params, reading: Reading): Promise<boolean> {
  const what = `the merge requests of ${query.scope.what}`;
  const seen = new Set<string>();
  let cursor: string | undefined;
  for (;;) {
    const page: Page<WireMergeRequest> = await gitlab.page(
      `${query.scope.path}/merge_requests`,
      params,
      what,
      (value) => readWire(wireMergeRequest, value, 'a merge request of the list'),
      cursor,
    );
    reading.take(page.items);
    gitlab.ports.progress(`Read ${what}`, reading.size);
    if (page.next === undefined || reading.isPastWindow) return true;
    if (reading.hasEnough || reading.pages >= maxPages || seen.has(page.next)) return false;
    seen.add(page.next);
    cursor = page.next;
  }
}

class Reading {
  pages = 0;
  private readonly byId = new Map<number, WireMergeRequest>();
  private readonly order = new NewestFirst();

  constructor(
    private readonly query: WindowQuery,
    private readonly orderedBy: TimeField,
  ) {}

  get size(): number {
    return this.byId.size;
  }

  take(items: readonly WireMergeRequest[]): void {
    this.pages += 1;
    const { filters, window, after } = this.query;
    for (const wire of items) {
      const at = timeOf(wire, filters.time_field);
      // A new segment begins with what the one before ended with.
      if (!this.byId.has(wire.id)) this.order.see(timeOf(wire, this.orderedBy));
      if (!isWithin(window, at) || !matches(wire, filters)) continue;
      if (after === undefined || isBehind(after, Date.parse(at ?? ''), wire.id)) this.byId.set(wire.id, wire);
    }
  }

  /** Time of the last one read, when the order held until there. */
  get reached(): number | null {
    return this.order.inOrder && Number.isFinite(this.order.lastTime) ? this.order.lastTime : null;
  }

  get isPastWindow(): boolean {
    return this.order.isPast(this.query.window);
  }

  get hasEnough(): boolean {
    return this.byId.size > this.query.enough && this.readDownTo !== null;
  }

  found(complete: boolean): FoundInWindow {
    const field = this.query.filters.time_field;
    const time = (wire: WireMergeRequest) => Date.parse(timeOf(wire, field) ?? '');
    const items = [...this.byId.values()].sort((a, b) => time(b) - time(a) || b.id - a.id);
    if (complete) return { items, complete, readDownTo: null };
    const downTo = this.readDownTo;
    if (downTo === null || !this.isProgress(downTo)) return { items, complete, readDownTo: null };
    // Of those at the very end, some may be on the next page, so the ones that are here wait for it.
    return { items: items.filter((wire) => time(wire) > downTo), complete, readDownTo: downTo };
  }

  /** A server that ignores where a page is to start, or has too many of one moment, would be asked the same again. */
  private isProgress(downTo: number): boolean {
    const { window, after } = this.query;
    return downTo <= window.to && downTo < (after?.time ?? Number.POSITIVE_INFINITY);
  }

  private get readDownTo(): number | null {
    return this.orderedBy === this.query.filters.time_field ? this.reached : null;
  }
}

export function timeOf(wire: WireMergeRequest, field: TimeField): string | null {
  return wire[`${field}_at`];
}
