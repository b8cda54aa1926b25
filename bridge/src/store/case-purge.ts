import { type SqlBool, sql, type Transaction } from 'kysely';
import type { ResponseStatus } from '../../../operations/response/response-port';
import type { CaseTombstones } from './case-tables';
import { CaseWriting } from './case-writing';
import type { Database } from './database';
import { firstBrokenEvent, genesisHash, sha256Hex } from './event-chain';
import type { SecurityInvestigations, Tables } from './tables';
import { tombstoneHash } from './tombstones';

/** Why a closed case of that age stays. */
export interface KeptCase {
  case_id: string;
  reason: string;
}

/** Responses under way: what becomes of them has to be written on the case. */
const responsesUnderWay: readonly ResponseStatus[] = ['executing', 'rolling_back'];
/** Tables that hold rows of a case and nothing that refers to another one. */
const rowsOfCase = [
  'evidence',
  'stages',
  'effects',
  'case_additions',
  'case_alerts',
  'case_marks',
  'dead_letters',
  'escalations',
  'hunt_findings',
  'responses',
] as const;

/**
 * Removes closed cases whose time is over. What remains of each is its tombstone: a row that cannot be changed, chained to the
 * tombstone before it, with where the case's own chain ended, so that an export made earlier can still be told from a forged one.
 */
export class CasePurge {
  private readonly writing: CaseWriting;

  constructor(
    private readonly database: Database,
    private readonly now: () => Date = () => new Date(),
  ) {
    this.writing = new CaseWriting(database, now);
  }

  /** Closed cases that were closed before `cutoff` (ISO 8601 in UTC), the oldest first. */
  async due(cutoff: string): Promise<Pick<SecurityInvestigations, 'id' | 'title' | 'closed_at'>[]> {
    return this.database.db
      .selectFrom('security_investigations')
      .select(['id', 'title', 'closed_at'])
      .where('status', '=', 'closed')
      .where('closed_at', '<', cutoff)
      .orderBy('closed_at')
      .orderBy('id')
      .execute();
  }

  /** Why a case stays although its time is over; undefined when it may go. */
  async obstacle(id: string): Promise<string | undefined> {
    return this.obstacleIn(this.database.db, id);
  }

  /**
   * One transaction: the case goes whole, or stays whole with the reason. Checks again that it is closed and old enough. Undefined
   * when somebody else has purged it meanwhile.
   */
  async purge(id: string, cutoff: string, purgedBy: string): Promise<CaseTombstones | KeptCase | undefined> {
    return this.database.db.transaction().execute(async (trx) => {
      // One tombstone after the other, whoever purges: each rests on the one before. SQLite has the lock since its begin.
      if (this.database.engine === 'postgres')
        await sql`select pg_advisory_xact_lock(hashtext('case_tombstones'))`.execute(trx);
      const found = await trx.selectFrom('case_tombstones').select('seq').where('case_id', '=', id).executeTakeFirst();
      if (found !== undefined) return undefined;
      const linked = await trx.selectFrom('case_links').select('other_id').where('case_id', '=', id).execute();
      const others = linked.map(({ other_id }) => other_id);
      // In one order, as those do that link cases.
      for (const other of [...others, id].sort()) await this.writing.lock(trx, other);
      const row = await this.writing.lock(trx, id);
      if (row.status !== 'closed' || row.closed_at === null || row.closed_at >= cutoff)
        return { case_id: id, reason: `it is ${row.status} and was last changed at ${row.updated_at}` };
      const reason = await this.obstacleIn(trx, id);
      if (reason !== undefined) return { case_id: id, reason };
      for (const other of others) await this.unlink(trx, other, id);
      await trx.deleteFrom('case_links').where('case_id', '=', id).execute();
      const tombstone = await this.bury(trx, row, purgedBy);
      await this.removeRows(trx, id);
      return tombstone;
    });
  }

  /** All tombstones, in order. */
  async tombstones(): Promise<CaseTombstones[]> {
    return this.database.db.selectFrom('case_tombstones').selectAll().orderBy('seq').execute();
  }

  /**
   * Alerts that came in before `cutoff` and belong to no case that is still there: repeated and malformed ones, and those of
   * purged cases. Those of cases from before alerts were linked stay as long as such a case does.
   */
  async looseAlerts(cutoff: string): Promise<number> {
    const condition = await this.isLoose(cutoff);
    const counted = await this.database.db
      .selectFrom('alerts_raw')
      .select(({ fn }) => fn.countAll().as('count'))
      .where(condition)
      .executeTakeFirst();
    return Number(counted?.count ?? 0);
  }

