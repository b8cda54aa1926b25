import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { CaseRecord } from '../../operations/cases';
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

const anyPort = { panther: 0, gitlab: 0, slack: 0, model: 0, control: 0 };

export interface StackOptions {
  cloudtrail?: string;
  /** Start n8n too (the default). */
  n8n?: boolean;
  /** More of the bridge's environment. */
  bridge?: Record<string, string>;
}

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
    this.sandbox = await startSandbox({ folder: this.folder, cloudtrail: options.cloudtrail, ports: anyPort });
    this.bridgeEnv = {
      ...bridgeEnvironment({
        addresses: this.addresses,
        folder: this.folder,
        port: await freePort(),
        token: this.bridgeToken,
        database: undefined,
      }),
      // Every operation can be called here; what is withheld by default has tests of its own.
      PANTHER_ALLOW: 'destructive',
      GITLAB_ALLOW: 'destructive',
      ...options.bridge,
    };
    await this.startBridge();
    if (options.n8n !== false) await this.startN8n(tarball);
  }

  get addresses() {
    return this.sandbox.addresses;
  }

  async startBridge(): Promise<void> {
    this.bridge = await startBridge({ folder: this.folder, env: this.bridgeEnv });
  }

  private async startN8n(tarball: string): Promise<void> {
    this.n8n = new N8nInstance({ install: await ensureN8n(), folder: join(this.folder, 'n8n') });
    await this.n8n.prepare({
      tarball,
      credentials: n8nCredentials({
        addresses: this.addresses,
        bridgeUrl: this.bridge.url,
        bridgeToken: this.bridgeToken,
        alertToken: this.alertToken,
      }),
      workflows: [workflow('soc_autonomous_investigation', { model: this.addresses.model.name })],
    });
    await this.n8n.start({ webhooks: ['security/alert'] });
    await this.n8n.signIn();
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

  async settledCase(id: unknown, timeoutMs = 120_000): Promise<CaseRecord> {
    return (await waitForCase(this.bridge.url, this.bridgeToken, String(id), { timeoutMs })) as CaseRecord;
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
