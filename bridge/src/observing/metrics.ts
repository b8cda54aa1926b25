import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Answered, CallEnd, CallStart, MethodEnd, Observer, Refused } from './observers';

/** Seconds; the buckets that OpenTelemetry's convention for MCP names. */
const buckets = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300];
/** The revisions that exist; a client can say anything. */
const versions = new Set(['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25', '2026-07-28']);
/** A tool that there is not, whatever it was called. */
const otherTool = '_other';
const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** What is counted in the case store at the moment of a scrape. */
export interface StoreFigures {
  casesByStatus: Readonly<Record<string, number>>;
  /** Age of the oldest case that the automated part has not ended, in seconds; 0 without one. */
  oldestOpenSeconds: number;
  deadLetters: number;
  openApprovals: number;
}

/**
 * Counts for Prometheus: under the names of the original guide (`mcp_tool_requests_total`, `mcp_tool_duration_seconds`,
 * `mcp_security_events_total`) and under OpenTelemetry's for MCP (`mcp.server.operation.duration`, written with underscores).
 * Every label comes from a closed list (tools of the registry and `_other`, methods that have a handler, revisions, our routes, our kinds),
 * so nobody outside can make series.
 */
export class Metrics implements Observer {
  readonly registry = new Registry();
  private readonly toolRequests = this.add(
    new Counter({
      name: 'mcp_tool_requests_total',
      help: 'Tool calls by outcome: ok, error, withheld, cancelled',
      labelNames: ['tool', 'status'],
      registers: [],
    }),
  );
  private readonly toolDuration = this.add(
    new Histogram({
      name: 'mcp_tool_duration_seconds',
      help: 'Duration of tool calls',
      labelNames: ['tool'],
      buckets,
      registers: [],
    }),
  );
  private readonly operationDuration = this.add(
    new Histogram({
      name: 'mcp_server_operation_duration_seconds',
      help: "OpenTelemetry's mcp.server.operation.duration",
      labelNames: [
        'mcp_method_name',
        'gen_ai_tool_name',
        'gen_ai_operation_name',
        'error_type',
        'network_transport',
        'mcp_protocol_version',
      ],
      buckets,
      registers: [],
    }),
  );
  private readonly securityEvents = this.add(
    new Counter({
      name: 'mcp_security_events_total',
      help: 'Requests refused at the door, by reason, and tool calls withheld',
      labelNames: ['event'],
      registers: [],
    }),
  );
  private readonly httpDuration = this.add(
    new Histogram({
      name: 'soc_http_request_duration_seconds',
      help: 'Answered HTTP requests by route',
      labelNames: ['route', 'method', 'status'],
      buckets,
      registers: [],
    }),
  );
  private readonly cases = this.gauge('soc_cases', 'Cases by status', ['status']);
  private readonly oldest = this.gauge('soc_case_oldest_open_seconds', 'Age of the oldest case still being worked on');
  private readonly deadLetters = this.gauge('soc_dead_letters', 'Cases given up by the automated part');
  private readonly openApprovals = this.gauge('soc_approvals_open', 'Approvals waiting for a decision');
  private readonly auditPending = this.gauge('soc_audit_pending', 'Audit entries not yet durable');
  private readonly storeUp = this.gauge('soc_store_up', '1 when the case store answered this scrape');

  constructor(version: string) {
    collectDefaultMetrics({ register: this.registry });
    this.gauge('soc_bridge_info', 'Version of the bridge', ['version']).set({ version }, 1);
  }

  callEnded({ tool, transport, protocolVersion }: CallStart, { outcome, code, durationMs }: CallEnd): void {
    const seconds = durationMs / 1000;
    this.toolRequests.inc({ tool, status: outcome });
    this.toolDuration.observe({ tool }, seconds);
    this.operationDuration.observe(
      {
        mcp_method_name: 'tools/call',
        gen_ai_tool_name: tool,
        gen_ai_operation_name: 'execute_tool',
        // A tool that answers with an error is the convention's `tool_error`; what we know more precisely is said instead.
        error_type: outcome === 'ok' ? '' : (code ?? 'tool_error'),
        network_transport: transport === 'http' ? 'tcp' : 'pipe',
        mcp_protocol_version: versionLabel(protocolVersion),
      },
      seconds,
    );
    if (outcome === 'withheld') this.securityEvents.inc({ event: 'withheld' });
  }

  methodEnded({ method, transport, protocolVersion, errorCode, durationMs }: MethodEnd): void {
    const isCall = method === 'tools/call';
    if (isCall) this.toolRequests.inc({ tool: otherTool, status: 'error' });
    this.operationDuration.observe(
      {
        mcp_method_name: method,
        gen_ai_tool_name: isCall ? otherTool : '',
        gen_ai_operation_name: isCall ? 'execute_tool' : '',
        error_type: errorCode === null ? '' : String(errorCode),
        network_transport: transport === 'http' ? 'tcp' : 'pipe',
        mcp_protocol_version: versionLabel(protocolVersion),
      },
      durationMs / 1000,
    );
  }

  refused({ kind }: Refused): void {
    this.securityEvents.inc({ event: kind });
  }

  answered({ route, method, status, durationMs }: Answered): void {
    const known = methods.has(method) ? method : 'other';
    this.httpDuration.observe({ route, method: known, status: String(status) }, durationMs / 1000);
  }

  /** Sets the figures of the store; undefined when it did not answer: then they are left out instead of shown as old ones. */
  store(figures: StoreFigures | undefined): void {
    this.storeUp.set(figures === undefined ? 0 : 1);
    for (const gauge of [this.cases, this.oldest, this.deadLetters, this.openApprovals]) gauge.reset();
    if (figures === undefined) return;
    for (const [status, count] of Object.entries(figures.casesByStatus)) this.cases.set({ status }, count);
    this.oldest.set(figures.oldestOpenSeconds);
    this.deadLetters.set(figures.deadLetters);
    this.openApprovals.set(figures.openApprovals);
  }

  pending(entries: number): void {
    this.auditPending.set(entries);
  }

  private gauge<T extends string>(name: string, help: string, labelNames: T[] = []): Gauge<T> {
    return this.add(new Gauge({ name, help, labelNames, registers: [] }));
  }

  private add<T extends Counter<string> | Gauge<string> | Histogram<string>>(metric: T): T {
    this.registry.registerMetric(metric as never);
    return metric;
  }
}

function versionLabel(version: string | undefined): string {
  return version !== undefined && versions.has(version) ? version : '';
}
