import { Kysely, PostgresDialect, sql } from 'kysely';
import { migrate } from './migrations';
import { NodeSqliteDialect } from './node-sqlite';
import type { Tables } from './tables';

export type Engine = 'sqlite' | 'postgres';

export interface Database {
  engine: Engine;
  db: Kysely<Tables>;
  /** True when the database answers. */
  alive(): Promise<boolean>;
  close(): Promise<void>;
}

/** How long PostgreSQL may take for a statement of the bridge, in milliseconds. */
export const defaultStatementMs = 60_000;

/**
 * Opens `sqlite:PATH` (also `sqlite::memory:`) or `postgres://...` and brings its tables up to date. Several processes
 * may do so at the same time. Throws Error with what failed, without the password of the address.
 */
export async function openDatabase(
  url: string,
  onIdleError: (error: Error) => void = () => {},
  statementMs = defaultStatementMs,
): Promise<Database> {
  const engine: Engine = url.startsWith('sqlite:') ? 'sqlite' : 'postgres';
  const open = async (limitMs: number | undefined) =>
    new Kysely<Tables>({
      dialect:
        engine === 'sqlite'
          ? new NodeSqliteDialect(url.slice('sqlite:'.length))
          : await postgresDialect(url, onIdleError, limitMs),
    });
  // Bringing large tables up to date may take longer than any statement afterwards.
  const first = await open(undefined);
  try {
    await migrate(first, engine);
  } catch (error) {
    await first.destroy().catch(() => {});
    throw new Error(`The database ${withoutPassword(url)} cannot be used: ${messageOf(error)}`, { cause: error });
  }
  let db = first;
  if (engine === 'postgres') {
    await first.destroy();
    db = await open(statementMs);
  }
  return {
    engine,
    db,
    alive: async () => {
      try {
        await sql`select 1`.execute(db);
        return true;
      } catch {
        return false;
      }
    },
    close: () => db.destroy(),
  };
}

/**
 * `limitMs` is for a server that has gone without a word (a cable, a failed-over host): the system itself would wait for a quarter of an
 * hour. What such a connection was asked fails then, and the connection is given up.
 */
async function postgresDialect(url: string, onIdleError: (error: Error) => void, limitMs: number | undefined) {
  const { default: pg } = await import('pg');
  const pool = new pg.Pool({
    connectionString: url,
    max: 10,
    connectionTimeoutMillis: Math.min(10_000, limitMs ?? 10_000),
    keepAlive: true,
    ...(limitMs === undefined ? {} : { query_timeout: limitMs }),
  });
  // An idle connection that breaks (server restart) is replaced by the pool; without a listener it would end the process.
  pool.on('error', onIdleError);
  pool.on('connect', (client) => {
    // One that breaks while it is in use tells whoever uses it; the pool listens to idle ones only.
    client.on('error', () => {});
  });
  pool.on('release', (_error, client) => {
    // Still waiting for an answer after its time: nobody else is to be given it.
    if ((client as unknown as { readyForQuery?: boolean }).readyForQuery === false) void client.end().catch(() => {});
  });
  return new PostgresDialect({ pool });
}

/** For logs: the address without its password. */
export function withoutPassword(url: string): string {
  return url.replace(/^(\w+:\/\/[^\s/:@]*):[^\s/@]*@/, '$1@');
}

/** node-postgres reports a refused connection as AggregateError with an empty message. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join(', ');
  return (error as { message?: string } | null)?.message ?? String(error);
}
