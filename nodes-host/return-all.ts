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
  let cursor = input.cursor;
  for (;;) {
    const limit = Math.min(largestPage, mostRecords - records.length);
    const page = await call({ ...input, limit, ...(cursor === undefined ? {} : { cursor }) });
    const found = page[list];
    for (const record of Array.isArray(found) ? found : []) records.push(record);
    const { next } = page;
    if (typeof next !== 'string' || records.length >= mostRecords || seen.has(next)) {
      return { ...page, [list]: records, ...('count' in page ? { count: records.length } : {}) };
    }
    seen.add(next);
    cursor = next;
  }
}

function largestLimit(operation: Operation): number {
  const kind = fieldsOf(operation).find(({ name }) => name === 'limit')?.kind;
  return kind?.kind === 'number' ? (kind.max ?? 100) : 100;
}
