import { join } from 'node:path';
import { operations } from '../../../operations/registry';
import { type RunningBridge, runBridge } from '../../support/bridge/running-bridge';
import { fixtureHandler } from '../../support/conformance/fixture-server';
import { runSuite } from '../../support/conformance/run-suite';

/**
 * The official conformance suite through the bridge's own HTTP server: once with what the suite calls in place of the
 * bridge's tools, and once with the bridge as it is, which has to pass all that needs no such fixture.
 */
jest.setTimeout(300_000);

// The suite has no way to send a credential, so it comes over loopback without one.
const environment = { SOC_BRIDGE_TOKEN: undefined, LOG_LEVEL: 'error' };
const baseline = (name: string) => join(__dirname, 'conformance', name);

describe.each(['2026-07-28', '2025-11-25'])('revision %s', (revision) => {
  let bridge: RunningBridge | undefined;
  afterEach(async () => {
    await bridge?.stop();
    bridge = undefined;
  });

  it('every scored scenario passes with the fixtures of the suite', async () => {
    bridge = await runBridge(environment, {}, fixtureHandler());
    const { status, output } = await runSuite(`${bridge.url}/mcp`, revision, baseline(`with-fixtures.${revision}.yml`));
    if (status !== 0) throw new Error(output.slice(-6000));
    expect(status).toBe(0);
  });

  it('the bridge as it is passes all that needs no fixture', async () => {
    bridge = await runBridge(environment, { operations });
    const { status, output } = await runSuite(`${bridge.url}/mcp`, revision, baseline(`as-it-is.${revision}.yml`));
    if (status !== 0) throw new Error(output.slice(-6000));
    expect(status).toBe(0);
  });
});