  /** Removes them; resolves to how many there were. */
  async removeLooseAlerts(cutoff: string): Promise<number> {
    const removed = await this.database.db
      .deleteFrom('alerts_raw')
      .where(await this.isLoose(cutoff))
      .executeTakeFirst();
    return Number(removed.numDeletedRows);
  }

  private async isLoose(cutoff: string) {
    const unlinked = await this.database.db
      .selectFrom('case_alerts')
      .select(({ fn }) => fn.min('joined_at').as('since'))
      .where('raw_id', 'is', null)
      .executeTakeFirst();
    // Such an alert was kept just before its case was opened.
    const since = unlinked?.since == null ? cutoff : new Date(Date.parse(unlinked.since) - 60_000).toISOString();
    const until = since < cutoff ? since : cutoff;
    return sql<SqlBool>`received_at < ${until} and not exists (select 1 from case_alerts where case_alerts.raw_id = alerts_raw.id)`;
  }

  private async obstacleIn(
    connection: Pick<Transaction<Tables>, 'selectFrom'>,
    id: string,
  ): Promise<string | undefined> {
    const events = await connection
      .selectFrom('investigation_events')
      .selectAll()
      .where('case_id', '=', id)
      .orderBy('seq')
      .execute();
    const broken = firstBrokenEvent(events);
    if (broken !== undefined || events.length === 0)
      return `its chain does not hold at event ${broken ?? 1}; find out why before it goes`;
    const response = await connection
      .selectFrom('responses')
      .select(['id', 'status'])
      .where('case_id', '=', id)
      .where('status', 'in', responsesUnderWay)
      .executeTakeFirst();
    return response === undefined ? undefined : `its response ${response.id} is ${response.status}`;
  }

  /** The other case keeps the event that told of the link, and learns that there is nothing left to follow. */
  private async unlink(trx: Transaction<Tables>, other: string, id: string): Promise<void> {
    await this.writing.amend(trx, other, async () => {
      const removed = await trx
        .deleteFrom('case_links')
        .where('case_id', '=', other)
        .where('other_id', '=', id)
        .executeTakeFirst();
      if (removed.numDeletedRows === 0n) return undefined;
      const summary = `Linked case ${id} was purged: its time was over`;
      return { change: {}, event: { type: 'link_purged', summary }, extras: -Number(removed.numDeletedRows) };
    });
  }

  private async bury(trx: Transaction<Tables>, row: SecurityInvestigations, purgedBy: string): Promise<CaseTombstones> {
    const last = await trx
      .selectFrom('case_tombstones')
      .select(['seq', 'hash'])
      .orderBy('seq', 'desc')
      .limit(1)
      .executeTakeFirst();
    const head = await trx
      .selectFrom('investigation_events')
      .select(['seq', 'hash'])
      .where('case_id', '=', row.id)
      .orderBy('seq', 'desc')
      .limit(1)
      .executeTakeFirstOrThrow();
    const content = {
      seq: (last?.seq ?? 0) + 1,
      case_id: row.id,
      dedup_sha256: sha256Hex(row.dedup_key),
      opened_at: row.opened_at,
      closed_at: row.closed_at ?? row.updated_at,
      outcome: row.outcome,
      events: head.seq,
      head_hash: head.hash,
      purged_at: this.now().toISOString(),
      purged_by: purgedBy,
      prev_hash: last?.hash ?? genesisHash,
    };
    const tombstone = { ...content, hash: tombstoneHash(content) };
    await trx.insertInto('case_tombstones').values(tombstone).execute();
    return tombstone;
  }

  /** Only with the tombstone in place: the database lets history go for no other reason. */
  private async removeRows(trx: Transaction<Tables>, id: string): Promise<void> {
    const raw = await trx.selectFrom('case_alerts').select('raw_id').where('case_id', '=', id).execute();
    for (const table of rowsOfCase) await trx.deleteFrom(table).where('case_id', '=', id).execute();
    for (const { raw_id } of raw)
      if (raw_id !== null) await trx.deleteFrom('alerts_raw').where('id', '=', raw_id).execute();
    await trx.deleteFrom('investigation_events').where('case_id', '=', id).execute();
    await trx.deleteFrom('security_investigations').where('id', '=', id).execute();
  }
}
