import { ProcessQueryMemory } from '../../../nodes-host/query-memory';
import { OperationError } from '../../../operations/errors';
import { executeSqlQuery } from '../../../operations/panther/execute-sql-query';
import type { QueryMemory, RememberedQuery } from '../../../operations/ports';
import { USERS } from '../../../sandbox/src/panther/directory';
import { untilTrue } from '../../support/eventually';
import { rowsInLake, startTenant, type Tenant, token } from './tenant';

const when = "p_event_time >= '2026-05-01' AND p_event_time < '2026-05-03'";
const sql = `SELECT eventName, count(*) AS n FROM panther_logs.public.aws_cloudtrail WHERE ${when} GROUP BY eventName`;

let tenant: Tenant;
beforeAll(async () => {
  tenant = await startTenant();
});
afterAll(() => tenant.close());
beforeEach(() => {
  tenant.panther.reset();
  tenant.faults.clear();
});

/** A memory over a map that outlives whoever uses it, with what was asked of it. */
class MapMemory extends ProcessQueryMemory {
  override readonly durable = true;
  readonly calls: string[] = [];
  override async claim(key: string, startedAt: string): Promise<boolean> {
    this.calls.push('claim');
    return super.claim(key, startedAt);
  }
  override async remember(key: string, query: RememberedQuery): Promise<void> {
    this.calls.push(`remember ${query.query_id}`);
    return super.remember(key, query);
  }
  override async forget(key: string, query: RememberedQuery): Promise<void> {
    this.calls.push(`forget ${query.query_id}`);
    return super.forget(key, query);
  }
}
const lasting = () => new MapMemory();
const passing = () => new ProcessQueryMemory();

type Choices = Parameters<Tenant['ports']>[0];
const run = (queries: QueryMemory | undefined, input: object = {}, choices: Choices = {}) =>
  tenant.run(executeSqlQuery, { sql, ...input }, tenant.ports({ queries, ...choices }));
const asked = (operation: string) =>
  tenant.panther.requests.filter((request) => request.operation === operation).length;

describe('the same SQL within the cache time', () => {
  test('is answered by the query that ran, with its id and its age', async () => {
    const memory = lasting();
    const first = await run(memory);
    const again = await run(memory, { label: 'again' });
    expect(first).toMatchObject({ reused: false });
    expect(again).toMatchObject({
      reused: true,
      label: 'again',
      query_id: first.query_id,
      started_at: first.started_at,
      rows: first.rows as unknown[],
      row_count: first.row_count,
      age_seconds: expect.any(Number),
    });
    expect(tenant.started()).toHaveLength(1);
  });

  test('needs not be spelled the same', async () => {
    const memory = lasting();
    await run(memory);
    expect(await run(memory, { sql: `${sql.replace(' WHERE', '\n  WHERE')} -- again\n;` })).toMatchObject({
      reused: true,
    });
    expect(tenant.started()).toHaveLength(1);
  });

  test('may be read with other limits', async () => {
    const memory = lasting();
    const all = `SELECT p_row_id FROM panther_logs.public.aws_cloudtrail WHERE ${when}`;
    await run(memory, { sql: all, max_rows: 1 });
    expect(await run(memory, { sql: all, max_rows: 10_000 })).toMatchObject({
      reused: true,
      returned_rows: rowsInLake,
    });
    expect(tenant.started()).toHaveLength(1);
  });

  test('runs again when a fresh run is asked for, which is then the one to reuse', async () => {
    const memory = lasting();
    const first = await run(memory);
    const fresh = await run(memory, { reuse: false });
    expect(fresh).toMatchObject({ reused: false });
    expect(fresh.query_id).not.toBe(first.query_id);
    expect(await run(memory)).toMatchObject({ reused: true, query_id: fresh.query_id });
    expect(tenant.started()).toHaveLength(2);
  });

  test.each([
    ['another literal', { sql: sql.replace('05-03', '05-02') }, {}],
    ['another database', { database: 'panther_rule_matches' }, {}],
    ['another case of letters', { sql: sql.replace('eventName, ', 'EVENTNAME, ') }, {}],
    ['a cache that is switched off', {}, { defaults: { cache_seconds: '0' } }],
  ])('runs again for %s', async (_name, input, choices: Choices) => {
    const memory = lasting();
    await run(memory, {}, choices);
    expect(await run(memory, input, choices)).toMatchObject({ reused: false });
    expect(tenant.started()).toHaveLength(2);
  });

  test.each([
    ['is reused', undefined, 290, true],
    ['is not reused any more', undefined, 301, false],
    ['is reused for as long as the owner of the connection says', '3600', 3_590, true],
    ['and no longer', '3600', 3_601, false],
  ])('%s', async (_name, cache_seconds, seconds, reused) => {
    const memory = lasting();
    const begun = Date.now();
    const first = await run(memory);
    const ports = tenant.ports({ queries: memory, ...(cache_seconds && { defaults: { cache_seconds } }) });
    // Counted from before the run, or from its end: however long it took, the age is on this side of the limit.
    const ended = Date.now() + Number(first.execution_time_ms);
    const at = (reused ? begun : ended) + seconds * 1000;
    ports.now = () => new Date(at);
    const again = await tenant.run(executeSqlQuery, { sql }, ports);
    expect(again).toMatchObject({ reused });
    if (!reused) return;
    expect(Number(again.age_seconds)).toBeLessThanOrEqual(seconds);
    expect(Number(again.age_seconds)).toBeGreaterThanOrEqual(seconds - Math.ceil((ended - begun) / 1000) - 1);
  });

  test('runs again for a cache that is switched off, even where Panther ended the query in our future', async () => {
    const memory = lasting();
    await run(memory);
    const ports = tenant.ports({ queries: memory, defaults: { cache_seconds: '0' } });
    ports.now = () => new Date(Date.now() - 60_000);
    expect(await tenant.run(executeSqlQuery, { sql }, ports)).toMatchObject({ reused: false });
    expect(tenant.started()).toHaveLength(2);
  });

  test('runs for every call where the host remembers nothing', async () => {
    await run(undefined);
    expect(await run(undefined)).toMatchObject({ reused: false });
    expect(tenant.started()).toHaveLength(2);
    expect(asked('ListDataLakeQueries')).toBe(0);
  });
});

