import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { chromium as browserPath, ensureChromium } from './stack/chromium.mjs';
import { freePort } from './stack/free-port.mjs';
import { ensureDependencies } from './stack/install.mjs';
import { ensureN8n } from './stack/n8n-install.mjs';
import { N8nInstance, owner } from './stack/n8n-instance.mjs';
import { ensureBuilt } from './stack/package-build.mjs';
import { root, varDir } from './stack/paths.mjs';
import { done, fail, PlainError, step } from './stack/say.mjs';
import {
  bridgeEnvironment,
  n8nCredentials,
  startBridge,
  startSandbox,
  waitForCase,
  workflow,
} from './stack/services.mjs';

/** Takes the pictures of the README: the workflow in the real editor after an investigation, and the Slack page. */
async function main() {
  await ensureDependencies();
  await ensureChromium();
  const executablePath = browserPath();
  if (!executablePath) throw new PlainError('The pictures need Chromium; install it, or name it in SOC_CHROMIUM.');
  const { tarball } = await ensureBuilt();
  const install = await ensureN8n();
  const folder = join(varDir, 'picture');
  const images = join(root, 'docs', 'images');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  mkdirSync(images, { recursive: true });
  const token = randomBytes(18).toString('base64url');
  step('Starting everything');
  const sandbox = await startSandbox({ folder, ports: { panther: 0, gitlab: 0, slack: 0, model: 0, control: 0 } });
  const { addresses } = sandbox;
  const bridge = await startBridge({
    folder,
    env: bridgeEnvironment({ addresses, folder, port: await freePort(), token }),
  });
  const n8n = new N8nInstance({ install, folder: join(folder, 'n8n') });
  const shipped = workflow('soc_autonomous_investigation', { model: addresses.model.name });
  await n8n.prepare({
    tarball,
    credentials: n8nCredentials({ addresses, bridgeUrl: bridge.url, bridgeToken: token, alertToken: token }),
    workflows: [shipped],
  });
  await n8n.start({ webhooks: ['security/alert'] });
  const { chromium } = await import('playwright-core');
  const browser = await chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  try {
    const alert = await (await fetch(`${addresses.control.url}/sample-alert`)).json();
    const answer = await fetch(`${n8n.url}/webhook/security/alert`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify(alert),
    });
    await waitForCase(bridge.url, token, (await answer.json()).case_id);

    const page = await browser.newPage({ viewport: { width: 2000, height: 720 }, deviceScaleFactor: 1.25 });
    await page.goto(`${n8n.url}/signin`);
    await page.fill('input[autocomplete="email"], input[name="emailOrLdapLoginId"], input[type="email"]', owner.email);
    await page.fill('input[type="password"]', owner.password);
    await page.click('button:has-text("Sign in")');
    await page.waitForURL((url) => !url.pathname.includes('signin'));
    await page.goto(`${n8n.url}/workflow/${shipped.id}`);
    await page.waitForSelector('[data-test-id="canvas-node"]');
    // n8n's advice for new workflows lies over the canvas.
    await page
      .getByText('Production Checklist')
      .evaluate(
        (element) => element.closest('[role="dialog"], [data-radix-popper-content-wrapper]')?.remove(),
        undefined,
        { timeout: 5000 },
      )
      .catch(() => {});
    await page.keyboard.press('1');
    await page.waitForTimeout(2500);
    await page.screenshot({ path: join(images, 'workflow.png'), clip: { x: 195, y: 195, width: 1660, height: 350 } });

    const slack = await browser.newPage({ viewport: { width: 1200, height: 900 } });
    await slack.goto(addresses.slack.page);
    await slack.waitForTimeout(2500);
    await slack.screenshot({ path: join(images, 'slack.png') });
    done(`Pictures are in ${images}`);
  } finally {
    await browser.close();
    await n8n.stop();
    await bridge.stop();
    await sandbox.stop();
  }
}

main()
  .then(() => process.exit())
  .catch((error) => fail(error instanceof PlainError ? error.message : (error?.stack ?? String(error))));
