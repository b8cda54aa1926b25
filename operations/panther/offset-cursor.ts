import { InvalidInputError } from '../errors';

/** Where a list goes on that is read whole and cut here: the number of its entries given before, as text. */
export function readOffset(cursor: string | undefined): number {
  if (cursor === undefined || cursor === '') return 0;
  if (!/^\d{1,9}$/.test(cursor)) throw new InvalidInputError('cursor', 'is not a next value of this operation');
  return Number(cursor);
}

export interface Slice<T> {
  items: T[];
  /** The cursor behind these; null at the end. */
  next: string | null;
}

/** The entries from `offset` on, at most `limit`. */
export function sliceAt<T>(all: readonly T[], offset: number, limit: number): Slice<T> {
  const end = offset + limit;
  return { items: all.slice(offset, end), next: end < all.length ? String(end) : null };
}