test('the key holds the account: another token never meets the query of the first', async () => {
  const keys = new Set<string>();
  const spy: QueryMemory = {
    durable: true,
    find: async (key) => void keys.add(key) as undefined,
    claim: async () => true,
    remember: async () => {},
    forget: async () => {},
  };
  await run(spy);
  await run(spy, {}, { token: 'another-token' }).catch(() => {});
  expect(keys.size).toBe(2);
  for (const key of keys) expect(key).toMatch(/^[0-9a-f]{64}$/);
  expect([...keys].join()).not.toContain(token);
});

describe('a call that comes again while the query runs', () => {
  test('joins it and starts nothing', async () => {
    tenant.panther.settings.runningPolls = 11;
    const memory = lasting();
    const first = await run(memory, { wait_seconds: 10 });
    expect(first).toMatchObject({ status: 'running', reused: false });
    tenant.panther.settings.runningPolls = 0;
    const again = await run(memory, { wait_seconds: 100 });
    expect(again).toMatchObject({ status: 'succeeded', reused: true, query_id: first.query_id });
    expect(tenant.started()).toHaveLength(1);
  });

  test('and is cancelled leaves the query to whoever started it', async () => {
    tenant.panther.settings.runningPolls = 1000;
    const memory = lasting();
    await run(memory, { wait_seconds: 10 });
    const abort = new AbortController();
    const polled = asked('GetDataLakeQuery');
    const joined = run(memory, { wait_seconds: 300 }, { signal: abort.signal }).catch((error: unknown) => error);
    // It has joined once it polls; how long that takes depends on the machine.
    await untilTrue(() => asked('GetDataLakeQuery') >= polled + 2);
    abort.abort();
    expect(await joined).toMatchObject({ code: 'cancelled', details: { cancelled_upstream: false } });
    expect(asked('CancelDataLakeQuery')).toBe(0);
  });

  test('runs its own when the one it joined is cancelled under it', async () => {
    tenant.panther.settings.runningPolls = 1000;
    const memory = lasting();
    const abort = new AbortController();
    const owner = run(memory, {}, { signal: abort.signal }).catch((error: unknown) => error);
    await untilTrue(() => asked('GetDataLakeQuery') > 0);
    const facts = asked('GetDataLakeQueryFacts');
    const joined = run(memory, { wait_seconds: 200 });
    await untilTrue(() => asked('GetDataLakeQueryFacts') > facts);
    tenant.panther.settings.runningPolls = 0;
    abort.abort();
    expect(await owner).toMatchObject({ code: 'cancelled', details: { cancelled_upstream: true } });
    expect(await joined).toMatchObject({ status: 'succeeded', reused: false });
    expect(tenant.started()).toHaveLength(2);
  });

  test('ten at once are one query', async () => {
    tenant.faults.add({ service: 'panther', bodyContains: 'ExecuteDataLakeQuery', delayMs: 60 });
    const memory = lasting();
    const outputs = await Promise.all(Array.from({ length: 10 }, () => run(memory, { wait_seconds: 200 })));
    expect(new Set(outputs.map(({ query_id }) => query_id)).size).toBe(1);
    expect(outputs.filter(({ reused }) => reused === false)).toHaveLength(1);
    expect(tenant.started()).toHaveLength(1);
  });
});

