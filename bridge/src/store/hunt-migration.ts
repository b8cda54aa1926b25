import type { Kysely } from 'kysely';

/** Hunts on schedule: how far each has read, what it has found, and the runs. */
export async function createHuntSchedule(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('hunt_states')
    .addColumn('hunt', 'text', (column) => column.primaryKey())
    .addColumn('watermark', 'text', (column) => column.notNull())
    .addColumn('last_success_at', 'text')
    .addColumn('failures', 'integer', (column) => column.notNull())
    .addColumn('last_problem', 'text')
    .addColumn('gap_from', 'text')
    .addColumn('gap_to', 'text')
    .execute();
  await db.schema
    .createTable('hunt_findings')
    .addColumn('alert_id', 'text', (column) => column.primaryKey())
    .addColumn('hunt', 'text', (column) => column.notNull())
    .addColumn('actor', 'text', (column) => column.notNull())
    .addColumn('anchor_at', 'text', (column) => column.notNull())
    .addColumn('first_at', 'text', (column) => column.notNull())
    .addColumn('last_at', 'text', (column) => column.notNull())
    .addColumn('case_id', 'text', (column) => column.references('security_investigations.id'))
    .execute();
  await db.schema.createIndex('hunt_findings_by_end').on('hunt_findings').columns(['hunt', 'last_at']).execute();
  await db.schema
    .createTable('hunt_runs')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('started_at', 'text', (column) => column.notNull())
    .addColumn('finished_at', 'text')
    .addColumn('missed_runs', 'integer', (column) => column.notNull())
    .addColumn('opened_cases', 'integer', (column) => column.notNull())
    .addColumn('unfinished_hunts', 'integer', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('hunt_runs_by_start').on('hunt_runs').column('started_at').execute();
}
