import type { Piece } from '../../../bridge/src/mcp/result-pages';

/** The result that its first page and the pieces of all others are parts of; each piece has to begin where its part ends. */
export function putTogether(first: unknown, pieces: readonly Piece[]): unknown {
  const holder: { result: unknown } = { result: structuredClone(first) };
  const jsonTexts = new Set<string>();
  for (const { path, unit, from, to, items, text } of pieces) {
    const { parent, key } = placeOf(holder, path);
    const there = parent[key] as string | unknown[];
    expect(there).toHaveLength(from);
    if (items !== undefined) (there as unknown[]).push(...structuredClone(items));
    else parent[key] = `${there as string}${text}`;
    expect(parent[key]).toHaveLength(to);
    if (unit === 'characters_of_json') jsonTexts.add(path);
  }
  // Nothing lies inside of a JSON text, so their order does not matter.
  for (const path of jsonTexts) {
    const { parent, key } = placeOf(holder, path);
    parent[key] = JSON.parse(parent[key] as string) as unknown;
  }
  return holder.result;
}

function placeOf(holder: { result: unknown }, pointer: string): { parent: Record<string, unknown>; key: string } {
  const keys = pointer.split('/').map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  keys[0] = 'result';
  const key = keys.pop() as string;
  const parent = keys.reduce<Record<string, unknown>>(
    (value, name) => value[name] as Record<string, unknown>,
    holder as Record<string, unknown>,
  );
  return { parent, key };
}
