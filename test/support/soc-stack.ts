import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import type { CaseRecord } from '../../operations/cases';
import { wholeResults } from '../../operations/whole-results';
import { freePort } from '../../scripts/stack/free-port.mjs';
import { ensureN8n } from '../../scripts/stack/n8n-install.mjs';
import { N8nInstance } from '../../scripts/stack/n8n-instance.mjs';
import { ensureBuilt } from '../../scripts/stack/package-build.mjs';
import { varDir } from '../../scripts/stack/paths.mjs';
import {
  bridgeEnvironment,
  n8nCredentials,
  readCase,
  startBridge,
  startSandbox,
  waitForCase,
  workflow,
} from '../../scripts/stack/services.mjs';
import { patienceMs } from './until';

const anyPort = { panther: 0, gitlab: 0, slack: 0, model: 0, iam: 0, okta: 0, control: 0 };

export interface StackOptions {
  cloudtrail?: string;
  /** Start n8n too (the default). */
  n8n?: boolean;
  /** n8n serves its editor: for tests that look at it. */
  editor?: boolean;
  /** More of the bridge's environment. */
  bridge?: Record<string, string>;
  /** Workflows of the repository to import and publish beside the main one and the one it calls. */
  workflows?: string[];
}

/** Where the workflow waits for requests. */
const webhookPaths = ({ nodes }: ReturnType<typeof workflow>): string[] =>
  (nodes as { type: string; parameters: { path?: string } }[]).flatMap(({ type, parameters: { path } }) =>
    type === 'n8n-nodes-base.webhook' && path !== undefined ? [path] : [],
  );

/** The whole product for one test file: sandbox, bridge and a real n8n, each a process of its own on free ports. */
export class SocStack {
  readonly folder: string;
  readonly bridgeToken = randomBytes(18).toString('base64url');
  readonly alertToken = randomBytes(18).toString('base64url');
  sandbox!: Awaited<ReturnType<typeof startSandbox>>;
  bridge!: Awaited<ReturnType<typeof startBridge>>;
  n8n!: InstanceType<typeof N8nInstance>;
  private bridgeEnv: Record<string, string> = {};

  private constructor(name: string) {
    this.folder = join(varDir, 'test', name);
  }

  static async start(name: string, options: StackOptions = {}): Promise<SocStack> {
    const stack = new SocStack(name);
    const { tarball } = await ensureBuilt();
    try {
      await stack.startAll(tarball, options);
    } catch (error) {
      // A half-started stack would keep its processes, and the test run with them.
      await stack.stop();
      throw error;
    }
    return stack;
  }

  private async startAll(tarball: string, options: StackOptions): Promise<void> {
    rmSync(this.folder, { recursive: true, force: true });
    mkdirSync(this.folder, { recursive: true });
    // Known before it runs: the bridge has to know whose executions it may continue.
    const n8nPort = await freePort();
    this.sandbox = await startSandbox({ folder: this.folder, cloudtrail: options.cloudtrail, ports: anyPort });
    this.bridgeEnv = {
      ...bridgeEnvironment({
        addresses: this.addresses,
        folder: this.folder,
        port: await freePort(),
        token: this.bridgeToken,
        n8nUrl: `http://127.0.0.1:${n8nPort}`,
      }),
      // Every operation can be called here; what is withheld by default has tests of its own.
      PANTHER_ALLOW: 'destructive',
      GITLAB_ALLOW: 'destructive',
      // Sample alerts of one rule and one user are meant to be cases of their own.
      SOC_RELATED_HOURS: '0',
      ...options.bridge,
    };
    await this.startBridge();
    if (options.n8n !== false) await this.startN8n(tarball, n8nPort, options);
  }

  /** The bridge's environment, for another one beside it. */
  get environment(): Readonly<Record<string, string>> {
    return this.bridgeEnv;
  }

  get addresses() {
    return this.sandbox.addresses;
  }

  async startBridge(): Promise<void> {
    this.bridge = await startBridge({ folder: this.folder, env: this.bridgeEnv });
  }

  private async startN8n(
    tarball: string,
    port: number,
    { editor = false, workflows: more = [] }: StackOptions,
  ): Promise<void> {
    this.n8n = new N8nInstance({ install: await ensureN8n(), folder: join(this.folder, 'n8n'), port, editor });
    // The one that is called comes first: n8n publishes no workflow that calls an unpublished one.
    const workflows = [
      workflow('soc_containment'),
      workflow('soc_autonomous_investigation', { model: this.addresses.model.name }),
      ...more.map((name) => workflow(name)),
    ];
    await this.n8n.prepare({
      tarball,
      credentials: n8nCredentials({
        addresses: this.addresses,
        bridgeUrl: this.bridge.url,
        bridgeToken: this.bridgeToken,
        alertToken: this.alertToken,
      }),
      workflows,
    });
    await this.n8n.start({ webhooks: workflows.flatMap(webhookPaths) });
  }

  async stop(): Promise<void> {
    await this.n8n?.stop?.();
    await this.bridge?.stop();
    await this.sandbox?.stop();
  }

  /** Posts to the workflow's webhook as Panther's webhook destination would. */
  async postAlert(alert: unknown, headers: Record<string, string> = {}) {
    const response = await fetch(`${this.n8n.url}/webhook/security/alert`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${this.alertToken}`, ...headers },
      body: JSON.stringify(alert),
    });
    const text = await response.text();
    let body: Record<string, unknown> = {};
    try {
      body = JSON.parse(text) as Record<string, unknown>;
    } catch {
      body = { text };
    }
    return { status: response.status, body };
  }

  async case(id: string): Promise<CaseRecord | undefined> {
    return (await readCase(this.bridge.url, this.bridgeToken, id)) as CaseRecord | undefined;
  }

  async settledCase(id: unknown, timeoutMs = patienceMs): Promise<CaseRecord> {
    return (await waitForCase(this.bridge.url, this.bridgeToken, String(id), { timeoutMs })) as CaseRecord;
  }

  /** Calls one tool of the bridge over MCP. Throws what the tool says when it refuses. */
  async callTool<T>(name: string, given: Record<string, unknown>): Promise<T> {
    const client = new Client({ name: 'stack', version: '1.0.0' });
    await client.connect(
      new StreamableHTTPClientTransport(new URL(`${this.bridge.url}/mcp`), {
        requestInit: { headers: { authorization: `Bearer ${this.bridgeToken}` } },
      }),
    );
    try {
      const _meta = { [wholeResults.name]: wholeResults.value };
      const result = await client.callTool({ name, arguments: given, _meta });
      if (result.isError) throw new Error(`${name}: ${JSON.stringify(result.content)}`);
      return result.structuredContent as T;
    } finally {
      await client.close();
    }
  }

  /** The sandbox's control endpoint. */
  async control<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(this.addresses.control.url + path, {
      method,
      headers: body === undefined ? {} : { 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`control ${method} ${path}: ${response.status} ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }

  /** A sample alert under an id of its own, so that it makes a case of its own. */
  async sampleAlert(id: string): Promise<Record<string, unknown>> {
    return { ...(await this.control<Record<string, unknown>>('GET', '/sample-alert')), id };
  }
}
