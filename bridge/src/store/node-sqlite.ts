import type { SQLInputValue, StatementSync } from 'node:sqlite';
import { setTimeout as delay, setImmediate as eventLoop } from 'node:timers/promises';
import {
  CompiledQuery,
  type DatabaseConnection,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  type SqliteDatabase,
  SqliteDialect,
  type SqliteDialectConfig,
  SqliteDriver,
  type SqliteStatement,
} from 'kysely';

const maxCachedStatements = 200;
const longestLockWaitMs = 15_000;
/** How long statements may follow each other before sockets and timers get their turn, in milliseconds. */
const longestStretchMs = 2;

/** Kysely over Node's own SQLite. One connection; Kysely's mutex lets one transaction or statement use it at a time. */
export class NodeSqliteDialect extends SqliteDialect {
  private readonly config: SqliteDialectConfig;

  constructor(path: string) {
    const config: SqliteDialectConfig = { database: () => openSqlite(path) };
    super(config);
    this.config = config;
  }

  override createDriver(): Driver {
    return new ImmediateDriver(this.config);
  }

  override createAdapter(): SqliteAdapter {
    return new TransactionalDdlAdapter();
  }
}

/**
 * Transactions take the write lock at their start. A deferred transaction that reads before it writes fails at once
 * with SQLITE_BUSY when another process wrote in between, whatever the busy timeout is.
 */
class ImmediateDriver extends SqliteDriver {
  private connection: DatabaseConnection | undefined;
  private stretchBegan = performance.now();

  /**
   * SQLite answers within the call. Work that awaits nothing but the store would go on from promise to promise for seconds, and
   * nothing that arrives meanwhile would be read.
   */
  override async acquireConnection(): Promise<DatabaseConnection> {
    if (performance.now() - this.stretchBegan > longestStretchMs) {
      await eventLoop();
      this.stretchBegan = performance.now();
    }
    this.connection ??= new PatientConnection(await super.acquireConnection());
    return this.connection;
  }

  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
  }
}

/**
 * Waits for the write lock without blocking the thread: SQLite's own busy timeout sleeps in it, and with it every other
 * request of this process. Only a statement that was refused the lock is repeated, so it has had no effect; inside a
 * transaction the lock is already held.
 */
class PatientConnection implements DatabaseConnection {
  constructor(private readonly inner: DatabaseConnection) {}

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    for (let waitedMs = 0; ; ) {
      try {
        return await this.inner.executeQuery<R>(query);
      } catch (error) {
        if (!isBusy(error) || waitedMs >= longestLockWaitMs) throw error;
        const ms = 2 + Math.random() * 20;
        await delay(ms);
        waitedMs += ms;
      }
    }
  }

  streamQuery<R>(query: CompiledQuery, chunkSize: number): AsyncIterableIterator<QueryResult<R>> {
    return this.inner.streamQuery<R>(query, chunkSize);
  }
}

/** The low byte of SQLite's extended result codes is the primary one; 5 is SQLITE_BUSY. */
function isBusy(error: unknown): boolean {
  const { errcode } = error as { errcode?: unknown };
  return typeof errcode === 'number' && (errcode & 255) === 5;
}

/** SQLite can roll back DDL; saying so makes Kysely migrate inside one transaction, which also keeps processes apart. */
class TransactionalDdlAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

/** Node 22 says on stderr, where each line is one of the log, that its SQLite is experimental. Nobody can do anything about that. */
function loadSqlite(): typeof import('node:sqlite') {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return process.getBuiltinModule('node:sqlite');
  } finally {
    process.emitWarning = emitWarning;
  }
}

/**
 * WAL, so that readers and the one writer do not block each other. `synchronous = FULL`: in WAL mode NORMAL may lose the
 * last commits when power fails, and nothing may be acknowledged before it is durable; a commit costs one fsync.
 */
async function openSqlite(path: string): Promise<SqliteDatabase> {
  // Loaded when needed: Node versions without it get to the check that says so.
  const { DatabaseSync } = loadSqlite();
  const database = new DatabaseSync(path, { enableForeignKeyConstraints: true, timeout: 5000 });
  database.exec('pragma journal_mode = wal');
  database.exec('pragma synchronous = full');
  database.exec('pragma busy_timeout = 0');
  const cache = new Map<string, SqliteStatement>();
  return {
    close: () => {
      cache.clear();
      database.close();
    },
    prepare: (sql) => {
      const known = cache.get(sql);
      if (known !== undefined) return known;
      const statement = new Statement(database.prepare(sql));
      if (cache.size >= maxCachedStatements) cache.clear();
      cache.set(sql, statement);
      return statement;
    },
  };
}

class Statement implements SqliteStatement {
  readonly reader: boolean;

  constructor(private readonly statement: StatementSync) {
    this.reader = statement.columns().length > 0;
  }

  all(parameters: readonly unknown[]): unknown[] {
    return this.statement.all(...(parameters as SQLInputValue[]));
  }

  run(parameters: readonly unknown[]): { changes: number | bigint; lastInsertRowid: number | bigint } {
    return this.statement.run(...(parameters as SQLInputValue[]));
  }

  iterate(parameters: readonly unknown[]): IterableIterator<unknown> {
    return this.statement.iterate(...(parameters as SQLInputValue[]));
  }
}
