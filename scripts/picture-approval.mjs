import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { chromium as browserPath, ensureChromium } from './stack/chromium.mjs';
import { freePort } from './stack/free-port.mjs';
import { ensureDependencies } from './stack/install.mjs';
import { ensureBuilt } from './stack/package-build.mjs';
import { root, varDir } from './stack/paths.mjs';
import { done, fail, PlainError, step } from './stack/say.mjs';
import { bridgeEnvironment, startBridge, startSandbox } from './stack/services.mjs';

/** Takes the picture of docs/approvals.md: the card of an approval in the simulated workspace, half decided. */
async function main() {
  await ensureDependencies();
  await ensureChromium();
  const executablePath = browserPath();
  if (!executablePath) throw new PlainError('The picture needs Chromium; install it, or name it in SOC_CHROMIUM.');
  await ensureBuilt();
  const folder = join(varDir, 'picture-approval');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const token = randomBytes(18).toString('base64url');
  step('Starting the sandbox and the bridge');
  const sandbox = await startSandbox({ folder, ports: { panther: 0, gitlab: 0, slack: 0, model: 0, control: 0 } });
  const { addresses } = sandbox;
  const bridge = await startBridge({
    folder,
    env: bridgeEnvironment({ addresses, folder, port: await freePort(), token, database: undefined }),
  });
  const ask = (given) => callTool(bridge.url, token, 'request_analyst_approval', { wait_seconds: 0, ...given });
  const click = (user, { channel, ts }, action) =>
    fetch(`${addresses.control.url}/slack/click`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ user, channel, ts, action_id: action }),
    });
  const { chromium } = await import('playwright-core');
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
  try {
    const approved = await ask({
      action: 'gitlab_block_user',
      target: 'tomas.becker',
      title: 'Block an account that pushes from an unknown network',
      requested_by: 'U0SIM0012',
    });
    await click('rafael.fischer', approved, 'soc_approval_approve');
    const pending = await ask({
      action: 'iam_deactivate_access_key',
      target: 'AKIASIMULATED000001',
      title: 'Switch off a leaked access key',
      justification: 'It was used from two countries within a minute, and the owner did not start either session.',
      arguments: { user: 'simulated-user', account: '111122223333' },
      case_id: 'INV-SIMULATED',
      requested_by: 'U0SIM0010',
      min_approvals: 2,
    });
    await click('eva.novak', pending, 'soc_approval_approve');
    await new Promise((resolve) => setTimeout(resolve, 3000));
    const page = await browser.newPage({ viewport: { width: 1100, height: 1090 }, deviceScaleFactor: 1.25 });
    await page.goto(`${addresses.slack.page}#${pending.channel}`);
    await page.waitForTimeout(2000);
    const file = join(root, 'docs', 'images', 'approval.png');
    await page.screenshot({ path: file });
    done(`The picture is ${file}`);
  } finally {
    await browser.close();
    await bridge.stop();
    await sandbox.stop();
  }
}

async function callTool(url, token, name, given) {
  const response = await fetch(`${url}/mcp`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: given } }),
  });
  const text = await response.text();
  const line = text.split('\n').find((one) => one.startsWith('data: {'));
  const { result } = JSON.parse(line === undefined ? text : line.slice('data: '.length));
  if (result?.structuredContent === undefined) throw new Error(`${name}: ${text.slice(0, 300)}`);
  return result.structuredContent;
}

main()
  .then(() => process.exit())
  .catch((error) => fail(error instanceof PlainError ? error.message : (error?.stack ?? String(error))));
