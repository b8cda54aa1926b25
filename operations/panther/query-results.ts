import { collectPages } from '../paging';
import { cleanJson, cleanLine, type Json } from '../text';
import type { PantherClient } from './client';
import type { QueryResults } from './query-documents';
import { readPage } from './query-life-cycle';

export type Row = { [key: string]: Json };

/** Why rows are missing; null when none are. */
export type CutBy = 'max_rows' | 'characters' | 'wait_seconds' | 'service' | null;

export interface QueryRows {
  columns: string[];
  rows: Row[];
  /** The service's own total, whatever was read. */
  rowCount: number;
  complete: boolean;
  /** Cursor of the first page that was not used up; rows of it may have been returned already. */
  next: string | null;
  cutBy: CutBy;
  bytesScanned: number;
  executionTimeMs: number;
}

/** Panther's largest page. */
const largestPage = 999;
/** All rows together, as JSON. A model's context and an n8n item both end somewhere. */
const mostCharacters = 1_000_000;
/** Less than this is not enough for another page. */
const pageNeedsMs = 1_000;

/**
 * Reads the rows of a query, page by page, up to `maxRows` (at least 1). Every string is cleaned. Stops early, and
 * says so, when the rows hold too many characters, the deadline comes near after the first page, or Panther promises
 * a page and gives no cursor for it.
 */
export async function readRows(client: PantherClient, id: string, maxRows: number, from?: string): Promise<QueryRows> {
  // Equal pages: a cursor need not work with another page size than the one it came from.
  const pageSize = Math.ceil(maxRows / Math.ceil(maxRows / largestPage));
  let first: QueryResults | undefined;
  let characters = 0;
  let stopped: CutBy = null;
  let resumeAt: string | null = null;

  const collected = await collectPages<Row>(
    maxRows,
    async (cursor) => {
      if (first !== undefined && client.deadline.leftMs < pageNeedsMs) {
        stopped = 'wait_seconds';
        resumeAt = cursor ?? null;
        return { items: [], next: undefined };
      }
      const page = await readPage(client, id, { pageSize, cursor });
      first ??= page;
      const items: Row[] = [];
      for (const edge of page.edges) {
        const row = cleanRow(edge.node);
        characters += JSON.stringify(row).length;
        if (characters > mostCharacters) {
          stopped = 'characters';
          resumeAt = cursor ?? null;
          return { items, next: undefined };
        }
        items.push(row);
      }
      const { hasNextPage, endCursor } = page.pageInfo;
      if (hasNextPage && !endCursor) stopped = 'service';
      client.ports.progress(`Read ${items.length} rows of query ${id}`, 1);
      return { items, next: hasNextPage ? (endCursor ?? undefined) : undefined };
    },
    from,
  );
  return shape(collected, first, stopped, resumeAt, from !== undefined, maxRows);
}

function cleanRow(node: Record<string, unknown>): Row {
  const row = cleanJson(node);
  return typeof row === 'object' && row !== null && !Array.isArray(row) ? row : {};
}

function shape(
  collected: { items: Row[]; complete: boolean; next: string | null },
  first: QueryResults | undefined,
  stopped: CutBy,
  resumeAt: string | null,
  resumed: boolean,
  maxRows: number,
): QueryRows {
  const { items } = collected;
  const told = first?.stats.rowCount ?? items.length;
  const rowCount = Math.max(Number.isFinite(told) ? Math.trunc(told) : 0, items.length);
  // A last page before the promised total is not the whole; after a resume the total says nothing about this part.
  const short = !resumed && items.length < rowCount;
  const complete = collected.complete && stopped === null && !short;
  const cutBy = complete ? null : (stopped ?? (items.length >= maxRows ? 'max_rows' : 'service'));
  return {
    columns: (first?.columnInfo.order ?? []).map((name) => cleanLine(name, 200)),
    rows: items,
    rowCount,
    complete,
    next: complete ? null : (resumeAt ?? collected.next),
    cutBy,
    bytesScanned: first?.stats.bytesScanned ?? 0,
    executionTimeMs: first?.stats.executionTime ?? 0,
  };
}
