import { setTimeout as delay } from 'node:timers/promises';
import { accountName } from '../../../operations/account';
import { CancelledError } from '../../../operations/errors';
import type { Ports } from '../../../operations/ports';
import { serviceName } from '../../../operations/service-call';
import type { ApprovalEngine } from '../approvals/approval-engine';
import { PackageFolder } from '../compliance/package-folder';
import { packageMaker } from '../compliance/package-maker';
import { type BridgeConfig, requireService } from '../config';
import type { EscalationEngine } from '../escalations/escalation-engine';
import { HuntStore } from '../hunts/hunt-store';
import type { ResponseEngine } from '../responses/responses';
import type { CaseStore } from '../store/case-store';
import { HttpPort } from './http-port';
import { type Logger, portLog } from './logging';
import { createModelPort } from './model-port';
import { PantherToken } from './panther-token';

/** What differs from call to call. */
export interface CallContext {
  signal: AbortSignal;
  logger?: Logger;
  progress?: Ports['progress'];
  /** How far the call pushes the lease of the case it works on, in milliseconds. */
  caseLeaseMs?: number;
  /** Whom the transport authenticated; undefined for the bridge's one token. */
  principal?: string;
}

/** The bridge's side of the ports: one for the process, `ports()` for each call. */
export class Host {
  private readonly http: HttpPort;
  private readonly pantherToken: PantherToken;
  readonly hunts: HuntStore;
  private readonly model: ReturnType<typeof createModelPort> | undefined;
  /** Set once, before the first call. */
  approvals: ApprovalEngine | undefined;
  escalations: EscalationEngine | undefined;
  responses: ResponseEngine | undefined;

  constructor(
    readonly config: BridgeConfig,
    readonly store: CaseStore,
    private readonly logger: Logger,
    private readonly version: string,
  ) {
    this.hunts = new HuntStore(store.database, store.processName, store.settings);
    this.http = new HttpPort(config, `soc-bridge/${version}`);
    this.model = config.model && createModelPort(config.model, config.allowPrivateNetwork);
    this.pantherToken = new PantherToken(() => this.ports({ signal: new AbortController().signal }), logger);
  }

  /** What Panther's token may do; undefined when Panther is not set up or did not tell. */
  async pantherPermissions(): Promise<readonly string[] | undefined> {
    return 'missing' in this.config.services.panther ? undefined : this.pantherToken.permissions();
  }

  /** Parts that most calls do not ask for are made when they do. */
  ports(call: CallContext): Ports {
    const { signal, principal } = call;
    const made: Partial<Ports> = {};
    const host = this;
    const ports: Ports = {
      http: this.sendHttp,
      connection: this.connect,
      sleep,
      now,
      random: Math.random,
      signal,
      progress: call.progress ?? ignore,
      queries: this.store.queries,
      model: this.model,
      get log() {
        made.log ??= portLog(call.logger ?? host.logger);
        return made.log;
      },
      get cases() {
        const caseLeaseMs = call.caseLeaseMs ?? host.config.caseLeaseMs;
        made.cases ??= host.store.port({ signal, caseLeaseMs, principal });
        return made.cases;
      },
      get hunts() {
        made.hunts ??= host.hunts.port(signal);
        return made.hunts;
      },
      get escalations() {
        made.escalations ??= host.escalations?.port();
        return made.escalations;
      },
      get packages() {
        made.packages ??= host.packages(principal);
        return made.packages;
      },
      get approvals() {
        made.approvals ??= host.approvals?.port({ principal, signal });
        return made.approvals;
      },
      get responses() {
        made.responses ??= host.responses?.port(() => ports);
        return made.responses;
      },
    };
    return ports;
  }

  private readonly sendHttp: Ports['http'] = (request) => this.http.send(request);

  private readonly connect: Ports['connection'] = async (service) => {
    const { baseUrl, defaults, credential } = requireService(this.config, service, serviceName(service));
    return { baseUrl, defaults, account: accountName(baseUrl, credential.value) };
  };

  private packages(principal: string | undefined): PackageFolder | undefined {
    const { complianceDir } = this.config;
    return complianceDir === undefined
      ? undefined
      : new PackageFolder(complianceDir, packageMaker(this.version, principal));
  }

  close(): void {
    this.model?.close();
    this.responses?.close();
    this.http.close();
  }
}

const now = (): Date => new Date();
const ignore = (): void => {};

async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal });
  } catch {
    throw new CancelledError('The wait');
  }
}
