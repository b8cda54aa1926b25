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

/** Takes the pictures of the README and the guides: the workflows in the real editor, and the Slack page. */
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
  const sandbox = await startSandbox({
    folder,
    ports: { panther: 0, gitlab: 0, slack: 0, model: 0, iam: 0, okta: 0, control: 0 },
  });
  const { addresses } = sandbox;
  const n8n = new N8nInstance({ install, folder: join(folder, 'n8n'), port: await freePort() });
  const bridge = await startBridge({
    folder,
    env: bridgeEnvironment({ addresses, folder, port: await freePort(), token, n8nUrl: n8n.url }),
  });
  const shipped = workflow('soc_autonomous_investigation', { model: addresses.model.name });
  const others = [
    'soc_containment',
    'soc_autonomous_investigation.standalone',
    'soc_approval_gate',
    'panther_alert_intake',
    'soc_threat_hunting',
    'soc_supply_chain_daily',
    'soc_sox_monthly',
  ].map((name) => workflow(name));
  await n8n.prepare({
    tarball,
    credentials: n8nCredentials({ addresses, bridgeUrl: bridge.url, bridgeToken: token, alertToken: token }),
    // Only these two run; the rest is drawn.
    workflows: [others[0], shipped, ...others.slice(1).map((other) => ({ ...other, publish: false }))],
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

    const page = await browser.newPage({ viewport: { width: 2000, height: 1000 }, deviceScaleFactor: 1.25 });
    await page.goto(`${n8n.url}/signin`);
    await page.fill('input[autocomplete="email"], input[name="emailOrLdapLoginId"], input[type="email"]', owner.email);
    await page.fill('input[type="password"]', owner.password);
    await page.click('button:has-text("Sign in")');
    await page.waitForURL((url) => !url.pathname.includes('signin'));
    const pictures = { workflow: shipped, containment: others[0], standalone: others[1] };
    // The rest is for looking at, when a folder is named.
    const look = process.env.SOC_PICTURES;
    const toLookAt = {
      gate: others[2],
      intake: others[3],
      hunting: others[4],
      supply_chain: others[5],
      sox: others[6],
    };
    for (const [name, { id }] of Object.entries(look ? { ...pictures, ...toLookAt } : pictures))
      await draw(page, `${n8n.url}/workflow/${id}`, join(name in toLookAt ? look : images, `${name}.png`));

    const slack = await browser.newPage({ viewport: { width: 1200, height: 1000 } });
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

/** One workflow as the editor shows it, as large as it gets, and nothing of the editor around it. */
async function draw(page, address, file) {
  await page.goto(address);
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
  const clip = await page.evaluate(() => {
    const boxes = [...document.querySelectorAll('.vue-flow__node')].map((node) => node.getBoundingClientRect());
    const x = Math.min(...boxes.map(({ left }) => left)) - 8;
    const y = Math.min(...boxes.map(({ top }) => top)) - 8;
    return {
      x,
      y,
      width: Math.max(...boxes.map(({ right }) => right)) + 8 - x,
      height: Math.max(...boxes.map(({ bottom }) => bottom)) + 8 - y,
    };
  });
  await page.screenshot({ path: file, clip });
}

main()
  .then(() => process.exit())
  .catch((error) => fail(error instanceof PlainError ? error.message : (error?.stack ?? String(error))));
