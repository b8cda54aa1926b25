import pg from 'pg';
import { AccessTokens } from '../../../bridge/src/access/access-tokens';
import { jsonHeaders, postMcp, toolCall } from '../../support/bridge/raw-request';
import { eventually, type RunningBridge, runBridge, testToken } from '../../support/bridge/running-bridge';
import { createScratchDatabase, postgresProblem } from '../../support/bridge/scratch-postgres';
import { waits } from '../../support/bridge/test-operations';

/** A database that takes connections and answers nothing: locks that somebody else holds are the simplest way to one. */
const problem = postgresProblem();

if (problem !== undefined) {
  it.skip(`a database that hangs: ${problem}`, () => {});
} else {
  describe('while the database hangs', () => {
    let scratch: Awaited<ReturnType<typeof createScratchDatabase>>;
    let running: RunningBridge;
    let locker: pg.Client;
    const authorization = `Bearer ${testToken}`;
    beforeAll(async () => {
      scratch = await createScratchDatabase();
      running = await runBridge({ SOC_DATABASE_URL: scratch.url, SOC_CALL_TIMEOUT_SECONDS: '1' });
      locker = new pg.Client({ connectionString: scratch.url });
      await locker.connect();
    });
    afterAll(async () => {
      await locker?.end();
      await running?.stop();
      await scratch?.drop();
    });
    const holding = async (tables: string, work: () => Promise<void>) => {
      await locker.query('begin');
      await locker.query(`lock table ${tables} in access exclusive mode`);
      try {
        await work();
      } finally {
        await locker.query('rollback');
      }
    };
    const call = toolCall('wait_with_progress', { steps: 1, step_ms: 5 });

    it('every request is answered, and what was not begun then is not begun later', async () => {
      const { token } = await new AccessTokens(running.bridge.store.database.db).create(
        'caller',
        ['soc:write'],
        new Date(Date.now() + 600_000),
      );
      waits.length = 0;
      await holding('rate_windows, access_tokens, security_investigations, alerts_raw', async () => {
        const answers = await Promise.all([
          postMcp(running.url, call, { authorization }),
          postMcp(running.url, call, { authorization: `Bearer ${token}` }),
          fetch(`${running.url}/cases/INV-1`, { headers: { authorization } }),
          fetch(`${running.url}/alerts`, {
            method: 'POST',
            headers: { ...jsonHeaders, authorization },
            body: '{"id":"simulated-while-locked"}',
          }),
        ]);
        for (const answer of answers) {
          expect(answer.status).toBe(503);
          expect(await answer.json()).toMatchObject({ code: 'timeout', message: expect.stringContaining('Try again') });
        }
      });
      await eventually(async () => {
        const answer = await postMcp(running.url, toolCall('repeat_text', { text: 'x' }), { authorization });
        return answer.status === 200 ? true : undefined;
      });
      expect(waits).toHaveLength(0);
    });

    it('a call that cannot be put on record is not made later either', async () => {
      const ended: string[] = [];
      running.bridge.observers.add({ callEnded: ({ tool }, { outcome }) => void ended.push(`${tool} ${outcome}`) });
      const modern = {
        'mcp-protocol-version': '2026-07-28',
        'mcp-method': 'tools/call',
        'mcp-name': 'delete_nothing',
      };
      const _meta = {
        'io.modelcontextprotocol/protocolVersion': '2026-07-28',
        'io.modelcontextprotocol/clientCapabilities': {},
      };
      const params = { name: 'delete_nothing', arguments: {}, _meta };
      const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params });
      await holding('audit_entries', async () => {
        const [one, other] = await Promise.all([
          postMcp(running.url, body, { authorization, ...modern }),
          // The older era has begun its stream by then, so all that is left is to end it.
          postMcp(running.url, toolCall('delete_nothing'), { authorization })
            .then((answer) => answer.text())
            .catch(() => 'closed'),
        ]);
        expect(one.status).toBe(503);
        expect(await one.json()).toMatchObject({ code: 'timeout' });
        expect(other).toBe('closed');
      });
      await eventually(() => (ended.length === 2 ? true : undefined));
      expect(ended).toEqual(['delete_nothing cancelled', 'delete_nothing cancelled']);
      await eventually(async () => {
        const answer = await postMcp(running.url, toolCall('repeat_text', { text: 'x' }), { authorization });
        return answer.status === 200 ? true : undefined;
      });
      expect(running.logged().join('')).not.toContain('"msg":"tool stopped on an unexpected condition"');
    });
  });
}
