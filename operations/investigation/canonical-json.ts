import { createHash } from 'node:crypto';

/**
 * JSON with the keys of every object in code unit order and no white space, as RFC 8785 asks for; undefined members are
 * left out, and what JSON cannot say (NaN, functions) becomes null. Nesting past 64 levels is cut, so that hostile
 * rows cannot exhaust the stack.
 */
export function canonicalJson(value: unknown, depth = 0): string {
  if (depth > 64) return 'null';
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item, depth + 1)).join(',')}]`;
  if (value instanceof Date) return JSON.stringify(value.toISOString());
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      .map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item, depth + 1)}`);
    return `{${members.join(',')}}`;
  }
  if (typeof value === 'bigint') return value.toString();
  return JSON.stringify(value) ?? 'null';
}

/** SHA-256 in hex of a text in UTF-8. */
export function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/** SHA-256 over rows as canonical JSON, whatever order they came in. */
export function rowsSha256(rows: readonly unknown[]): string {
  return sha256(
    `[${rows
      .map((row) => canonicalJson(row))
      .sort()
      .join(',')}]`,
  );
}
