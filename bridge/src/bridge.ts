import type { Operation } from '../../operations/operation';
import { CaseRunner, type ResumeCase } from './case-runner';
import type { BridgeConfig } from './config';
import { Host } from './hosting/host';
import { createLogger, type Logger } from './hosting/logging';
import { HttpServer } from './http/http-server';
import { Intake, type OpenCase } from './http/intake';
import { createServerFactory } from './mcp/server-factory';
import { Reconciler } from './reconciler';
import { ReportFolder } from './report-folder';
import { CaseStore } from './store/case-store';
import { openDatabase } from './store/database';

/** What the bridge serves: handed in, so that the hosting can be tested with operations made for it. */
export interface Capabilities {
  operations: readonly Operation[];
  open: OpenCase;
  resume: ResumeCase;
}

/** One process's bridge: store, ports and logs; `serve` and `stdio` add a way in. */
export class Bridge {
  private constructor(
    readonly config: BridgeConfig,
    readonly store: CaseStore,
    readonly host: Host,
    readonly logger: Logger,
    private readonly capabilities: Capabilities,
    private readonly version: string,
    private readonly reports: ReportFolder | undefined,
  ) {}

  /** Opens the database and brings it up to date. Throws Error with one clear sentence. */
  static async open(
    config: BridgeConfig,
    capabilities: Capabilities,
    version: string,
    logger = createLogger(config.logLevel),
  ): Promise<Bridge> {
    const reports = config.reportDir === undefined ? undefined : new ReportFolder(config.reportDir);
    await reports?.prepare().catch((error: Error) => {
      throw new Error(`SOC_REPORT_DIR cannot be used: ${error.message}`);
    });
    const database = await openDatabase(config.databaseUrl, (error) =>
      logger.warn({ err: error }, 'an idle database connection broke'),
    );
    const store = new CaseStore(database, {
      leaseMs: config.leaseMs,
      maxWaitMs: config.callDeadlineMs,
      now: () => new Date(),
      onReport: async (record) => {
        await reports
          ?.write(record)
          .catch((error: unknown) => logger.warn({ err: error, case_id: record.id }, 'report file not written'));
      },
    });
    const host = new Host(config, store, logger, version);
    return new Bridge(config, store, host, logger, capabilities, version, reports);
  }

  /** The MCP server for one connection or request. */
  createFactory() {
    return createServerFactory(this.capabilities.operations, this.host, this.logger, this.version);
  }

  /** Serves HTTP and drives cases. Rejects with the system's error when the port cannot be had. */
  async serve(): Promise<{ url: string; close(): Promise<void> }> {
    const runner = new CaseRunner(this.host, this.capabilities.resume, this.logger);
    const reconciler = new Reconciler(runner, this.config.reconcileMs, this.logger);
    const server = new HttpServer({
      host: this.host,
      factory: this.createFactory(),
      intake: new Intake(this.host, runner, this.capabilities.open, this.logger),
      logger: this.logger,
    });
    const url = await server.listen();
    await this.reports
      ?.catchUp(this.store)
      .catch((error: unknown) => this.logger.warn({ err: error }, 'report files not brought up to date'));
    reconciler.start();
    if (this.config.token === undefined) this.logger.warn('no SOC_BRIDGE_TOKEN: every program on this host may call');
    return {
      url,
      close: async () => {
        await reconciler.stop();
        await Promise.all([server.close(), runner.stop()]);
      },
    };
  }

  async close(): Promise<void> {
    this.host.close();
    await this.store.database.close();
  }
}
