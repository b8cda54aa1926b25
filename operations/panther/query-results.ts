import { cleanJson, cleanLine, type Json } from '../text';
import type { PantherClient } from './client';
import { type Position, readOn, readPosition, type Stopped, writePosition } from './page-position';
import type { QueryResults } from './query-documents';
import { pollPage, readPage, reportProgress } from './query-life-cycle';

export type Row = { [key: string]: Json };

/** Why rows are missing; null when none are. */
export type CutBy = 'max_rows' | 'characters' | 'wait_seconds' | 'service' | null;

export interface QueryRows {
  columns: string[];
  rows: Row[];
  /** The service's own total, whatever was read. */
  rowCount: number;
  /** Nothing is left behind these rows. */
  complete: boolean;
  /** The place behind the last of these rows, for `from`; null when there is none. */
  next: string | null;
  cutBy: CutBy;
  bytesScanned: number;
  executionTimeMs: number;
}

/** What waiting for rows came to; see pollPage. */
export type RowsOutcome = { sql: string | null; startedAt: string | null } & (
  | ({ state: 'succeeded' } & QueryRows)
  | { state: 'running'; pollAfterSeconds: number }
);

/** Panther's largest page. */
export const largestPage = 999;
const smallestPage = 100;
/** All rows together, as JSON. A model's context and an n8n item both end somewhere. */
const mostCharacters = 1_000_000;
/** Less than this is not enough for another page. */
const pageNeedsMs = 1_000;

const cutBy: Record<Stopped, CutBy> = {
  limit: 'max_rows',
  room: 'characters',
  time: 'wait_seconds',
  service: 'service',
};

/**
 * Waits for a query up to the client's deadline, then reads its rows page by page, up to `maxRows` (at least 1), from the
 * place `from` that an earlier reading of this query gave as `next`. Every string is cleaned. Stops early, and says so, when
 * the rows hold too many characters, the deadline comes near after the first page, or Panther promises a page and gives no
 * cursor for it. At least one row is given where there is one, so that going on always gets ahead.
 */
export async function awaitRows(
  client: PantherClient,
  id: string,
  maxRows: number,
  from?: string,
): Promise<RowsOutcome> {
  const start = startOf(id, maxRows, from);
  const outcome = await pollPage(client, id, { pageSize: start.pageSize, cursor: start.cursor });
  const { sql, startedAt } = outcome;
  if (outcome.state === 'running') return outcome;
  return { sql, startedAt, state: 'succeeded', ...(await rowsFrom(client, id, start, maxRows, outcome.results)) };
}

/** As awaitRows, for callers that have no use for a query that is still running: DeadlineError with the query id. */
export async function readRows(client: PantherClient, id: string, maxRows: number, from?: string): Promise<QueryRows> {
  const start = startOf(id, maxRows, from);
  const first = await readPage(client, id, { pageSize: start.pageSize, cursor: start.cursor });
  return rowsFrom(client, id, start, maxRows, first);
}

/** Checks a place before anything is sent. Throws InvalidInputError on `cursor`. */
export function startOf(id: string, maxRows: number, from: string | undefined): Position {
  if (from !== undefined) {
    return readPosition(id, from, `belongs to another query than ${cleanLine(id, 200)}; use it with that one's id`);
  }
  // Equal pages: a cursor need not work with another page size than the one it came from. And no tiny ones, because
  // whoever goes on from a preview of one row reads all the others in pages of this size.
  const pageSize = Math.max(smallestPage, Math.ceil(maxRows / Math.ceil(maxRows / largestPage)));
  return { cursor: undefined, pageSize, used: 0, before: 0 };
}

async function rowsFrom(
  client: PantherClient,
  id: string,
  start: Position,
  maxRows: number,
  first: QueryResults,
): Promise<QueryRows> {
  let page: QueryResults | undefined = first;
  let characters = 0;
  const read = await readOn<Row>(start, {
    limit: maxRows,
    async read(cursor, pageSize) {
      const { edges, pageInfo } = page ?? (await readPage(client, id, { pageSize, cursor }));
      page = undefined;
      reportProgress(client, `Read ${edges.length} rows of query ${id}`);
      return {
        items: edges.map(({ node }) => cleanRow(node)),
        next: pageInfo.endCursor || undefined,
        more: pageInfo.hasNextPage,
      };
    },
    hasRoom(row) {
      characters += JSON.stringify(row).length;
      return characters <= mostCharacters;
    },
    hasTime: () => client.deadline.leftMs >= pageNeedsMs,
  });
  const rows = read.items;
  const { stats, columnInfo } = first;
  const upToHere = start.before + rows.length;
  const rowCount = Math.max(Number.isFinite(stats.rowCount) ? Math.trunc(stats.rowCount) : 0, upToHere);
  // A last page before the promised total is not the whole.
  const complete = read.stopped === undefined && upToHere >= rowCount;
  return {
    columns: columnInfo.order.map((name) => cleanLine(name, 200)),
    rows,
    rowCount,
    complete,
    next: read.next === undefined ? null : writePosition(id, read.next),
    cutBy: complete ? null : read.stopped === undefined ? 'service' : cutBy[read.stopped],
    bytesScanned: stats.bytesScanned,
    executionTimeMs: stats.executionTime,
  };
}

function cleanRow(node: Record<string, unknown>): Row {
  const row = cleanJson(node);
  return typeof row === 'object' && row !== null && !Array.isArray(row) ? row : {};
}
