/**
 * Replaces what an operation declares as varying between equal calls by its JSON type, so that presence and type are
 * still compared. Paths are dotted; `*` is any index or key.
 */
export function maskVarying(value: unknown, paths: readonly string[] = []): unknown {
  const copy = structuredClone(value);
  for (const path of paths) mask(copy, path.split('.'));
  return copy;
}

function mask(target: unknown, [head, ...rest]: string[]): void {
  if (typeof target !== 'object' || target === null || head === undefined) return;
  const record = target as Record<string, unknown>;
  for (const key of head === '*' ? Object.keys(record) : [head]) {
    if (!(key in record)) continue;
    if (rest.length > 0) mask(record[key], rest);
    else record[key] = `(${Array.isArray(record[key]) ? 'list' : record[key] === null ? 'null' : typeof record[key]})`;
  }
}