describe('after a crash', () => {
  test('the id is there before the first poll', async () => {
    const memory = lasting();
    const ports = tenant.ports({ queries: memory });
    const { http } = ports;
    ports.http = async (request) => {
      if (request.body?.includes('GetDataLakeQuery')) {
        expect(memory.calls.some((call) => /^remember .{36}$/.test(call))).toBe(true);
      }
      return http(request);
    };
    await tenant.run(executeSqlQuery, { sql }, ports);
    expect(memory.calls[0]).toBe('claim');
  });

  test('between the claim and the id, the history shows the query that was started', async () => {
    const memory = lasting();
    await dieAfterStart(memory);
    expect(tenant.started()).toHaveLength(1);
    expect(await run(memory, { wait_seconds: 200 })).toMatchObject({ reused: true, status: 'succeeded' });
    expect(tenant.started()).toHaveLength(1);
  });

  test('between the claim and the id, a query that was never started is started', async () => {
    const memory = lasting();
    const key = await keyOf(sql);
    await memory.claim(key, new Date(Date.now() - 60_000).toISOString());
    expect(await run(memory, { wait_seconds: 200 })).toMatchObject({ reused: false, status: 'succeeded' });
    expect(tenant.started()).toHaveLength(1);
  });

  test('a start whose outcome nobody knows leaves its trace, so the next call looks before it starts', async () => {
    const memory = lasting();
    tenant.faults.add({ service: 'panther', bodyContains: 'ExecuteDataLakeQuery', reset: 'after' });
    tenant.faults.add({ service: 'panther', bodyContains: 'ListDataLakeQueries', reset: 'before', times: 99 });
    await expect(run(memory, { wait_seconds: 30 })).rejects.toMatchObject({ details: { outcome: 'unknown' } });
    tenant.faults.clear();
    expect(await run(memory, { wait_seconds: 200 })).toMatchObject({ reused: true });
    expect(tenant.started()).toHaveLength(1);
  });

  test('a start that was refused leaves nothing behind', async () => {
    const memory = lasting();
    tenant.faults.add({ service: 'panther', bodyContains: 'ExecuteDataLakeQuery', status: 403, body: { error: 'no' } });
    await expect(run(memory)).rejects.toMatchObject({ code: 'missing_permission' });
    const ports = tenant.ports({ queries: memory });
    await tenant.run(executeSqlQuery, { sql }, ports);
    expect(ports.waits.every((ms) => ms !== 500)).toBe(true);
    expect(tenant.started()).toHaveLength(1);
  });
});

/** A worker that has the query started and is gone before it can note the id. */
async function dieAfterStart(memory: MapMemory): Promise<void> {
  const ports = tenant.ports({
    queries: {
      durable: true,
      find: (key) => memory.find(key),
      claim: (key, at) => memory.claim(key, at),
      remember: async () => {},
      forget: async () => {},
    },
  });
  const { http } = ports;
  ports.http = async (request) => {
    if (request.body?.includes('GetDataLakeQuery')) throw new Error('the process ended');
    return http(request);
  };
  await expect(tenant.run(executeSqlQuery, { sql }, ports)).rejects.toBeDefined();
}

