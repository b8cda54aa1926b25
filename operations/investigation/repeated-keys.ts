import { InvalidInputError } from '../errors';
import type { AlertNote } from './alert-notes';
import { duplicateKeys } from './duplicate-keys';

/** Objects of a finding in OCSF that say which one it is. */
const identifying = /^(?:metadata|finding|finding_info)\.[^.]*$/;

/**
 * Notes about keys that stand twice somewhere inside an alert; the last one counts, and the case stays open because another reader may
 * have taken the first. Twice at the top, where it is decided which alert this is, it cannot be used: throws InvalidInputError.
 */
export function repeatedKeys(text: string): AlertNote[] {
  return duplicateKeys(text).map(({ path, depth }) => {
    if (depth === 0 || identifying.test(path)) {
      throw new InvalidInputError(path.slice(0, 128), 'stands twice in the alert, and it is not clear which one holds');
    }
    return {
      field: path.slice(0, 128),
      problem: 'The key stands twice in its object; the last one was taken.',
      keeps_open: true,
    };
  });
}
