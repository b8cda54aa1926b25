import type { Operation } from '../operations/operation';
import { fieldsOf } from './fields';

/** Records that Return All stops at. */
export const mostRecords = 10_000;

type Json = Record<string, unknown>;

/**
 * Reads a list page by page to its end, and gives it in the shape of one answer. Stops at `mostRecords`, and where the
 * service repeats itself; `complete` is then false and `next` says where to go on.
 */
export async function returnAll(
  operation: Operation,
  input: Json,
  call: (input: Json) => Promise<Json>,
): Promise<Json> {
  const list = operation.list ?? '';
  const largestPage = largestLimit(operation);
  const records: unknown[] = [];
  const seen = new Set<unknown>([input.cursor]);
  let asked = input;
  let told: Json = {};
  for (;;) {
    const page = await call({ ...asked, limit: Math.min(largestPage, mostRecords - records.length) });
    const found = page[list];
    for (const record of Array.isArray(found) ? found : []) records.push(record);
    told = alsoTold(told, page);
    const { next } = page;
    if (typeof next !== 'string' || records.length >= mostRecords || seen.has(next)) {
      return { ...page, ...told, [list]: records, ...('count' in page ? { count: records.length } : {}) };
    }
    seen.add(next);
    asked = onwards(operation, asked, page, next);
  }
}

/** What pages say beside their records stays said: the last page need not repeat what an earlier one left out, and why. */
function alsoTold(before: Json, { count: _, complete: _complete, next: _next, ...page }: Json): Json {
  const later = Object.entries(page).filter(
    ([key, value]) =>
      !Object.hasOwn(before, key) ||
      // The window of a later page is named by us; the first says whether it was given.
      (key !== 'window' && value !== null && value !== '' && !(Array.isArray(value) && value.length === 0)),
  );
  return { ...before, ...Object.fromEntries(later) };
}

/**
 * The input for the page after `page`. A list over a window of time that ends now names the window it took, and the next
 * page has to be of the same one.
 */
export function onwards(operation: Operation, input: Json, page: Json, next: string): Json {
  const { shape } = operation.input;
  const window = (page.window ?? {}) as { from?: unknown; to?: unknown };
  const bound = (field: string, value: unknown) =>
    field in shape && input[field] === undefined && typeof value === 'string' ? { [field]: value } : {};
  return { ...input, ...bound('created_after', window.from), ...bound('created_before', window.to), cursor: next };
}

function largestLimit(operation: Operation): number {
  const kind = fieldsOf(operation).find(({ name }) => name === 'limit')?.kind;
  return kind?.kind === 'number' ? (kind.max ?? 100) : 100;
}
