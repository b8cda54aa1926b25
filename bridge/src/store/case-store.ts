import { hostname } from 'node:os';
import type { Transaction } from 'kysely';
import type {
  CaseChange,
  CaseEvent,
  CaseHistoryEntry,
  CaseRecord,
  CaseStatus,
  CasesPort,
  OpenedRecord,
  RecordedAlert,
} from '../../../operations/cases';
import type { QueryMemory } from '../../../operations/ports';
import { CaseAdding } from './case-adding';
import { newId } from './case-id';
import { CaseOpening } from './case-opening';
import { CaseSearch } from './case-search';
import { CaseWriting, noCase } from './case-writing';
import type { Database } from './database';
import { caseOfEffect, EffectLedger } from './effect-ledger';
import { newOwner } from './lease';
import { noExtras, toRecord } from './records';
import { StageLedger } from './stage-ledger';
import { StartedQueries } from './started-queries';
import type { AlertsRaw, InvestigationEvents, SecurityInvestigations, Tables } from './tables';
import { Together } from './together';

export interface StoreSettings {
  /** Lease of a stage, an effect and a case run by this process, in milliseconds. */
  leaseMs: number;
  /** How long a second caller waits for a stage or an effect in progress, in milliseconds. */
  maxWaitMs: number;
  now(): Date;
  /** How far apart two alerts of one rule about one entity may be raised to be one case, in milliseconds; 0 is never. */
  relatedMs: number;
  /** Principals that are people who may close cases. */
  closers: readonly string[];
  /** Called before a change with a report is made: who sees the case settled finds its report in place. */
  onReport?(report: Pick<CaseRecord, 'id' | 'report_markdown'>): Promise<void>;
}

export const defaultStoreSettings: StoreSettings = {
  leaseMs: 30_000,
  maxWaitMs: 600_000,
  relatedMs: 0,
  closers: [],
  now: () => new Date(),
};

/** How one call uses the store. */
export interface CallSettings {
  /** Ends the waiting for other workers. */
  signal?: AbortSignal;
  /** How far each call that drives a case pushes its lease, in milliseconds. */
  caseLeaseMs: number;
  /** Whom the transport authenticated; undefined for the bridge's one token. */
  principal?: string;
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
  private readonly writing: CaseWriting;
  private readonly opening: CaseOpening;
  private readonly rawAlerts: Together<AlertsRaw, string>;
  readonly adding: CaseAdding;
  readonly search: CaseSearch;

  constructor(
    readonly database: Database,
    readonly settings: StoreSettings = defaultStoreSettings,
  ) {
    this.stages = new StageLedger(database, this.processName, settings);
    this.effects = new EffectLedger(database.db, this.processName, settings);
    this.queries = new StartedQueries(database.db, settings.now);
    this.writing = new CaseWriting(database, settings.now);
    this.rawAlerts = new Together(database, async (trx, rows) => {
      await trx.insertInto('alerts_raw').values(rows).execute();
      return rows.map(({ id }) => id);
    });
    this.opening = new CaseOpening(database, this.writing, settings, this.processName);
    this.adding = new CaseAdding(database, this.writing, settings);
    this.search = new CaseSearch(database.db);
  }

