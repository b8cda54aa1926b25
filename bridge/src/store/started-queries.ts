import type { Kysely } from 'kysely';
import type { QueryMemory, RememberedQuery } from '../../../operations/ports';
import type { Tables } from './tables';

/** Longer than any query runs and any result is used again. */
const keptMs = 24 * 3_600_000;

/** Started queries in the database: for every process that uses it, and for the one that comes after a crash. */
export class StartedQueries implements QueryMemory {
  readonly durable = true;

  constructor(
    private readonly db: Kysely<Tables>,
    private readonly now: () => Date = () => new Date(),
  ) {}

  async find(key: string): Promise<RememberedQuery | undefined> {
    return this.db
      .selectFrom('panther_queries')
      .select(['query_id', 'started_at'])
      .where('key', '=', key)
      .where('expires_at', '>', this.now().toISOString())
      .executeTakeFirst();
  }

  async claim(key: string, startedAt: string): Promise<boolean> {
    // What has expired goes here, so that the table stays small without a job of its own.
    await this.db.deleteFrom('panther_queries').where('expires_at', '<=', this.now().toISOString()).execute();
    const claimed = await this.db
      .insertInto('panther_queries')
      .values({ key, query_id: null, started_at: startedAt, expires_at: this.expiry() })
      .onConflict((conflict) => conflict.column('key').doNothing())
      .executeTakeFirst();
    return claimed.numInsertedOrUpdatedRows === 1n;
  }

  async remember(key: string, { query_id, started_at }: RememberedQuery): Promise<void> {
    const values = { query_id, started_at, expires_at: this.expiry() };
    await this.db
      .insertInto('panther_queries')
      .values({ key, ...values })
      .onConflict((conflict) => conflict.column('key').doUpdateSet(values))
      .execute();
  }

  async forget(key: string, { query_id, started_at }: RememberedQuery): Promise<void> {
    await this.db
      .deleteFrom('panther_queries')
      .where('key', '=', key)
      .where('started_at', '=', started_at)
      .where('query_id', query_id === null ? 'is' : '=', query_id)
      .execute();
  }

  private expiry(): string {
    return new Date(this.now().getTime() + keptMs).toISOString();
  }
}
