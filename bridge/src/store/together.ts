import type { Transaction } from 'kysely';
import { Batch } from './batch';
import type { Database } from './database';
import type { Tables } from './tables';

/** Long enough for a burst, short enough that what the transaction holds is not held for long. */
const largest = 50;

/**
 * Writes that come while another one is under way share a transaction: a commit waits for the disk, and a storm would wait for it
 * once for each. When a shared transaction fails, each write is done in one of its own, so that nobody fails for somebody else.
 * A write is durable when it resolves, as ever.
 */
export class Together<T, R> {
  private readonly batch: Batch<T, PromiseSettledResult<R>>;

  constructor(
    private readonly database: Database,
    private readonly write: (trx: Transaction<Tables>, items: T[]) => Promise<R[]>,
  ) {
    this.batch = new Batch((items) => this.writeAll(items), largest);
  }

  async add(item: T): Promise<R> {
    const settled = await this.batch.add(item);
    if (settled.status === 'rejected') throw settled.reason;
    return settled.value;
  }

  private async writeAll(items: T[]): Promise<PromiseSettledResult<R>[]> {
    if (items.length > 1) {
      try {
        const values = await this.inOne(items);
        return values.map((value) => ({ status: 'fulfilled', value }));
      } catch {
        // Each says for itself what is wrong with it.
      }
    }
    const results: PromiseSettledResult<R>[] = [];
    for (const item of items) results.push(await this.alone(item));
    return results;
  }

  private inOne(items: T[]): Promise<R[]> {
    return this.database.db.transaction().execute((trx) => this.write(trx, items));
  }

  private async alone(item: T): Promise<PromiseSettledResult<R>> {
    try {
      return { status: 'fulfilled', value: (await this.inOne([item]))[0] as R };
    } catch (reason) {
      return { status: 'rejected', reason };
    }
  }
}
