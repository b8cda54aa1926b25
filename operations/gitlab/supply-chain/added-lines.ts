import type { AddedLine } from './signals-of-text';

/**
 * Lines of the text after that the text before does not have, each as often as it is new, with their numbers. For texts without a
 * diff: linear, and a line that only moved is not new.
 */
export function linesAdded(before: string, after: string): AddedLine[] {
  const known = new Map<string, number>();
  for (const line of before.split('\n')) known.set(line, (known.get(line) ?? 0) + 1);
  return after.split('\n').flatMap((text, index) => {
    const left = known.get(text) ?? 0;
    known.set(text, left - 1);
    return left > 0 ? [] : [{ number: index + 1, text }];
  });
}
