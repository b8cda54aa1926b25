import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CaseRecord } from '../../../operations/cases';
import { DatabaseProxy } from '../../support/bridge/database-proxy';
import { buildTestMain, Program } from '../../support/bridge/processes';
import { eventually } from '../../support/bridge/running-bridge';
import { createScratchDatabase, postgresProblem } from '../../support/bridge/scratch-postgres';

/**
 * PostgreSQL goes away in the middle of an investigation and comes back. Minutes are seconds here: leases of one second, statements
 * of one second, a database gone for several of both. SOC_GONE_SECONDS makes it longer.
 */
const goneMs = 1000 * Number(process.env.SOC_GONE_SECONDS ?? 4);
jest.setTimeout(60_000 + 3 * goneMs);

const problem = postgresProblem();
const describeOnPostgres = problem === undefined ? describe : describe.skip;

let main: Awaited<ReturnType<typeof buildTestMain>>;
beforeAll(async () => {
  main = await buildTestMain();
});
afterAll(() => main?.remove());

const gone: [string, (proxy: DatabaseProxy) => Promise<void> | void][] = [
  ['whose connections break and are refused', (proxy) => proxy.refuse()],
  ['that has fallen silent', (proxy) => proxy.hush()],
];

describeOnPostgres(`a PostgreSQL ${problem ?? ''}`, () => {
  it.each(gone)('%s: nothing is acknowledged, nothing lost, and the case ends as it would have', async (_, take) => {
    const scratch = await createScratchDatabase();
    const proxy = await DatabaseProxy.before(scratch.url);
    const folder = mkdtempSync(join(tmpdir(), 'soc-bridge-'));
    const program = new Program(main.file, ['serve'], {
      cwd: folder,
      env: {
        SOC_DATABASE_URL: proxy.url,
        SOC_DATABASE_TIMEOUT_SECONDS: '1',
        SOC_LEASE_SECONDS: '1',
        SOC_CASE_LEASE_SECONDS: '1',
        SOC_RECONCILE_SECONDS: '1',
        SOC_MAX_ATTEMPTS: '3',
        STAGE_MS: '1500',
        LOG_LEVEL: 'error',
      },
    });
    const lines = (file: string) =>
      existsSync(join(folder, file)) ? readFileSync(join(folder, file), 'utf8').split('\n').filter(Boolean) : [];
    try {
      const url = await program.url();
      const send = (id: string) => fetch(`${url}/alerts`, { method: 'POST', body: JSON.stringify({ id }) });
      const taken = async (id: string) => {
        const response = await send(id);
        return response.status === 202 ? ((await response.json()) as { case_id: string }).case_id : undefined;
      };
      const settled = (id: string) =>
        eventually(async () => {
          const response = await fetch(`${url}/cases/${id}`);
          const record = response.ok ? ((await response.json()) as CaseRecord) : undefined;
          return record?.status === 'needs_review' || record?.status === 'failed' ? record : undefined;
        });
      const lasting = ({ outcome, probability, reason, evidence, status, version, report_sha256 }: CaseRecord) => ({
        outcome,
        probability,
        reason,
        evidence,
        status,
        version,
        report_sha256,
      });

      const reference = await settled((await taken('before')) ?? '');
      expect(reference).toMatchObject({ status: 'needs_review', outcome: 'true_positive' });

      const id = await taken('meanwhile');
      await eventually(() => (lines('computed.log').length === 2 ? true : undefined));
      await take(proxy);
      const until = Date.now() + goneMs;
      const refused = await Promise.all(['gone-1', 'gone-2', 'gone-3'].map((alert) => send(alert)));
      for (const response of refused) {
        expect(response.status).toBe(503);
        expect(response.headers.get('retry-after')).toBe('30');
        expect(await response.json()).toMatchObject({ code: 'unavailable' });
      }
      expect((await fetch(`${url}/healthz`)).status).toBe(503);
      await new Promise((resolve) => setTimeout(resolve, until - Date.now()));
      await proxy.restore();

      const record = await settled(id ?? '');
      expect(lasting(record)).toEqual(lasting(reference));
      const again = await Promise.all(['gone-1', 'gone-2', 'gone-3'].map((alert) => eventually(() => taken(alert))));
      for (const one of again) expect(lasting(await settled(one))).toEqual(lasting(reference));
      for (const one of [reference.id, id ?? '', ...again])
        expect(lines('effects.log').filter((line) => line.startsWith(one))).toHaveLength(1);
      expect(await program.endedWithin(1)).toBeUndefined();
    } finally {
      await program.stop('SIGKILL');
      await proxy.close();
      await scratch.drop();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
