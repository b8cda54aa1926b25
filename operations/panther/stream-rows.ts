import { portsEndedBy } from '../clean-up-ports';
import { BadResponseError, DeadlineError, type OperationError, RateLimitedError, UnavailableError } from '../errors';
import { backoffMs, type Deadline } from '../retry';
import type { RowStream, RowsEnd, StreamedRow } from '../row-stream';
import { cleanJson, cleanLine } from '../text';
import type { PantherClient } from './client';
import { type Position, writePosition } from './page-position';
import type { QueryResults } from './query-documents';
import { readPage, whileQueryRuns } from './query-life-cycle';
import { startOf } from './query-results';

/** For how long one page may fail to come before the stream gives up; the tries of each read come on top. */
const patienceMs = 120_000;
const mostEmptyPages = 100;
/** Less than this is not enough for another page. */
const pageNeedsMs = 1_000;

/** What to read of a query. */
export interface StreamOrder {
  /** Most rows, at least 1. */
  maxRows: number;
  /** This call started the query, so an abort cancels it upstream. */
  isOurs: boolean;
  /** The place that an earlier reading of the query gave as `next`. */
  from?: string;
}

/**
 * Gives out the rows of a query page by page, cleaned. While the consumer uses one page the next one is read, and no more
 * than that one, so memory does not grow with the result. A page that cannot be read is asked for again by its cursor for
 * two minutes: nothing is given out twice. Ends early, and says so, when the client's deadline comes near after the first
 * page. Throws what `readPage` throws, with the query id, and BadResponseError when Panther gives a cursor a second time.
 */
export async function* streamRows(
  client: PantherClient,
  id: string,
  { maxRows, isOurs, from }: StreamOrder,
): RowStream {
  // Ends a page that is being read ahead when the consumer leaves.
  const leaving = new AbortController();
  const reader = client.over(portsEndedBy(client.ports, leaving.signal), client.deadline);
  const read = ({ cursor, pageSize }: Position): Promise<QueryResults> => {
    const page = patiently(reader, () => readPage(reader, id, { pageSize, cursor }));
    // It is awaited later, or never when the consumer leaves.
    page.catch(() => {});
    return page;
  };
  const seen = new Set<string>();
  let place = startOf(id, maxRows, from);
  let given = 0;
  let empty = 0;
  let facts: Facts | undefined;
  try {
    let pending = read(place);
    for (;;) {
      const awaited = whileQueryRuns(client, id, () => pending, isOurs);
      const page: QueryResults | undefined = await awaited.catch((error: unknown) => {
        // Pages have been given out, and the rest can be read later.
        if (facts !== undefined && error instanceof DeadlineError) return undefined;
        throw error;
      });
      if (page === undefined) return endOf(id, facts as Facts, given, { cutBy: 'wait_seconds', next: place });
      const nodes = page.edges.slice(place.used, place.used + maxRows - given);
      given += nodes.length;
      empty = nodes.length === 0 ? empty + 1 : 0;
      if (empty >= mostEmptyPages)
        throw new BadResponseError('Panther', 'page after page has no rows', { query_id: id });

      const total = place.before + nodes.length;
      facts = factsOf(page, total);
      client.ports.progress(`Read ${given} rows of query ${id}`, given, facts.rowCount);
      const behind = behindPage(page, place, nodes.length, seen, id);
      const end = endAfter(client, page, behind, given >= maxRows, total < facts.rowCount);
      if (end === undefined) {
        place = behind as Position;
        pending = read(place);
        // Cleaning takes as long as the service needs for a page: the request has to be on its way before that.
        await client.ports.sleep(0).catch(() => {});
      }
      yield {
        rows: nodes.map(({ node }) => cleanRow(node)),
        columns: facts.columns,
        done: given,
        total: facts.rowCount,
      };
      if (end !== undefined) return endOf(id, facts, given, end);
    }
  } finally {
    leaving.abort();
  }
}

interface End {
  cutBy: RowsEnd['cut_by'];
  next: Position | undefined;
}

/** Why a page is the last one to be given out; undefined when the one behind it is to be read. */
function endAfter(
  client: PantherClient,
  page: QueryResults,
  behind: Position | undefined,
  isLimit: boolean,
  isShort: boolean,
): End | undefined {
  // A last page before the promised total, or a promised page without a place, is not the whole.
  if (behind === undefined) return { cutBy: page.pageInfo.hasNextPage || isShort ? 'service' : null, next: undefined };
  if (isLimit) return { cutBy: 'max_rows', next: behind };
  return client.deadline.leftMs < pageNeedsMs ? { cutBy: 'wait_seconds', next: behind } : undefined;
}

/** The place behind the rows of a page that are given out; undefined behind the last row. */
function behindPage(
  { edges, pageInfo }: QueryResults,
  { cursor, pageSize, used, before }: Position,
  given: number,
  seen: Set<string>,
  id: string,
): Position | undefined {
  if (used + given < edges.length) return { cursor, pageSize, used: used + given, before: before + given };
  const next = pageInfo.hasNextPage ? pageInfo.endCursor || undefined : undefined;
  if (next === undefined) return undefined;
  // A cursor given twice would give out the same rows again, for ever.
  if (seen.has(next)) {
    throw new BadResponseError(
      'Panther',
      'it gave the cursor of a page a second time, so the rows cannot be told apart',
      { query_id: id },
    );
  }
  seen.add(next);
  return { cursor: next, pageSize, used: 0, before: before + given };
}

/** What stays of a page once its rows have been given out. */
interface Facts {
  columns: string[];
  rowCount: number;
  bytesScanned: number;
  executionTime: number;
}

function factsOf({ columnInfo, stats }: QueryResults, upToHere: number): Facts {
  return {
    columns: columnInfo.order.map((name) => cleanLine(name, 200)),
    rowCount: Math.max(Number.isFinite(stats.rowCount) ? Math.trunc(stats.rowCount) : 0, upToHere),
    bytesScanned: stats.bytesScanned,
    executionTime: stats.executionTime,
  };
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

function endOf(id: string, facts: Facts, rows: number, { cutBy, next }: End): RowsEnd {
  return {
    query_id: id,
    rows,
    row_count: facts.rowCount,
    columns: facts.columns,
    complete: cutBy === null,
    next: next === undefined ? null : writePosition(id, next),
    cut_by: cutBy,
    bytes_scanned: facts.bytesScanned,
    execution_time_ms: facts.executionTime,
  };
}

function cleanRow(node: Record<string, unknown>): StreamedRow {
  const row = cleanJson(node);
  return typeof row === 'object' && row !== null && !Array.isArray(row) ? row : {};
}
