import { createMcpHandler } from '@modelcontextprotocol/server';
import type { TimedHunts } from '../../operations/analytics/schedule/timed-run';
import type { Operation } from '../../operations/operation';
import type { Ports } from '../../operations/ports';
import { ApprovalClicks } from './approvals/approval-clicks';
import { ApprovalEngine } from './approvals/approval-engine';
import { CaseRunner, type ResumeCase } from './case-runner';
import { PackageFolder } from './compliance/package-folder';
import { packageMaker } from './compliance/package-maker';
import { type BridgeConfig, ConfigError } from './config';
import { EscalationClicks } from './escalations/escalation-clicks';
import { EscalationEngine } from './escalations/escalation-engine';
import { Host } from './hosting/host';
import { createLogger, type Logger } from './hosting/logging';
import { HttpServer, type HttpServerParts } from './http/http-server';
import { Intake, type OpenCase } from './http/intake';
import { SlackEndpoint } from './http/slack-endpoint';
import { HuntTimer } from './hunts/hunt-timer';
import { InteractionDispatcher } from './interactions/dispatcher';
import { InteractionInbox } from './interactions/inbox';
import { SlackSocket } from './interactions/slack-socket';
import { readMore } from './mcp/result-pager';
import { createToolServer, type ToolServer } from './mcp/server-factory';
import { unknownTools } from './mcp/tool-settings';
import { Observers } from './observing/observers';
import { Observing } from './observing/observing';
import { Reconciler } from './reconciler';
import { ReportFolder } from './report-folder';
import { ResponseEngine } from './responses/responses';
import { CaseStore } from './store/case-store';
import { openDatabase } from './store/database';
import { SharedLease } from './store/shared-lease';
import { ToolResults } from './store/tool-results';

/** Expiry, reminders and retries are looked for at least this often. */
const longestApprovalPauseMs = 2000;
/** Reminders and changes of a case are looked for at least this often. */
const longestEscalationPauseMs = 2000;
/** How long pages of results outlive their end at most. */
const tidyResultsMs = 60_000;
/** People and user groups of Slack among those who may close cases. */
const slackIdPattern = /^[UWS][A-Z0-9]{6,20}$/;
/** How long the socket to Slack stays unowned when its process stops without a word. */
const socketLeaseMs = 15_000;

