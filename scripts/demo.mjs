import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { printCase } from './stack/case-summary.mjs';
import { freePort } from './stack/free-port.mjs';
import { ensureDependencies } from './stack/install.mjs';
import { ensureBuilt } from './stack/package-build.mjs';
import { root, varDir } from './stack/paths.mjs';
import { fail, longStep, PlainError, step } from './stack/say.mjs';
import { bridgeEnvironment, saveReportPage, startBridge, startSandbox, waitForCase } from './stack/services.mjs';

/** The same investigation without n8n: the alert goes to the bridge, which runs the whole chain in process. */
async function main() {
  await ensureDependencies();
  await ensureBuilt();
  const folder = join(varDir, 'demo');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const token = randomBytes(24).toString('base64url');
  step('Starting the sandbox and the bridge');
  const sandbox = await startSandbox({ folder, ports: { panther: 0, gitlab: 0, slack: 0, model: 0, control: 0 } });
  const bridge = await startBridge({
    folder,
    env: bridgeEnvironment({ addresses: sandbox.addresses, folder, port: await freePort(), token }),
  });
  try {
    const alert = await (await fetch(`${sandbox.addresses.control.url}/sample-alert`)).json();
    const answer = await fetch(`${bridge.url}/alerts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify(alert),
    });
    const accepted = await answer.json();
    if (answer.status !== 202)
      throw new PlainError(`The bridge did not accept the alert (${answer.status}): ${accepted.message}`);
    const record = await longStep(`Investigating, case ${accepted.case_id}`, () =>
      waitForCase(bridge.url, token, accepted.case_id),
    );
    const report = join(folder, 'reports', record.id);
    await saveReportPage(bridge.url, token, record.id, `${report}.html`);
    printCase(record, relative(root, `${report}.md`), relative(root, `${report}.html`));
    if (record.status === 'failed') process.exitCode = 1;
  } finally {
    await bridge.stop();
    await sandbox.stop();
  }
}

main().catch((error) => fail(error instanceof PlainError ? error.message : (error?.stack ?? String(error))));
