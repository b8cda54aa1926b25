import { createHash } from 'node:crypto';
import type { Lake } from './lake';
import type { QueryResult, ResultRow } from './query-result';
import { QueryFailure } from './snowflake-sql';
import type { PantherSettings } from './token-access';

export type QueryStatus = 'running' | 'succeeded' | 'failed' | 'cancelled';

/** A request that Panther refuses as a GraphQL error. */
export class RequestError extends Error {}

export interface LoggedQuery {
  id: string;
  sql: string;
  startedAt: string;
  completedAt?: string;
  status: QueryStatus;
  message: string;
  result?: QueryResult;
  /** Polls that will still find it running. */
  pollsLeft: number;
  /** Who started it, as GraphQL names an actor; undefined for the calling token. */
  issuedBy?: QueryIssuer;
  /** The saved query and whether its schedule started it; only for what `start` was told so. */
  name?: string;
  isScheduled: boolean;
  done: Promise<void>;
}

export type QueryIssuer = { __typename: 'APIToken' | 'User'; id: string };

/** What a query is said to be besides its SQL, for a history with more in it than the caller's own. */
export interface QueryOrigin {
  issuedBy?: QueryIssuer;
  name?: string;
  isScheduled?: boolean;
}

export interface ResultPage {
  rows: { id: string; node: ResultRow }[];
  startCursor: string | null;
  endCursor: string | null;
  hasNextPage: boolean;
  hasPreviousPage: boolean;
}

const MAX_PAGE = 999;
const KEPT = 500;
/** Rows of all results together that are kept; the oldest queries go first. */
const KEPT_ROWS = 3_000_000;

/**
 * The data lake's queries and their life cycle. Ids come from a seeded counter: after `reset` the same requests get the
 * same ids. A query runs at once, but `poll` shows it as running for the configured number of polls, so that callers
 * meet the life cycle whatever the speed of the machine.
 */
export class QueryLog {
  private readonly queries = new Map<string, LoggedQuery>();
  private counter = 0;

  constructor(
    private readonly lake: Lake,
    private readonly seed: number,
    private readonly settings: () => PantherSettings,
    private readonly clock: () => Date,
  ) {}

  start(sql: string, database: string, origin: QueryOrigin = {}): LoggedQuery {
    this.counter += 1;
    const query: LoggedQuery = {
      id: uuid(`${this.seed}/query/${this.counter}`),
      sql,
      startedAt: this.clock().toISOString(),
      status: 'running',
      message: '',
      pollsLeft: this.settings().runningPolls,
      isScheduled: false,
      ...origin,
      done: Promise.resolve(),
    };
    query.done = this.execute(query, database);
    this.queries.set(query.id, query);
    const [oldest] = this.queries.keys();
    if (this.queries.size > KEPT && oldest !== undefined) this.queries.delete(oldest);
    return query;
  }

  /** Results stay in memory, and one of a million rows takes a good part of it. */
  private forgetOldRows(newest: LoggedQuery): void {
    let rows = 0;
    for (const { result } of this.queries.values()) rows += result?.rowCount ?? 0;
    for (const [id, { result }] of this.queries) {
      if (rows <= KEPT_ROWS || id === newest.id) return;
      if (result === undefined || result.rowCount === 0) continue;
      rows -= result.rowCount;
      this.queries.delete(id);
    }
  }

  private async execute(query: LoggedQuery, database: string): Promise<void> {
    const outcome = await this.lake.run(query.sql, database, this.settings().deniedLogTypes).then(
      (result) => ({ result, error: undefined }),
      (error: Error) => ({ result: undefined, error }),
    );
    if (query.status === 'cancelled') return;
    const { result, error } = outcome;
    if (error && !(error instanceof QueryFailure)) process.stderr.write(`sandbox panther: ${error.stack}\n`);
    const tooLarge = result && sizeOf(result) > this.settings().maxResultBytes;
    query.result = tooLarge ? undefined : result;
    query.message = tooLarge ? 'result size exceeded' : (error?.message ?? '');
    query.completedAt = new Date(Date.parse(query.startedAt) + (result ? executionTime(result) : 40)).toISOString();
    query.status = query.result ? 'succeeded' : 'failed';
    this.forgetOldRows(query);
  }

  /** The query as one poll finds it: counts towards `runningPolls`. Throws RequestError for an unknown id. */
  async poll(id: string): Promise<{ query: LoggedQuery; status: QueryStatus }> {
    const query = this.get(id);
    if (query.status === 'cancelled') return { query, status: 'cancelled' };
    if (query.pollsLeft > 0) {
      query.pollsLeft -= 1;
      return { query, status: 'running' };
    }
    await query.done;
    return { query, status: query.status };
  }

  cancel(id: string): LoggedQuery {
    const query = this.get(id);
    if (query.status === 'running' || query.pollsLeft > 0) {
      query.status = 'cancelled';
      query.message = 'SQL execution canceled';
      query.result = undefined;
      query.completedAt = this.clock().toISOString();
    }
    return query;
  }

  /** One page of a finished query's rows. The cursor must come from the same query. */
  page(query: LoggedQuery, pageSize: number, cursor: string | null | undefined): ResultPage {
    if (!Number.isInteger(pageSize) || pageSize < 1 || pageSize > MAX_PAGE) {
      throw new RequestError(`pageSize must be between 1 and ${MAX_PAGE}, got ${pageSize}`);
    }
    if (cursor && this.settings().cursorsExpired) throw new RequestError('the cursor has expired');
    const from = cursor ? readCursor(cursor, query.id, pageSize) : 0;
    const total = query.result?.rowCount ?? 0;
    const rows = query.result?.rows(from, pageSize) ?? [];
    const end = from + rows.length;
    return {
      rows: rows.map((node, i) => ({ id: String(from + i), node })),
      startCursor: rows.length > 0 ? cursorAt(query.id, from, pageSize) : null,
      endCursor: end < total ? cursorAt(query.id, end, pageSize) : null,
      hasNextPage: end < total,
      hasPreviousPage: from > 0,
    };
  }

  /** Newest first. */
  list(): LoggedQuery[] {
    return [...this.queries.values()].reverse();
  }

  reset(): void {
    this.queries.clear();
    this.counter = 0;
  }

  private get(id: string): LoggedQuery {
    const query = this.queries.get(id);
    if (!query) throw new RequestError(`query not found: ${id}`);
    return query;
  }
}

/** Milliseconds a query is said to have taken: from what it read and gave, so that it is equal on every run. */
export function executionTime(result: QueryResult): number {
  return 40 + Math.ceil(result.scanned.rows / 250) + Math.ceil(result.rowCount / 100);
}

function sizeOf(result: QueryResult): number {
  const sample = result.rows(0, 200);
  if (sample.length === 0) return 0;
  return (JSON.stringify(sample).length / sample.length) * result.rowCount;
}

/** A cursor belongs to one query and one page size: the stand-in is as strict as anybody could be. */
function cursorAt(id: string, offset: number, pageSize: number): string {
  return Buffer.from(JSON.stringify({ query: id, offset, pageSize })).toString('base64url');
}

function readCursor(cursor: string, id: string, pageSize: number): number {
  let read: { query?: unknown; offset?: unknown; pageSize?: unknown } = {};
  try {
    read = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    // Falls through to the refusal below.
  }
  if (read.query !== id || read.pageSize !== pageSize || typeof read.offset !== 'number')
    throw new RequestError('invalid cursor for this query');
  return read.offset;
}

/** A UUID made of a hash, with the version and variant bits of a random one. */
export function uuid(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 3) | 8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
