import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CaseStore } from '../../../bridge/src/store/case-store';
import { type Database, openDatabase } from '../../../bridge/src/store/database';
import { Together } from '../../../bridge/src/store/together';
import { sampleOpen } from '../../support/bridge/sample-case';

let folder: string;
let database: Database;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'soc-bridge-'));
  database = await openDatabase(`sqlite:${join(folder, 'cases.db')}`);
});
afterEach(async () => {
  await database.close();
  rmSync(folder, { recursive: true, force: true });
});

const raw = (id: string) => ({ id, received_at: 'x', body: '{}', accepted: 1, field: null, problem: null });
const ids = async () =>
  (await database.db.selectFrom('alerts_raw').select('id').orderBy('id').execute()).map(({ id }) => id);

describe('writes that share a transaction', () => {
  it('are few transactions, and each resolves to its own result', async () => {
    const sizes: number[] = [];
    const together = new Together<string, string>(database, async (trx, items) => {
      sizes.push(items.length);
      await trx.insertInto('alerts_raw').values(items.map(raw)).execute();
      return items.map((item) => `${item}!`);
    });
    const given = Array.from({ length: 20 }, (_, n) => `a-${String(n).padStart(2, '0')}`);
    expect(await Promise.all(given.map((item) => together.add(item)))).toEqual(given.map((item) => `${item}!`));
    expect(sizes).toEqual([1, 19]);
    expect(await ids()).toEqual(given);
  });

  it('do not fail for each other: what is wrong with one is its own error, and the others are stored', async () => {
    const together = new Together<string, string>(database, async (trx, items) => {
      await trx.insertInto('alerts_raw').values(items.map(raw)).execute();
      return items;
    });
    await database.db.insertInto('alerts_raw').values(raw('a-00')).execute();
    // The key of the third is taken.
    const settled = await Promise.allSettled(['b-1', 'b-2', 'a-00', 'b-3'].map((item) => together.add(item)));
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    expect((await ids()).filter((id) => id.startsWith('b'))).toEqual(['b-1', 'b-2', 'b-3']);
  });
});

it('work that awaits nothing but the store lets timers and sockets have their turn', async () => {
  const store = new CaseStore(database);
  const port = store.port({ caseLeaseMs: 30_000 });
  let turns = 0;
  let working = true;
  const tick = () => {
    turns += 1;
    if (working) setImmediate(tick);
  };
  setImmediate(tick);
  for (let n = 0; n < 200; n += 1) await port.open(sampleOpen(`turn-${n}`));
  working = false;
  // Each opening is a commit or two; without turns of the event loop there is none before the last.
  expect(turns).toBeGreaterThan(5);
});
