import { setTimeout as delay } from 'node:timers/promises';
import type { SocketModeClient, SocketModeOptions } from '@slack/socket-mode';
import { OperationError } from '../../../operations/errors';
import { backoffMs } from '../../../operations/retry';
import { type Interaction, parseInteraction } from '../../../operations/slack/interaction-payload';
import { cleanLine } from '../../../operations/text';
import type { Logger } from '../hosting/logging';
import type { SharedLease } from '../store/shared-lease';
import type { Acknowledgement } from './dispatcher';

export interface SlackSocketParts {
  /** App-level token with connections:write. */
  appToken: string;
  /** Slack's Web API; the real one unless given. */
  apiUrl: string | undefined;
  /** One process holds the socket: Slack sends each click to any one of an app's sockets. */
  lease: SharedLease;
  receive: (interaction: Interaction) => Promise<Acknowledgement>;
  logger: Logger;
}

type ClientLogger = NonNullable<SocketModeOptions['logger']>;

interface Envelope {
  ack(response?: Record<string, unknown>): Promise<void>;
  body: unknown;
}

const firstPauseMs = 500;
const longestPauseMs = 30_000;
const connectWithinMs = 20_000;

/**
 * Socket Mode: Slack's clicks over a connection that the bridge opens, for bridges without a public address. The library
 * ends its tries on a plain network error, and one of its own tries that fails would end the process, so connecting again
 * is done here. Loaded only when an app token is set.
 */
export class SlackSocket {
  private readonly stopping = new AbortController();
  private running: Promise<void> = Promise.resolve();

  constructor(private readonly parts: SlackSocketParts) {}

  start(): void {
    this.running = this.run().catch((error: unknown) => {
      this.parts.logger.error({ err: error }, "Slack's socket ended; decisions no longer come in by it");
    });
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { lease, logger } = this.parts;
    let failures = 0;
    while (!this.stopping.signal.aborted) {
      if (!(await this.takeLease())) {
        await this.pause(lease.leaseMs / 3);
        continue;
      }
      try {
        await this.session();
        failures = 0;
        await this.pause(firstPauseMs / 2);
      } catch (error) {
        failures += 1;
        const reason = cleanLine(error instanceof Error ? error.message : String(error), 300);
        logger.warn({ reason, failures }, "Slack's socket could not be opened; trying again");
        // Perhaps another process reaches Slack.
        await lease.release().catch(() => {});
        await this.pause(firstPauseMs + backoffMs(failures, Math.random(), firstPauseMs, longestPauseMs));
      }
    }
    await lease.release().catch(() => {});
  }

  /** One connection, from its opening to its end. Rejects when it cannot be opened. */
  private async session(): Promise<void> {
    const { logger } = this.parts;
    const client = await this.newClient();
    const ended = new Promise<void>((resolve) => void client.once('disconnected', () => resolve()));
    client.on('interactive', (envelope: Envelope) => void this.take(envelope));
    const stop = () => void client.disconnect();
    this.stopping.signal.addEventListener('abort', stop, { once: true });
    const renewal = setInterval(() => {
      void this.takeLease().then((held) => {
        if (!held) stop();
      });
    }, this.parts.lease.leaseMs / 3);
    const late = setTimeout(stop, connectWithinMs);
    try {
      await client.start();
      clearTimeout(late);
      logger.info("connected to Slack's socket");
      if (this.stopping.signal.aborted) stop();
      await ended;
    } finally {
      clearTimeout(late);
      clearInterval(renewal);
      this.stopping.signal.removeEventListener('abort', stop);
      client.removeAllListeners();
    }
  }

  /** Stored, then acknowledged: what was not stored is delivered again. */
  private async take({ ack, body }: Envelope): Promise<void> {
    const { receive, logger } = this.parts;
    try {
      await ack((await receive(parseInteraction(body))) ?? {});
    } catch (error) {
      if (error instanceof OperationError && error.code === 'invalid_input') {
        logger.warn({ problem: error.message }, 'interaction not understood');
        await ack().catch(() => {});
      } else logger.error({ err: error }, 'interaction not taken in');
    }
  }

  private async newClient(): Promise<SocketModeClient> {
    const { appToken, apiUrl } = this.parts;
    const { SocketModeClient, LogLevel } = await import('@slack/socket-mode');
    return new SocketModeClient({
      appToken,
      autoReconnectEnabled: false,
      logger: quietLogger(this.parts.logger, LogLevel.INFO),
      clientOptions: {
        ...(apiUrl === undefined ? {} : { slackApiUrl: `${apiUrl}/` }),
        retryConfig: { retries: 0 },
        rejectRateLimitedCalls: true,
        timeout: connectWithinMs / 2,
      },
    });
  }

  private takeLease(): Promise<boolean> {
    return this.parts.lease.take().catch((error: unknown) => {
      this.parts.logger.warn({ err: error }, "the lease of Slack's socket could not be read");
      return false;
    });
  }

  private async pause(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.stopping.signal }).catch(() => {});
  }
}

/** The library's words in our log, on stderr. Its debug lines hold whole payloads, tokens among them, so they are left out. */
function quietLogger(logger: Logger, level: ReturnType<ClientLogger['getLevel']>): ClientLogger {
  const write =
    (to: 'debug' | 'warn') =>
    (...parts: unknown[]) =>
      logger[to]({ from: 'slack-socket' }, cleanLine(parts.map(String).join(' '), 500));
  return {
    debug: () => {},
    info: write('debug'),
    warn: write('warn'),
    error: write('warn'),
    setLevel: () => {},
    getLevel: () => level,
    setName: () => {},
  };
}
