import { join } from 'node:path';
import { startService } from './child-process.mjs';
import { freePort } from './free-port.mjs';
import { N8nInstance } from './n8n-instance.mjs';
import { nodeExecutable } from './node-runtime.mjs';

/** n8n's settings for this PostgreSQL. @param {string} url */
export function postgresEnvironment(url) {
  const { hostname, port, pathname, username, password } = new URL(url);
  return {
    DB_TYPE: 'postgresdb',
    DB_POSTGRESDB_HOST: hostname,
    DB_POSTGRESDB_PORT: port || '5432',
    DB_POSTGRESDB_DATABASE: pathname.slice(1),
    DB_POSTGRESDB_USER: decodeURIComponent(username),
    DB_POSTGRESDB_PASSWORD: decodeURIComponent(password),
  };
}

/**
 * A real n8n in queue mode: a main process, workers that run the executions, and a webhook processor that takes in what
 * comes from outside, over Redis and PostgreSQL.
 *
 *   const queue = new N8nQueue({install, folder, postgresUrl, redisUrl, prefix, workers: 2});
 *   await queue.prepare({tarball, credentials, workflows});
 *   await queue.start({webhooks: ['security/alert']});
 */
export class N8nQueue {
  /** @param {{install: string, folder: string, postgresUrl: string, redisUrl: string, prefix: string, workers?: number}} options */
  constructor({ install, folder, postgresUrl, redisUrl, prefix, workers = 1 }) {
    this.install = install;
    this.folder = folder;
    this.workerCount = workers;
    /** @type {{stop: (signal?: NodeJS.Signals) => Promise<void>, logFile: string}[]} */
    this.workers = [];
    const redis = new URL(redisUrl);
    this.main = new N8nInstance({
      install,
      folder,
      env: {
        ...postgresEnvironment(postgresUrl),
        EXECUTIONS_MODE: 'queue',
        QUEUE_BULL_REDIS_HOST: redis.hostname,
        QUEUE_BULL_REDIS_PORT: redis.port || '6379',
        // Several installations share one Redis here: what each keeps there, and its channels, carry its own name.
        QUEUE_BULL_PREFIX: prefix,
        N8N_REDIS_KEY_PREFIX: prefix,
        OFFLOAD_MANUAL_EXECUTIONS_TO_WORKERS: 'true',
      },
    });
  }

  prepare(content) {
    return this.main.prepare(content);
  }

  /** @param {{webhooks?: string[]}} [options] */
  async start({ webhooks = [] } = {}) {
    await this.main.start();
    for (let index = 0; index < this.workerCount; index += 1) await this.startWorker();
    await this.#startWebhookProcessor(webhooks);
  }

  /** One more worker; resolves to its number once it takes jobs. */
  async startWorker() {
    const index = this.workers.length;
    const port = await freePort();
    const logFile = join(this.folder, `worker-${index}.log`);
    const env = { QUEUE_HEALTH_CHECK_ACTIVE: 'true', QUEUE_HEALTH_CHECK_PORT: String(port) };
    const { stop } = await this.#start(['worker', '--concurrency=5'], env, logFile, `n8n worker ${index}`, async () =>
      (await fetch(`http://127.0.0.1:${port}/healthz/readiness`)).ok ? true : undefined,
    );
    this.workers.push({ stop, logFile });
    return index;
  }

  async #startWebhookProcessor(webhooks) {
    const port = await freePort();
    this.webhookUrl = `http://127.0.0.1:${port}`;
    const logFile = join(this.folder, 'webhook.log');
    this.webhook = await this.#start(['webhook'], { N8N_PORT: String(port) }, logFile, 'n8n webhook', async () => {
      if (!(await fetch(`${this.webhookUrl}/healthz/readiness`)).ok) return undefined;
      for (const path of webhooks) {
        const probe = await fetch(`${this.webhookUrl}/webhook/${path}`, { method: 'POST' });
        if (probe.status === 404) return undefined;
      }
      return true;
    });
  }

  async #start(args, env, logFile, what, isReady) {
    return startService(nodeExecutable(), [join(this.install, 'node_modules', 'n8n', 'bin', 'n8n'), ...args], {
      cwd: this.folder,
      env: { ...this.main.env, N8N_RUNNERS_BROKER_PORT: String(await freePort()), ...env },
      logFile,
      what,
      timeoutMs: 120_000,
      ready: () => isReady().catch(() => undefined),
    });
  }

  async stop() {
    await Promise.all([this.webhook?.stop(), ...this.workers.map(({ stop }) => stop())]);
    await this.main.stop?.();
  }
}
