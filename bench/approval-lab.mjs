import { randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { freePort } from '../scripts/stack/free-port.mjs';
import { ensureN8n } from '../scripts/stack/n8n-install.mjs';
import { N8nInstance } from '../scripts/stack/n8n-instance.mjs';
import { ensureBuilt } from '../scripts/stack/package-build.mjs';
import { varDir } from '../scripts/stack/paths.mjs';
import { bridgeEnvironment, n8nCredentials, startBridge, startSandbox } from '../scripts/stack/services.mjs';

const slack = { socSlackApi: { id: 'soc-slack', name: 'Slack' } };
const bridgeToo = { ...slack, socBridgeApi: { id: 'soc-bridge', name: 'SOC Bridge' } };
const patienceMs = 60_000;

/**
 * A real n8n with the nodes in it, the bridge, and the sandbox's Slack. Each workflow tells this process when it waits and
 * when it goes on, from a node of its own, so that what is measured ends with the execution and not with an answer.
 * @param {(lab: object) => Promise<T>} work
 * @template T
 */
export async function inApprovalLab(say, work) {
  const { tarball } = await ensureBuilt();
  const folder = join(varDir, 'bench', 'approval-resume');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const running = [];
  try {
    const told = await Told.listen(running);
    const token = randomBytes(18).toString('base64url');
    const port = await freePort();
    const sandbox = await startSandbox({ folder, ports: { panther: 0, gitlab: 0, slack: 0, model: 0, control: 0 } });
    running.push(() => sandbox.stop());
    const { addresses } = sandbox;
    const n8nUrl = `http://127.0.0.1:${port}`;
    const env = bridgeEnvironment({ addresses, folder, port: await freePort(), token, n8nUrl });
    const bridge = await startBridge({ folder, env });
    running.push(() => bridge.stop());
    say('starting n8n');
    const n8n = new N8nInstance({ install: await ensureN8n(), folder: join(folder, 'n8n'), port });
    await n8n.prepare({
      tarball,
      credentials: n8nCredentials({ addresses, bridgeUrl: bridge.url, bridgeToken: token, alertToken: token }),
      workflows: [],
    });
    await n8n.start();
    running.push(() => n8n.stop());
    return await work(new Lab(n8n, addresses, told));
  } finally {
    for (const stop of running.reverse()) await stop();
  }
}

/** What the workflows tell, each with the time it arrived at. */
class Told {
  static async listen(running) {
    const told = new Told();
    const server = createServer((request, response) => {
      told.arrived(new URL(request.url, 'http://told'), performance.now());
      response.end('{}');
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    running.push(() => {
      server.closeAllConnections();
      server.close();
    });
    told.url = `http://127.0.0.1:${server.address().port}`;
    return told;
  }

  waiting = new Map();
  arrivals = new Map();

  arrived(url, at) {
    const key = `${url.pathname} ${url.searchParams.get('id')}`;
    const arrival = { at, resume: url.searchParams.get('resume') };
    this.arrivals.set(key, arrival);
    this.waiting.get(key)?.(arrival);
  }

  /** The first time a workflow told this about this id. */
  async once(path, id) {
    const key = `${path} ${id}`;
    if (this.arrivals.has(key)) return this.arrivals.get(key);
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`${key} did not arrive in ${patienceMs / 1000} s`)), patienceMs);
      this.waiting.set(key, (arrival) => {
        clearTimeout(late);
        resolve(arrival);
      });
    });
  }
}

class Lab {
  constructor(n8n, addresses, told) {
    Object.assign(this, { n8n, addresses, told });
  }

  /** The app's Request URL in n8n; resolves to its address. */
  async takeClicks() {
    const webhookId = randomUUID();
    const type = 'n8n-nodes-soc.socSlackTrigger';
    await this.make([{ ...node('Clicks', type, 1, { startOn: '', settings: {} }), webhookId, credentials: slack }]);
    const url = `${this.n8n.url}/webhook/${webhookId}/slack`;
    while ((await fetch(url, { method: 'POST' })).status !== 415) await pause(100);
    return url;
  }

