import type { Operation } from '../../../operations/operation';
import type { BridgeConfig } from '../config';
import type { Logger } from '../hosting/logging';
import type { CaseStore } from '../store/case-store';
import { SharedLease } from '../store/shared-lease';
import { AuditForwarder } from './audit-forwarder';
import { AuditStore } from './audit-store';
import { AuditTrail } from './audit-trail';
import { MetricsServer } from './metrics-server';
import type { Observers } from './observers';
import { readStoreFigures } from './store-figures';

/** How long passing on stays unowned when its process stops without a word. */
const forwardLeaseMs = 60_000;

export interface ObservingParts {
  config: BridgeConfig;
  tools: readonly Pick<Operation, 'name' | 'effect'>[];
  store: CaseStore;
  observers: Observers;
  logger: Logger;
  version: string;
}

/** What watches the calls: the audit trail always, the metrics and the passing on where they were set up. */
export class Observing {
  private constructor(
    readonly audit: AuditTrail,
    private readonly metrics: MetricsServer | undefined,
    private readonly forwarder: AuditForwarder | undefined,
    /** Address of the metrics. */
    readonly metricsUrl: string | undefined,
  ) {}

  /** Rejects when the audit trail cannot be begun or the port of the metrics cannot be had. */
  static async start({ config, tools, store, observers, logger, version }: ObservingParts): Promise<Observing> {
    const { database } = store;
    const { db } = database;
    const { metrics: place, forward } = config.observing;
    const auditStore = new AuditStore(database);
    const effects = new Map(tools.map(({ name, effect }) => [name, effect]));
    const audit = new AuditTrail(auditStore, effects, logger);
    await audit.open();
    observers.add(audit);
    let server: MetricsServer | undefined;
    let url: string | undefined;
    if (place !== undefined) {
      const { Metrics } = await import('./metrics');
      const metrics = new Metrics(version);
      observers.add(metrics);
      const figures = () => {
        metrics.pending(audit.pending);
        return readStoreFigures(db, new Date());
      };
      server = new MetricsServer({ metrics, ...place, figures, logger });
      url = await server.listen();
      logger.info({ url }, 'metrics are served');
    }
    let forwarder: AuditForwarder | undefined;
    if (forward !== undefined) {
      const lease = new SharedLease(db, 'audit-forward', store.processName, forwardLeaseMs, () => new Date());
      forwarder = new AuditForwarder(forward, auditStore, lease, config.allowPrivateNetwork, logger);
      forwarder.start();
    }
    return new Observing(audit, server, forwarder, url);
  }

  /** After the last call: the chain is ended, so that its end is known to be one. */
  async stop(): Promise<void> {
    await this.metrics?.close();
    await this.forwarder?.stop();
    await this.audit.close();
  }
}
