import { CompiledQuery, type Kysely, sql } from 'kysely';
import type { Database } from '../store/database';
import type { AuditEntries, Tables } from '../store/tables';
import type { ChainHead } from './audit-chain';

const pageSize = 500;

const columns = [
  'chain',
  'seq',
  'at',
  'kind',
  'request_id',
  'principal',
  'proof',
  'credential_id',
  'transport',
  'tool',
  'arguments_sha256',
  'outcome',
  'code',
  'duration_ms',
  'trace_id',
  'detail',
  'prev_hash',
  'hash',
] as const satisfies readonly (keyof AuditEntries)[];

/**
 * SQLite takes as long to read a statement for so many values as to carry it out. So there is one for each power of two, up to
 * the batches that come, and the statements stay prepared.
 */
const mostAtOnce = 256;
const oneRow = `(${columns.map(() => '?').join(', ')})`;

function insertOf(rows: readonly AuditEntries[]): CompiledQuery {
  const values: unknown[] = [];
  for (const row of rows) for (const column of columns) values.push(row[column]);
  return CompiledQuery.raw(insertText(rows.length), values);
}

const insertTexts = new Map<number, string>();

function insertText(rows: number): string {
  const text =
    insertTexts.get(rows) ??
    `insert into audit_entries (${columns.join(', ')}) values ${Array(rows).fill(oneRow).join(', ')}`;
  insertTexts.set(rows, text);
  return text;
}

function inPowersOfTwo(rows: readonly AuditEntries[]): (readonly AuditEntries[])[] {
  const parts: (readonly AuditEntries[])[] = [];
  for (let at = 0; at < rows.length; ) {
    const size = Math.min(mostAtOnce, 2 ** Math.floor(Math.log2(rows.length - at)));
    parts.push(rows.slice(at, at + size));
    at += size;
  }
  return parts;
}

/** Audit entries in the database; it can only add and read them. */
export class AuditStore {
  private readonly db: Kysely<Tables>;

  constructor(private readonly database: Pick<Database, 'db' | 'engine'>) {
    this.db = database.db;
  }

  /** All of them or none. */
  async add(rows: readonly AuditEntries[]): Promise<void> {
    if (rows.length === 0) return;
    if (this.database.engine === 'sqlite') return this.addPrepared(rows);
    await this.db
      .insertInto('audit_entries')
      .values([...rows])
      .execute();
  }

  private async addPrepared(rows: readonly AuditEntries[]): Promise<void> {
    const parts = inPowersOfTwo(rows);
    if (parts.length === 1) {
      await this.db.executeQuery(insertOf(rows));
      return;
    }
    await this.db.transaction().execute(async (transaction) => {
      for (const part of parts) await transaction.executeQuery(insertOf(part));
    });
  }

  async headOf(chain: string): Promise<ChainHead | undefined> {
    return this.db
      .selectFrom('audit_entries')
      .select(['chain', 'seq', 'hash'])
      .where('chain', '=', chain)
      .orderBy('seq', 'desc')
      .limit(1)
      .executeTakeFirst();
  }

  /** The last entry of every chain. */
  async heads(): Promise<ChainHead[]> {
    const last = this.db
      .selectFrom('audit_entries')
      .select(['chain', sql<number>`max(seq)`.as('seq')])
      .groupBy('chain');
    return this.db
      .selectFrom('audit_entries as entry')
      .innerJoin(last.as('last'), (join) =>
        join.onRef('last.chain', '=', 'entry.chain').onRef('last.seq', '=', 'entry.seq'),
      )
      .select(['entry.chain', 'entry.seq', 'entry.hash'])
      .orderBy('entry.chain')
      .execute();
  }

  /** Everything, chain after chain and in order, a page at a time. */
  byChain(): AsyncGenerator<AuditEntries> {
    return inPages({ chain: '', seq: 0 }, (after) =>
      this.db
        .selectFrom('audit_entries')
        .selectAll()
        .where(({ eb, or, and }) =>
          or([eb('chain', '>', after.chain), and([eb('chain', '=', after.chain), eb('seq', '>', after.seq)])]),
        )
        .orderBy('chain')
        .orderBy('seq')
        .limit(pageSize)
        .execute(),
    );
  }

  /** Entries from `since` (inclusive) to `until` (exclusive), both ISO 8601 in UTC, in order of time. */
  byTime(since: string, until: string): AsyncGenerator<AuditEntries> {
    return inPages({ at: since, chain: '', seq: 0 }, (after) =>
      this.db
        .selectFrom('audit_entries')
        .selectAll()
        .where('at', '<', until)
        .where(({ eb, or, and }) =>
          or([
            eb('at', '>', after.at),
            and([eb('at', '=', after.at), eb('chain', '>', after.chain)]),
            and([eb('at', '=', after.at), eb('chain', '=', after.chain), eb('seq', '>', after.seq)]),
          ]),
        )
        .orderBy('at')
        .orderBy('chain')
        .orderBy('seq')
        .limit(pageSize)
        .execute(),
    );
  }

  /** The next entries, of any chain, that `target` was not given yet. */
  async unsent(target: string, limit: number): Promise<AuditEntries[]> {
    return this.db
      .selectFrom('audit_entries as entry')
      .leftJoin('audit_exports as sent', (join) =>
        join.onRef('sent.chain', '=', 'entry.chain').on('sent.target', '=', target),
      )
      .selectAll('entry')
      .where(({ eb, or }) => or([eb('sent.seq', 'is', null), eb('entry.seq', '>', eb.ref('sent.seq'))]))
      .orderBy('entry.chain')
      .orderBy('entry.seq')
      .limit(limit)
      .execute();
  }

  async markSent(target: string, rows: readonly AuditEntries[]): Promise<void> {
    const last = new Map(rows.map(({ chain, seq }) => [chain, seq]));
    for (const [chain, seq] of last)
      await this.db
        .insertInto('audit_exports')
        .values({ target, chain, seq })
        .onConflict((conflict) => conflict.columns(['target', 'chain']).doUpdateSet({ seq }))
        .execute();
  }
}

/** Row after row; `read` gives the page behind the place that it is told. */
async function* inPages<Place>(
  start: Place,
  read: (after: Place) => Promise<(AuditEntries & Place)[]>,
): AsyncGenerator<AuditEntries> {
  let after = start;
  for (;;) {
    const rows = await read(after);
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < pageSize) return;
    after = last;
  }
}
