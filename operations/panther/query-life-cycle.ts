import { portsForCleanUp } from '../clean-up-ports';
import {
  CancelledError,
  DeadlineError,
  InvalidInputError,
  NotFoundOrNoAccessError,
  OperationError,
  RateLimitedError,
  UnavailableError,
} from '../errors';
import { Deadline } from '../retry';
import { cleanLine } from '../text';
import type { PantherClient, Purpose } from './client';
import { problemError } from './graphql';
import {
  cancelQuery,
  cancelQueryAnswer,
  getQuery,
  getQueryAnswer,
  getQueryFacts,
  getQueryFactsAnswer,
  type QueryFacts,
  type QueryResults,
} from './query-documents';
import { queryFailed, queryWasCancelled } from './query-failure';

export { outcomeUnknown, startQuery } from './query-start';

const toRead: Purpose = { permission: 'DataAnalyticsRead', what: 'to read the result of a query' };
const toCancel: Purpose = { permission: 'DataAnalyticsRead', what: 'to cancel a query' };

const firstPollMs = 300;
const pollGrowth = 1.5;
const slowestPollMs = 5_000;
const cleanUpMs = 5_000;

/** Which page of a result: `pageSize` at most 999; a cursor holds for the query and the page size it came with. */
export interface PageRequest {
  pageSize: number;
  cursor?: string;
}

/** What waiting for a page came to. Times are ISO 8601 as Panther gives them. */
export type PageOutcome = { sql: string | null; startedAt: string | null } & (
  | { state: 'ready'; results: QueryResults }
  /** The deadline came first; the query goes on in Panther. */
  | { state: 'running'; pollAfterSeconds: number }
);

/**
 * One page of a query's result: waits while the query runs or Panther says `tryAgain`, with growing delays and
 * progress reports, until the client's deadline. Throws QueryFailedError, CancelledError, NotFoundOrNoAccessError for an id
 * that Panther does not know, and InvalidInputError on `cursor` for one that it no longer takes.
 */
export async function pollPage(client: PantherClient, id: string, page: PageRequest): Promise<PageOutcome> {
  const { deadline } = client;
  let seen: { sql: string | null; startedAt: string | null } | undefined;
  for (let delay = firstPollMs; ; delay = Math.min(delay * pollGrowth, slowestPollMs)) {
    const running = (facts: { sql: string | null; startedAt: string | null }): PageOutcome => ({
      ...facts,
      state: 'running',
      pollAfterSeconds: Math.ceil(delay / 1000),
    });
    let query: Awaited<ReturnType<typeof readQuery>>;
    try {
      query = await readQuery(client, id, page);
    } catch (error) {
      // The time ran out over this answer; what the last one said is still the most that is known.
      if (seen !== undefined && isNoAnswer(error) && deadline.leftMs === 0) return running(seen);
      throw error;
    }
    seen = { sql: query.sql ?? null, startedAt: query.startedAt ?? null };
    if (query.status === 'failed') throw queryFailed(id, query.message ?? '');
    if (query.status === 'cancelled') throw queryWasCancelled(id);
    if (query.status === 'succeeded' && query.results && query.results.tryAgain !== true) {
      return { ...seen, state: 'ready', results: query.results };
    }
    reportProgress(client, `Query ${id} is ${query.status === 'running' ? 'running' : 'being prepared'}`);
    // The last wait is cut short, so that a query that ends just before the deadline is still seen.
    const wait = Math.min(delay, deadline.leftMs - firstPollMs);
    if (wait <= 0 || !(await deadline.wait(wait))) return running(seen);
  }
}

function isNoAnswer(error: unknown): boolean {
  return error instanceof UnavailableError || error instanceof RateLimitedError || error instanceof DeadlineError;
}

/** Seconds passed, of those that the call may take. */
export function reportProgress({ deadline, ports }: PantherClient, message: string): void {
  const done = Math.floor((deadline.totalMs - deadline.leftMs) / 1000);
  ports.progress(message, done, Math.round(deadline.totalMs / 1000));
}

/** As pollPage, for callers that have no use for a query that is still running: DeadlineError with the query id. */
export async function readPage(client: PantherClient, id: string, page: PageRequest): Promise<QueryResults> {
  const outcome = await pollPage(client, id, page);
  if (outcome.state === 'running') throw deadlinePassed(client, id);
  return outcome.results;
}