/** What the bridge serves: handed in, so that the hosting can be tested with operations made for it. */
export interface Capabilities {
  operations: readonly Operation[];
  open: OpenCase;
  resume: ResumeCase;
  /** Runs the scheduled hunts once; without it they are never run by the bridge itself. */
  hunt?: (ports: Ports, settings: TimedHunts) => Promise<void>;
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
    readonly approvals: ApprovalEngine,
    /** Where features register for their buttons, before `begin`. */
    readonly interactions: InteractionDispatcher,
    readonly escalations: EscalationEngine,
    /** What metrics and the audit trail are told of; they are added before `serve`. */
    readonly observers: Observers,
  ) {}

  /** Opens the database and brings it up to date. Throws Error with one clear sentence. */
  static async open(
    config: BridgeConfig,
    capabilities: Capabilities,
    version: string,
    logger = createLogger(config.logLevel),
  ): Promise<Bridge> {
    const problems = unknownTools(config.tools, [...capabilities.operations, readMore]);
    if (problems.length > 0) throw new ConfigError(problems);
    const reports = config.reportDir === undefined ? undefined : new ReportFolder(config.reportDir);
    await reports?.prepare().catch((error: Error) => {
      throw new Error(`SOC_REPORT_DIR cannot be used: ${error.message}`);
    });
    const { complianceDir } = config;
    if (complianceDir !== undefined)
      await new PackageFolder(complianceDir, packageMaker(version)).prepare().catch((error: Error) => {
        throw new Error(`SOC_COMPLIANCE_DIR cannot be used: ${error.message}`);
      });
    const database = await openDatabase(
      config.databaseUrl,
      (error) => logger.warn({ err: error }, 'an idle database connection broke'),
      config.databaseStatementMs,
    );
    const store = new CaseStore(database, {
      leaseMs: config.leaseMs,
      maxWaitMs: config.callDeadlineMs,
      now: () => new Date(),
      relatedMs: config.relatedMs,
      closers: config.caseClosers,
      onReport: async (record) => {
        await reports
          ?.write(record)
          .catch((error: unknown) => logger.warn({ err: error, case_id: record.id }, 'report file not written'));
      },
    });
    const host = new Host(config, store, logger, version);
    const now = () => new Date();
    const approvals = new ApprovalEngine({
      database,
      settings: config.approvals,
      owner: store.processName,
      leaseMs: config.leaseMs,
      now,
      // What approvals write on a case is no work on it: the case's lease stays as it is.
      ports: (signal) => host.ports({ signal, logger, caseLeaseMs: 0 }),
      logger,
      everyMs: Math.min(config.reconcileMs, longestApprovalPauseMs),
    });
    host.approvals = approvals;
    host.responses = new ResponseEngine(database, config);
    const { appToken, signingSecrets } = config.approvals;
    const escalations = new EscalationEngine({
      store,
      settings: config.escalations,
      interactive: appToken !== undefined || signingSecrets.length > 0,
      closers: config.caseClosers.filter((name) => slackIdPattern.test(name)),
      ports: (signal) => host.ports({ signal, logger, caseLeaseMs: 0 }),
      logger,
      everyMs: Math.min(config.reconcileMs, longestEscalationPauseMs),
    });
    host.escalations = escalations;
    const inbox = new InteractionInbox(database, store.processName, config.leaseMs, now);
    const interactions = new InteractionDispatcher(inbox, logger);
    interactions.register(new ApprovalClicks(approvals));
    interactions.register(new EscalationClicks(escalations));
    return new Bridge(
      config,
      store,
      host,
      logger,
      capabilities,
      version,
      reports,
      approvals,
      interactions,
      escalations,
      new Observers(logger),
    );
  }

  /** The tools, and the MCP server for one connection or request. */
  createToolServer(): ToolServer {
    const { host, observers, logger, version } = this;
    return createToolServer({ operations: this.capabilities.operations, host, observers, logger, version });
  }

  /** Begins the audit trail, without which no call may be made, and the metrics. */
  observe(): Promise<Observing> {
    const { config, store, observers, logger, version } = this;
    const tools = [...this.capabilities.operations, readMore];
    return Observing.start({ config, tools, store, observers, logger, version });
  }

  /**
   * Begins what goes on beside the calls: approvals are expired and kept up to date, and what people click is taken in.
   * Resolves to how it ends.
   */
  begin(): () => Promise<void> {
    const { config, store, logger } = this;
    this.approvals.start();
    this.escalations.start();
    this.interactions.start();
    const socket =
      config.approvals.appToken === undefined
        ? undefined
        : new SlackSocket({
            appToken: config.approvals.appToken,
            apiUrl: 'missing' in config.services.slack ? undefined : config.services.slack.baseUrl,
            lease: new SharedLease(
              store.database.db,
              'slack-socket',
              store.processName,
              socketLeaseMs,
              () => new Date(),
            ),
            receive: (interaction) => this.interactions.receive(interaction),
            logger,
          });
    socket?.start();
    const results = new ToolResults(store.database.db);
    // Also where nobody makes long results any more: what was read must not lie around.
    const tidying = setInterval(() => {
      results.tidy().catch((error: unknown) => logger.warn({ err: error }, 'expired results not removed'));
    }, tidyResultsMs).unref();
    return async () => {
      clearInterval(tidying);
      await socket?.stop();
      await this.interactions.stop();
      await this.approvals.stop();
      await this.escalations.stop();
    };
  }

  /**
   * Serves HTTP and drives cases. Rejects with the system's error when the port cannot be had. `mcp` stands in for what
   * answers at /mcp, behind the same door.
   */
  async serve(
    mcp?: HttpServerParts['mcp'],
  ): Promise<{ url: string; metricsUrl: string | undefined; close(): Promise<void> }> {
    const runner = new CaseRunner(this.host, this.capabilities.resume, this.logger);
    this.escalations.beginCase = (caseId) => runner.takeOver(caseId);
    const reconciler = new Reconciler(runner, this.config.reconcileMs, this.logger);
    const onerror = (error: Error) => this.logger.debug({ err: error }, 'mcp request refused');
    const server = new HttpServer({
      host: this.host,
      operations: this.capabilities.operations,
      mcp: mcp ?? createMcpHandler(this.createToolServer().factory, { legacy: 'stateless', onerror }),
      observers: this.observers,
      intake: new Intake(this.host, runner, this.capabilities.open, this.logger),
      slack: new SlackEndpoint(
        this.config.approvals.signingSecrets,
        (interaction) => this.interactions.receive(interaction),
        this.logger,
      ),
      logger: this.logger,
    });
    const observing = await this.observe();
    const url = await server.listen().catch(async (error: unknown) => {
      await observing.stop();
      throw error;
    });
    await this.reports
      ?.catchUp(this.store)
      .catch((error: unknown) => this.logger.warn({ err: error }, 'report files not brought up to date'));
    reconciler.start();
    const hunts = this.huntTimer();
    hunts?.start();
    const end = this.begin();
    return {
      url,
      metricsUrl: observing.metricsUrl,
      close: async () => {
        await reconciler.stop();
        await hunts?.stop();
        await Promise.all([server.close(), runner.stop(), end()]);
        await observing.stop();
      },
    };
  }

  /** Undefined unless it was set that this bridge runs the hunts by itself. */
  private huntTimer(): HuntTimer | undefined {
    const { hunts } = this.config;
    const { hunt } = this.capabilities;
    if (hunts.everyHours === 0 || hunt === undefined) return undefined;
    return new HuntTimer(
      hunts.everyHours * 3_600_000,
      this.host.hunts.port(new AbortController().signal),
      (signal) => hunt(this.host.ports({ signal, logger: this.logger }), hunts),
      this.logger,
    );
  }

  async close(): Promise<void> {
    this.host.close();
    await this.store.database.close();
  }
}
