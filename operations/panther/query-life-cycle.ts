import { portsForCleanUp, portsThatFinishRequests } from '../clean-up-ports';
import {
  BadResponseError,
  CancelledError,
  DeadlineError,
  OperationError,
  RateLimitedError,
  UnavailableError,
} from '../errors';
import { Deadline } from '../retry';
import type { PantherClient, Purpose } from './client';
import {
  cancelQuery,
  cancelQueryAnswer,
  executeQuery,
  executeQueryAnswer,
  getQuery,
  getQueryAnswer,
  listQueries,
  listQueriesAnswer,
  type QueryResults,
} from './query-documents';
import { queryFailed, queryWasCancelled } from './query-failure';

const toRun: Purpose = { permission: 'DataAnalyticsRead', what: 'to run a query' };
const toRead: Purpose = { permission: 'DataAnalyticsRead', what: 'to read the result of a query' };

const firstPollMs = 300;
const pollGrowth = 1.5;
const slowestPollMs = 5_000;
/** Our clock and Panther's may differ by this much when a lost query is looked for in the history. */
const clockSkewMs = 120_000;
const historyLagMs = 1_500;
const cleanUpMs = 5_000;

export interface Started {
  id: string;
  /** True when the answer with the id was lost and the query was found again in the history. */
  foundAgain: boolean;
}

/**
 * Starts a query exactly once and resolves to its id. An abort does not cut this call short, because a query whose id
 * is lost can neither be read nor cancelled. When the answer is lost, the query history is searched before anything is
 * sent again: a blind repeat would run, and bill, the query twice.
 */
export async function startQuery(client: PantherClient, sql: string, database: string): Promise<Started> {
  const since = client.ports.now().getTime() - clockSkewMs;
  const starter = client.over(portsThatFinishRequests(client.ports), client.deadline);
  try {
    return { id: await execute(starter, sql, database), foundAgain: false };
  } catch (error) {
    if (!outcomeUnknown(error)) throw error;
    client.ports.log.warn('the answer to a new query was lost; looking for it in the query history', {});
    const found = await findAgain(client, sql, since);
    if (found !== undefined) return { id: found, foundAgain: true };
    // After a time-out the request may still be on its way; only a broken answer without a trace may go again.
    if (error instanceof UnavailableError && error.details.connection === 'timeout') throw startUnknown();
    try {
      return { id: await execute(starter, sql, database), foundAgain: false };
    } catch (second) {
      throw second instanceof UnavailableError && outcomeUnknown(second) ? startUnknown() : second;
    }
  }
}

/** Looks twice, because a history may lag behind by a moment. When it cannot be read, the outcome stays unknown. */
async function findAgain(client: PantherClient, sql: string, since: number): Promise<string | undefined> {
  try {
    const found = await findStarted(client, sql, since);
    if (found !== undefined || !(await client.deadline.wait(historyLagMs))) return found;
    return await findStarted(client, sql, since);
  } catch (error) {
    if (error instanceof UnavailableError) throw startUnknown();
    if (error instanceof OperationError) Object.assign(error.details, { outcome: 'unknown' });
    throw error;
  }
}

async function execute(client: PantherClient, sql: string, database: string): Promise<string> {
  const { data } = await client.mutate(
    executeQuery,
    { input: { sql, databaseName: database } },
    executeQueryAnswer,
    toRun,
  );
  return data.executeDataLakeQuery.id;
}

/** Whether a mutation may have taken effect although it failed here: no answer, or one that cannot be read. */
export function outcomeUnknown(error: unknown): boolean {
  if (error instanceof BadResponseError) {
    const { status, graphql_code: code } = error.details;
    return code === undefined && !(typeof status === 'number' && status >= 400 && status < 500);
  }
  return error instanceof UnavailableError && error.details.connection !== 'refused';
}

function startUnknown(): UnavailableError {
  return new UnavailableError(
    'Panther',
    'the connection broke while a query was being started, and the query history does not show whether it runs',
    { outcome: 'unknown' },
  );
}

