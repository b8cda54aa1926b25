import type { Kysely } from 'kysely';
import { makeAppendOnly } from './append-only';
import type { Engine } from './database';

/** The audit trail, and how far it was passed on. */
export async function createAudit(db: Kysely<unknown>, engine: Engine): Promise<void> {
  await db.schema
    .createTable('audit_entries')
    .addColumn('chain', 'text', (column) => column.notNull())
    .addColumn('seq', 'integer', (column) => column.notNull())
    .addColumn('at', 'text', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('request_id', 'text')
    .addColumn('principal', 'text')
    .addColumn('proof', 'text')
    .addColumn('credential_id', 'text')
    .addColumn('transport', 'text')
    .addColumn('tool', 'text')
    .addColumn('arguments_sha256', 'text')
    .addColumn('outcome', 'text')
    .addColumn('code', 'text')
    .addColumn('duration_ms', 'integer')
    .addColumn('trace_id', 'text')
    .addColumn('detail', 'text')
    .addColumn('prev_hash', 'text', (column) => column.notNull())
    .addColumn('hash', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('audit_entries_key', ['chain', 'seq'])
    .execute();
  await db.schema.createIndex('audit_entries_by_time').on('audit_entries').columns(['at', 'chain', 'seq']).execute();
  await makeAppendOnly(db, engine, 'audit_entries');
  await db.schema
    .createTable('audit_exports')
    .addColumn('target', 'text', (column) => column.notNull())
    .addColumn('chain', 'text', (column) => column.notNull())
    .addColumn('seq', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('audit_exports_key', ['target', 'chain'])
    .execute();
}
