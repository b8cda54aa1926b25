import { CancelledError, OperationError } from '../errors';
import { serviceInstant } from '../instant';
import type { PantherClient, Purpose } from './client';
import { normaliseSql } from './normalise-sql';
import { listQueries, listQueriesAnswer, type QueryFacts } from './query-documents';
import { readOwnToken } from './token-record';

export const toReadHistory: Purpose = { permission: 'DataAnalyticsRead', what: 'to read the query history' };

/** Our clock and Panther's may differ by this much. */
const clockSkewMs = 120_000;
/** One page, newest first: a query that was started moments ago is on it. */
const historyPage = 100;

export interface OwnQueries {
  /** Newest first. */
  own: QueryFacts[];
  /** True when such a query was started by somebody and it cannot be told by whom. */
  unclear: boolean;
}

/**
 * Queries of this SQL that our own token started after `since` (milliseconds since 1970), from one page of the history. The
 * filters of the history only narrow the list: text, time and issuer are compared here. A query of another principal is
 * never among them, because it may hold rows that our token must not see. The token's own id is asked for only when there is
 * something to compare it with.
 */
export function findOwnQueries(client: PantherClient, sql: string, since: number): Promise<OwnQueries> {
  const wanted = normaliseSql(sql);
  return findOwnQueriesWhere(client, (query) => normaliseSql(query.sql) === wanted, since);
}

/** As findOwnQueries, for queries whose SQL Panther wrote: `isWanted` knows them by something else than their whole text. */
export async function findOwnQueriesWhere(
  client: PantherClient,
  isWanted: (query: QueryFacts) => boolean,
  since: number,
): Promise<OwnQueries> {
  const after = since - clockSkewMs;
  const { data } = await client.read(
    listQueries,
    { input: { startedAtAfter: new Date(after).toISOString(), pageSize: historyPage } },
    listQueriesAnswer,
    toReadHistory,
  );
  const same = data.dataLakeQueries.edges
    .map(({ node }) => node)
    .filter((node) => serviceInstant(node.startedAt) >= after && isWanted(node))
    .sort((a, b) => serviceInstant(b.startedAt) - serviceInstant(a.startedAt));
  if (same.length === 0) return { own: [], unclear: false };
  const ourId = await ownTokenId(client);
  if (ourId === undefined) return { own: [], unclear: true };
  return {
    own: same.filter(({ issuedBy }) => issuedBy?.id === ourId),
    unclear: same.some(({ issuedBy }) => issuedBy?.id == null),
  };
}

async function ownTokenId(client: PantherClient): Promise<string | undefined> {
  try {
    return (await readOwnToken(client)).id || undefined;
  } catch (error) {
    if (error instanceof CancelledError || !(error instanceof OperationError)) throw error;
    return undefined;
  }
}