async function keyOf(text: string): Promise<string> {
  let found = '';
  const spy: QueryMemory = {
    durable: true,
    find: async (key) => {
      found = key;
      throw new Error('seen');
    },
    claim: async () => true,
    remember: async () => {},
    forget: async () => {},
  };
  await run(spy, { sql: text });
  tenant.panther.reset();
  return found;
}

describe('a remembered id is checked first', () => {
  const remembering = async (id: string) => {
    const memory = lasting();
    await memory.remember(await keyOf(sql), { query_id: id, started_at: new Date().toISOString() });
    return memory;
  };

  test('one that Panther has forgotten is forgotten', async () => {
    const memory = await remembering('b0c5f5a0-0000-4000-8000-000000000000');
    expect(await run(memory)).toMatchObject({ reused: false, status: 'succeeded' });
    expect(memory.calls).toContain('forget b0c5f5a0-0000-4000-8000-000000000000');
  });

  test('one of another SQL is never read', async () => {
    const memory = await remembering('to be replaced');
    const other = tenant.panther.queries.start('SELECT 1 AS secret', 'panther_logs');
    await memory.remember(await keyOfAgain(), { query_id: other.id, started_at: new Date().toISOString() });
    const output = await run(memory);
    expect(output).toMatchObject({ reused: false });
    expect(output.columns).toEqual(['eventName', 'n']);
  });

  test.each(['failed', 'cancelled'])('one that %s is run anew', async (how) => {
    const memory = lasting();
    tenant.panther.settings.runningPolls = 1000;
    const first = await run(memory, { wait_seconds: 10 });
    tenant.panther.settings.runningPolls = 0;
    if (how === 'cancelled') await cancel(String(first.query_id));
    else await memory.remember(await keyOfAgain(), { query_id: await failing(), started_at: new Date().toISOString() });
    expect(await run(memory)).toMatchObject({ reused: false, status: 'succeeded' });
  });

  test('Panther not answering is an error and no reason to run anew', async () => {
    const memory = lasting();
    await run(memory);
    tenant.faults.add({ service: 'panther', bodyContains: 'GetDataLakeQueryFacts', status: 503, times: 99 });
    await expect(run(memory, { wait_seconds: 20 })).rejects.toMatchObject({
      code: expect.stringMatching(/unavailable|timeout/),
    });
    expect(tenant.started()).toHaveLength(1);
  });

  /** keyOf resets the stand-in; the key does not change. */
  let key: string | undefined;
  const keyOfAgain = async () => (key ??= await keyWithoutReset());
  const failing = async () => {
    tenant.panther.settings.maxResultBytes = 1;
    const query = tenant.panther.queries.start(sql, 'panther_logs');
    await query.done;
    tenant.panther.settings.maxResultBytes = 1e9;
    return query.id;
  };
});

async function keyWithoutReset(): Promise<string> {
  let found = '';
  const stop = new AbortController();
  const spy: QueryMemory = {
    durable: true,
    find: async (key) => {
      found = key;
      stop.abort();
      return undefined;
    },
    claim: async () => true,
    remember: async () => {},
    forget: async () => {},
  };
  await run(spy, {}, { signal: stop.signal }).catch(() => {});
  return found;
}

async function cancel(id: string): Promise<void> {
  await fetch(`${tenant.url}/public/graphql`, {
    method: 'POST',
    headers: { 'x-api-key': token, 'content-type': 'application/json' },
    body: JSON.stringify({ query: `mutation { cancelDataLakeQuery(input: {id: "${id}"}) { id } }` }),
  });
}

