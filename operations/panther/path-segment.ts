import { InvalidInputError } from '../errors';

/**
 * An id as one segment of a path. Dots alone are refused, because every URL parser reads them as a step up and would send
 * the call elsewhere; so is half a surrogate pair, which has no encoding. Throws InvalidInputError on `field`.
 */
export function pathSegment(field: string, id: string): string {
  if (/^\.{1,2}$/.test(id) || /\p{Surrogate}/u.test(id)) throw new InvalidInputError(field, 'is no id of Panther');
  return encodeURIComponent(id);
}
