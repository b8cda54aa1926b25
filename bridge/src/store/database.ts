import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
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

/**
 * Opens `sqlite:PATH` (also `sqlite::memory:`) or `postgres://...` and brings its tables up to date. Several processes
 * may do so at the same time. Throws Error with what failed, without the password of the address.
 */
export async function openDatabase(url: string, onIdleError: (error: Error) => void = () => {}): Promise<Database> {
  const { engine, dialect } = dialectFor(url, onIdleError);
  const db = new Kysely<Tables>({ dialect });
  try {
    await migrate(db, engine);
  } catch (error) {
    await db.destroy().catch(() => {});
    throw new Error(`The database ${withoutPassword(url)} cannot be used: ${messageOf(error)}`, { cause: error });
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

function dialectFor(url: string, onIdleError: (error: Error) => void) {
  if (url.startsWith('sqlite:')) {
    return { engine: 'sqlite' as const, dialect: new NodeSqliteDialect(url.slice('sqlite:'.length)) };
  }
  const pool = new pg.Pool({ connectionString: url, max: 10, connectionTimeoutMillis: 10_000 });
  // An idle connection that breaks (server restart) is replaced by the pool; without a listener it would end the process.
  pool.on('error', onIdleError);
  return { engine: 'postgres' as const, dialect: new PostgresDialect({ pool }) };
}

/** For logs: the address without its password. */
export function withoutPassword(url: string): string {
  return url.replace(/^(\w+:\/\/[^\s/:@]*):[^\s/@]*@/, '$1@');
}

/** node-postgres reports a refused connection as AggregateError with an empty message. */
function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join(', ');
  return (error as { message?: string } | null)?.message ?? String(error);
}
