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
import { type CallContext, CallPorts, type PortSources } from './call-ports';
import { HttpPort } from './http-port';
import { type Logger, portLog } from './logging';
import { createModelPort } from './model-port';
import { PantherToken } from './panther-token';

/** The bridge's side of the ports: one for the process, `ports()` for each call. */
export class Host {
  private readonly http: HttpPort;
  private readonly pantherToken: PantherToken;
  private readonly sources: PortSources;
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
    this.sources = this.portSources();
    this.pantherToken = new PantherToken(() => this.ports({ signal: new AbortController().signal }), logger);
  }

  /** What Panther's token may do; undefined when Panther is not set up or did not tell. */
  async pantherPermissions(): Promise<readonly string[] | undefined> {
    return 'missing' in this.config.services.panther ? undefined : this.pantherToken.permissions();
  }

  ports(call: CallContext): Ports {
    return new CallPorts(this.sources, call);
  }

  private portSources(): PortSources {
    const { config, store } = this;
    return {
      http: (request) => this.http.send(request),
      connection: async (service) => {
        const { baseUrl, defaults, credential } = requireService(config, service, serviceName(service));
        return { baseUrl, defaults, account: accountName(baseUrl, credential.value) };
      },
      sleep,
      now,
      random: Math.random,
      queries: store.queries,
      model: this.model,
      log: ({ log, logger }) => portLog(log?.logger ?? logger ?? this.logger),
      cases: ({ signal, principal, caseLeaseMs = config.caseLeaseMs }) =>
        store.port({ signal, caseLeaseMs, principal }),
      hunts: ({ signal }) => this.hunts.port(signal),
      escalations: () => this.escalations?.port(),
      packages: ({ principal }) => this.packages(principal),
      approvals: ({ principal, signal }) => this.approvals?.port({ principal, signal }),
      responses: (_call, ports) => this.responses?.port(() => ports),
    };
  }

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

async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal });
  } catch {
    throw new CancelledError('The wait');
  }
}