describe('a host whose memory ends with its process looks into the history once', () => {
  test('and finds the query that its own token ran before', async () => {
    const first = await run(passing());
    const again = await run(passing());
    expect(again).toMatchObject({ reused: true, query_id: first.query_id });
    expect(tenant.started()).toHaveLength(1);
    expect(asked('ListDataLakeQueries')).toBe(2);
  });

  test('and asks nothing more when the process remembers', async () => {
    const memory = passing();
    await run(memory);
    await run(memory);
    expect(asked('ListDataLakeQueries')).toBe(1);
  });

  test.each([
    ['another token', { __typename: 'APIToken' as const, id: 'b0c5f5a0-0000-4000-8000-000000000001' }],
    ['a person', USERS[0]],
  ])('and never takes the query of %s', async (_name, issuedBy) => {
    tenant.panther.queries.start(sql, 'panther_logs', { issuedBy });
    expect(await run(passing())).toMatchObject({ reused: false });
    expect(tenant.started()).toHaveLength(1);
  });

  test('and takes none when its own id cannot be read', async () => {
    await run(passing());
    tenant.faults.add({ service: 'panther', path: '/api-tokens/self', status: 403, body: { error: 'forbidden' } });
    expect(await run(passing())).toMatchObject({ reused: false });
  });

  test('and runs the query when the history cannot be read', async () => {
    tenant.faults.add({ service: 'panther', bodyContains: 'ListDataLakeQueries', status: 500, body: {}, times: 9 });
    expect(await run(passing())).toMatchObject({ reused: false, status: 'succeeded' });
  });

  test('but not for SQL that leaves the database open: the history does not tell which one it was', async () => {
    const open = sql.replace('panther_logs.public.', '');
    await run(passing(), { sql: open });
    expect(await run(passing(), { sql: open })).toMatchObject({ reused: false });
    expect(asked('ListDataLakeQueries')).toBe(0);
  });
});

test('a lost answer is never made up for by the query of another principal', async () => {
  tenant.panther.queries.start(sql, 'panther_logs', { issuedBy: USERS[0] });
  tenant.faults.add({ service: 'panther', bodyContains: 'ExecuteDataLakeQuery', reset: 'before' });
  const output = await run(undefined);
  expect(output).toMatchObject({ status: 'succeeded' });
  expect(tenant.started()).toHaveLength(1);
});

test('a lost answer of a fresh run is not made up for by the run before it', async () => {
  const memory = lasting();
  const first = await run(memory);
  tenant.faults.add({ service: 'panther', bodyContains: 'ExecuteDataLakeQuery', reset: 'before' });
  const fresh = await run(memory, { reuse: false });
  expect(fresh.query_id).not.toBe(first.query_id);
  expect(tenant.started()).toHaveLength(2);
});

test('a memory that fails costs the memory and not the result', async () => {
  const broken = async (): Promise<never> => {
    throw new Error('the database is down');
  };
  const ports = tenant.ports({
    queries: { durable: true, find: broken, claim: broken, remember: broken, forget: broken },
  });
  expect(await tenant.run(executeSqlQuery, { sql }, ports)).toMatchObject({ status: 'succeeded', reused: false });
  expect(ports.logged.filter(({ level }) => level === 'warn')).toHaveLength(1);
});

test('a query that fails is not remembered', async () => {
  const memory = lasting();
  const wrong = sql.replace('eventName,', 'nosuch,');
  for (let turn = 0; turn < 2; turn += 1) {
    const error = await run(memory, { sql: wrong }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(OperationError);
    expect(error).toMatchObject({ code: 'query_failed' });
  }
  expect(tenant.started()).toHaveLength(2);
  expect(asked('GetDataLakeQueryFacts')).toBe(0);
});

describe("n8n's memory", () => {
  test('is bounded, and forgets after two hours', async () => {
    let now = 0;
    const memory = new ProcessQueryMemory(() => now);
    const query = (id: string) => ({ query_id: id, started_at: '2026-01-01T00:00:00.000Z' });
    for (let index = 0; index < 1_001; index += 1) await memory.remember(`k${index}`, query(String(index)));
    expect(await memory.find('k0')).toBeUndefined();
    expect(await memory.find('k1')).toEqual(query('1'));
    expect(await memory.claim('k1', 'later')).toBe(false);
    now = 2 * 3_600_000;
    expect(await memory.find('k1')).toBeUndefined();
    expect(await memory.claim('k1', 'later')).toBe(true);
    await memory.forget('k1', query('1'));
    expect(await memory.find('k1')).toEqual({ query_id: null, started_at: 'later' });
    await memory.forget('k1', { query_id: null, started_at: 'later' });
    expect(await memory.find('k1')).toBeUndefined();
  });
});
