import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readyLine, startService } from './child-process.mjs';
import { nodeEnvironment, nodeExecutable } from './node-runtime.mjs';
import { root } from './paths.mjs';
import { PlainError } from './say.mjs';

/**
 * @typedef {{panther: {url: string, token: string}, gitlab: {url: string, token: string, group: string, project: string}, slack: {url: string, token: string, signingSecret: string, page: string}, model: {url: string, apiKey: string, name: string}, control: {url: string}}} SandboxAddresses
 */

/**
 * The simulated SaaS side: one process. `addresses` are its ready line.
 * @param {{folder: string, cloudtrail?: string, ports?: Record<string, number>}} options
 */
export async function startSandbox({ folder, cloudtrail, ports = {} }) {
  if (cloudtrail !== undefined && !existsSync(cloudtrail))
    throw new PlainError(`There is no folder ${cloudtrail} to load CloudTrail from.`);
  const args = [join(root, 'sandbox', 'dist', 'sandbox.js')];
  if (cloudtrail !== undefined) args.push('--cloudtrail', resolve(cloudtrail));
  for (const [name, port] of Object.entries(ports)) args.push(`--${name}-port`, String(port));
  const { value, child, stop } = await startService(nodeExecutable(), args, {
    cwd: folder,
    env: nodeEnvironment(),
    logFile: join(folder, 'sandbox.log'),
    what: 'The sandbox',
    timeoutMs: 120_000,
    ready: readyLine,
  });
  /** @type {SandboxAddresses} */
  const addresses = value;
  return { addresses, child, stop };
}

/**
 * The bridge's environment for a sandbox. `n8nUrl` is the n8n whose waiting executions it may continue.
 * @param {{addresses: SandboxAddresses, folder: string, port: number, token: string, database?: string, n8nUrl?: string}} options
 */
export function bridgeEnvironment({ addresses, folder, port, token, database, n8nUrl }) {
  return {
    PANTHER_API_URL: addresses.panther.url,
    PANTHER_API_TOKEN: addresses.panther.token,
    GITLAB_URL: addresses.gitlab.url,
    GITLAB_TOKEN: addresses.gitlab.token,
    GITLAB_GROUP: addresses.gitlab.group,
    SLACK_API_URL: `${addresses.slack.url}/api`,
    SLACK_BOT_TOKEN: addresses.slack.token,
    SLACK_CHANNEL_CRITICAL: '#soc-critical',
    SLACK_CHANNEL_HIGH: '#soc-high',
    SLACK_CHANNEL_MEDIUM: '#soc-alerts',
    SLACK_CHANNEL_LOW: '#soc-low',
    SLACK_CHANNEL_DEFAULT: '#soc-alerts',
    RESPONSE_ENABLED: 'true',
    RESPONSE_PROTECTED: 'break-glass',
    RESPONSE_MAX_PER_HOUR: '50',
    RESPONSE_AWS_ACCESS_KEY_ID: addresses.iam.accessKeyId,
    RESPONSE_AWS_SECRET_ACCESS_KEY: addresses.iam.secretAccessKey,
    RESPONSE_AWS_IAM_ENDPOINT: addresses.iam.url,
    OKTA_URL: addresses.okta.url,
    OKTA_API_TOKEN: addresses.okta.token,
    SLACK_APP_TOKEN: addresses.slack.appToken,
    SLACK_SIGNING_SECRET: addresses.slack.signingSecret,
    SLACK_APPROVERS: 'S0SIM0001',
    SLACK_APPROVAL_CHANNEL: '#soc-high',
    SLACK_APPROVAL_ESCALATION_CHANNEL: '#soc-critical',
    ...(n8nUrl === undefined ? {} : { N8N_RESUME_ORIGINS: n8nUrl }),
    SOC_ALLOW_PRIVATE_NETWORK: 'true',
    SOC_BRIDGE_TOKEN: token,
    SOC_BRIDGE_PORT: String(port),
    SOC_DATABASE_URL: database ?? `sqlite:${join(folder, 'soc-bridge.db')}`,
    SOC_REPORT_DIR: join(folder, 'reports'),
  };
}

/**
 * @param {{folder: string, env: Record<string, string>}} options
 */
export async function startBridge({ folder, env }) {
  const { value, child, stop } = await startService(
    nodeExecutable(),
    [join(root, 'bridge', 'dist', 'soc-bridge.js'), 'serve'],
    {
      cwd: folder,
      env: nodeEnvironment(env),
      logFile: join(folder, 'bridge.log'),
      what: 'The bridge',
      ready: readyLine,
    },
  );
  return { url: value.url, child, stop };
}

