import type { CaseRecord } from '../../../operations/cases';
import { createScratchDatabase, postgresProblem } from '../../support/bridge/scratch-postgres';
import { finalRow } from '../../support/final-row';
import { escalationsOf } from '../../support/slack-messages';
import { SocStack } from '../../support/soc-stack';

/**
 * The bridge runs the real chain in a process of its own and is killed without warning at moments spread over an
 * investigation. Started again, it must come to the row it would have come to, and have told people once.
 */
jest.setTimeout(180_000);

const problem = postgresProblem();

if (problem !== undefined) it.skip(`on PostgreSQL: ${problem}`, () => {});

const engines = problem === undefined ? ['SQLite', 'PostgreSQL'] : ['SQLite'];

describe.each(engines)('on %s', (engine) => {
  let stack: SocStack;
  let reference: CaseRecord;
  let scratch: Awaited<ReturnType<typeof createScratchDatabase>> | undefined;

  beforeAll(async () => {
    const bridge: Record<string, string> = { SOC_LEASE_SECONDS: '2', SOC_RECONCILE_SECONDS: '1' };
    if (engine === 'PostgreSQL') {
      scratch = await createScratchDatabase();
      bridge.SOC_DATABASE_URL = scratch.url;
    }
    stack = await SocStack.start(`kill-${engine}`, { n8n: false, bridge });
    reference = await stack.settledCase(await send('kill-reference'));
  });

  afterAll(async () => {
    await stack?.stop();
    await scratch?.drop();
  });

  async function send(id: string): Promise<string> {
    const response = await fetch(`${stack.bridge.url}/alerts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${stack.bridgeToken}` },
      body: JSON.stringify(await stack.sampleAlert(id)),
    });
    expect(response.status).toBe(202);
    return ((await response.json()) as { case_id: string }).case_id;
  }

  it.each([0, 150, 400, 800, 1300, 2000])('killed %i ms after the alert was taken, it ends the same', async (delay) => {
    const id = await send(`kill-${engine}-${delay}`);
    await new Promise((resolve) => setTimeout(resolve, delay));
    await stack.bridge.stop('SIGKILL');
    await stack.startBridge();
    const record = await stack.settledCase(id, 60_000);
    expect(finalRow(record)).toEqual(finalRow(reference));
    expect(await escalationsOf(stack, record.id)).toHaveLength(1);
  });
});
