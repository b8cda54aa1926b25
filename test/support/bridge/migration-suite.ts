import { type Dialect, Kysely } from 'kysely';
import { Migrator } from 'kysely/migration';
import { AccessTokens } from '../../../bridge/src/access/access-tokens';
import { ApprovalStore } from '../../../bridge/src/approvals/approval-store';
import { contentOf, stateOf } from '../../../bridge/src/escalations/escalation-rows';
import { ChainVerifier, entryHash } from '../../../bridge/src/observing/audit-chain';
import { AuditStore } from '../../../bridge/src/observing/audit-store';
import { ResponseStore } from '../../../bridge/src/responses/response-store';
import { CasePurge } from '../../../bridge/src/store/case-purge';
import { CaseStore } from '../../../bridge/src/store/case-store';
import { type Database, type Engine, openDatabase } from '../../../bridge/src/store/database';
import { deadLetters } from '../../../bridge/src/store/dead-letters';
import { firstBrokenEvent } from '../../../bridge/src/store/event-chain';
import { migrations } from '../../../bridge/src/store/migrations';
import type { AuditEntries, Tables } from '../../../bridge/src/store/tables';
import { firstBrokenTombstone } from '../../../bridge/src/store/tombstones';
import * as older from './older-rows';
import { sampleOpen } from './sample-case';

export interface EmptyDatabase {
  url: string;
  dialect: () => Promise<Dialect>;
  drop(): Promise<void>;
}

