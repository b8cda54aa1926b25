import { hostname } from 'node:os';
import type { Transaction } from 'kysely';
import type { CaseChange, CaseEvent, CaseRecord, CasesPort } from '../../../operations/cases';
import { NotFoundOrNoAccessError } from '../../../operations/errors';
import type { QueryMemory } from '../../../operations/ports';
import { newId } from './case-id';
import type { Database } from './database';
import { caseOfEffect, EffectLedger } from './effect-ledger';
import { canonicalJson, eventHash, genesisHash } from './event-chain';
import { newOwner } from './lease';
import { toColumns, toEventData, toEvidenceRows, toRecord } from './records';
import { StageLedger } from './stage-ledger';
import { StartedQueries } from './started-queries';
import type { InvestigationEvents, SecurityInvestigations, Tables } from './tables';

export interface StoreSettings {
  /** Lease of a stage, an effect and a case run by this process, in milliseconds. */
  leaseMs: number;
  /** How long a second caller waits for a stage or an effect in progress, in milliseconds. */
  maxWaitMs: number;
  now(): Date;
  /** Called before a change with a report is made: who sees the case settled finds its report in place. */
  onReport?(report: Pick<CaseRecord, 'id' | 'report_markdown'>): Promise<void>;
}

export const defaultStoreSettings: StoreSettings = { leaseMs: 30_000, maxWaitMs: 600_000, now: () => new Date() };

/** How one call uses the store. */
export interface CallSettings {
  /** Ends the waiting for other workers. */
  signal?: AbortSignal;
  /** How far each call that drives a case pushes its lease, in milliseconds. */
  caseLeaseMs: number;
}

/** Statuses in which somebody has to drive the case; once its lease has run out, the reconciler does. */
export const drivenStatuses = ['opened', 'investigating'] as const;

export class CaseStore {
  /** Names this process in leases. */
  readonly processName = newOwner(`${hostname()}:${process.pid}`);
  /** Queries of the data lake that were started by whoever uses this database. */
  readonly queries: QueryMemory;
  private readonly stages: StageLedger;
  private readonly effects: EffectLedger;

  constructor(
    readonly database: Database,
    readonly settings: StoreSettings = defaultStoreSettings,
  ) {
    this.stages = new StageLedger(database.db, this.processName, settings);
    this.effects = new EffectLedger(database.db, this.processName, settings);
    this.queries = new StartedQueries(database.db, settings.now);
  }

  /** The port for one call. */
  port(call: CallSettings): CasesPort {
    const touch = (caseId: string) => this.touch(caseId, call.caseLeaseMs);
    return {
      recordAlert: (body, result) => this.recordAlert(body, result),
      open: (input) => this.open(input, call.caseLeaseMs),
      get: (id) => this.get(id),
      change: (id, change, event) => this.change(id, change, event, call.caseLeaseMs),
      stage: async (id, stage, compute) => {
        if (!(await touch(id))) await this.mustExist(id);
        return this.stages.run(id, stage, compute, async () => void (await touch(id)), call.signal);
      },
      effect: async (key, perform, recover) => {
        const caseId = caseOfEffect(key);
        await touch(caseId);
        return this.effects.run(key, perform, recover, async () => void (await touch(caseId)), call.signal);
      },
    };
  }

  async recordAlert(body: unknown, result: { accepted: boolean; field?: string; problem?: string }): Promise<string> {
    const now = this.settings.now();
    const id = newId('RAW', now);
    await this.database.db
      .insertInto('alerts_raw')
      .values({
        id,
        received_at: now.toISOString(),
        body: JSON.stringify(body ?? null),
        accepted: result.accepted ? 1 : 0,
        field: result.field ?? null,
        problem: result.problem ?? null,
      })
      .execute();
    return id;
  }

  async get(id: string): Promise<CaseRecord | undefined> {
    for (;;) {
      const row = await this.row(id);
      if (row === undefined) return undefined;
      const items = await this.database.db
        .selectFrom('evidence')
        .select('item')
        .where('case_id', '=', id)
        .orderBy('position')
        .execute();
      // Row and evidence come from two statements; the version tells whether a change fell between them.
      const after = await this.database.db
        .selectFrom('security_investigations')
        .select('version')
        .where('id', '=', id)
        .executeTakeFirst();
      if (after?.version !== row.version) continue;
      return toRecord(
        row,
        items.map(({ item }) => item),
      );
    }
  }

  /** Newest first, without evidence. `limit` is at most 1000. */
  async list(filter: { status?: string; limit: number }): Promise<SecurityInvestigations[]> {
    let query = this.database.db.selectFrom('security_investigations').selectAll();
    if (filter.status !== undefined) query = query.where('status', '=', filter.status);
    return query.orderBy('opened_at', 'desc').orderBy('id', 'desc').limit(Math.min(1000, filter.limit)).execute();
  }

  async events(caseId: string): Promise<InvestigationEvents[]> {
    return this.database.db
      .selectFrom('investigation_events')
      .selectAll()
      .where('case_id', '=', caseId)
      .orderBy('seq')
      .execute();
  }

