import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { type Sandbox, startSandbox } from '../../../sandbox/src/sandbox';
import { buildTestMain, Program } from '../../support/bridge/processes';
import { eventually } from '../../support/bridge/running-bridge';
import { createScratchDatabase, postgresProblem } from '../../support/bridge/scratch-postgres';

/** The real program against the stand-in: a query is paid for once, whatever happens to the process that started it. */

const token = 'simulated-bridge-token-for-tests';
const sql = "SELECT count(*) AS n FROM panther_logs.public.aws_cloudtrail WHERE p_occurs_since('7 days')";

let main: Awaited<ReturnType<typeof buildTestMain>>;
let sandbox: Sandbox;
beforeAll(async () => {
  [main, sandbox] = await Promise.all([buildTestMain('bridge/src/main.ts'), startSandbox({})]);
});
afterAll(async () => {
  main?.remove();
  await sandbox?.close();
});

interface Recorded {
  operation?: string;
}
const control = async (method: string, path: string, body?: unknown) => {
  const response = await fetch(sandbox.control.url + path, {
    method,
    headers: body === undefined ? {} : { 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  return text === '' ? undefined : JSON.parse(text);
};
const count = async (operation: string) =>
  ((await control('GET', '/requests?service=panther')) as Recorded[]).filter((one) => one.operation === operation)
    .length;

class Site {
  readonly folder = mkdtempSync(join(tmpdir(), 'soc-bridge-'));
  private readonly programs: Program[] = [];

  constructor(private readonly database: string | undefined) {}

  async start(): Promise<{ program: Program; call(input: object): Promise<Record<string, unknown>> }> {
    const program = new Program(main.file, ['serve'], {
      cwd: this.folder,
      env: {
        PANTHER_API_URL: sandbox.panther.url,
        PANTHER_API_TOKEN: sandbox.panther.token,
        SOC_ALLOW_PRIVATE_NETWORK: 'true',
        SOC_BRIDGE_TOKEN: token,
        SOC_DATABASE_URL: this.database ?? `sqlite:${join(this.folder, 'cases.db')}`,
        LOG_LEVEL: 'warn',
      },
    });
    this.programs.push(program);
    const url = await program.url();
    return {
      program,
      call: async (input) => {
        const client = new Client({ name: 'query-crash', version: '1.0.0' });
        await client.connect(
          new StreamableHTTPClientTransport(new URL(`${url}/mcp`), {
            requestInit: { headers: { authorization: `Bearer ${token}` } },
          }),
        );
        try {
          const result = await client.callTool({ name: 'execute_sql_query', arguments: { sql, ...input } });
          if (result.isError) throw new Error(JSON.stringify(result.content));
          return result.structuredContent as Record<string, unknown>;
        } finally {
          await client.close();
        }
      },
    };
  }

  async end(): Promise<void> {
    await Promise.all(this.programs.map((program) => program.stop('SIGKILL')));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function describeCrash(scratch: () => Promise<{ url: string | undefined; drop(): Promise<void> }>): void {
  let database: Awaited<ReturnType<typeof scratch>>;
  let site: Site;
  beforeEach(async () => {
    await control('POST', '/reset');
    database = await scratch();
    site = new Site(database.url);
  });
  afterEach(async () => {
    await site.end();
    await database.drop();
  });

  it('is joined by the call that comes after kill -9, and run once', async () => {
    await control('POST', '/panther/settings', { runningPolls: 100_000 });
    const first = await site.start();
    const lost = first.call({}).catch(() => 'lost');
    await eventually(async () => ((await count('GetDataLakeQuery')) > 1 ? true : undefined));
    await first.program.stop('SIGKILL');
    expect(await lost).toBe('lost');

    const second = await site.start();
    const joined = await second.call({ wait_seconds: 2 });
    expect(joined).toMatchObject({ status: 'running', reused: true });
    expect(await count('ExecuteDataLakeQuery')).toBe(1);
    expect(await count('CancelDataLakeQuery')).toBe(0);
  });

  it('is found in the history when the process died before it learned the id', async () => {
    await control('POST', '/panther/settings', { runningPolls: 2 });
    // The query is started; its answer takes longer than the process lives.
    await control('POST', '/faults', { service: 'panther', bodyContains: 'ExecuteDataLakeQuery', reset: 'after' });
    await control('POST', '/faults', {
      service: 'panther',
      bodyContains: 'ListDataLakeQueries',
      delayMs: 20_000,
    });
    const first = await site.start();
    const lost = first.call({}).catch(() => 'lost');
    await eventually(async () => ((await count('ExecuteDataLakeQuery')) === 1 ? true : undefined));
    await first.program.stop('SIGKILL');
    expect(await lost).toBe('lost');
    await control('DELETE', '/faults');

    const second = await site.start();
    const output = await second.call({ wait_seconds: 60 });
    expect(output).toMatchObject({ status: 'succeeded', reused: true, returned_rows: 1 });
    expect(await count('ExecuteDataLakeQuery')).toBe(1);
  });

  it('answers the same question again after a restart, without running again', async () => {
    const first = await site.start();
    const output = await first.call({});
    await first.program.stop('SIGKILL');
    const second = await site.start();
    expect(await second.call({})).toMatchObject({ reused: true, query_id: output.query_id, rows: output.rows });
    expect(await count('ExecuteDataLakeQuery')).toBe(1);
    expect(await second.call({ reuse: false })).toMatchObject({ reused: false });
    expect(await count('ExecuteDataLakeQuery')).toBe(2);
  });
}

describe('a query of a bridge with SQLite', () => {
  describeCrash(async () => ({ url: undefined, drop: async () => {} }));
});

const problem = postgresProblem();
(problem === undefined ? describe : describe.skip)(`a query of a bridge with PostgreSQL ${problem ?? ''}`, () => {
  describeCrash(createScratchDatabase);
});
