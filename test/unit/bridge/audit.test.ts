import fc from 'fast-check';
import type { Kysely } from 'kysely';
import { createLogger } from '../../../bridge/src/hosting/logging';
import { type AuditEntry, ChainVerifier, entryHash, linked, startOf } from '../../../bridge/src/observing/audit-chain';
import { AuditStore } from '../../../bridge/src/observing/audit-store';
import { AuditTrail } from '../../../bridge/src/observing/audit-trail';
import type { CallStart } from '../../../bridge/src/observing/observers';
import { type Database, openDatabase } from '../../../bridge/src/store/database';
import type { AuditEntries, Tables } from '../../../bridge/src/store/tables';
import { eventually } from '../../support/bridge/running-bridge';

const quiet = createLogger('silent');
const effects = new Map([
  ['read_it', 'read'],
  ['change_it', 'write'],
] as const);

let database: Database;
beforeEach(async () => {
  database = await openDatabase('sqlite::memory:');
});
afterEach(() => database.close());

const call = (tool: string, over: Partial<CallStart> = {}): CallStart => ({
  requestId: 'request-1',
  transport: 'http',
  principal: { name: 'hunt', proof: 'token', scopes: [], credentialId: 'tok-1' },
  tool,
  arguments: { sql: "select 'hidden-argument'" },
  meta: { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
  startedAt: new Date(),
  ...over,
});
const ended = { outcome: 'ok', code: null, durationMs: 12.4 } as const;

async function entries(): Promise<AuditEntries[]> {
  const rows: AuditEntries[] = [];
  for await (const row of new AuditStore(database).byChain()) rows.push(row);
  return rows;
}

async function problems(): Promise<string[]> {
  const verifier = new ChainVerifier();
  for (const row of await entries()) verifier.add(row);
  return verifier.finish().map(({ seq, problem }) => `${seq}: ${problem}`);
}

async function trail(store = new AuditStore(database), now?: () => Date): Promise<AuditTrail> {
  const made = new AuditTrail(store, effects, quiet, now);
  await made.open();
  return made;
}

/** Takes away the database's own guard, as somebody with its file could. */
async function unguarded(): Promise<Kysely<Tables>> {
  const { sql } = await import('kysely');
  for (const verb of ['update', 'delete']) await sql.raw(`drop trigger audit_entries_no_${verb}`).execute(database.db);
  return database.db;
}

describe('what is recorded', () => {
  it('a call that can change something is on record before it runs, and its end before it is answered', async () => {
    const audit = await trail();
    await audit.callBegan(call('change_it'));
    expect((await entries()).map(({ kind }) => kind)).toEqual(['opened', 'begun']);
    await audit.callEnded(call('change_it'), { ...ended, outcome: 'error', code: 'timeout' });
    expect((await entries()).at(-1)).toMatchObject({
      kind: 'ended',
      principal: 'hunt',
      proof: 'token',
      credential_id: 'tok-1',
      transport: 'http',
      tool: 'change_it',
      outcome: 'error',
      code: 'timeout',
      duration_ms: 12,
      request_id: 'request-1',
      trace_id: '0af7651916cd43dd8448eb211c80319c',
      arguments_sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  it('never holds an argument, and equal arguments have equal digests in any order of keys', async () => {
    const audit = await trail();
    await audit.callEnded(call('read_it', { arguments: { a: 'hidden-argument', b: 2 } }), ended);
    await audit.callEnded(call('read_it', { arguments: { b: 2, a: 'hidden-argument' } }), ended);
    await audit.callEnded(call('read_it', { arguments: { b: 3, a: 'hidden-argument' } }), ended);
    await audit.close();
    const rows = (await entries()).filter(({ kind }) => kind === 'ended');
    expect(JSON.stringify(rows)).not.toContain('hidden-argument');
    expect(rows[0]?.arguments_sha256).toBe(rows[1]?.arguments_sha256);
    expect(rows[2]?.arguments_sha256).not.toBe(rows[1]?.arguments_sha256);
  });

  it('a tool that nobody classed counts as one that changes', async () => {
    const audit = await trail();
    await audit.callBegan(call('unknown_tool'));
    expect((await entries()).at(-1)).toMatchObject({ kind: 'begun', tool: 'unknown_tool' });
  });

  it('many calls at once keep one order without gaps', async () => {
    const audit = await trail();
    await Promise.all(
      Array.from({ length: 1200 }, (_, index) =>
        index % 3 === 0 ? audit.callBegan(call('change_it')) : audit.callEnded(call('read_it'), ended),
      ),
    );
    await audit.close();
    const rows = await entries();
    expect(rows).toHaveLength(1202);
    expect(rows.at(-1)?.kind).toBe('closed');
    expect(await problems()).toEqual([]);
  });

  it('whoever knocks at the door cannot fill the store; what was left out is counted', async () => {
    let clock = Date.parse('2026-05-01T00:00:00Z');
    const audit = await trail(undefined, () => new Date(clock));
    const refusal = { kind: 'bad_credential', status: 401, path: '/mcp\u202e\n', from: '127.0.0.1' } as const;
    for (let index = 0; index < 1000; index += 1) audit.refused(refusal);
    clock += 61_000;
    audit.refused(refusal);
    await audit.close();
    const rows = (await entries()).filter(({ kind }) => kind === 'refused');
    expect(rows).toHaveLength(121);
    expect(JSON.parse(rows.at(-1)?.detail ?? '')).toEqual({
      status: 401,
      path: '/mcp',
      from: '127.0.0.1',
      refusals_not_written: 880,
    });
  });
});

describe('a store that fails', () => {
  /** Fails as often as it is told to; `lost` writes all the same, as when only the answer is lost. */
  class FailingStore extends AuditStore {
    failures = 0;
    lost = false;

    override async add(rows: readonly AuditEntries[]): Promise<void> {
      if (this.failures === 0) return super.add(rows);
      this.failures -= 1;
      if (this.lost) await super.add(rows);
      throw new Error('the connection broke');
    }
  }

  it('a call that can change something is not run unrecorded', async () => {
    const store = new FailingStore(database);
    const audit = await trail(store);
    store.failures = 1;
    await expect(audit.callBegan(call('change_it'))).rejects.toMatchObject({ code: 'unavailable' });
    await audit.callBegan(call('change_it', { requestId: 'request-2' }));
    await audit.close();
    expect((await entries()).filter(({ kind }) => kind === 'begun').map(({ request_id }) => request_id)).toEqual([
      'request-2',
    ]);
    expect(await problems()).toEqual([]);
  });

  it('the end of a call is not lost with it, nor is what was read', async () => {
    const store = new FailingStore(database);
    const audit = await trail(store);
    store.failures = 1;
    const end = audit.callEnded(call('change_it', { requestId: 'request-3' }), ended);
    await audit.callEnded(call('read_it', { requestId: 'request-4' }), ended);
    await expect(end).rejects.toMatchObject({ code: 'unavailable' });
    const found = await eventually(async () => {
      const ids = (await entries()).filter(({ kind }) => kind === 'ended').map(({ request_id }) => request_id);
      return ids.length === 2 ? ids : undefined;
    });
    expect(found.sort()).toEqual(['request-3', 'request-4']);
    await audit.close();
    expect(await problems()).toEqual([]);
  });

  it('a write whose answer was lost neither breaks the chain nor stops it', async () => {
    const store = new FailingStore(database);
    const audit = await trail(store);
    Object.assign(store, { failures: 1, lost: true });
    await expect(audit.callBegan(call('change_it'))).rejects.toMatchObject({ code: 'unavailable' });
    await audit.callBegan(call('change_it', { requestId: 'request-5' }));
    await audit.close();
    expect((await entries()).map(({ kind }) => kind)).toEqual(['opened', 'begun', 'begun', 'closed']);
    expect(await problems()).toEqual([]);
  });

  it('a stopping bridge does not wait for a store that is gone', async () => {
    const store = new FailingStore(database);
    const audit = await trail(store);
    store.failures = Number.POSITIVE_INFINITY;
    await audit.callEnded(call('read_it'), ended);
    await audit.close();
    expect((await entries()).map(({ kind }) => kind)).toEqual(['opened']);
  });
});

describe('tampering', () => {
  const fill = async (count: number) => {
    const audit = await trail();
    for (let index = 0; index < count; index += 1)
      await audit.callBegan(call('change_it', { requestId: `request-${index}` }));
    await audit.close();
    return audit.chain;
  };

  it('is refused by the database itself', async () => {
    await fill(1);
    await expect(database.db.updateTable('audit_entries').set({ tool: 'other' }).execute()).rejects.toThrow(
      /append-only/,
    );
    await expect(database.db.deleteFrom('audit_entries').execute()).rejects.toThrow(/append-only/);
  });

  it('is found where somebody got round that: a change, a gap, the end of a chain, a whole chain', async () => {
    const first = await fill(3);
    const second = await fill(3);
    await fill(1);
    const db = await unguarded();
    expect(await problems()).toEqual([]);
    await db
      .updateTable('audit_entries')
      .set({ principal: 'somebody else' })
      .where('chain', '=', first)
      .where('seq', '=', 3)
      .execute();
    expect(await problems()).toEqual(['3: its content was changed']);
    await db
      .updateTable('audit_entries')
      .set({ principal: 'hunt' })
      .where('chain', '=', first)
      .where('seq', '=', 3)
      .execute();
    expect(await problems()).toEqual([]);
    await db.deleteFrom('audit_entries').where('chain', '=', second).where('seq', '=', 2).execute();
    expect(await problems()).toEqual(['2: entry 2 is missing']);
    await db.deleteFrom('audit_entries').where('chain', '=', second).where('seq', '>', 2).execute();
    expect((await problems()).join()).toMatch(/saw an entry 5 here that is gone/);
    await db.deleteFrom('audit_entries').where('chain', '=', first).execute();
    expect((await problems()).join()).toMatch(/5: .*gone.*5: .*gone/);
  });

  it('any one change to any one column breaks the chain', () => {
    const row = (index: number): AuditEntry => ({
      at: '2026-05-01T00:00:00.000Z',
      kind: 'ended',
      request_id: `r${index}`,
      principal: 'p',
      proof: 'token',
      credential_id: null,
      transport: 'http',
      tool: 't',
      arguments_sha256: 'a',
      outcome: 'ok',
      code: null,
      duration_ms: 1,
      trace_id: null,
      detail: null,
    });
    const chain: AuditEntries[] = [];
    for (let index = 0; index < 6; index += 1) chain.push(linked(row(index), chain.at(-1) ?? startOf('c')));
    const columns = Object.keys(chain[0] ?? {}).filter((name) => name !== 'chain') as (keyof AuditEntries)[];
    fc.assert(
      fc.property(
        fc.nat(5),
        fc.constantFrom(...columns),
        fc.oneof(fc.string(), fc.integer(), fc.constant(null)),
        (at, column, value) => {
          const changed = chain.map((entry, index) =>
            index === at ? { ...entry, [column]: value } : entry,
          ) as AuditEntries[];
          fc.pre(changed[at]?.[column] !== chain[at]?.[column]);
          const verifier = new ChainVerifier();
          for (const entry of changed) verifier.add(entry);
          expect(verifier.finish().length).toBeGreaterThan(0);
        },
      ),
    );
  });

  it('entries come back as they were written, whatever their texts hold, and their chain holds', async () => {
    const store = new AuditStore(database);
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('\\u0000', '\\ud800', '"], [1', "'; --", '{}', '1'),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(text, fc.option(text)), { minLength: 1, maxLength: 5 }), async (texts) => {
        const chain = `c${Math.random()}`;
        let head = startOf(chain);
        const rows = texts.map(([tool, principal], index) => {
          const row = linked(
            {
              at: '2026-05-01T00:00:00.000Z',
              kind: 'ended',
              request_id: null,
              principal,
              proof: null,
              credential_id: null,
              transport: null,
              tool,
              arguments_sha256: null,
              outcome: null,
              code: null,
              duration_ms: index,
              trace_id: null,
              detail: null,
            },
            head,
          );
          head = row;
          return row;
        });
        await store.add(rows);
        const read: AuditEntries[] = [];
        for await (const row of store.byChain()) if (row.chain === chain) read.push({ ...row });
        expect(read).toEqual(rows);
        for (const row of read) expect(entryHash(row)).toBe(row.hash);
      }),
      { numRuns: 50 },
    );
  });
});
