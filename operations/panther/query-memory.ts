import { createHash } from 'node:crypto';
import { CancelledError, NotFoundOrNoAccessError, OperationError } from '../errors';
import { serviceInstant } from '../instant';
import type { QueryMemory, RememberedQuery } from '../ports';
import { Deadline } from '../retry';
import type { PantherClient } from './client';
import { normaliseSql } from './normalise-sql';
import type { QueryFacts } from './query-documents';
import { findOwnQueries } from './query-history';
import { outcomeUnknown, readQueryFacts, startQuery } from './query-life-cycle';
import { namesEveryDatabase } from './table-references';

/** A query to wait for. */
export interface Obtained {
  id: string;
  /** False when this call started it. */
  reused: boolean;
  /** Forgets the query, so that the next call runs a new one. */
  forget(): Promise<void>;
}

/** How long an entry without an id belongs to a worker that is taken to be alive, in milliseconds: one request. */
const startingMs = 10_000;
const lookAgainMs = 500;
const mostTurns = 5;
/** For the look into the history, which is worth no more. */
const historyMs = 5_000;

/**
 * The query for this SQL: one that this account has running or has run within the tenant's cache time, else a new one. The
 * memory's entry is made before Panther is asked to start anything and gets the id as soon as Panther tells it, so a call
 * that comes again after a crash at any point finds the query instead of paying for a second one. Without `reuse` a new query
 * is started in any case, and remembered. Errors are those of startQuery; trouble with the memory itself is logged and costs
 * the memory only.
 */
export async function obtainQuery(
  client: PantherClient,
  sql: string,
  database: string,
  reuse: boolean,
): Promise<Obtained> {
  const memory = new TolerantMemory(client, sql, database);
  if (!reuse) {
    const earlier = (await memory.find())?.query_id ?? undefined;
    return startRemembered(client, memory, sql, database, earlier);
  }
  for (let turn = 0; turn < mostTurns; turn += 1) {
    const known = await settledEntry(client, memory);
    const id = known && (await usableId(client, memory, known, sql));
    if (id !== undefined) return { id, reused: true, forget: () => memory.forget() };
    if (known !== undefined) await memory.forget();
    if (await memory.claim()) break;
  }
  const found = memory.durable ? undefined : await fromHistory(client, sql);
  if (found === undefined) return startRemembered(client, memory, sql, database);
  await memory.remember(found.id, found.startedAt);
  return { id: found.id, reused: true, forget: () => memory.forget() };
}

/** The entry, once its worker has told the id or has had the time to. */
async function settledEntry(client: PantherClient, memory: TolerantMemory): Promise<RememberedQuery | undefined> {
  for (;;) {
    const known = await memory.find();
    if (known === undefined || known.query_id !== null) return known;
    const age = client.ports.now().getTime() - Date.parse(known.started_at);
    if (!(Math.abs(age) < startingMs) || !(await client.deadline.wait(lookAgainMs))) return known;
  }
}

/** The id to use; undefined when the entry is of no use any more. */
async function usableId(
  client: PantherClient,
  memory: TolerantMemory,
  known: RememberedQuery,
  sql: string,
): Promise<string | undefined> {
  if (known.query_id === null) {
    // Its worker is gone. Whether Panther got as far as starting the query, only the history knows.
    const since = Date.parse(known.started_at);
    const found = Number.isNaN(since) ? undefined : await fromHistory(client, sql, since);
    if (found !== undefined) await memory.remember(found.id, found.startedAt);
    return found?.id;
  }
  try {
    const facts = await readQueryFacts(client, known.query_id);
    return normaliseSql(facts.sql) === normaliseSql(sql) && isUsable(client, facts) ? facts.id : undefined;
  } catch (error) {
    if (error instanceof NotFoundOrNoAccessError) return undefined;
    throw error;
  }
}

/**
 * A running query always; a succeeded one within the cache time, counted from its end. A cache of no time is none, also
 * for a query that ended in our future because Panther's clock is ahead of ours.
 */
