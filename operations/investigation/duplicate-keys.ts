/** A key that stands twice in one object of a JSON text. */
export interface DuplicateKey {
  /** Dotted path, e.g. `alertContext.user`; list positions are numbers. */
  path: string;
  /** 0 for the outermost object. */
  depth: number;
}

interface Level {
  /** Keys seen, for an object; undefined for a list. */
  keys: Set<string> | undefined;
  /** The key or position that is being read. */
  at: string | number;
}

/**
 * Keys that stand more than once in the same object. JSON.parse keeps the last of them and says nothing, another reader may keep the
 * first, and then two systems speak of different alerts. The text has to be valid JSON; without recursion, linear in its length.
 */
export function duplicateKeys(text: string, most = 20): DuplicateKey[] {
  const found: DuplicateKey[] = [];
  const levels: Level[] = [];
  let isKey = false;
  for (let index = 0; index < text.length && found.length < most; index += 1) {
    const character = text[index];
    const level = levels.at(-1);
    if (character === '"') {
      const end = endOfString(text, index);
      if (isKey && level?.keys !== undefined) {
        const key = JSON.parse(text.slice(index, end + 1)) as string;
        level.at = key;
        if (level.keys.has(key)) found.push({ path: pathOf(levels), depth: levels.length - 1 });
        level.keys.add(key);
        isKey = false;
      }
      index = end;
    } else if (character === '{' || character === '[') {
      levels.push({ keys: character === '{' ? new Set() : undefined, at: 0 });
      isKey = character === '{';
    } else if (character === '}' || character === ']') {
      levels.pop();
      isKey = false;
    } else if (character === ',' && level !== undefined) {
      isKey = level.keys !== undefined;
      if (typeof level.at === 'number') level.at += 1;
    }
  }
  return found;
}

/** Position of the quote that closes the string which begins at `start`. */
function endOfString(text: string, start: number): number {
  for (let index = start + 1; index < text.length; index += 1) {
    if (text[index] === '\\') index += 1;
    else if (text[index] === '"') return index;
  }
  return text.length;
}

function pathOf(levels: readonly Level[]): string {
  return levels.map(({ at }) => String(at)).join('.');
}
