import { type Kysely, sql } from 'kysely';
import type { Alert } from '../../../operations/investigation/alert';
import { entityMarks, ruleMark, techniqueMarks } from '../../../operations/investigation/case-marks';
import type { EvidenceItem } from '../../../operations/investigation/evidence';
import { makeAppendOnly } from './append-only';
import type { Engine } from './database';
import { searchText } from './records';
import type { Tables } from './tables';

/** Notes, joined alerts, links, what cases are found by, and tombstones; cases that are there already are entered. */
export async function createCaseService(db: Kysely<unknown>, engine: Engine): Promise<void> {
  const cases = db.schema.alterTable('security_investigations');
  await cases.addColumn('closed_by', 'text').execute();
  await cases.addColumn('extras', 'integer', (column) => column.notNull().defaultTo(0)).execute();
  await cases.addColumn('search_text', 'text', (column) => column.notNull().defaultTo('')).execute();

  await db.schema
    .createTable('case_additions')
    .addColumn('case_id', 'text', (column) => column.notNull().references('security_investigations.id'))
    .addColumn('seq', 'integer', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('text', 'text', (column) => column.notNull())
    .addColumn('source', 'text')
    .addColumn('scrutiny', 'text', (column) => column.notNull())
    .addColumn('severity', 'text')
    .addColumn('author', 'text')
    .addColumn('at', 'text', (column) => column.notNull())
    .addColumn('digest', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('case_additions_key', ['case_id', 'seq'])
    .addUniqueConstraint('case_additions_once', ['case_id', 'digest'])
    .execute();

  await db.schema
    .createTable('case_alerts')
    .addColumn('dedup_key', 'text', (column) => column.primaryKey())
    .addColumn('case_id', 'text', (column) => column.notNull().references('security_investigations.id'))
    .addColumn('position', 'integer', (column) => column.notNull())
    .addColumn('alert', 'text', (column) => column.notNull())
    .addColumn('raised_at', 'text', (column) => column.notNull())
    .addColumn('joined_at', 'text', (column) => column.notNull())
    .addColumn('shares', 'text', (column) => column.notNull())
    .addColumn('looked_at', 'integer', (column) => column.notNull())
    .addColumn('raw_id', 'text')
    .execute();
  await db.schema.createIndex('case_alerts_by_case').on('case_alerts').columns(['case_id', 'position']).execute();

  await db.schema
    .createTable('case_links')
    .addColumn('case_id', 'text', (column) => column.notNull().references('security_investigations.id'))
    .addColumn('other_id', 'text', (column) => column.notNull().references('security_investigations.id'))
    .addColumn('reason', 'text', (column) => column.notNull())
    .addColumn('at', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('case_links_key', ['case_id', 'other_id'])
    .execute();

  await db.schema
    .createTable('case_marks')
    .addColumn('case_id', 'text', (column) => column.notNull().references('security_investigations.id'))
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('type', 'text', (column) => column.notNull())
    .addColumn('value', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('case_marks_key', ['case_id', 'kind', 'type', 'value'])
    .execute();
  await db.schema.createIndex('case_marks_by_value').on('case_marks').columns(['kind', 'value', 'case_id']).execute();

  await db.schema
    .createTable('case_tombstones')
    .addColumn('seq', 'integer', (column) => column.primaryKey())
    .addColumn('case_id', 'text', (column) => column.notNull().unique())
    .addColumn('dedup_sha256', 'text', (column) => column.notNull())
    .addColumn('opened_at', 'text', (column) => column.notNull())
    .addColumn('closed_at', 'text', (column) => column.notNull())
    .addColumn('outcome', 'text')
    .addColumn('events', 'integer', (column) => column.notNull())
    .addColumn('head_hash', 'text', (column) => column.notNull())
    .addColumn('purged_at', 'text', (column) => column.notNull())
    .addColumn('purged_by', 'text', (column) => column.notNull())
    .addColumn('prev_hash', 'text', (column) => column.notNull())
    .addColumn('hash', 'text', (column) => column.notNull().unique())
    .execute();
  await makeAppendOnly(db, engine, 'case_tombstones');
  for (const table of ['investigation_events', 'case_additions']) {
    if (table !== 'investigation_events') await makeAppendOnly(db, engine, table);
    await allowPurging(db, engine, table);
  }
  await enterCases(db as Kysely<Tables>);
}

/**
 * History may go in one way only: whole, for a case whose tombstone says so. The row's own trigger takes the place of the
 * one that refuses every deletion; changing an event and emptying the table stay impossible.
 */
async function allowPurging(db: Kysely<unknown>, engine: Engine, table: string): Promise<void> {
  const condition = 'select 1 from case_tombstones where case_tombstones.case_id = old.case_id';
  const statements =
    engine === 'sqlite'
      ? [
          `drop trigger ${table}_no_delete`,
          `create trigger ${table}_no_delete before delete on ${table} when not exists (${condition}) begin select raise(abort, '${table} is append-only'); end`,
        ]
      : [
          `drop trigger ${table}_append_only on ${table}`,
          `create trigger ${table}_append_only before update or truncate on ${table} for each statement execute function ${table}_append_only()`,
          `create function ${table}_no_delete() returns trigger language plpgsql as $$ begin if not exists (${condition}) then raise exception '${table} is append-only'; end if; return old; end $$`,
          `create trigger ${table}_no_delete before delete on ${table} for each row execute function ${table}_no_delete()`,
        ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}

async function enterCases(db: Kysely<Tables>): Promise<void> {
  for (let after = ''; ; ) {
    const rows = await db
      .selectFrom('security_investigations')
      .select(['id', 'dedup_key', 'alert', 'title', 'reason', 'opened_at'])
      .where('id', '>', after)
      .orderBy('id')
      .limit(200)
      .execute();
    for (const row of rows) {
      const alert = JSON.parse(row.alert) as Alert;
      const items = await db.selectFrom('evidence').select('item').where('case_id', '=', row.id).execute();
      const evidence = items.map(({ item }) => JSON.parse(item) as EvidenceItem);
      const rule = ruleMark(alert);
      const marks = [...entityMarks(alert), ...(rule === undefined ? [] : [rule]), ...techniqueMarks(evidence)];
      await db
        .insertInto('case_alerts')
        .values({
          dedup_key: row.dedup_key,
          case_id: row.id,
          position: 0,
          alert: row.alert,
          raised_at: raisedAt(alert, row.opened_at),
          joined_at: row.opened_at,
          shares: '[]',
          looked_at: 1,
        })
        .execute();
      for (const mark of marks)
        await db
          .insertInto('case_marks')
          .values({ ...mark, case_id: row.id })
          .execute();
      await db
        .updateTable('security_investigations')
        .set({ search_text: searchText(row, alert) })
        .where('id', '=', row.id)
        .execute();
    }
    const last = rows.at(-1);
    if (last === undefined) return;
    after = last.id;
  }
}

/** When an alert was raised, in the form times are compared in; the other time where it does not say so readably. */
export function raisedAt(alert: Pick<Alert, 'created_at'>, otherwise: string): string {
  const time = Date.parse(alert.created_at);
  return Number.isFinite(time) ? new Date(time).toISOString() : otherwise;
}