  private async open(
    input: Parameters<CasesPort['open']>[0],
    caseLeaseMs: number,
  ): Promise<{ record: CaseRecord; created: boolean }> {
    const { id, created } = await this.database.db.transaction().execute(async (trx) => {
      const now = this.settings.now();
      const at = now.toISOString();
      const newCaseId = newId('INV', now);
      const inserted = await trx
        .insertInto('security_investigations')
        .values({
          id: newCaseId,
          dedup_key: input.dedup_key,
          status: 'opened',
          version: 1,
          title: input.title,
          alert: JSON.stringify(input.alert),
          severity: input.severity,
          coverage: '[]',
          opened_at: at,
          updated_at: at,
          lease_owner: this.processName,
          lease_until: new Date(now.getTime() + caseLeaseMs).toISOString(),
          attempts: 0,
        })
        .onConflict((conflict) => conflict.column('dedup_key').doNothing())
        .executeTakeFirst();
      if (inserted.numInsertedOrUpdatedRows !== 1n) {
        const existing = await trx
          .selectFrom('security_investigations')
          .select('id')
          .where('dedup_key', '=', input.dedup_key)
          .executeTakeFirstOrThrow();
        return { id: existing.id, created: false };
      }
      const data = canonicalJson({ dedup_key: input.dedup_key, severity: input.severity });
      await this.append(trx, newCaseId, { type: 'opened', summary: `Case opened: ${input.title}` }, at, 1, data);
      return { id: newCaseId, created: true };
    });
    return { record: await this.mustGet(id), created };
  }

  /** See CasesPort.change. `also` runs in the same transaction, after the change. */
  async change(
    id: string,
    change: CaseChange,
    event: CaseEvent,
    caseLeaseMs: number,
    also: (trx: Transaction<Tables>) => Promise<void> = async () => {},
  ): Promise<CaseRecord> {
    const data = toEventData(change);
    if (change.report_markdown != null) await this.settings.onReport?.({ id, report_markdown: change.report_markdown });
    await this.database.db.transaction().execute(async (trx) => {
      const row = await this.lock(trx, id);
      const last = await this.lastEvent(trx, id);
      // A step repeated after a crash changes what is already so: one event for it is enough.
      if (last?.type === event.type && last.summary === event.summary && last.data === data) return;
      const now = this.settings.now();
      const at = now.toISOString();
      const leaseUntil = new Date(now.getTime() + caseLeaseMs).toISOString();
      await trx
        .updateTable('security_investigations')
        .set({
          ...toColumns(change),
          version: row.version + 1,
          updated_at: at,
          lease_until: row.lease_until !== null && row.lease_until > leaseUntil ? row.lease_until : leaseUntil,
        })
        .where('id', '=', id)
        .execute();
      if (change.evidence !== undefined) {
        await trx.deleteFrom('evidence').where('case_id', '=', id).execute();
        const rows = toEvidenceRows(id, change.evidence);
        if (rows.length > 0) await trx.insertInto('evidence').values(rows).execute();
      }
      await this.append(trx, id, event, at, row.version + 1, data);
      await also(trx);
    });
    return this.mustGet(id);
  }

  /** Reads the row and keeps other writers away until the transaction ends. SQLite has the lock since its begin. */
  private async lock(trx: Transaction<Tables>, id: string): Promise<SecurityInvestigations> {
    let query = trx.selectFrom('security_investigations').selectAll().where('id', '=', id);
    if (this.database.engine === 'postgres') query = query.forUpdate();
    const row = await query.executeTakeFirst();
    if (row === undefined) throw notFound(id);
    return row;
  }

  private async lastEvent(trx: Transaction<Tables>, caseId: string): Promise<InvestigationEvents | undefined> {
    return trx
      .selectFrom('investigation_events')
      .selectAll()
      .where('case_id', '=', caseId)
      .orderBy('seq', 'desc')
      .limit(1)
      .executeTakeFirst();
  }

  private async append(
    trx: Transaction<Tables>,
    caseId: string,
    event: CaseEvent,
    at: string,
    version: number,
    data: string,
  ): Promise<void> {
    const last = await this.lastEvent(trx, caseId);
    const content = {
      case_id: caseId,
      seq: (last?.seq ?? 0) + 1,
      type: event.type,
      summary: event.summary,
      at,
      version,
      data,
      prev_hash: last?.hash ?? genesisHash,
    };
    await trx
      .insertInto('investigation_events')
      .values({ ...content, hash: eventHash(content) })
      .execute();
  }

  /** Pushes the lease of a case that is being driven; never shortens it. False when there was nothing to push. */
  private async touch(caseId: string, caseLeaseMs: number): Promise<boolean> {
    const until = new Date(this.settings.now().getTime() + caseLeaseMs).toISOString();
    const touched = await this.database.db
      .updateTable('security_investigations')
      .set({ lease_until: until })
      .where('id', '=', caseId)
      .where('status', 'in', drivenStatuses)
      .where((where) => where.or([where('lease_until', 'is', null), where('lease_until', '<', until)]))
      .executeTakeFirst();
    return touched.numUpdatedRows === 1n;
  }

  private async row(id: string): Promise<SecurityInvestigations | undefined> {
    return this.database.db.selectFrom('security_investigations').selectAll().where('id', '=', id).executeTakeFirst();
  }

  private async mustExist(id: string): Promise<void> {
    if ((await this.row(id)) === undefined) throw notFound(id);
  }

  private async mustGet(id: string): Promise<CaseRecord> {
    const record = await this.get(id);
    if (record === undefined) throw notFound(id);
    return record;
  }
}

function notFound(id: string): NotFoundOrNoAccessError {
  return new NotFoundOrNoAccessError(
    'The case store',
    `case ${id}`,
    'Check the id; it looks like INV-01ABCDEFGH2JKMNPQ.',
  );
}
