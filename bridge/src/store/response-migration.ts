import type { Kysely } from 'kysely';

/** Responses, and the one brake for all of them. */
export async function createResponses(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('responses')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('case_id', 'text', (column) => column.notNull().references('security_investigations.id'))
    .addColumn('action', 'text', (column) => column.notNull())
    .addColumn('system', 'text', (column) => column.notNull())
    .addColumn('target', 'text', (column) => column.notNull())
    .addColumn('target_label', 'text', (column) => column.notNull())
    .addColumn('digest', 'text', (column) => column.notNull())
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('steps', 'text', (column) => column.notNull())
    .addColumn('warnings', 'text', (column) => column.notNull())
    .addColumn('results', 'text', (column) => column.notNull())
    .addColumn('reason', 'text')
    .addColumn('approval_id', 'text')
    .addColumn('rollback_approval_id', 'text')
    .addColumn('version', 'integer', (column) => column.notNull())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addColumn('executed_at', 'text')
    .addColumn('settled_at', 'text')
    .execute();
  await db.schema.createIndex('responses_by_case').on('responses').columns(['case_id', 'created_at']).execute();
  await db.schema.createIndex('responses_by_execution').on('responses').columns(['action', 'executed_at']).execute();
  await db.schema
    .createTable('response_brake')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('halted', 'text')
    .execute();
}
