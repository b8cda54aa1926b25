import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { printCase } from './stack/case-summary.mjs';
import { endChildren } from './stack/child-process.mjs';
import { requirePort } from './stack/free-port.mjs';
import { checkNode, ensureDependencies } from './stack/install.mjs';
import { ensureN8n } from './stack/n8n-install.mjs';
import { N8nInstance, owner } from './stack/n8n-instance.mjs';
import { ensureBuilt } from './stack/package-build.mjs';
import { root, varDir } from './stack/paths.mjs';
import { done, fail, longStep, PlainError, step } from './stack/say.mjs';
import {
  bridgeEnvironment,
  n8nCredentials,
  saveReportPage,
  startBridge,
  startSandbox,
  waitForCase,
  workflow,
} from './stack/services.mjs';

const usage = `npm start -- [options]

Starts the sandbox (simulated Panther, GitLab, Slack and model), the bridge and a real n8n with the
workflow "SOC autonomous investigation", sends an alert, waits for its case and prints it.

  --once              end when the case is stored: status 0, or 1 when it is not
  --alert FILE        send this alert (JSON) instead of the sample
  --cloudtrail DIR    load real CloudTrail (.json, .json.gz, .ndjson) instead of the simulated tenant
  --json FILE         write the stored case
  --n8n-port PORT     default 5678
  --bridge-port PORT  default 3333
  --help
`;

const stops = [];
let stopping = false;
/** Everything runs and the case was shown: ending it now is what its user wants. */
let up = false;

async function stopAll() {
  if (stopping) return;
  stopping = true;
  for (const stop of stops.reverse()) await stop();
  endChildren();
}

async function main() {
  const { values } = parseArgs({
    options: {
      once: { type: 'boolean', default: false },
      alert: { type: 'string' },
      cloudtrail: { type: 'string' },
      json: { type: 'string' },
      'n8n-port': { type: 'string', default: '5678' },
      'bridge-port': { type: 'string', default: '3333' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return;
  }
  checkNode();
  const n8nPort = portOption(values['n8n-port'], '--n8n-port');
  const bridgePort = portOption(values['bridge-port'], '--bridge-port');
  const chosenAlert = values.alert === undefined ? undefined : readAlert(values.alert);
  if (values.cloudtrail !== undefined && !existsSync(values.cloudtrail))
    throw new PlainError(`There is no folder ${values.cloudtrail} to load CloudTrail from.`);
  await requirePort(n8nPort, 'n8n', '--n8n-port');
  await requirePort(bridgePort, 'The bridge', '--bridge-port');

  await ensureDependencies();
  const { tarball } = await ensureBuilt();
  const install = await ensureN8n();

  const folder = join(varDir, 'start');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const bridgeToken = randomBytes(24).toString('base64url');
  const alertToken = randomBytes(24).toString('base64url');

  step('Starting the sandbox');
  const sandbox = await startSandbox({ folder, cloudtrail: values.cloudtrail });
  stops.push(sandbox.stop);
  const { addresses } = sandbox;
  step('Starting the bridge');
  const bridge = await startBridge({
    folder,
    env: bridgeEnvironment({
      addresses,
      folder,
      port: bridgePort,
      token: bridgeToken,
      n8nUrl: `http://127.0.0.1:${n8nPort}`,
    }),
  });
  stops.push(bridge.stop);

  const n8n = new N8nInstance({ install, folder: join(folder, 'n8n'), port: n8nPort });
  await longStep('Starting n8n (some seconds more the first time)', async () => {
    await n8n.prepare({
      tarball,
      credentials: n8nCredentials({ addresses, bridgeUrl: bridge.url, bridgeToken, alertToken }),
      // The one that is called comes first: n8n publishes no workflow that calls an unpublished one.
      workflows: [
        workflow('soc_containment'),
        workflow('soc_autonomous_investigation', { model: addresses.model.name }),
      ],
    });
    await n8n.start({ webhooks: ['security/alert'] });
  });
  stops.push(n8n.stop);

  const alert = chosenAlert ?? (await (await fetch(`${addresses.control.url}/sample-alert`)).json());
  const webhook = `${n8n.url}/webhook/security/alert`;
  step(`Sending the alert "${String(alert.title ?? alert.id).slice(0, 120)}"`);
  const answer = await fetch(webhook, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${alertToken}` },
    body: JSON.stringify(alert),
  });
  const accepted = await answer.json().catch(() => ({}));
  if (answer.status !== 202 || !accepted.case_id) {
    throw new PlainError(
      `n8n did not accept the alert (${answer.status}): ${accepted.message ?? JSON.stringify(accepted)}`,
    );
  }
  const record = await longStep(`Investigating, case ${accepted.case_id}`, () =>
    waitForCase(bridge.url, bridgeToken, accepted.case_id),
  );
  const report = join(folder, 'reports', `${record.id}.md`);
  const page = join(folder, 'reports', `${record.id}.html`);
  await saveReportPage(bridge.url, bridgeToken, record.id, page);
  if (values.json) {
    writeFileSync(resolve(values.json), `${JSON.stringify({ ...record, report_path: report }, null, 2)}\n`);
    done(`Case written to ${values.json}`);
  }
  printCase(record, relative(root, report), relative(root, page));
  if (values.once) {
    await stopAll();
    process.exitCode = record.status === 'failed' ? 1 : 0;
    return;
  }
  process.stdout.write(`
  n8n editor   ${n8n.url}/workflow/${workflow('soc_autonomous_investigation').id}
               sign in as ${owner.email} with ${owner.password}
  Slack page   ${addresses.slack.page}
  MCP bridge   ${bridge.url}/mcp   (Authorization: Bearer ${bridgeToken})
  Send an alert:
    curl -H 'Authorization: Bearer ${alertToken}' -H 'content-type: application/json' -d @alert.json ${webhook}

  Panther, GitLab, Slack and the model are simulated. All of it listens on this machine only. Ctrl+C ends it.
`);
  up = true;
  await new Promise((resolveStop) => {
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, resolveStop);
    for (const [name, child] of [
      ['sandbox', sandbox.child],
      ['bridge', bridge.child],
      ['n8n', n8n.child],
    ]) {
      child.once('exit', () => {
        if (!stopping) {
          process.stderr.write(`The ${name} ended; see ${join(folder, `${name}.log`)}\n`);
          process.exitCode = 1;
          resolveStop();
        }
      });
    }
  });
  await stopAll();
}

function portOption(text, option) {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65535)
    throw new PlainError(`${option} takes a port from 1 to 65535, not "${text}".`);
  return port;
}

function readAlert(file) {
  let text;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new PlainError(`The alert ${file} cannot be read: ${error.code}.`);
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new PlainError(`The alert ${file} is not JSON.`);
  }
}

main()
  .catch(async (error) => {
    await stopAll();
    if (error instanceof PlainError || error?.code?.startsWith?.('ERR_PARSE_ARGS')) fail(error.message);
    fail(error?.stack ?? String(error));
  })
  .finally(() => {
    if (process.exitCode !== undefined) process.exit();
  });
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    void stopAll().then(() => process.exit(process.exitCode ?? (up ? 0 : 130)));
  });
}
