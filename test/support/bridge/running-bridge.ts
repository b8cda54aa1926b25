import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Bridge, type Capabilities } from '../../../bridge/src/bridge';
import { type Environment, readConfig } from '../../../bridge/src/config';
import { createLogger } from '../../../bridge/src/hosting/logging';
import { casesOf, openTestCase, testOperations } from './test-operations';

export const testToken = 'simulated-bridge-token-for-tests';

export interface RunningBridge {
  url: string;
  metricsUrl: string | undefined;
  bridge: Bridge;
  folder: string;
  /** What was logged so far, one JSON line each. */
  logged(): string[];
  stop(): Promise<void>;
}

const defaults: Capabilities = {
  operations: testOperations,
  open: openTestCase,
  resume: (ports, caseId) =>
    casesOf(ports).change(
      caseId,
      { status: 'needs_review', report_markdown: '# Report\n' },
      { type: 'settled', summary: 'Settled' },
    ),
};

/** The bridge in this process, over HTTP on a free port, with a database of its own. */
export async function runBridge(
  environment: Environment = {},
  capabilities: Partial<Capabilities> = {},
  mcp?: Parameters<Bridge['serve']>[0],
): Promise<RunningBridge> {
  const folder = mkdtempSync(join(tmpdir(), 'soc-bridge-'));
  const lines: string[] = [];
  const config = readConfig({
    SOC_BRIDGE_TOKEN: testToken,
    SOC_BRIDGE_PORT: '0',
    // Sample alerts have one rule and one user; each is meant to be a case of its own.
    SOC_RELATED_HOURS: '0',
    SOC_DATABASE_URL: `sqlite:${join(folder, 'cases.db')}`,
    LOG_LEVEL: 'debug',
    ...environment,
  });
  const logger = createLogger(config.logLevel, { write: (line) => void lines.push(line) });
  const bridge = await Bridge.open(config, { ...defaults, ...capabilities }, '0.0.0-test', logger);
  const { url, metricsUrl, close } = await bridge.serve(mcp);
  return {
    url,
    metricsUrl,
    bridge,
    folder,
    logged: () => lines,
    stop: async () => {
      await close();
      await bridge.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export { eventually } from '../eventually';