/** The newest query of exactly this text that started after `since`. Server-side filters only narrow the list. */
async function findStarted(client: PantherClient, sql: string, since: number): Promise<string | undefined> {
  const { data } = await client.read(
    listQueries,
    { input: { startedAtAfter: new Date(since).toISOString(), pageSize: 100 } },
    listQueriesAnswer,
    toRead,
  );
  return data.dataLakeQueries.edges
    .map(({ node }) => node)
    .filter((node) => node.sql === sql && Date.parse(node.startedAt) >= since)
    .sort((a, b) => Date.parse(b.startedAt) - Date.parse(a.startedAt))[0]?.id;
}

/**
 * One page of a query's result: waits while the query runs or Panther says `tryAgain`, with growing delays and
 * progress reports. Throws QueryFailedError, DeadlineError (with the query id to go on with), CancelledError.
 */
export async function readPage(
  client: PantherClient,
  id: string,
  page: { pageSize: number; cursor?: string },
): Promise<QueryResults> {
  const { deadline, ports } = client;
  const totalSeconds = Math.round(deadline.totalMs / 1000);
  for (let delay = firstPollMs; ; delay = Math.min(delay * pollGrowth, slowestPollMs)) {
    const { data } = await client.read(getQuery, { id, page }, getQueryAnswer, toRead);
    const query = data.dataLakeQuery;
    if (query.status === 'failed') throw queryFailed(id, query.message ?? '');
    if (query.status === 'cancelled') throw queryWasCancelled(id);
    if (query.status === 'succeeded' && query.results && query.results.tryAgain !== true) return query.results;
    const done = Math.floor((deadline.totalMs - deadline.leftMs) / 1000);
    ports.progress(`Query ${id} is ${query.status === 'running' ? 'running' : 'being prepared'}`, done, totalSeconds);
    // The last wait is cut short, so that a query that ends just before the deadline is still seen.
    const wait = Math.min(delay, deadline.leftMs - firstPollMs);
    if (wait <= 0 || !(await deadline.wait(wait))) throw deadlinePassed(client, id);
  }
}

function deadlinePassed(client: PantherClient, id: string): DeadlineError {
  return new DeadlineError(
    'The query',
    Math.round(client.deadline.totalMs / 1000),
    'It goes on in Panther; nothing was cancelled. Read its result later by its query id, or narrow the query.',
    { query_id: id },
  );
}

/**
 * Runs `work` on a started query. An abort cancels the query upstream; any other failure leaves with the query id in
 * its details, so that the result can still be fetched.
 */
export async function whileQueryRuns<T>(client: PantherClient, id: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof CancelledError) {
      const stopped = await cancelUpstream(client, id);
      const cancelled = new CancelledError(`The query ${id}`);
      Object.assign(cancelled.details, { query_id: id, cancelled_upstream: stopped });
      throw cancelled;
    }
    const noAnswer =
      error instanceof UnavailableError || error instanceof RateLimitedError || error instanceof DeadlineError;
    if (noAnswer && client.deadline.leftMs === 0) throw deadlinePassed(client, id);
    if (error instanceof OperationError) Object.assign(error.details, { query_id: id });
    throw error;
  }
}

/** Asks Panther to stop a query; best effort, in 5 s. Resolves to whether Panther confirmed it. */
async function cancelUpstream(client: PantherClient, id: string): Promise<boolean> {
  const ports = portsForCleanUp(client.ports);
  const cleaner = client.over(ports, new Deadline(ports, cleanUpMs));
  try {
    // Safe to repeat although a mutation: cancelling twice is cancelling once.
    await cleaner.read(cancelQuery, { input: { id } }, cancelQueryAnswer, {
      permission: 'DataAnalyticsRead',
      what: 'to cancel a query',
    });
    return true;
  } catch {
    ports.log.warn('a cancelled query may still be running', { query_id: id });
    return false;
  }
}
