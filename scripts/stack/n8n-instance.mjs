import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { run, startService } from './child-process.mjs';
import { freePort } from './free-port.mjs';
import { nodeEnvironment, nodeExecutable } from './node-runtime.mjs';
import { root } from './paths.mjs';

/** The owner of the local n8n: a simulated person on loopback, so the password may be known. */
export const owner = { email: 'owner@simulated.example', password: 'Simulated-owner-1' };

/**
 * A real n8n in a folder of its own with the packed package installed as a community package.
 *
 *   const n8n = new N8nInstance({install, folder, port});
 *   await n8n.prepare({tarball, credentials, workflows});   // imports and publishes
 *   await n8n.start();
 */
export class N8nInstance {
  /** @param {{install: string, folder: string, port?: number, env?: Record<string, string>}} options */
  constructor({ install, folder, port, env = {} }) {
    this.install = install;
    this.folder = folder;
    this.port = port;
    this.extraEnv = env;
    this.cookie = undefined;
    this.apiKey = undefined;
  }

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  /**
   * @param {{tarball: string, credentials: object[], workflows: object[]}} content
   */
  async prepare({ tarball, credentials, workflows }) {
    rmSync(this.folder, { recursive: true, force: true });
    mkdirSync(this.folder, { recursive: true });
    this.port ??= await freePort();
    this.brokerPort = await freePort();
    await this.#environment();
    await this.#unpack(tarball);
    const importFile = (name, value) => {
      const path = join(this.folder, name);
      writeFileSync(path, JSON.stringify(value), { mode: 0o600 });
      return path;
    };
    const credentialFile = importFile('credentials.json', credentials);
    // The first command also runs n8n's migrations.
    await this.#cli('import:credentials', [`--input=${credentialFile}`]);
    rmSync(credentialFile);
    await this.#cli('import:workflow', [`--input=${importFile('workflows.json', workflows)}`]);
    for (const { id, publish = true } of workflows) if (publish) await this.#cli('publish:workflow', [`--id=${id}`]);
  }

  /**
   * Starts n8n. It says it is ready a moment before the webhooks are registered, so `webhooks` (paths) are waited for:
   * a request without the header is refused with 403 once the webhook is there, and runs nothing.
   * @param {{webhooks?: string[]}} [options]
   */
  async start({ webhooks = [] } = {}) {
    const { child, stop } = await startService(
      nodeExecutable(),
      [join(this.install, 'node_modules', 'n8n', 'bin', 'n8n'), 'start'],
      {
        cwd: this.folder,
        env: this.env,
        logFile: join(this.folder, 'n8n.log'),
        what: 'n8n',
        timeoutMs: 120_000,
        ready: async () => {
          try {
            if (!(await fetch(`${this.url}/healthz/readiness`)).ok) return undefined;
            for (const path of webhooks) {
              const probe = await fetch(`${this.url}/webhook/${path}`, { method: 'POST' });
              if (probe.status === 404) return undefined;
            }
            return true;
          } catch {
            return undefined;
          }
        },
      },
    );
    this.child = child;
    this.stop = stop;
  }

  /** Signs in as the owner and makes an API key; needed for `rest` and `api`. */
  async signIn() {
    const login = await fetch(`${this.url}/rest/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ emailOrLdapLoginId: owner.email, password: owner.password }),
    });
    if (!login.ok) throw new Error(`n8n refused the owner's login: ${login.status} ${await login.text()}`);
    this.cookie = login.headers
      .getSetCookie()
      .map((cookie) => cookie.split(';')[0])
      .join('; ');
    const scopes = (await this.rest('GET', '/rest/api-keys/scopes')).data;
    const key = await this.rest('POST', '/rest/api-keys', {
      label: `key-${randomBytes(4).toString('hex')}`,
      expiresAt: null,
      scopes,
    });
    this.apiKey = key.data.rawApiKey;
  }

  async rest(method, path, body) {
    return this.#json(method, path, body, { cookie: this.cookie });
  }

  /** The public API: `api('GET', '/executions?includeData=true')`. */
  async api(method, path, body) {
    return this.#json(method, `/api/v1${path}`, body, { 'x-n8n-api-key': this.apiKey });
  }

  async #json(method, path, body, headers) {
    const response = await fetch(this.url + path, {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`n8n answered ${response.status} to ${method} ${path}: ${text.slice(0, 500)}`);
    return text === '' ? undefined : JSON.parse(text);
  }

  async #environment() {
    const bcrypt = createRequire(join(this.install, 'node_modules', 'n8n', 'package.json'))('bcryptjs');
    this.env = nodeEnvironment({
      N8N_USER_FOLDER: this.folder,
      N8N_PORT: String(this.port),
      N8N_LISTEN_ADDRESS: '127.0.0.1',
      N8N_HOST: '127.0.0.1',
      N8N_EDITOR_BASE_URL: this.url,
      WEBHOOK_URL: `${this.url}/`,
      N8N_RUNNERS_BROKER_PORT: String(this.brokerPort),
      N8N_ENCRYPTION_KEY: randomBytes(24).toString('hex'),
      N8N_SECURE_COOKIE: 'false',
      N8N_INSTANCE_OWNER_MANAGED_BY_ENV: 'true',
      N8N_INSTANCE_OWNER_EMAIL: owner.email,
      N8N_INSTANCE_OWNER_FIRST_NAME: 'Simulated',
      N8N_INSTANCE_OWNER_LAST_NAME: 'Owner',
      N8N_INSTANCE_OWNER_PASSWORD_HASH: bcrypt.hashSync(owner.password, 10),
      N8N_DIAGNOSTICS_ENABLED: 'false',
      N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
      N8N_TEMPLATES_ENABLED: 'false',
      N8N_PERSONALIZATION_ENABLED: 'false',
      N8N_HIRING_BANNER_ENABLED: 'false',
      N8N_DYNAMIC_BANNERS_ENABLED: 'false',
      N8N_VERIFIED_PACKAGES_ENABLED: 'false',
      N8N_LICENSE_AUTO_RENEW_ENABLED: 'false',
      N8N_DISABLED_MODULES: 'mcp-registry',
      N8N_LOG_LEVEL: 'info',
      NO_COLOR: '1',
      ...this.extraEnv,
    });
  }

  /** What n8n's own installer leaves: the unpacked package and the ledger that names it. */
  async #unpack(tarball) {
    const { name, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const nodes = join(this.folder, '.n8n', 'nodes');
    const target = join(nodes, 'node_modules', name);
    mkdirSync(target, { recursive: true });
    await run('tar', ['-xzf', tarball, '-C', target, '--strip-components=1'], {
      logFile: join(this.folder, 'unpack.log'),
      what: 'Unpacking the package',
    });
    writeFileSync(
      join(nodes, 'package.json'),
      JSON.stringify({ name: 'installed-nodes', private: true, dependencies: { [name]: version } }),
    );
  }

  async #cli(command, args) {
    await run(nodeExecutable(), [join(this.install, 'node_modules', 'n8n', 'bin', 'n8n'), command, ...args], {
      cwd: this.folder,
      env: this.env,
      logFile: join(this.folder, `${command.replace(':', '-')}.log`),
      what: `n8n ${command}`,
    });
  }
}
