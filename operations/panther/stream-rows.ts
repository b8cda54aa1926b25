import { portsEndedBy } from '../clean-up-ports';
import { BadResponseError, DeadlineError, OperationError, RateLimitedError, UnavailableError } from '../errors';
import { backoffMs, type Deadline } from '../retry';
import type { RowStream, RowsEnd, StreamedRow } from '../row-stream';
import { cleanJson, cleanLine } from '../text';
import type { PantherClient } from './client';
import type { QueryResults } from './query-documents';
import { readPage, whileQueryRuns } from './query-life-cycle';

/** Panther's largest page. */
const pageRows = 999;
/** For how long one page may fail to come before the stream gives up; the tries of each read come on top. */
const patienceMs = 120_000;
const mostEmptyPages = 100;
/** Less than this is not enough for another page. */
const pageNeedsMs = 1_000;

/**
 * Gives out the rows of a query page by page, up to `maxRows` (at least 1), cleaned. While the consumer uses one page the
 * next one is read, and no more than that one, so memory does not grow with the result. A page that cannot be read is
 * asked for again by its cursor for two minutes: nothing is given out twice. Ends early, and says so, when the client's
 * deadline comes near after the first page. Throws what `readPage` throws, with the query id, and BadResponseError when
 * Panther gives a cursor a second time. An abort cancels the query upstream when it is `ours`: started by this call.
 */
export async function* streamRows(client: PantherClient, id: string, maxRows: number, ours: boolean): RowStream {
  // Ends a page that is being read ahead when the consumer leaves.
  const leaving = new AbortController();
  const reader = client.over(portsEndedBy(client.ports, leaving.signal), client.deadline);
  const read = (cursor?: string): Promise<QueryResults> => {
    const page = patiently(reader, () => readPage(reader, id, { pageSize: Math.min(pageRows, maxRows), cursor }));
    // It is awaited later, or never when the consumer leaves.
    page.catch(() => {});
    return page;
  };
  const seen = new Set<string>();
  let cursor: string | undefined;
  let done = 0;
  let empty = 0;
  let last: QueryResults | undefined;
  try {
    let pending = read();
    for (;;) {
      const awaited = ours ? whileQueryRuns(client, id, () => pending) : naming(id, pending);
      const page: QueryResults | undefined = await awaited.catch((error: unknown) => {
        // Pages have been given out, and the rest can be read later.
        if (last !== undefined && error instanceof DeadlineError) return undefined;
        throw error;
      });
      if (page === undefined) return endOf(id, last as QueryResults, done, 'wait_seconds', cursor ?? null);
      last = page;
      const next = followingCursor(page, seen, id);
      const rows = page.edges.slice(0, maxRows - done).map(({ node }) => cleanRow(node));
      const from = cursor;
      done += rows.length;
      empty = rows.length === 0 ? empty + 1 : 0;
      if (empty >= mostEmptyPages)
        throw new BadResponseError('Panther', 'page after page has no rows', { query_id: id });

      const end = (cutBy: RowsEnd['cut_by'], at: string | null): RowsEnd => endOf(id, page, done, cutBy, at);
      const shown = { rows, columns: columnsOf(page), done, total: totalOf(page, done) };
      client.ports.progress(`Read ${done} rows of query ${id}`, done, shown.total);
      if (rows.length < page.edges.length || (done >= maxRows && next !== undefined)) {
        yield shown;
        return end('max_rows', rows.length < page.edges.length ? (from ?? null) : (next ?? null));
      }
      if (next === undefined) {
        yield shown;
        return end(page.pageInfo.hasNextPage || done < totalOf(page, done) ? 'service' : null, null);
      }
      if (client.deadline.leftMs < pageNeedsMs) {
        yield shown;
        return end('wait_seconds', next);
      }
      pending = read(next);
      cursor = next;
      yield shown;
    }
  } finally {
    leaving.abort();
  }
}

/** A failure that may pass does not end a long stream: the same page is asked for again until it has been out for too long. */
async function patiently(client: PantherClient, read: () => Promise<QueryResults>): Promise<QueryResults> {
  const { ports, deadline } = client;
  const since = ports.now().getTime();
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await read();
    } catch (error) {
      const mayPass = error instanceof UnavailableError || error instanceof RateLimitedError;
      const out = ports.now().getTime() - since;
      const delay =
        error instanceof RateLimitedError
          ? error.retryAfterSeconds * 1000
          : 1_000 + backoffMs(attempt, ports.random(), 1_000);
      if (!mayPass || (deadline.leftMs > 0 && out + delay > patienceMs)) throw error;
      if (!(await deadline.wait(delay))) throw outOfTime(deadline, error);
      ports.log.warn('a page could not be read; asking for it again', { attempt: attempt + 1, out_ms: out });
    }
  }
}

function outOfTime(deadline: Deadline, cause: OperationError): DeadlineError {
  const seconds = Math.round(deadline.totalMs / 1000);
  return new DeadlineError('Reading the rows', seconds, `The last try ended so: ${cause.message}`);
}

/** Where the next page is; undefined on the last one. A cursor given twice would give out the same rows again, for ever. */
function followingCursor({ pageInfo }: QueryResults, seen: Set<string>, id: string): string | undefined {
  const next = pageInfo.hasNextPage ? pageInfo.endCursor || undefined : undefined;
  if (next === undefined) return undefined;
  if (seen.has(next)) {
    throw new BadResponseError(
      'Panther',
      'it gave the cursor of a page a second time, so the rows cannot be told apart',
      {
        query_id: id,
      },
    );
  }
  seen.add(next);
  return next;
}

function totalOf({ stats: { rowCount } }: QueryResults, done: number): number {
  return Math.max(Number.isFinite(rowCount) ? Math.trunc(rowCount) : 0, done);
}

function endOf(id: string, page: QueryResults, done: number, cutBy: RowsEnd['cut_by'], next: string | null): RowsEnd {
  return {
    query_id: id,
    rows: done,
    row_count: totalOf(page, done),
    columns: columnsOf(page),
    complete: cutBy === null,
    next,
    cut_by: cutBy,
    bytes_scanned: page.stats.bytesScanned,
    execution_time_ms: page.stats.executionTime,
  };
}

function columnsOf({ columnInfo }: QueryResults): string[] {
  return columnInfo.order.map((name) => cleanLine(name, 200));
}

/** A failure leaves with the id of the query, whose result can still be read. */
async function naming<T>(id: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof OperationError) Object.assign(error.details, { query_id: id });
    throw error;
  }
}

function cleanRow(node: Record<string, unknown>): StreamedRow {
  const row = cleanJson(node);
  return typeof row === 'object' && row !== null && !Array.isArray(row) ? row : {};
}
