import { setTimeout as delay } from 'node:timers/promises';
import { CancelledError } from '../../../operations/errors';
import type { Log, Ports } from '../../../operations/ports';
import { serviceName } from '../../../operations/service-call';
import { type BridgeConfig, requireService } from '../config';
import { HttpPort } from './http-port';

export interface CommandCall {
  signal: AbortSignal;
  log: Log;
  progress: Ports['progress'];
}

/** Ports to the services without the case store: for commands, which make no database. */
export class ServicePorts {
  private readonly http: HttpPort;

  constructor(
    private readonly config: BridgeConfig,
    version: string,
  ) {
    this.http = new HttpPort(config, `soc-bridge/${version}`);
  }

  ports({ signal, log, progress }: CommandCall): Ports {
    return {
      http: (request) => this.http.send(request),
      connection: async (service) => {
        const { baseUrl, defaults } = requireService(this.config, service, serviceName(service));
        return { baseUrl, defaults };
      },
      sleep: async (ms, until) => {
        try {
          await delay(ms, undefined, { signal: until });
        } catch {
          throw new CancelledError('The wait');
        }
      },
      now: () => new Date(),
      random: Math.random,
      log,
      signal,
      progress,
    };
  }

  close(): void {
    this.http.close();
  }
}
