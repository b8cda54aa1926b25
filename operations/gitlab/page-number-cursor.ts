import { InvalidInputError } from '../errors';
import { type TimeWindow, toIso } from './time-window';

/** Where a list that GitLab pages by number goes on: the window that was asked for, the next page and its size. */
export interface PagePosition extends TimeWindow {
  page: number;
  size: number;
}

/** The position as the text that callers pass back; it holds the window, so that one that ended "now" stays the same. */
export function pageCursor(list: string, { from, to, page, size }: PagePosition): string {
  return [list, toIso(from), toIso(to), page, size].join('~');
}

/** Reads what `pageCursor` wrote. Throws InvalidInputError for any other text and for the cursor of another list. */
export function readPageCursor(list: string, cursor: string): PagePosition {
  const [of, from, to, page, size, ...more] = cursor.trim().split('~');
  const times = [from, to].map((text) =>
    /^\d{4}-\d\d-\d\dT[\d:.]{12}Z$/.test(text ?? '') ? Date.parse(text ?? '') : Number.NaN,
  );
  const [start = Number.NaN, end = Number.NaN] = times;
  const isFine = /^[1-9]\d{0,4}$/.test(page ?? '') && /^(?:[1-9]\d?|100)$/.test(size ?? '') && start <= end;
  if (of !== list || more.length > 0 || !isFine) {
    throw new InvalidInputError(
      'cursor',
      'is not one that this operation gave; pass `next` of the page before unchanged',
    );
  }
  return { from: start, to: end, page: Number(page), size: Number(size) };
}
