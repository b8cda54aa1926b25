import type { Kysely } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import { createAccess } from './access-migration';
import { makeAppendOnly } from './append-only';
import { createApprovals } from './approval-migration';
import { createAudit } from './audit-migration';
import { createCaseService } from './case-service-migration';
import type { Engine } from './database';
import { createEscalations } from './escalation-migration';
import { createHuntSchedule } from './hunt-migration';
import { createResponses } from './response-migration';
import type { Tables } from './tables';

/** Applies what is missing, in order, under the migrator's lock. Throws the error of the migration that failed. */
export async function migrate(db: Kysely<Tables>, engine: Engine): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations(engine) } });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
}

/** Names sort in the order of application; one that has been released is never edited. */
export function migrations(engine: Engine): Record<string, Migration> {
  return {
    '001_cases': { up: (db) => createCases(db, engine) },
    '002_panther_queries': { up: createPantherQueries },
    '003_approvals': { up: (db) => createApprovals(db, engine) },
    '004_escalations': { up: createEscalations },
    '006_responses': { up: createResponses },
    '007_hunt_schedule': { up: createHuntSchedule },
    '010_access': { up: createAccess },
    '020_audit': { up: (db) => createAudit(db, engine) },
    '030_case_service': { up: (db) => createCaseService(db, engine) },
  };
}

async function createCases(db: Kysely<unknown>, engine: Engine): Promise<void> {
  await db.schema
    .createTable('security_investigations')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('dedup_key', 'text', (column) => column.notNull().unique())
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('version', 'integer', (column) => column.notNull())
    .addColumn('title', 'text', (column) => column.notNull())
    .addColumn('alert', 'text', (column) => column.notNull())
    .addColumn('severity', 'text', (column) => column.notNull())
    .addColumn('outcome', 'text')
    .addColumn('probability', 'double precision')
    .addColumn('reason', 'text')
    .addColumn('coverage', 'text', (column) => column.notNull())
    .addColumn('findings', 'text')
    .addColumn('escalation', 'text')
    .addColumn('report_markdown', 'text')
    .addColumn('report_sha256', 'text')
    .addColumn('opened_at', 'text', (column) => column.notNull())
    .addColumn('updated_at', 'text', (column) => column.notNull())
    .addColumn('closed_at', 'text')
    .addColumn('lease_owner', 'text')
    .addColumn('lease_until', 'text')
    .addColumn('attempts', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('next_attempt_at', 'text')
    .addColumn('last_error', 'text')
    .execute();
  await db.schema
    .createIndex('security_investigations_by_status')
    .on('security_investigations')
    .columns(['status', 'opened_at'])
    .execute();
  await db.schema
    .createIndex('security_investigations_by_opened_at')
    .on('security_investigations')
    .column('opened_at')
    .execute();

  await db.schema
    .createTable('investigation_events')
    .addColumn('case_id', 'text', (column) => column.notNull().references('security_investigations.id'))
    .addColumn('seq', 'integer', (column) => column.notNull())
    .addColumn('type', 'text', (column) => column.notNull())
    .addColumn('summary', 'text', (column) => column.notNull())
    .addColumn('at', 'text', (column) => column.notNull())
    .addColumn('version', 'integer', (column) => column.notNull())
    .addColumn('data', 'text', (column) => column.notNull())
    .addColumn('prev_hash', 'text', (column) => column.notNull())
    .addColumn('hash', 'text', (column) => column.notNull().unique())
    .addPrimaryKeyConstraint('investigation_events_key', ['case_id', 'seq'])
    .execute();
  await makeAppendOnly(db, engine, 'investigation_events');

  await db.schema
    .createTable('evidence')
    .addColumn('case_id', 'text', (column) => column.notNull().references('security_investigations.id'))
    .addColumn('position', 'integer', (column) => column.notNull())
    .addColumn('evidence_id', 'text', (column) => column.notNull())
    .addColumn('rule', 'text', (column) => column.notNull())
    .addColumn('family', 'text', (column) => column.notNull())
    .addColumn('statement', 'text', (column) => column.notNull())
    .addColumn('weight', 'double precision', (column) => column.notNull())
    .addColumn('source', 'text', (column) => column.notNull())
    .addColumn('query_id', 'text')
    .addColumn('row_sha256', 'text')
    .addColumn('first_at', 'text')
    .addColumn('last_at', 'text')
    .addColumn('item', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('evidence_key', ['case_id', 'position'])
    .execute();

  await db.schema
    .createTable('stages')
    .addColumn('case_id', 'text', (column) => column.notNull().references('security_investigations.id'))
    .addColumn('stage', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('owner', 'text', (column) => column.notNull())
    .addColumn('lease_until', 'text', (column) => column.notNull())
    .addColumn('attempts', 'integer', (column) => column.notNull())
    .addColumn('result', 'text')
    .addColumn('started_at', 'text', (column) => column.notNull())
    .addColumn('finished_at', 'text')
    .addPrimaryKeyConstraint('stages_key', ['case_id', 'stage'])
    .execute();

  await db.schema
    .createTable('effects')
    .addColumn('key', 'text', (column) => column.primaryKey())
    .addColumn('case_id', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('owner', 'text', (column) => column.notNull())
    .addColumn('lease_until', 'text', (column) => column.notNull())
    .addColumn('attempts', 'integer', (column) => column.notNull())
    .addColumn('result', 'text')
    .addColumn('claimed_at', 'text', (column) => column.notNull())
    .addColumn('done_at', 'text')
    .execute();
  await db.schema.createIndex('effects_by_case').on('effects').column('case_id').execute();

  await db.schema
    .createTable('alerts_raw')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('received_at', 'text', (column) => column.notNull())
    .addColumn('body', 'text', (column) => column.notNull())
    .addColumn('accepted', 'integer', (column) => column.notNull())
    .addColumn('field', 'text')
    .addColumn('problem', 'text')
    .execute();
  await db.schema.createIndex('alerts_raw_by_time').on('alerts_raw').column('received_at').execute();

  await db.schema
    .createTable('dead_letters')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('case_id', 'text', (column) => column.notNull().references('security_investigations.id'))
    .addColumn('reason', 'text', (column) => column.notNull())
    .addColumn('attempts', 'integer', (column) => column.notNull())
    .addColumn('at', 'text', (column) => column.notNull())
    .execute();
}

async function createPantherQueries(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('panther_queries')
    .addColumn('key', 'text', (column) => column.primaryKey())
    .addColumn('query_id', 'text')
    .addColumn('started_at', 'text', (column) => column.notNull())
    .addColumn('expires_at', 'text', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('panther_queries_by_expiry').on('panther_queries').column('expires_at').execute();
}