  /** A workflow that asks and waits. @param {'n8n' | 'bridge'} by */
  async gate(by) {
    const path = randomUUID();
    const ask = node('Ask', 'n8n-nodes-soc.socSlack', 1.1, {
      resource: 'approval',
      operation: 'sendAndWait',
      message: 'Simulated request',
      actionName: 'simulated_disable_user',
      target: '={{ $json.body.id }}',
      approvers: 'S0SIM0001',
      options: { channel: '#soc-high', expiresAfterMinutes: 60 },
    });
    const going = tell('Going On', `${this.told.url}/resumed?id={{ $('Webhook').first().json.body.id }}`);
    await this.make([webhook(path), { ...ask, credentials: by === 'bridge' ? bridgeToo : slack }, going]);
    return path;
  }

  /** n8n's own node that waits for a call. */
  async plainWait() {
    const path = randomUUID();
    const id = "{{ $('Webhook').first().json.body.id }}";
    const resume = '{{ encodeURIComponent($execution.resumeUrl) }}';
    await this.make([
      webhook(path),
      tell('Waiting', `${this.told.url}/waiting?id=${id}&resume=${resume}`),
      {
        ...node('Wait', 'n8n-nodes-base.wait', 1.1, { resume: 'webhook', httpMethod: 'POST', options: {} }),
        webhookId: randomUUID(),
      },
      tell('Going On', `${this.told.url}/resumed?id=${id}`),
    ]);
    return path;
  }

  /** Starts an execution; resolves to the id it is told apart by. */
  async ask(path) {
    const id = `simulated-${randomUUID()}`;
    for (let attempt = 0; ; attempt += 1) {
      const response = await fetch(`${this.n8n.url}/webhook/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ id }),
      });
      if (response.ok) return id;
      if (attempt === 50) throw new Error(`n8n answered ${response.status} to a webhook`);
      await pause(100);
    }
  }

  /** The message that asks about this id, once it is there and its execution is stored as waiting. */
  async card(id) {
    const { url, token } = this.addresses.slack;
    for (let attempt = 0; attempt < 300; attempt += 1) {
      const response = await fetch(`${url}/api/conversations.history?channel=C0SIM0102&limit=5`, {
        headers: { authorization: `Bearer ${token}` },
      });
      const found = (await response.json()).messages.find((message) => JSON.stringify(message.blocks).includes(id));
      if (found !== undefined) return found;
      await pause(50);
    }
    throw new Error(`no message asks about ${id}`);
  }

  async click({ ts, blocks }, user) {
    const ids = blocks.flatMap(({ elements = [] }) => elements.map((element) => element.action_id ?? ''));
    const action = ids.find((entry) => entry.endsWith('_approve'));
    await this.control('POST', '/slack/click', { user, channel: 'C0SIM0102', ts, action_id: action });
  }

  /** How many executions wait. */
  async waitingCount() {
    return (await this.n8n.api('GET', '/executions?status=waiting&limit=250')).data.length;
  }

  async control(method, path, body) {
    const response = await fetch(this.addresses.control.url + path, {
      method,
      headers: { 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`control ${method} ${path}: ${response.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }

  /** A workflow of these nodes, one behind the other. */
  async make(nodes) {
    const pairs = nodes.slice(1).map((to, index) => [nodes[index].name, to.name]);
    const connections = Object.fromEntries(
      pairs.map(([from, to]) => [from, { main: [[{ node: to, type: 'main', index: 0 }]] }]),
    );
    const settings = { executionOrder: 'v1', saveDataSuccessExecution: 'all' };
    const { id } = await this.n8n.api('POST', '/workflows', { name: randomUUID(), nodes, connections, settings });
    await this.n8n.api('POST', `/workflows/${id}/activate`);
  }
}

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function node(name, type, typeVersion, parameters) {
  return { id: randomUUID(), name, type, typeVersion, position: [0, 0], parameters };
}

function webhook(path) {
  const parameters = { path, httpMethod: 'POST', responseMode: 'onReceived' };
  return { ...node('Webhook', 'n8n-nodes-base.webhook', 2.1, parameters), webhookId: randomUUID() };
}

function tell(name, url) {
  return node(name, 'n8n-nodes-base.httpRequest', 4.2, { url: `=${url}`, options: {} });
}
