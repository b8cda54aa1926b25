import { InvalidInputError } from '../errors';
import { readWindow, type TimeWindow, toIso } from './time-window';

/** Where a list that is ordered by time, newest first, goes on: behind the item with this time and id. */
export interface ListPosition {
  /** Milliseconds since 1970: start of the window that the list is of. */
  from: number;
  /** End of that window. */
  to: number;
  time: number;
  /** Items of the same time follow by falling id. */
  id: number;
}

/**
 * A position as the text that callers pass back. It holds the window too, so that a window that ended "now" stays the
 * same one from page to page.
 */
export function cursorOf(field: string, { from, to, time, id }: ListPosition): string {
  return [field, ...[from, to, time].map(toIso), String(id)].join('~');
}

/** Reads what `cursorOf` wrote. Throws InvalidInputError for any other text and for the cursor of another list. */
export function readCursor(field: string, cursor: string): ListPosition {
  const [ofField, from, to, time, id, ...more] = cursor.trim().split('~');
  const times = [from, to, time].map((text) =>
    /^\d{4}-\d\d-\d\dT[\d:.]{12}Z$/.test(text ?? '') ? Date.parse(text ?? '') : Number.NaN,
  );
  const [start = Number.NaN, end = Number.NaN, at = Number.NaN] = times;
  if (more.length > 0 || times.some(Number.isNaN) || !/^\d{1,16}$/.test(id ?? '') || !(start <= at && at <= end)) {
    throw new InvalidInputError(
      'cursor',
      'is not one that this operation gave; pass `next` of the page before unchanged',
    );
  }
  if (ofField !== field) {
    throw new InvalidInputError(
      'cursor',
      'is of a list by another time_field; give the same one as for the page before',
    );
  }
  return { from: start, to: end, time: at, id: Number(id) };
}

/** Whether an item comes behind the position. */
export function isBehind(position: Pick<ListPosition, 'time' | 'id'>, time: number, id: number): boolean {
  return time < position.time || (time === position.time && id < position.id);
}

/** A cursor holds its window, so that one that ended "now" stays the same; another one given with it is refused. */
export function windowOfList(
  now: Date,
  given: { from?: string; to?: string },
  after: TimeWindow | undefined,
): TimeWindow {
  if (after === undefined) return readWindow(now, given.from, given.to);
  const { from, to } = readWindow(now, given.from ?? toIso(after.from), given.to ?? toIso(after.to));
  for (const [field, differs] of [
    ['from', from !== after.from],
    ['to', to !== after.to],
  ] as const) {
    if (differs)
      throw new InvalidInputError(field, 'is not that of the cursor; leave it out, or start without a cursor');
  }
  return { from, to };
}
