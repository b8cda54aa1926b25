import { setTimeout as delay } from 'node:timers/promises';
import { accountName } from '../../../operations/account';
import { CancelledError } from '../../../operations/errors';
import type { Ports } from '../../../operations/ports';
import { serviceName } from '../../../operations/service-call';
import { type BridgeConfig, requireService } from '../config';
import type { CaseStore } from '../store/case-store';
import { HttpPort } from './http-port';
import { type Logger, portLog } from './logging';
import { PantherToken } from './panther-token';

/** What differs from call to call. */
export interface CallContext {
  signal: AbortSignal;
  logger?: Logger;
  progress?: Ports['progress'];
  /** How far the call pushes the lease of the case it works on, in milliseconds. */
  caseLeaseMs?: number;
}

/** The bridge's side of the ports: one for the process, `ports()` for each call. */
export class Host {
  private readonly http: HttpPort;
  private readonly pantherToken: PantherToken;

  constructor(
    readonly config: BridgeConfig,
    readonly store: CaseStore,
    private readonly logger: Logger,
    version: string,
  ) {
    this.http = new HttpPort(config, `soc-bridge/${version}`);
    this.pantherToken = new PantherToken(() => this.ports({ signal: new AbortController().signal }), logger);
  }

  /** What Panther's token may do; undefined when Panther is not set up or did not tell. */
  async pantherPermissions(): Promise<readonly string[] | undefined> {
    return 'missing' in this.config.services.panther ? undefined : this.pantherToken.permissions();
  }

  ports(call: CallContext): Ports {
    return {
      http: (request) => this.http.send(request),
      connection: async (service) => {
        const { baseUrl, defaults, credential } = requireService(this.config, service, serviceName(service));
        return { baseUrl, defaults, account: accountName(baseUrl, credential.value) };
      },
      sleep,
      now: () => new Date(),
      random: Math.random,
      log: portLog(call.logger ?? this.logger),
      signal: call.signal,
      progress: call.progress ?? (() => {}),
      cases: this.store.port({
        signal: call.signal,
        caseLeaseMs: call.caseLeaseMs ?? this.config.caseLeaseMs,
      }),
      queries: this.store.queries,
    };
  }

  close(): void {
    this.http.close();
  }
}

async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal });
  } catch {
    throw new CancelledError('The wait');
  }
}