function isUsable(client: PantherClient, { status, startedAt, completedAt }: QueryFacts): boolean {
  if (status === 'running') return true;
  const { cacheSeconds } = client.settings;
  const age = client.ports.now().getTime() - serviceInstant(completedAt ?? startedAt);
  return status === 'succeeded' && cacheSeconds > 0 && age < cacheSeconds * 1000;
}

/**
 * A query of ours in Panther's own history. The history does not say for which database a query ran, so it is looked into
 * only for SQL that names a database with every table. What goes wrong here is passed over: the query is then run.
 */
async function fromHistory(client: PantherClient, sql: string, since?: number): Promise<QueryFacts | undefined> {
  const { cacheSeconds } = client.settings;
  const after = since ?? client.ports.now().getTime() - cacheSeconds * 1000;
  if ((cacheSeconds === 0 && since === undefined) || !namesEveryDatabase(sql)) return undefined;
  const briefly = new Deadline(client.ports, Math.min(historyMs, client.deadline.leftMs));
  try {
    const { own } = await findOwnQueries(client.over(client.ports, briefly), sql, after);
    return own.find((query) => isUsable(client, query));
  } catch (error) {
    if (error instanceof CancelledError || !(error instanceof OperationError)) throw error;
    client.ports.log.debug('the query history was not read', { code: error.code });
    return undefined;
  }
}

async function startRemembered(
  client: PantherClient,
  memory: TolerantMemory,
  sql: string,
  database: string,
  earlier?: string,
): Promise<Obtained> {
  const setOut = client.ports.now().toISOString();
  try {
    const { id } = await startQuery(client, sql, database, earlier);
    await memory.remember(id, setOut);
    return { id, reused: false, forget: () => memory.forget() };
  } catch (error) {
    // While nobody knows whether it runs, the entry stays, and sends the next call to the history first.
    const isUnknown = outcomeUnknown(error) || (error instanceof OperationError && error.details.outcome === 'unknown');
    if (!isUnknown) await memory.forget();
    throw error;
  }
}

/**
 * The host's memory under the key of one question. A host without one, or without a name for the account, remembers nothing;
 * one whose memory fails is treated so from then on, because a result matters more than not paying for it twice.
 */
class TolerantMemory {
  private readonly key: string;
  private memory: QueryMemory | undefined;
  /** The entry as this call last saw or made it. */
  private entry: RememberedQuery | undefined;

  constructor(
    private readonly client: PantherClient,
    sql: string,
    database: string,
  ) {
    const { account, endpoints, ports } = client;
    this.memory = account === undefined ? undefined : ports.queries;
    this.key = createHash('sha256')
      .update(JSON.stringify([endpoints.graphql, account, database.trim(), normaliseSql(sql)]))
      .digest('hex');
  }

  /** True also for no memory at all: there is nothing then that the history could stand in for. */
  get durable(): boolean {
    return this.memory?.durable ?? true;
  }

  async find(): Promise<RememberedQuery | undefined> {
    this.entry = await this.attempt((memory) => memory.find(this.key), undefined);
    return this.entry;
  }

  /** True when this call may start the query. */
  async claim(): Promise<boolean> {
    const startedAt = this.client.ports.now().toISOString();
    const mine = await this.attempt((memory) => memory.claim(this.key, startedAt), true);
    if (mine) this.entry = { query_id: null, started_at: startedAt };
    return mine;
  }

  async remember(queryId: string, startedAt: string): Promise<void> {
    const query = { query_id: queryId, started_at: startedAt };
    this.entry = query;
    await this.attempt((memory) => memory.remember(this.key, query), undefined);
  }

  /** Removes the entry, unless somebody has made another one since. */
  async forget(): Promise<void> {
    const { entry } = this;
    if (entry !== undefined) await this.attempt((memory) => memory.forget(this.key, entry), undefined);
  }

  private async attempt<T>(use: (memory: QueryMemory) => Promise<T>, otherwise: T): Promise<T> {
    if (this.memory === undefined) return otherwise;
    try {
      return await use(this.memory);
    } catch (error) {
      this.memory = undefined;
      this.client.ports.log.warn('the memory of started queries failed; the call goes on without it', {
        problem: error instanceof Error ? error.name : 'unknown',
      });
      return otherwise;
    }
  }
}
