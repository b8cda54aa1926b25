import { portsThatFinishRequests } from '../clean-up-ports';
import { BadResponseError, OperationError, UnavailableError } from '../errors';
import type { PantherClient, Purpose } from './client';
import { executeQuery, executeQueryAnswer } from './query-documents';
import { findOwnQueries } from './query-history';

const toRun: Purpose = { permission: 'DataAnalyticsRead', what: 'to run a query' };
const historyLagMs = 1_500;

export interface Started {
  id: string;
  /** True when the answer with the id was lost and the query was found again in the history. */
  foundAgain: boolean;
}

/**
 * Starts a query exactly once and resolves to its id. An abort does not cut this call short, because a query whose id
 * is lost can neither be read nor cancelled. When the answer is lost, the query history is searched before anything is
 * sent again: a blind repeat would run, and bill, the query twice. `earlier` is the id of a run that is known already and
 * is not meant.
 */
export async function startQuery(
  client: PantherClient,
  sql: string,
  database: string,
  earlier?: string,
): Promise<Started> {
  const since = client.ports.now().getTime();
  const starter = client.over(portsThatFinishRequests(client.ports), client.deadline);
  try {
    return { id: await execute(starter, sql, database), foundAgain: false };
  } catch (error) {
    if (!outcomeUnknown(error)) throw error;
    client.ports.log.warn('the answer to a new query was lost; looking for it in the query history', {});
    const found = await findAgain(client, sql, since, earlier);
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
async function findAgain(
  client: PantherClient,
  sql: string,
  since: number,
  earlier: string | undefined,
): Promise<string | undefined> {
  try {
    const found = await findStarted(client, sql, since, earlier);
    if (found !== undefined || !(await client.deadline.wait(historyLagMs))) return found;
    return await findStarted(client, sql, since, earlier);
  } catch (error) {
    if (error instanceof UnavailableError) throw startUnknown();
    if (error instanceof OperationError) Object.assign(error.details, { outcome: 'unknown' });
    throw error;
  }
}

async function findStarted(
  client: PantherClient,
  sql: string,
  since: number,
  earlier: string | undefined,
): Promise<string | undefined> {
  const { own, unclear } = await findOwnQueries(client, sql, since);
  const found = own.find(({ id }) => id !== earlier);
  // It may be ours or somebody else's: neither to be taken nor to be run once more.
  if (found === undefined && unclear) throw startUnknown();
  return found?.id;
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
