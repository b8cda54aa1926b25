import { createHash, randomBytes } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { lastLines, run, startService } from './child-process.mjs';
import { freePort } from './free-port.mjs';
import { keptFolder } from './kept-folder.mjs';
import { nodeEnvironment, nodeExecutable } from './node-runtime.mjs';
import { cacheDir, root } from './paths.mjs';
import { PlainError } from './say.mjs';

/** The owner of the local n8n: a simulated person on loopback, so the password may be known. */
export const owner = { email: 'owner@simulated.example', password: 'Simulated-owner-1' };

/** How long n8n may take for a step of its start, on a machine that is busy. */
const patienceMs = 240_000;

/**
 * A real n8n in a folder of its own with the packed package installed as a community package.
 *
 *   const n8n = new N8nInstance({install, folder, port});
 *   await n8n.prepare({tarball, credentials, workflows});
 *   await n8n.start();   // the first start brings in the credentials and workflows, and publishes
 *
 * Each command of n8n's command line takes several seconds to load, so that they are called once for many instances: for
 * an empty database that has the credentials under the ids by which workflows name them. The rest goes over HTTP.
 */
export class N8nInstance {
  /**
   * `editor`: serve n8n's editor, whose many files n8n writes anew at each start.
   * @param {{install: string, folder: string, port?: number, editor?: boolean, env?: Record<string, string>}} options
   */
  constructor({ install, folder, port, editor = true, env = {} }) {
    this.install = install;
    this.folder = folder;
    this.port = port;
    this.editor = editor;
    this.extraEnv = env;
    this.cookie = undefined;
    this.apiKey = undefined;
    /** What the first start brings in. */
    this.content = undefined;
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
    this.#environment();
    await this.#database(credentials);
    await this.#unpack(tarball);
    this.content = { credentials, workflows };
  }

  /**
   * Starts n8n. A workflow counts as published a moment before its webhooks are registered, so `webhooks` (paths) are waited
   * for: a request without the header is refused with 403 once the webhook is there, and runs nothing.
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
        timeoutMs: patienceMs,
        ready: async () => {
          const readiness = await fetch(`${this.url}/healthz/readiness`).catch(() => undefined);
          return readiness?.ok ? true : undefined;
        },
      },
    );
    this.child = child;
    this.stop = stop;
    try {
      await this.#bringIn();
      for (const path of webhooks) await this.#untilThere(path);
    } catch (error) {
      await stop();
      throw error;
    }
  }

  /** The credentials' data and the workflows, in the order given: n8n publishes no workflow that calls an unpublished one. */
  async #bringIn() {
    if (this.content === undefined) return;
    const { credentials, workflows } = this.content;
    await this.#signIn();
    for (const { id, ...credential } of credentials) await this.rest('PATCH', `/rest/credentials/${id}`, credential);
    for (const { publish = true, ...workflow } of workflows) {
      const { data } = await this.rest('POST', '/rest/workflows', workflow);
      if (publish) await this.api('POST', `/workflows/${data.id}/activate`, {});
    }
    this.content = undefined;
  }

  async #untilThere(path) {
    for (const end = Date.now() + patienceMs; ; await delay(50)) {
      const { status } = await fetch(`${this.url}/webhook/${path}`, { method: 'POST' });
      if (status !== 404) return;
      if (Date.now() > end)
        throw new PlainError(`n8n has no webhook ${path} after ${patienceMs / 1000} s. See ${this.folder}/n8n.log`);
    }
  }

  /** Signs in as the owner and makes an API key, for `rest` and `api`. Both outlive a restart. */
  async #signIn() {
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

  #environment() {
    const bcrypt = createRequire(join(this.install, 'node_modules', 'n8n', 'package.json'))('bcryptjs');
    this.env = nodeEnvironment({
      N8N_USER_FOLDER: this.folder,
      N8N_PORT: String(this.port),
      N8N_LISTEN_ADDRESS: '127.0.0.1',
      N8N_HOST: '127.0.0.1',
      N8N_EDITOR_BASE_URL: this.url,
      WEBHOOK_URL: `${this.url}/`,
      N8N_RUNNERS_BROKER_PORT: String(this.brokerPort),
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
      N8N_DISABLE_UI: String(!this.editor),
      // n8n is thousands of modules: compiled once, not at each start.
      NODE_COMPILE_CACHE: join(cacheDir, `${basename(this.install)}-compiled`),
      ...this.extraEnv,
    });
  }

  /**
   * A database with n8n's migrations and the credentials, whose data the first start brings in. SQLite's is made once for an
   * n8n and these credentials, kept beside n8n, and copied; its encryption key goes with it.
   */
  async #database(credentials) {
    const placeholders = credentials.map(({ id, name, type }) => ({ id, name, type, data: {} }));
    if ((this.env.DB_TYPE ?? 'sqlite') !== 'sqlite') {
      this.env.N8N_ENCRYPTION_KEY = randomBytes(24).toString('hex');
      await this.#importCredentials(this.folder, placeholders);
      return;
    }
    const hash = createHash('sha256').update(JSON.stringify(placeholders)).digest('hex').slice(0, 12);
    const kept = join(cacheDir, `${basename(this.install)}-database-${hash}`);
    await keptFolder(kept, "n8n's empty database", (partial) => this.#makeDatabase(partial, placeholders));
    cpSync(join(kept, '.n8n'), join(this.folder, '.n8n'), { recursive: true });
    this.env.N8N_ENCRYPTION_KEY = readFileSync(join(kept, 'encryption-key'), 'utf8');
  }

  async #makeDatabase(folder, placeholders) {
    mkdirSync(folder, { mode: 0o700 });
    const key = randomBytes(24).toString('hex');
    await this.#importCredentials(folder, placeholders, { N8N_USER_FOLDER: folder, N8N_ENCRYPTION_KEY: key });
    writeFileSync(join(folder, 'encryption-key'), key, { mode: 0o600 });
  }

  /** The first command on a database also runs n8n's migrations. */
  async #importCredentials(folder, credentials, env = {}) {
    const file = join(folder, 'credentials.json');
    const logFile = join(folder, 'import-credentials.log');
    writeFileSync(file, JSON.stringify(credentials), { mode: 0o600 });
    await run(
      nodeExecutable(),
      [join(this.install, 'node_modules', 'n8n', 'bin', 'n8n'), 'import:credentials', `--input=${file}`],
      {
        cwd: folder,
        env: { ...this.env, ...env },
        logFile,
        what: 'n8n import:credentials',
      },
    );
    rmSync(file);
    // The command ends with 0 even when it did not go well.
    if (!/Successfully imported \d+ credential/.test(readFileSync(logFile, 'utf8')))
      throw new PlainError(`n8n did not take the credentials. ${lastLines(logFile)}`);
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
}
