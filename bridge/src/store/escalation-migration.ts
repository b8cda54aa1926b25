import type { Kysely } from 'kysely';

/** One row for each case that was escalated: what its message says and shows, and when people are called next. */
export async function createEscalations(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('escalations')
    .addColumn('case_id', 'text', (column) => column.primaryKey().references('security_investigations.id'))
    .addColumn('channel', 'text', (column) => column.notNull())
    .addColumn('ts', 'text')
    .addColumn('permalink', 'text')
    .addColumn('content', 'text', (column) => column.notNull())
    .addColumn('urgency', 'text', (column) => column.notNull())
    .addColumn('told_urgency', 'text', (column) => column.notNull())
    .addColumn('told_verdict', 'text')
    .addColumn('acknowledged', 'text')
    .addColumn('investigating', 'text')
    .addColumn('step', 'integer', (column) => column.notNull())
    .addColumn('unanswered', 'integer', (column) => column.notNull())
    .addColumn('next_at', 'text')
    .addColumn('pointers', 'text', (column) => column.notNull())
    .addColumn('drawn', 'text')
    .addColumn('revision', 'integer', (column) => column.notNull())
    .addColumn('shown_revision', 'integer', (column) => column.notNull())
    .addColumn('case_version', 'integer', (column) => column.notNull())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addColumn('due_at', 'text', (column) => column.notNull())
    .addColumn('attempts', 'integer', (column) => column.notNull())
    .addColumn('lease_owner', 'text')
    .addColumn('lease_until', 'text')
    .addColumn('last_error', 'text')
    .execute();
  await db.schema.createIndex('escalations_by_next').on('escalations').column('next_at').execute();
}
