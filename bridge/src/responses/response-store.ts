import type { Transaction } from 'kysely';
import { ConflictError, NotFoundOrNoAccessError, RateLimitedError } from '../../../operations/errors';
import type { ResponseChange, ResponsePort, ResponseRecord } from '../../../operations/response/response-port';
import { newId } from '../store/case-id';
import type { Database } from '../store/database';
import type { Responses, Tables } from '../store/tables';

const hourMs = 3_600_000;

/** Responses in the database. Executions queue at the brake's row, so that their number is counted by one at a time. */
export class ResponseStore {
  constructor(private readonly database: Database) {}

  async store(plan: Omit<ResponseRecord, 'id' | 'version'>): Promise<ResponseRecord> {
    const record: ResponseRecord = { ...plan, id: newId('RSP', new Date(plan.created_at)), version: 1 };
    await this.database.db.insertInto('responses').values(toRow(record)).execute();
    return record;
  }

  async get(id: string): Promise<ResponseRecord | undefined> {
    const row = await this.database.db.selectFrom('responses').selectAll().where('id', '=', id).executeTakeFirst();
    return row === undefined ? undefined : toRecord(row);
  }

  async ofCase(caseId: string): Promise<ResponseRecord[]> {
    const rows = await this.database.db
      .selectFrom('responses')
      .selectAll()
      .where('case_id', '=', caseId)
      .orderBy('created_at')
      .orderBy('id')
      .execute();
    return rows.map(toRecord);
  }

  /** See ResponsePort.begin. */
  begin(id: string, move: Parameters<ResponsePort['begin']>[1], maxPerHour: number): Promise<ResponseRecord> {
    return this.database.db.transaction().execute(async (trx) => {
      const halted = await this.brake(trx);
      if (halted !== null) throw new ConflictError(`All responses are halted: ${halted}.`, { halted: true });
      const record = await this.lock(trx, id);
      if (!move.from.includes(record.status)) {
        throw new ConflictError(`${id} is ${record.status} already; nothing was begun.`, { status: record.status });
      }
      if (move.counted) await this.count(trx, record, move.now, maxPerHour);
      return this.write(trx, record, { ...move.change, status: move.to });
    });
  }

  change(id: string, change: ResponseChange): Promise<ResponseRecord> {
    return this.database.db.transaction().execute(async (trx) => this.write(trx, await this.lock(trx, id), change));
  }

  async halted(): Promise<string | null> {
    const row = await this.database.db
      .selectFrom('response_brake')
      .select('halted')
      .where('name', '=', 'all')
      .executeTakeFirst();
    return row?.halted ?? null;
  }

  /** Null lets responses go on. */
  async halt(reason: string | null): Promise<void> {
    await this.database.db
      .insertInto('response_brake')
      .values({ name: 'all', halted: reason })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ halted: reason }))
      .execute();
  }

  /** Holds the brake's row until the transaction ends. */
  private async brake(trx: Transaction<Tables>): Promise<string | null> {
    await trx
      .insertInto('response_brake')
      .values({ name: 'all', halted: null })
      .onConflict((conflict) => conflict.column('name').doNothing())
      .execute();
    let query = trx.selectFrom('response_brake').select('halted').where('name', '=', 'all');
    if (this.database.engine === 'postgres') query = query.forUpdate();
    return (await query.executeTakeFirst())?.halted ?? null;
  }

  private async lock(trx: Transaction<Tables>, id: string): Promise<ResponseRecord> {
    let query = trx.selectFrom('responses').selectAll().where('id', '=', id);
    if (this.database.engine === 'postgres') query = query.forUpdate();
    const row = await query.executeTakeFirst();
    if (row === undefined) throw new NotFoundOrNoAccessError('The case store', `response ${id}`);
    return toRecord(row);
  }

  /** Throws RateLimitedError when so many executions of the action were begun within the hour. */
  private async count(trx: Transaction<Tables>, record: ResponseRecord, now: Date, maxPerHour: number): Promise<void> {
    const recent = await trx
      .selectFrom('responses')
      .select('executed_at')
      .where('action', '=', record.action)
      .where('executed_at', '>', new Date(now.getTime() - hourMs).toISOString())
      .orderBy('executed_at')
      .execute();
    if (recent.length < maxPerHour) return;
    const oldest = Date.parse(recent.at(-maxPerHour)?.executed_at ?? now.toISOString());
    throw new RateLimitedError(
      `The bridge (${record.action}: ${maxPerHour} an hour, RESPONSE_MAX_PER_HOUR)`,
      Math.max(1, Math.ceil((oldest + hourMs - now.getTime()) / 1000)),
    );
  }

  private async write(
    trx: Transaction<Tables>,
    record: ResponseRecord,
    change: ResponseChange,
  ): Promise<ResponseRecord> {
    const changed: ResponseRecord = { ...record, ...change, version: record.version + 1 };
    const { id, ...row } = toRow(changed);
    await trx.updateTable('responses').set(row).where('id', '=', id).execute();
    return changed;
  }
}

function toRow(record: ResponseRecord): Responses {
  const { steps, warnings, results, ...rest } = record;
  return {
    ...rest,
    steps: JSON.stringify(steps),
    warnings: JSON.stringify(warnings),
    results: JSON.stringify(results),
  };
}

function toRecord(row: Responses): ResponseRecord {
  return {
    ...row,
    action: row.action as ResponseRecord['action'],
    system: row.system as ResponseRecord['system'],
    steps: JSON.parse(row.steps) as ResponseRecord['steps'],
    warnings: JSON.parse(row.warnings) as string[],
    results: JSON.parse(row.results) as ResponseRecord['results'],
  };
}
