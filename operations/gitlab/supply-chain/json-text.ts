export type JsonRecord = Record<string, unknown>;

export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object a text holds; undefined for anything else. Never throws. */
export function parseRecord(text: string): JsonRecord | undefined {
  try {
    const value: unknown = JSON.parse(text.replace(/^\ufeff/, ''));
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The object under a key; empty when there is none. */
export function recordAt(record: JsonRecord, key: string): JsonRecord {
  const value = Object.hasOwn(record, key) ? record[key] : undefined;
  return isRecord(value) ? value : {};
}

/** The text under a key; null when there is none. */
export function textAt(record: JsonRecord, key: string): string | null {
  const value = Object.hasOwn(record, key) ? record[key] : undefined;
  return typeof value === 'string' && value !== '' ? value : null;
}

/** The list under a key; empty when there is none. */
export function listAt(record: JsonRecord, key: string): unknown[] {
  const value = Object.hasOwn(record, key) ? record[key] : undefined;
  return Array.isArray(value) ? value : [];
}

/** The texts of a list, or of one text. */
export function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.filter((entry): entry is string => typeof entry === 'string') : [];
}

/** The longest text that `shown` gives, about; a longer one ends in an ellipsis. */
export const longestShown = 100_000;

/**
 * Any value as JSON in one line, for showing and comparing. Unlike JSON.stringify it never throws: it stops at a depth of 30 and
 * at about 100,000 characters, however often the value holds itself.
 */
export function shown(value: unknown): string {
  let text = '';
  const visit = (current: unknown, depth: number): void => {
    if (text.length > longestShown) return;
    if (typeof current !== 'object' || current === null) {
      text += typeof current === 'string' ? JSON.stringify(current.slice(0, longestShown)) : String(current);
    } else if (depth > 30) text += '…';
    else if (Array.isArray(current)) {
      text += '[';
      for (const [index, entry] of current.entries()) {
        if (text.length > longestShown) return;
        if (index > 0) text += ',';
        visit(entry, depth + 1);
      }
      text += ']';
    } else if (isPlain(current)) {
      text += '{';
      for (const [index, [key, entry]] of Object.entries(current).entries()) {
        if (text.length > longestShown) return;
        text += `${index > 0 ? ',' : ''}${JSON.stringify(key)}:`;
        visit(entry, depth + 1);
      }
      text += '}';
    } else text += JSON.stringify(String(current).slice(0, longestShown));
  };
  visit(value, 0);
  return text.length > longestShown ? `${text.slice(0, longestShown)}…` : text;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}
