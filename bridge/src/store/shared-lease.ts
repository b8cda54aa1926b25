import type { Kysely } from 'kysely';
import { skewMs } from './lease';
import type { Tables } from './tables';

/** Work that one process of all that share the database may do at a time, such as holding the socket to Slack. */
export class SharedLease {
  constructor(
    private readonly db: Kysely<Tables>,
    readonly name: string,
    private readonly owner: string,
    readonly leaseMs: number,
    private readonly now: () => Date,
  ) {}

  /** Takes the lease when it is free or run out, and renews our own. False while somebody else has it. */
  async take(): Promise<boolean> {
    const now = this.now();
    const until = new Date(now.getTime() + this.leaseMs).toISOString();
    // Made before the clock stepped back: whoever holds it still renews it, and who does not would keep it for as long as the step.
    const unlikely = new Date(now.getTime() + this.leaseMs + skewMs).toISOString();
    const taken = await this.db
      .insertInto('leases')
      .values({ name: this.name, owner: this.owner, until })
      .onConflict((conflict) =>
        conflict
          .column('name')
          .doUpdateSet({ owner: this.owner, until })
          .where((where) =>
            where.or([
              where('leases.owner', '=', this.owner),
              where('leases.until', '<=', now.toISOString()),
              where('leases.until', '>', unlikely),
            ]),
          ),
      )
      .executeTakeFirst();
    return taken.numInsertedOrUpdatedRows === 1n;
  }

  /** Gives our own lease back, so that another process need not wait for its end. */
  async release(): Promise<void> {
    await this.db.deleteFrom('leases').where('name', '=', this.name).where('owner', '=', this.owner).execute();
  }
}