/** A database made by the migrations up to each version, with rows in all of its tables, opened by today's code. */
export function migrationSuite(engine: Engine, create: () => Promise<EmptyDatabase>): void {
  const names = Object.keys(migrations(engine));
  let empty: EmptyDatabase;
  let database: Database | undefined;
  beforeEach(async () => {
    empty = await create();
  });
  afterEach(async () => {
    await database?.close();
    database = undefined;
    await empty.drop();
  });

  /** Migrates to `name` and fills every table that there is then; resolves to their names. */
  async function madeAt(name: string): Promise<string[]> {
    const db = new Kysely<Record<string, Record<string, unknown>>>({ dialect: await empty.dialect() });
    try {
      const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations(engine) } });
      const { error } = await migrator.migrateTo(name);
      if (error !== undefined) throw error;
      const tables = (await db.introspection.getTables()).map((table) => table.name);
      const own = tables.filter((table) => !/^kysely_|^sqlite_/.test(table));
      // A table without rows here would not be tested.
      expect(own.filter((table) => older.olderRows[table] === undefined)).toEqual([]);
      for (const [table, rows] of Object.entries(older.olderRows)) {
        if (!own.includes(table)) continue;
        for (const row of rows) {
          const whole = table === 'audit_entries' ? { ...row, hash: entryHash(row as unknown as AuditEntries) } : row;
          const extras =
            table === 'security_investigations' && own.includes('case_links')
              ? { extras: row.id === older.caseId ? 2 : 0 }
              : {};
          await db
            .insertInto(table)
            .values({ ...whole, ...extras })
            .execute();
        }
      }
      return own;
    } finally {
      await db.destroy();
    }
  }

  it.each(names)('%s: every row is read back by today’s code, and work goes on', async (name) => {
    const tables = await madeAt(name);
    const has = (table: keyof Tables) => tables.includes(table);
    database = await openDatabase(empty.url);
    const { db } = database;
    for (const table of tables) {
      const rows = await db
        .selectFrom(table as keyof Tables)
        .selectAll()
        .execute();
      const given = older.olderRows[table] ?? [];
      for (const row of given) {
        const { hash: _, ...kept } = row;
        expect(rows).toContainEqual(expect.objectContaining(table === 'audit_entries' ? kept : row));
      }
    }

    const store = new CaseStore(database);
    const record = await store.get(older.caseId);
    expect(record).toMatchObject({
      status: 'needs_review',
      outcome: 'true_positive',
      probability: 0.875,
      reason: 'Simulated reason — “kept”',
      alert: older.expectedAlert,
      evidence: older.expectedEvidence,
      coverage: [{ label: 'q', rows: 3 }],
      escalation: { channel: 'C1' },
      report_markdown: '# Simulated report\n',
      closed_by: null,
    });
    for (const id of [older.caseId, older.otherId]) expect(firstBrokenEvent(await store.events(id))).toBeUndefined();
    expect((await store.list({ limit: 10 })).map(({ id }) => id)).toEqual([older.otherId, older.caseId]);
    // What cases are found by is there for those that are older than it.
    const found = await store.search.list({ entity: 'simulated-user', limit: 10 });
    expect(found.entries.map(({ id }) => id)).toContain(older.caseId);
    if (!has('case_marks')) {
      expect((await store.search.list({ text: 'older-row', limit: 10 })).entries).toMatchObject([{ id: older.caseId }]);
      const shared = await store.search.sharing([{ kind: 'technique', type: '', value: 't1098.001' }], null, 10);
      expect(shared.cases.map(({ entry }) => entry.id)).toEqual([older.caseId]);
    }

    const port = store.port({ caseLeaseMs: 0 });
    expect(await port.stage(older.caseId, 'investigate:query:first', async () => ({ rows: 0 }))).toEqual({ rows: 3 });
    const effect = await port.effect(
      `${older.caseId}:escalate:message:C1`,
      async () => ({ ts: 'again' }),
      async () => undefined,
    );
    expect(effect).toEqual({ result: { ts: '1.2' }, performed: false });
    // The same alert has its case, and what is written now follows on the chain.
    const again = await port.open(sampleOpen('older-row'));
    expect(again).toMatchObject({ created: false, record: { id: older.caseId } });
    await port.change(older.caseId, { severity: 'CRITICAL' }, { type: 'raised', summary: 'Raised' });
    expect(firstBrokenEvent(await store.events(older.caseId))).toBeUndefined();
    await expect(db.deleteFrom('investigation_events').execute()).rejects.toThrow(/append-only/);
    await db.updateTable('security_investigations').set({ status: 'failed' }).where('id', '=', older.otherId).execute();
    expect(await deadLetters(database)).toMatchObject([{ case_id: older.otherId, attempts: 5 }]);

    if (has('panther_queries')) expect(await store.queries.find('k')).toMatchObject({ query_id: 'q-1' });
    if (has('approvals')) {
      const approval = await new ApprovalStore(database, () => new Date(), 1000).get(older.approvalId);
      expect(approval).toMatchObject({
        status: 'denied',
        case_id: older.caseId,
        decided_by: [{ reason: 'Simulated: planned work' }],
        permalink: 'https://slack.example/p',
      });
    }
    if (has('escalations') && record !== undefined) {
      const row = await db.selectFrom('escalations').selectAll().executeTakeFirstOrThrow();
      expect(contentOf(row)).toMatchObject({ title: 'Simulated', urgency: 'high' });
      expect(stateOf(row, record, true)).toMatchObject({ acknowledged: { id: 'U0SIM0001' }, closable: true });
    }
    if (has('responses')) {
      const responses = new ResponseStore(database);
      expect(await responses.get(older.responseId)).toMatchObject({ warnings: ['simulated'], status: 'planned' });
      expect(await responses.halted()).toBe('simulated');
    }
    if (has('access_tokens'))
      expect(await new AccessTokens(db).list()).toMatchObject([{ name: 'n8n', scopes: ['cases:read', 'cases:write'] }]);
    if (has('audit_entries')) {
      const verifier = new ChainVerifier();
      for await (const row of new AuditStore(database).byChain()) verifier.add(row);
      expect(verifier.finish()).toEqual([]);
      expect(verifier.entries).toBe(1);
    }
    if (has('case_additions'))
      expect(record).toMatchObject({ additions: [{ text: 'Simulated note' }], links: [{ case_id: older.otherId }] });
    expect(firstBrokenTombstone(await new CasePurge(database).tombstones())).toBeUndefined();
  });

  it('opened again changes nothing, and a database of a later version is not touched', async () => {
    await madeAt(names.at(-1) ?? '');
    database = await openDatabase(empty.url);
    await database.close();
    database = await openDatabase(empty.url);
    expect(await database.db.selectFrom('security_investigations').select('id').execute()).toHaveLength(2);
    const raw = new Kysely<{ kysely_migration: { name: string; timestamp: string } }>({
      dialect: await empty.dialect(),
    });
    await raw.insertInto('kysely_migration').values({ name: '999_later', timestamp: older.at }).execute();
    await raw.destroy();
    await expect(openDatabase(empty.url)).rejects.toThrow(/cannot be used: .*999_later/);
  });
}
