import { z } from 'zod';
import { portsThatFinishRequests } from '../clean-up-ports';
import { BadResponseError, CancelledError, NotFoundOrNoAccessError, OperationError } from '../errors';
import { cleanLine } from '../text';
import { readAlert } from './alert-reading';
import type { PantherClient, Purpose } from './client';
import type { IndicatorType } from './indicators';
import type { QueryFacts } from './query-documents';
import { findOwnQueriesWhere } from './query-history';
import { outcomeUnknown } from './query-life-cycle';
import type { SearchWindow } from './search-window';
import { nameParts } from './table-names';
import { whereOffered } from './tenant-feature';

const toSearch: Purpose = { permission: 'DataAnalyticsRead', what: 'to search the data lake' };
const historyLagMs = 1_500;

const executeIndicatorSearch = /* GraphQL */ `
  mutation ExecuteIndicatorSearchQuery($input: ExecuteIndicatorSearchQueryInput!) {
    executeIndicatorSearchQuery(input: $input) { id }
  }
`;
const executeAlertActor = /* GraphQL */ `
  mutation ExecuteAlertActorQuery($input: ExecuteAlertActorQueryInput!) {
    executeAlertActorQuery(input: $input) { id }
  }
`;
const started = z.object({ id: z.string().min(1) });

export interface IndicatorSearch {
  indicators: string[];
  type: IndicatorType;
  window: SearchWindow;
  databases: string[] | undefined;
  tables: string[] | undefined;
}

/**
 * Starts an indicator search exactly once. When the answer is lost, the query history is looked into: Panther writes the
 * SQL, so the search is known by its issuer, its time, and by all its indicators, both ends of its window and every name it
 * was narrowed to standing in the SQL. Only if exactly one query is like that, it is taken. Nothing is ever sent twice: that a
 * search is not found proves nothing. Throws `unavailable` with `outcome: unknown` and the ids that may be it.
 */
export async function startIndicatorSearch(client: PantherClient, search: IndicatorSearch): Promise<string> {
  const { indicators, type, window, databases, tables } = search;
  const input = {
    indicators,
    indicatorName: type,
    startTime: window.start.toISOString(),
    endTime: window.end.toISOString(),
    databases,
    tables,
  };
  const answer = z.object({ executeIndicatorSearchQuery: started });
  const since = client.ports.now().getTime();
  try {
    const data = await sendOnce(client, 'indicator search', 'executeIndicatorSearchQuery', (sender) =>
      sender.mutate(executeIndicatorSearch, { input }, answer, toSearch),
    );
    return data.executeIndicatorSearchQuery.id;
  } catch (error) {
    if (!outcomeUnknown(error)) throw error;
    client.ports.log.warn('the answer to a new search was lost; looking for it in the query history', {});
    return findAgain(client, search, since);
  }
}

/** Starts Panther's own search for what an alert's actor did. Sent once; a lost answer leaves the outcome open, and says so. */
export async function startActorSearch(client: PantherClient, alertId: string, limit: number): Promise<string> {
  const answer = z.object({ executeAlertActorQuery: started });
  try {
    const data = await sendOnce(client, "search for an alert's actor", 'executeAlertActorQuery', (sender) =>
      sender.mutate(executeAlertActor, { input: { alertId, limit } }, answer, toSearch),
    );
    return data.executeAlertActorQuery.id;
  } catch (error) {
    if (outcomeUnknown(error)) throw searchUnknown([]);
    // Panther documents no code for an alert that it does not know; whether it can be read tells.
    if (error instanceof BadResponseError) await refuseUnknownAlert(client, alertId);
    throw error;
  }
}

async function refuseUnknownAlert(client: PantherClient, alertId: string): Promise<void> {
  try {
    await readAlert(client, alertId);
  } catch (error) {
    if (error instanceof NotFoundOrNoAccessError || error instanceof CancelledError) throw error;
  }
}

/** An abort does not cut the call short: a query whose id is lost can neither be read nor cancelled. */
async function sendOnce<T>(
  client: PantherClient,
  feature: string,
  field: string,
  send: (sender: PantherClient) => Promise<{ data: T }>,
): Promise<T> {
  const sender = client.over(portsThatFinishRequests(client.ports), client.deadline);
  return (await whereOffered(feature, field, () => send(sender))).data;
}

/** Looks twice, because a history may lag behind by a moment. */
async function findAgain(client: PantherClient, search: IndicatorSearch, since: number): Promise<string> {
  let candidates: string[] = [];
  try {
    for (let turn = 0; turn < 2; turn += 1) {
      if (turn > 0 && !(await client.deadline.wait(historyLagMs))) break;
      const { own } = await findOwnQueriesWhere(client, (query) => holdsIndicators(query, search), since);
      const proven = own.filter((query) => isNarrowedLike(query, search));
      if (proven.length === 1 && proven[0] !== undefined) return proven[0].id;
      candidates = own.map(({ id }) => id);
    }
  } catch (error) {
    if (error instanceof CancelledError || !(error instanceof OperationError)) throw error;
    client.ports.log.debug('the query history was not read', { code: error.code });
  }
  throw searchUnknown(candidates);
}

function holdsIndicators({ sql }: QueryFacts, { indicators }: IndicatorSearch): boolean {
  const text = sql.toLowerCase();
  return indicators.every((indicator) => {
    const wanted = indicator.toLowerCase();
    const escaped = wanted.split('\\').join('\\\\');
    return [
      wanted,
      wanted.split("'").join("''"),
      escaped,
      escaped.split("'").join("''"),
      escaped.split("'").join("\\'"),
    ].some((spelling) => text.includes(spelling));
  });
}

const timeInSql = /\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}|\b\d{10}(?=\b|\d{3}\b)/g;

function isNarrowedLike({ sql }: QueryFacts, { type, window, databases, tables }: IndicatorSearch): boolean {
  const times = new Set((sql.match(timeInSql) ?? []).map((time) => time.replace(' ', 'T')));
  const hasTime = (at: Date): boolean =>
    times.has(at.toISOString().slice(0, 19)) || times.has(String(Math.floor(at.getTime() / 1000)));
  const text = sql.toLowerCase();
  const names = [...(databases ?? []), ...(tables ?? [])].flatMap((name) => nameParts(name));
  if (type.startsWith('p_any_')) names.push(type);
  return hasTime(window.start) && hasTime(window.end) && names.every((name) => text.includes(name.toLowerCase()));
}

function searchUnknown(candidates: readonly string[]): OperationError {
  const ids = candidates.slice(0, 5).map((id) => cleanLine(id, 100));
  const next =
    ids.length > 0
      ? `It may be one of the queries ${ids.join(', ')}, which get_query_results reads; search again only if none of them is it.`
      : 'list_queries shows what was started in the last minutes; searching again may run, and bill, a second search.';
  return new OperationError(
    'unavailable',
    `The connection to Panther broke while a search was being started, so it may or may not be running. ${next}`,
    { service: 'Panther', outcome: 'unknown', ...(ids.length > 0 && { candidates: ids.join(',') }) },
  );
}
