import { canonicalJson, sha256 } from '../../../operations/investigation/canonical-json';
import { backoffMs } from '../../../operations/retry';
import type { BlockAction, ViewAnswer } from '../../../operations/slack/interaction-payload';
import { cleanLine } from '../../../operations/text';
import { Batch } from '../store/batch';
import type { Database } from '../store/database';
import { leaseBounds } from '../store/lease';

/** What the bridge acts on. */
export type ActedInteraction = BlockAction | ViewAnswer;

export interface InboxEntry {
  id: string;
  interaction: ActedInteraction;
  receivedAt: Date;
  /** 1 for the first try. */
  attempt: number;
}

const largestBatch = 100;
const firstPauseMs = 1000;
const longestPauseMs = 30_000;
/** Twice the time a signature is good for, so that a replay always meets the row of the first. */
const keepDoneMs = 3_600_000;

/**
 * Clicks and answers, kept before Slack is told that they arrived, so that a crash loses none. The same one delivered
 * twice is one row; many that arrive together are one commit.
 */
export class InteractionInbox {
  private readonly inserts: Batch<{ id: string; body: string; at: Date }, boolean>;
  private readonly ends: Batch<string, undefined>;

  constructor(
    private readonly database: Database,
    private readonly owner: string,
    private readonly leaseMs: number,
    private readonly now: () => Date,
  ) {
    this.inserts = new Batch((items) => this.insert(items), largestBatch);
    this.ends = new Batch((ids) => this.end(ids), largestBatch);
  }

  /** Stores an interaction for this process to act on. Undefined when it is there already. Durable when it resolves. */
  async accept(interaction: ActedInteraction): Promise<InboxEntry | undefined> {
    const body = canonicalJson(interaction);
    // The address for answers is no part of what was clicked: a click that comes again may bring another one.
    const id = sha256(canonicalJson({ ...interaction, response_url: null }));
    const receivedAt = this.now();
    const isNew = await this.inserts.add({ id, body, at: receivedAt });
    return isNew ? { id, interaction, receivedAt, attempt: 1 } : undefined;
  }

  /** Keeps what this process has taken in and not finished. */
  async renew(): Promise<void> {
    await this.database.db
      .updateTable('interactions')
      .set({ lease_until: this.leaseEnd(this.now()) })
      .where('done', '=', 0)
      .where('lease_owner', '=', this.owner)
      .execute();
  }

  /** Leaves what this process has not finished to the others, at once. */
  async release(): Promise<void> {
    await this.database.db
      .updateTable('interactions')
      .set({ lease_owner: null, lease_until: null })
      .where('done', '=', 0)
      .where('lease_owner', '=', this.owner)
      .execute();
  }

  /** Strikes an entry off; its text goes, its id stays for a while. */
  async done(entry: InboxEntry): Promise<void> {
    await this.ends.add(entry.id);
  }

  /** Gives an entry back, to be tried again by whoever comes to it. */
  async postpone(entry: InboxEntry, error: string): Promise<void> {
    const pause = firstPauseMs / 2 + backoffMs(entry.attempt - 1, Math.random(), firstPauseMs, longestPauseMs);
    await this.database.db
      .updateTable('interactions')
      .set({
        due_at: new Date(this.now().getTime() + pause).toISOString(),
        lease_owner: null,
        lease_until: null,
        last_error: cleanLine(error, 500),
      })
      .where('id', '=', entry.id)
      .where('done', '=', 0)
      .execute();
  }

  /** Takes over what is due and nobody works on, oldest first. */
  async takeOver(limit: number): Promise<InboxEntry[]> {
    const now = this.now();
    const { over: at, unlikely } = leaseBounds(now, this.leaseMs);
    const pause = leaseBounds(now, 2 * longestPauseMs);
    const free = await this.database.db
      .selectFrom('interactions')
      .select('id')
      .where('done', '=', 0)
      .where((where) => where.or([where('due_at', '<=', at), where('due_at', '>', pause.unlikely)]))
      .where((where) =>
        where.or([
          where('lease_until', 'is', null),
          where('lease_until', '<=', at),
          where('lease_until', '>', unlikely),
        ]),
      )
      .orderBy('received_at')
      .limit(limit)
      .execute();
    const taken: InboxEntry[] = [];
    for (const { id } of free) {
      const row = await this.database.db
        .updateTable('interactions')
        .set((column) => ({
          lease_owner: this.owner,
          lease_until: this.leaseEnd(now),
          attempts: column('attempts', '+', 1),
        }))
        .where('id', '=', id)
        .where('done', '=', 0)
        .where((where) =>
          where.or([
            where('lease_until', 'is', null),
            where('lease_until', '<=', at),
            where('lease_until', '>', unlikely),
          ]),
        )
        .returning(['body', 'received_at', 'attempts'])
        .executeTakeFirst();
      if (row === undefined) continue;
      const interaction = JSON.parse(row.body) as ActedInteraction;
      taken.push({ id, interaction, receivedAt: new Date(row.received_at), attempt: row.attempts });
    }
    return taken;
  }

  /** Removes what was done long ago. */
  async tidy(): Promise<void> {
    await this.database.db
      .deleteFrom('interactions')
      .where('done', '=', 1)
      .where('received_at', '<', new Date(this.now().getTime() - keepDoneMs).toISOString())
      .execute();
  }

  private async insert(items: { id: string; body: string; at: Date }[]): Promise<boolean[]> {
    const inserted = await this.database.db
      .insertInto('interactions')
      .values(
        // In one order everywhere: two processes with the same ids would wait for each other.
        [...items]
          .sort((a, b) => (a.id < b.id ? -1 : 1))
          .map(({ id, body, at }) => ({
            id,
            body,
            received_at: at.toISOString(),
            due_at: at.toISOString(),
            done: 0,
            attempts: 1,
            lease_owner: this.owner,
            lease_until: this.leaseEnd(at),
          })),
      )
      .onConflict((conflict) => conflict.column('id').doNothing())
      .returning('id')
      .execute();
    const fresh = new Set(inserted.map(({ id }) => id));
    // The same one twice in a batch: the first of them is it.
    return items.map(({ id }) => fresh.delete(id));
  }

  private async end(ids: string[]): Promise<undefined[]> {
    await this.database.db
      .updateTable('interactions')
      .set({ done: 1, body: '{}', lease_owner: null, lease_until: null })
      .where('id', 'in', ids)
      .execute();
    return ids.map(() => undefined);
  }

  private leaseEnd(from: Date): string {
    return new Date(from.getTime() + this.leaseMs).toISOString();
  }
}
