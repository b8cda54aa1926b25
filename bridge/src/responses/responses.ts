import { OperationError } from '../../../operations/errors';
import type { Ports } from '../../../operations/ports';
import type { ResponsePort } from '../../../operations/response/response-port';
import type { BridgeConfig } from '../config';
import type { Database } from '../store/database';
import { AwsIam } from './aws-iam';
import { Okta } from './okta';
import { ResponseStore } from './response-store';

/** The bridge's side of containment: one for the process. */
export class ResponseEngine {
  readonly store: ResponseStore;
  private iam: Promise<AwsIam> | undefined;

  constructor(
    database: Database,
    private readonly config: BridgeConfig,
  ) {
    this.store = new ResponseStore(database);
  }

  /** The port for one call; `ports` are that call's own. */
  port(ports: () => Ports): ResponsePort {
    const { responses: settings, services } = this.config;
    return {
      settings,
      halted: () => this.store.halted(),
      store: (plan) => this.store.store(plan),
      get: (id) => this.store.get(id),
      ofCase: (caseId) => this.store.ofCase(caseId),
      begin: (id, move) => this.store.begin(id, move, settings.maxPerHour),
      change: (id, change) => this.store.change(id, change),
      iam: () => this.openIam(),
      okta: () => ('missing' in services.okta ? null : new Okta(ports())),
    };
  }

  close(): void {
    this.iam?.then((iam) => iam.close()).catch(() => {});
  }

  private async openIam(): Promise<AwsIam> {
    const { aws } = this.config.responses;
    if ('missing' in aws) {
      throw new OperationError(
        'unauthenticated',
        `AWS IAM is not set up in this bridge: set ${aws.missing.join(' and ')} in its environment and start it again.`,
        { service: 'AWS IAM', variable: aws.missing.join(',') },
      );
    }
    this.iam ??= AwsIam.open(aws);
    return this.iam;
  }
}
