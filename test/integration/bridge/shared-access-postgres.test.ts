import { newNonce, postMcp, signed, toolCall } from '../../support/bridge/raw-request';
import { type RunningBridge, runBridge } from '../../support/bridge/running-bridge';
import { createScratchDatabase, postgresProblem } from '../../support/bridge/scratch-postgres';
import { describeSharedLimits } from '../../support/bridge/shared-access-suite';

const problem = postgresProblem();
const key = { id: 'n8n.a', secret: 'simulated-signing-secret-number-one-aaaa' };
const body = toolCall('repeat_text', { text: 'x' });

if (problem !== undefined) {
  it.skip(`limits shared over PostgreSQL: ${problem}`, () => {});
} else {
  describe('two pods on one PostgreSQL', () => {
    let scratch: Awaited<ReturnType<typeof createScratchDatabase>>;
    const pods: RunningBridge[] = [];
    const limit = 40;
    beforeAll(async () => {
      scratch = await createScratchDatabase();
      for (let count = 0; count < 2; count += 1) {
        pods.push(
          await runBridge({
            SOC_DATABASE_URL: scratch.url,
            SOC_SIGNING_KEYS: `${key.id}(soc:read)=${key.secret}`,
            SOC_TOOL_RATE_PER_MINUTE: String(limit),
          }),
        );
      }
    });
    afterAll(async () => {
      for (const pod of pods) await pod.stop();
      await scratch?.drop();
    });
    describeSharedLimits(() => scratch.url);

    it('a signed request is taken by one of them, once', async () => {
      const headers = signed(body, key);
      const statuses = await Promise.all(
        Array.from(
          { length: 10 },
          async (_, index) => (await postMcp(pods[index % 2]?.url ?? '', body, headers)).status,
        ),
      );
      expect(statuses.filter((status) => status === 200)).toHaveLength(1);
      expect(statuses.filter((status) => status === 401)).toHaveLength(9);
    });

    it('together let no more calls through in a minute than one would', async () => {
      const minuteOf = () => Math.floor(Date.now() / 60_000);
      const begun = minuteOf();
      const statuses = await Promise.all(
        Array.from({ length: 150 }, async (_, index) => {
          const headers = signed(body, key, { nonce: newNonce() });
          return (await postMcp(pods[index % 2]?.url ?? '', body, headers)).status;
        }),
      );
      const minutes = minuteOf() - begun + 1;
      const through = statuses.filter((status) => status === 200).length;
      expect(through).toBeLessThanOrEqual(limit * minutes);
      expect(through).toBeGreaterThan(0);
      expect(statuses.filter((status) => status === 429).length).toBe(150 - through);
    });
  });
}
