import { createHash } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { Tables } from '../store/tables';

const tidyEveryMs = 60_000;

/** Every signature comes in once, whichever of several processes it is sent to. */
export class SeenSignatures {
  private tidiedAt = 0;

  constructor(
    private readonly db: Kysely<Tables>,
    private readonly now: () => Date = () => new Date(),
  ) {}

  /** False when it was here before. `keepMs` has to reach to the time when it is too old anyway. */
  async first(keyId: string, signature: string, keepMs: number): Promise<boolean> {
    const now = this.now();
    await this.tidy(now);
    const { numInsertedOrUpdatedRows } = await this.db
      .insertInto('seen_signatures')
      .values({
        digest: createHash('sha256').update(`${keyId}\n${signature}`).digest('base64url'),
        until: new Date(now.getTime() + keepMs).toISOString(),
      })
      .onConflict((conflict) => conflict.column('digest').doNothing())
      .executeTakeFirst();
    return numInsertedOrUpdatedRows === 1n;
  }

  private async tidy(now: Date): Promise<void> {
    if (now.getTime() - this.tidiedAt < tidyEveryMs) return;
    this.tidiedAt = now.getTime();
    await this.db.deleteFrom('seen_signatures').where('until', '<', now.toISOString()).execute();
  }
}