async function readQuery(client: PantherClient, id: string, page: PageRequest) {
  try {
    const { data, problems } = await client.read(getQuery, { id, page }, getQueryAnswer, toRead);
    const query = data.dataLakeQuery;
    const [problem] = problems;
    // The query itself was found, so what went wrong concerns its rows; without this, it would be asked for again and again.
    if (query.status === 'succeeded' && !query.results && problem !== undefined)
      throw problemError(problem, toRead, 200);
    return query;
  } catch (error) {
    if (page.cursor !== undefined && isRefusal(error)) {
      // No code tells a cursor that is no use from an id that is none. Whether the query can be read without it does.
      await readQuery(client, id, { pageSize: 1 });
      throw cursorRefused(id);
    }
    throw asUnknownQuery(error, id);
  }
}

/** A query without its rows. Throws NotFoundOrNoAccessError for an id that Panther does not know. */
export async function readQueryFacts(client: PantherClient, id: string): Promise<QueryFacts> {
  try {
    const { data } = await client.read(getQueryFacts, { id }, getQueryFactsAnswer, toRead);
    return data.dataLakeQuery;
  } catch (error) {
    throw asUnknownQuery(error, id);
  }
}

/** Whether the API answered, and refused what it was asked for. */
function isRefusal(error: unknown): error is OperationError {
  if (!(error instanceof OperationError)) return false;
  if (error instanceof NotFoundOrNoAccessError) return true;
  const code = error.details.graphql_code;
  return code !== undefined && code !== 'GRAPHQL_VALIDATION_FAILED';
}

/** Panther documents no code for an id that it does not know; where it gives none, its text is all there is. */
function asUnknownQuery(error: unknown, id: string): unknown {
  if (!isRefusal(error)) return error;
  const isAddress = error.details.what === 'GraphQL API at the address given';
  const isUnknown =
    error instanceof NotFoundOrNoAccessError
      ? !isAddress
      : /not found|no such|does not exist|invalid id/i.test(error.message);
  if (!isUnknown) return error;
  return new NotFoundOrNoAccessError(
    'Panther',
    `query ${cleanLine(id, 200)}`,
    'Ids belong to one tenant, and old queries are forgotten; list_queries shows those that can be read.',
  );
}

function cursorRefused(id: string): InvalidInputError {
  return new InvalidInputError(
    'cursor',
    `Panther no longer takes it for query ${cleanLine(id, 200)}. Leave the cursor out to read from the first row again; the query does not run again.`,
    { query_id: cleanLine(id, 200) },
  );
}

function deadlinePassed(client: PantherClient, id: string): DeadlineError {
  return new DeadlineError(
    'The query',
    Math.round(client.deadline.totalMs / 1000),
    'It goes on in Panther; nothing was cancelled. get_query_results reads its result by its query id; or narrow the query.',
    { query_id: cleanLine(id, 200) },
  );
}

/**
 * Runs `work` on a query that this call started. An abort cancels the query upstream; any other failure leaves with the
 * query id in its details, so that the result can still be fetched. `isOurs` false: somebody else waits for the query too,
 * so an abort leaves it alone.
 */
export async function whileQueryRuns<T>(
  client: PantherClient,
  id: string,
  work: () => Promise<T>,
  isOurs = true,
): Promise<T> {
  const shownId = cleanLine(id, 200);
  try {
    return await work();
  } catch (error) {
    if (error instanceof CancelledError) {
      const stopped = isOurs && (await cancelUpstream(client, id));
      const cancelled = new CancelledError(`The query ${shownId}`);
      Object.assign(cancelled.details, { query_id: shownId, cancelled_upstream: stopped });
      throw cancelled;
    }
    if (isNoAnswer(error) && client.deadline.leftMs === 0) throw deadlinePassed(client, id);
    if (error instanceof OperationError) Object.assign(error.details, { query_id: shownId });
    throw error;
  }
}

/** Asks Panther to stop a query. Safe to repeat although a mutation: cancelling twice is cancelling once. */
export async function stopQuery(client: PantherClient, id: string): Promise<void> {
  await client.read(cancelQuery, { input: { id } }, cancelQueryAnswer, toCancel);
}

/** Stops a query behind an abort; best effort, in 5 s. Resolves to whether Panther confirmed it. */
async function cancelUpstream(client: PantherClient, id: string): Promise<boolean> {
  const ports = portsForCleanUp(client.ports);
  try {
    await stopQuery(client.over(ports, new Deadline(ports, cleanUpMs)), id);
    return true;
  } catch {
    ports.log.warn('a cancelled query may still be running', { query_id: id });
    return false;
  }
}