  /** The port for one call. */
  port(call: CallSettings): CasesPort {
    const touch = (caseId: string) => this.touch(caseId, call.caseLeaseMs);
    const added = async (id: string, adding: Promise<string | null>) => {
      const report = await adding;
      if (report !== null) await this.settings.onReport?.({ id, report_markdown: report });
      return this.mustGet(id);
    };
    const author = call.principal ?? null;
    return {
      recordAlert: (body, result) => this.recordAlert(body, result),
      open: (input) => this.open(input, call.caseLeaseMs),
      get: (id) => this.get(id),
      history: (id) => this.history(id),
      list: (query) => this.search.list(query),
      sharing: (marks, except, limit) => this.search.sharing(marks, except, limit),
      add: (id, addition) => added(id, this.adding.add(id, addition, author)),
      reopen: (id, input) => added(id, this.adding.reopen(id, input, author)),
      closeByPerson: (id, input) => added(id, this.adding.closeAsPrincipal(id, input, author)),
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

  async recordAlert(body: unknown, result: RecordedAlert): Promise<string> {
    const now = this.settings.now();
    return this.rawAlerts.add({
      id: newId('RAW', now),
      received_at: now.toISOString(),
      body: result.text ?? jsonText(body),
      accepted: result.accepted ? 1 : 0,
      field: result.field ?? null,
      problem: result.problem ?? null,
    });
  }

  async get(id: string): Promise<CaseRecord | undefined> {
    for (;;) {
      const row = await this.row(id);
      if (row === undefined) return undefined;
      const record = await this.writing.read(this.database.db, row);
      // Row and evidence come from several statements; the version tells whether a change fell between them.
      const after = await this.database.db
        .selectFrom('security_investigations')
        .select('version')
        .where('id', '=', id)
        .executeTakeFirst();
      if (after?.version === row.version) return record;
    }
  }

  /** Newest first, without evidence. `limit` is at most 1000. */
  async list(filter: { status?: string; limit: number }): Promise<SecurityInvestigations[]> {
    let query = this.database.db.selectFrom('security_investigations').selectAll();
    if (filter.status !== undefined) query = query.where('status', '=', filter.status);
    return query.orderBy('opened_at', 'desc').orderBy('id', 'desc').limit(Math.min(1000, filter.limit)).execute();
  }

  /** Ids of all cases in order, read page by page. */
  async *ids(): AsyncGenerator<string> {
    let after = '';
    for (;;) {
      const rows = await this.database.db
        .selectFrom('security_investigations')
        .select('id')
        .where('id', '>', after)
        .orderBy('id')
        .limit(500)
        .execute();
      for (const { id } of rows) yield id;
      const last = rows.at(-1);
      if (last === undefined) return;
      after = last.id;
    }
  }

  async events(caseId: string): Promise<InvestigationEvents[]> {
    return this.database.db
      .selectFrom('investigation_events')
      .selectAll()
      .where('case_id', '=', caseId)
      .orderBy('seq')
      .execute();
  }

  /** The events of a case without what only the store needs. */
  async history(caseId: string): Promise<CaseHistoryEntry[]> {
    const events = await this.events(caseId);
    return events.map(({ seq, type, summary, at, hash }) => ({ seq, type, summary, at, hash }));
  }

  private async open(input: Parameters<CasesPort['open']>[0], caseLeaseMs: number): Promise<OpenedRecord> {
    const { id, created, joined, report, row } = await this.opening.open(input, caseLeaseMs);
    if (row !== undefined) return { record: toRecord(row, [], noExtras), created, joined };
    if (report !== null) await this.settings.onReport?.({ id, report_markdown: report });
    return { record: await this.mustGet(id), created, joined };
  }

  /** See CasesPort.change. `also` runs in the same transaction, after the change. */
  async change(
    id: string,
    change: CaseChange | ((now: CaseStatus) => CaseChange),
    event: CaseEvent,
    caseLeaseMs: number,
    also: (trx: Transaction<Tables>) => Promise<void> = async () => {},
  ): Promise<CaseRecord> {
    if (typeof change !== 'function' && change.report_markdown != null)
      await this.settings.onReport?.({ id, report_markdown: change.report_markdown });
    await this.database.db.transaction().execute(async (trx) => {
      const row = await this.writing.lock(trx, id);
      const leaseUntil = new Date(this.settings.now().getTime() + caseLeaseMs).toISOString();
      const lease_until = row.lease_until !== null && row.lease_until > leaseUntil ? row.lease_until : leaseUntil;
      const wanted = typeof change === 'function' ? change(row.status as CaseStatus) : change;
      if (await this.writing.change(trx, row, wanted, event, { lease_until })) await also(trx);
    });
    return this.mustGet(id);
  }

  /**
   * Pushes the lease of a case that is being driven, when a tenth of it is gone: a commit for every step would be a third of all that
   * an investigation writes. Never shortens it. False when there was nothing to push.
   */
  private async touch(caseId: string, caseLeaseMs: number): Promise<boolean> {
    const now = this.settings.now().getTime();
    const until = new Date(now + caseLeaseMs).toISOString();
    const worn = new Date(now + 0.9 * caseLeaseMs).toISOString();
    const touched = await this.database.db
      .updateTable('security_investigations')
      .set({ lease_until: until })
      .where('id', '=', caseId)
      .where('status', 'in', drivenStatuses)
      .where((where) => where.or([where('lease_until', 'is', null), where('lease_until', '<', worn)]))
      .executeTakeFirst();
    return touched.numUpdatedRows === 1n;
  }

  private async row(id: string): Promise<SecurityInvestigations | undefined> {
    return this.database.db.selectFrom('security_investigations').selectAll().where('id', '=', id).executeTakeFirst();
  }

  private async mustExist(id: string): Promise<void> {
    if ((await this.row(id)) === undefined) throw noCase(id);
  }

  private async mustGet(id: string): Promise<CaseRecord> {
    const record = await this.get(id);
    if (record === undefined) throw noCase(id);
    return record;
  }
}

/** What cannot be written as JSON (nested a hundred thousand levels deep) is named instead of being lost without a word. */
function jsonText(body: unknown): string {
  try {
    return JSON.stringify(body ?? null);
  } catch (error) {
    return JSON.stringify({ not_kept: `The alert cannot be written as JSON: ${(error as Error).message}` });
  }
}
