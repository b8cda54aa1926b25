import { portsEndedBy } from '../clean-up-ports';
import { BadResponseError, DeadlineError, type OperationError, RateLimitedError, UnavailableError } from '../errors';
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
  let facts: Facts | undefined;
  try {
    let pending = read();
    for (;;) {
      const awaited = whileQueryRuns(client, id, () => pending, ours);
      const page: QueryResults | undefined = await awaited.catch((error: unknown) => {
        // Pages have been given out, and the rest can be read later.
        if (facts !== undefined && error instanceof DeadlineError) return undefined;
        throw error;
      });
      if (page === undefined) return endOf(id, facts as Facts, done, 'wait_seconds', cursor ?? null);
      const next = followingCursor(page, seen, id);
      const nodes = page.edges.slice(0, maxRows - done);
      done += nodes.length;
      empty = nodes.length === 0 ? empty + 1 : 0;
      if (empty >= mostEmptyPages)
        throw new BadResponseError('Panther', 'page after page has no rows', { query_id: id });

      facts = factsOf(page, done);
      client.ports.progress(`Read ${done} rows of query ${id}`, done, facts.rowCount);
      const end = endAfter(client, page, {
        given: nodes.length,
        done,
        maxRows,
        next,
        cursor,
        rowCount: facts.rowCount,
      });
      if (end === undefined) {
        pending = read(next);
        cursor = next;
        // Cleaning takes as long as the service needs for a page: the request has to be on its way before that.
        await client.ports.sleep(0).catch(() => {});
      }
      yield { rows: nodes.map(({ node }) => cleanRow(node)), columns: facts.columns, done, total: facts.rowCount };
      if (end !== undefined) return endOf(id, facts, done, end.cutBy, end.next);
    }
  } finally {
    leaving.abort();
  }
}

/** What stays of a page once its rows have been given out. */
interface Facts {
  columns: string[];
  rowCount: number;
  bytesScanned: number;
  executionTime: number;
}

function factsOf({ columnInfo, stats }: QueryResults, done: number): Facts {
  return {
    columns: columnInfo.order.map((name) => cleanLine(name, 200)),
    rowCount: Math.max(Number.isFinite(stats.rowCount) ? Math.trunc(stats.rowCount) : 0, done),
    bytesScanned: stats.bytesScanned,
    executionTime: stats.executionTime,
  };
}

interface Position {
  /** Rows of the page that are given out, and all up to there. */
  given: number;
  done: number;
  maxRows: number;
  rowCount: number;
  /** Cursor of the page that follows, and of this one. */
  next: string | undefined;
  cursor: string | undefined;
}

/** Whether a page is the last one to be given out, and then why and where to go on; undefined when there is more to read. */
function endAfter(
  client: PantherClient,
  page: QueryResults,
  { given, done, maxRows, rowCount, next, cursor }: Position,
): { cutBy: RowsEnd['cut_by']; next: string | null } | undefined {
  if (given < page.edges.length) return { cutBy: 'max_rows', next: cursor ?? null };
  if (next === undefined) return { cutBy: page.pageInfo.hasNextPage || done < rowCount ? 'service' : null, next: null };
  if (done >= maxRows) return { cutBy: 'max_rows', next };
  return client.deadline.leftMs < pageNeedsMs ? { cutBy: 'wait_seconds', next } : undefined;
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

function endOf(id: string, facts: Facts, done: number, cutBy: RowsEnd['cut_by'], next: string | null): RowsEnd {
  return {
    query_id: id,
    rows: done,
    row_count: facts.rowCount,
    columns: facts.columns,
    complete: cutBy === null,
    next,
    cut_by: cutBy,
    bytes_scanned: facts.bytesScanned,
    execution_time_ms: facts.executionTime,
  };
}

function cleanRow(node: Record<string, unknown>): StreamedRow {
  const row = cleanJson(node);
  return typeof row === 'object' && row !== null && !Array.isArray(row) ? row : {};
}
