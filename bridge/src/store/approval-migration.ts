import type { Kysely } from 'kysely';
import { makeAppendOnly } from './append-only';
import type { Engine } from './database';

/** Approvals with their votes and what they owe to the outside, the inbox of clicks, and leases between processes. */
export async function createApprovals(db: Kysely<unknown>, engine: Engine): Promise<void> {
  await db.schema
    .createTable('approvals')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('dedup_key', 'text', (column) => column.unique())
    .addColumn('principal', 'text', (column) => column.notNull())
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('revision', 'integer', (column) => column.notNull())
    .addColumn('action_digest', 'text', (column) => column.notNull())
    .addColumn('request', 'text', (column) => column.notNull())
    .addColumn('min_approvals', 'integer', (column) => column.notNull())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addColumn('expires_at', 'text', (column) => column.notNull())
    .addColumn('settled_at', 'text')
    .addColumn('cancel_reason', 'text')
    .addColumn('use_before', 'text')
    .addColumn('used_at', 'text')
    .addColumn('used_by', 'text')
    .execute();
  await db.schema.createIndex('approvals_by_expiry').on('approvals').columns(['status', 'expires_at']).execute();

  await db.schema
    .createTable('approval_votes')
    .addColumn('approval_id', 'text', (column) => column.notNull().references('approvals.id'))
    .addColumn('seq', 'integer', (column) => column.notNull())
    .addColumn('user_id', 'text', (column) => column.notNull())
    .addColumn('decision', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('email', 'text')
    .addColumn('reason', 'text')
    .addColumn('at', 'text', (column) => column.notNull())
    .addColumn('interaction_id', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('approval_votes_key', ['approval_id', 'seq'])
    // Distinct people are counted; the database holds it as well.
    .addUniqueConstraint('approval_votes_once', ['approval_id', 'user_id', 'decision'])
    .execute();
  await makeAppendOnly(db, engine, 'approval_votes');

  await db.schema
    .createTable('approval_tasks')
    .addColumn('approval_id', 'text', (column) => column.notNull().references('approvals.id'))
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('due_at', 'text', (column) => column.notNull())
    .addColumn('done', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('attempts', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('lease_owner', 'text')
    .addColumn('lease_until', 'text')
    .addColumn('channel', 'text')
    .addColumn('ts', 'text')
    .addColumn('permalink', 'text')
    .addColumn('shown_revision', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('last_error', 'text')
    .addPrimaryKeyConstraint('approval_tasks_key', ['approval_id', 'kind'])
    .execute();
  await db.schema.createIndex('approval_tasks_due').on('approval_tasks').columns(['done', 'due_at']).execute();

  await db.schema
    .createTable('interactions')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('received_at', 'text', (column) => column.notNull())
    .addColumn('body', 'text', (column) => column.notNull())
    .addColumn('done', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('due_at', 'text', (column) => column.notNull())
    .addColumn('attempts', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('lease_owner', 'text')
    .addColumn('lease_until', 'text')
    .addColumn('last_error', 'text')
    .execute();
  await db.schema.createIndex('interactions_due').on('interactions').columns(['done', 'due_at']).execute();

  await db.schema
    .createTable('leases')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('owner', 'text', (column) => column.notNull())
    .addColumn('until', 'text', (column) => column.notNull())
    .execute();
}