/** n8n's credentials for a sandbox and a bridge, with the ids that the workflows name. */
export function n8nCredentials({ addresses, bridgeUrl, bridgeToken, alertToken }) {
  return [
    {
      id: 'soc-panther',
      name: 'Panther',
      type: 'pantherApi',
      data: { apiUrl: addresses.panther.url, apiToken: addresses.panther.token },
    },
    {
      id: 'soc-gitlab',
      name: 'GitLab',
      type: 'gitLabSocApi',
      data: { url: addresses.gitlab.url, accessToken: addresses.gitlab.token, group: addresses.gitlab.group },
    },
    {
      id: 'soc-slack',
      name: 'Slack',
      type: 'socSlackApi',
      data: {
        apiUrl: `${addresses.slack.url}/api`,
        botToken: addresses.slack.token,
        signingSecret: addresses.slack.signingSecret,
        channelCritical: '#soc-critical',
        channelHigh: '#soc-high',
        channelMedium: '#soc-alerts',
        channelLow: '#soc-low',
        channelDefault: '#soc-alerts',
      },
    },
    { id: 'soc-bridge', name: 'SOC Bridge', type: 'socBridgeApi', data: { url: bridgeUrl, token: bridgeToken } },
    {
      id: 'soc-model',
      name: 'Model',
      type: 'openAiApi',
      data: { apiKey: addresses.model.apiKey, url: `${addresses.model.url}/v1` },
    },
    {
      id: 'soc-alert-intake',
      name: 'Alert intake',
      type: 'httpHeaderAuth',
      data: { name: 'Authorization', value: `Bearer ${alertToken}` },
    },
    {
      id: 'soc-panther-webhook',
      name: 'Panther webhook',
      type: 'pantherWebhookApi',
      data: { headerName: 'Authorization', secret: `Bearer ${alertToken}` },
    },
  ];
}

/**
 * A workflow as the repository ships it, with values of its "Settings" node filled in as its user would.
 * @param {string} name
 * @param {Record<string, unknown>} [settings]
 */
export function workflow(name, settings = {}) {
  const shipped = JSON.parse(readFileSync(join(root, 'workflows', `${name}.json`), 'utf8'));
  const fields = shipped.nodes.find((node) => node.name === 'Settings')?.parameters.assignments.assignments ?? [];
  for (const [key, value] of Object.entries(settings)) {
    const field = fields.find((entry) => entry.name === key);
    if (!field) throw new Error(`the workflow ${name} has no setting ${key}`);
    field.value = value;
  }
  return shipped;
}

/** Asks the bridge for a case; undefined while it does not exist. */
export async function readCase(bridgeUrl, token, id) {
  const response = await fetch(`${bridgeUrl}/cases/${encodeURIComponent(id)}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  if (response.status === 404) return undefined;
  if (!response.ok)
    throw new Error(`the bridge answered ${response.status} for case ${id}: ${(await response.text()).slice(0, 300)}`);
  return response.json();
}

/** Writes the case's report as one page that a browser opens as it is. */
export async function saveReportPage(bridgeUrl, token, id, path) {
  const response = await fetch(`${bridgeUrl}/cases/${encodeURIComponent(id)}/report.html`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const page = await response.text();
  if (!response.ok)
    throw new Error(`the bridge answered ${response.status} for the report of ${id}: ${page.slice(0, 300)}`);
  writeFileSync(path, page);
}

export const settledStatuses = ['needs_review', 'awaiting_approval', 'responding', 'closed', 'failed'];

/**
 * Waits until the automated part of a case has ended.
 * @param {(status: string) => void} [onChange]
 */
export async function waitForCase(bridgeUrl, token, id, { timeoutMs = 180_000, onChange } = {}) {
  const until = Date.now() + timeoutMs;
  let last = '';
  for (;;) {
    const record = await readCase(bridgeUrl, token, id).catch((error) => {
      if (error instanceof TypeError) return undefined;
      throw error;
    });
    if (record && record.status !== last) {
      last = record.status;
      onChange?.(last);
    }
    if (record && settledStatuses.includes(record.status)) return record;
    if (Date.now() > until)
      throw new PlainError(
        `The case ${id} was not settled within ${timeoutMs / 1000} s (status: ${last || 'not stored'}).`,
      );
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}
