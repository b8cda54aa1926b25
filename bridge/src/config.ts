import { isIP } from 'node:net';
import type { TimedHunts } from '../../operations/analytics/schedule/timed-run';
import { InvalidInputError, OperationError } from '../../operations/errors';
import { pantherEndpoints } from '../../operations/panther/base-url';
import { tenantSettings } from '../../operations/panther/tenant-settings';
import type { Connection, Service } from '../../operations/ports';
import { mentionIds } from '../../operations/slack/mentions';
import { type AccessSettings, readAccessSettings } from './access/access-settings';
import { type ApprovalSettings, readApprovalSettings, type SettingsReader } from './approvals/approval-settings';
import { type EscalationSettings, readEscalationSettings } from './escalations/escalation-settings';
import type { ModelConfig } from './hosting/model-port';
import { type AlertSettings, readAlertSettings } from './http/alert-settings';
import { readHuntSettings } from './hunts/hunt-settings';
import { type Allowed, allowedEffects } from './mcp/tool-policy';
import { readToolSettings, type ToolSettings } from './mcp/tool-settings';
import { type ObservingSettings, readObservingSettings } from './observing/observing-settings';
import { type ResponseConfig, readResponseConfig } from './responses/response-settings';

/** A configured service: where it is, what its owner set, and the header that carries the credential. */
export interface ServiceConfig extends Connection {
  credential: { header: string; value: string };
  /** Asks the place where the credential is kept again; true when it is another one now. Absent where it cannot change. */
  renew?: () => Promise<boolean>;
}

export interface BridgeConfig {
  services: Record<Service, ServiceConfig | { missing: string[] }>;
  /** How far the services' own tools may go. */
  allow: Allowed;
  /** Which of all tools are offered. */
  tools: ToolSettings;
  /** Who may send alerts. */
  alerts: AlertSettings;
  approvals: ApprovalSettings;
  responses: ResponseConfig;
  escalations: EscalationSettings;
  /** Hunts that the bridge runs by itself; never unless hours are set. */
  hunts: TimedHunts;
  observing: ObservingSettings;
  /** A model for second opinions; undefined, and never asked, unless it was set. */
  model: ModelConfig | undefined;
  allowPrivateNetwork: boolean;
  access: AccessSettings;
  host: string;
  port: number;
  /** Host names (without port) under which clients may reach the bridge, besides loopback and `host`. */
  allowedHosts: string[];
  databaseUrl: string;
  /** How long PostgreSQL may take for one statement, in milliseconds. */
  databaseStatementMs: number;
  reportDir: string | undefined;
  /** Where evidence packages are kept. */
  complianceDir: string | undefined;
  logLevel: string;
  /** Leases of this process's own work, in milliseconds. */
  leaseMs: number;
  /** Lease of a case driven from outside, in milliseconds. */
  caseLeaseMs: number;
  /** Longest time for one tool call, in milliseconds. */
  callDeadlineMs: number;
  /** Longest answer of a tool to a model, in tokens; 0 is no limit. */
  resultTokens: number;
  /** Time between two looks for stuck cases, in milliseconds. */
  reconcileMs: number;
  /** How long a stopping server answers on connections that are open, in milliseconds; 0 closes idle ones at once. */
  drainMs: number;
  /** Runs of one case before it becomes a dead letter. */
  maxAttempts: number;
  /** How far apart two alerts of one rule about one entity may be raised to be one case, in milliseconds; 0 is never. */
  relatedMs: number;
  /** Principals that are people who may close cases. */
  caseClosers: string[];
}

export type Environment = Record<string, string | undefined>;

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];
const minTokenLength = 16;
const leastResultTokens = 2000;
const loopbackHosts = ['127.0.0.1', '::1', 'localhost'];

/** Everything wrong with the environment, one line for each variable. */
export class ConfigError extends Error {
  constructor(readonly problems: string[]) {
    super(problems.join('\n'));
    this.name = 'ConfigError';
  }
}

/** Reads the environment. Throws ConfigError that names every variable at fault; values are never repeated. */
export function readConfig(environment: Environment): BridgeConfig {
  const reader = new Reader(environment);
  const host = reader.text('SOC_BRIDGE_HOST') ?? '127.0.0.1';
  const token = reader.text('SOC_BRIDGE_TOKEN');
  if (token !== undefined && token.length < minTokenLength) {
    reader.problem('SOC_BRIDGE_TOKEN', `is shorter than ${minTokenLength} characters; use a long random value`);
  }
  if (host !== 'localhost' && isIP(host) === 0) reader.problem('SOC_BRIDGE_HOST', 'is not an IP address or localhost');
  const config: BridgeConfig = {
    services: {
      panther: reader.panther(),
      gitlab: reader.gitlab(),
      slack: reader.slack(),
      okta: reader.okta(),
    },
    allow: {
      panther: reader.choice('PANTHER_ALLOW', 'read', allowedEffects),
      gitlab: reader.choice('GITLAB_ALLOW', 'read', allowedEffects),
    },
    tools: readToolSettings(reader),
    alerts: readAlertSettings(reader),
    approvals: readApprovalSettings(reader),
    responses: readResponseConfig(reader),
    escalations: readEscalationSettings(reader),
    hunts: readHuntSettings(reader),
    observing: readObservingSettings(reader),
    model: reader.model(),
    allowPrivateNetwork: reader.flag('SOC_ALLOW_PRIVATE_NETWORK'),
    access: readAccessSettings(reader, token),
    host,
    port: reader.integer('SOC_BRIDGE_PORT', 3333, 0, 65_535),
    allowedHosts: (reader.text('SOC_ALLOWED_HOSTS') ?? '')
      .split(',')
      .map((name) => name.trim().toLowerCase())
      .filter((name) => name !== ''),
    databaseUrl: reader.database(),
    databaseStatementMs: 1000 * reader.integer('SOC_DATABASE_TIMEOUT_SECONDS', 60, 1, 3600),
    reportDir: reader.text('SOC_REPORT_DIR'),
    complianceDir: reader.text('SOC_COMPLIANCE_DIR'),
    logLevel: reader.choice('LOG_LEVEL', 'info', logLevels),
    leaseMs: 1000 * reader.integer('SOC_LEASE_SECONDS', 30, 1, 3600),
    caseLeaseMs: 1000 * reader.integer('SOC_CASE_LEASE_SECONDS', 90, 1, 86_400),
    callDeadlineMs: 1000 * reader.integer('SOC_CALL_TIMEOUT_SECONDS', 600, 1, 3600),
    resultTokens: resultTokens(reader),
    reconcileMs: 1000 * reader.integer('SOC_RECONCILE_SECONDS', 5, 1, 3600),
    drainMs: 1000 * reader.integer('SOC_DRAIN_SECONDS', 0, 0, 300),
    maxAttempts: reader.integer('SOC_MAX_ATTEMPTS', 5, 1, 100),
    relatedMs: 3_600_000 * reader.integer('SOC_RELATED_HOURS', 24, 0, 720),
    caseClosers: (reader.text('SOC_CASE_CLOSERS') ?? '')
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== ''),
  };
  if (reader.problems.length > 0) throw new ConfigError(reader.problems);
  return config;
}

/** A page below the least would hold little but its own frame. */
function resultTokens(reader: Reader): number {
  const tokens = reader.integer('SOC_RESULT_TOKENS', 10_000, 0, 1_000_000);
  if (tokens > 0 && tokens < leastResultTokens) {
    reader.problem('SOC_RESULT_TOKENS', `is neither 0 nor at least ${leastResultTokens}`);
  }
  return tokens;
}

/** The address of the case store alone, for commands that need nothing else. Throws ConfigError. */
export function readDatabaseUrl(environment: Environment): string {
  const reader = new Reader(environment);
  const url = reader.database();
  if (reader.problems.length > 0) throw new ConfigError(reader.problems);
  return url;
}

export function isLoopback(host: string): boolean {
  return loopbackHosts.includes(host) || /^127\./.test(host);
}

/** The service's settings, or an `unauthenticated` error that names the variables to set. */
export function requireService(config: BridgeConfig, service: Service, name: string): ServiceConfig {
  const settings = config.services[service];
  if (!('missing' in settings)) return settings;
  throw new OperationError(
    'unauthenticated',
    `${name} is not set up in this bridge: set ${settings.missing.join(' and ')} in its environment and start it again.`,
    { service: name, variable: settings.missing.join(',') },
  );
}

class Reader implements SettingsReader {
  readonly problems: string[] = [];

  constructor(private readonly environment: Environment) {}

  problem(variable: string, text: string): void {
    this.problems.push(`${variable} ${text}.`);
  }

  text(variable: string): string | undefined {
    const value = this.environment[variable]?.trim();
    return value === '' ? undefined : value;
  }

  integer(variable: string, fallback: number, min: number, max: number): number {
    const value = this.text(variable);
    if (value === undefined) return fallback;
    const number = Number(value);
    if (/^\d+$/.test(value) && number >= min && number <= max) return number;
    this.problem(variable, `is not a whole number from ${min} to ${max}`);
    return fallback;
  }

  flag(variable: string): boolean {
    return this.choice(variable, 'false', ['true', 'false']) === 'true';
  }

  choice<T extends string>(variable: string, fallback: T, choices: readonly T[]): T {
    const value = this.text(variable)?.toLowerCase();
    if (value === undefined) return fallback;
    const found = choices.find((known) => known === value);
    if (found !== undefined) return found;
    this.problem(variable, `is not one of ${choices.join(', ')}`);
    return fallback;
  }

  database(): string {
    const value = this.text('SOC_DATABASE_URL') ?? 'sqlite:./soc-bridge.db';
    const fine = /^sqlite:./.test(value) || (/^postgres(ql)?:\/\//.test(value) && URL.canParse(value));
    if (!fine) this.problem('SOC_DATABASE_URL', 'is not sqlite:PATH or postgres://user:password@host:port/database');
    return value;
  }

  panther(): BridgeConfig['services'][Service] {
    const address = this.text('PANTHER_API_URL');
    const token = this.secret('PANTHER_API_TOKEN');
    if (address === undefined || token === undefined) {
      return this.missing({ PANTHER_API_URL: address, PANTHER_API_TOKEN: token });
    }
    try {
      const { rest } = pantherEndpoints(address);
      const defaults = this.defaults({
        dialect: 'PANTHER_SQL_DIALECT',
        max_window_days: 'PANTHER_MAX_WINDOW_DAYS',
        databases: 'PANTHER_DATABASES',
        pragmas: 'PANTHER_PRAGMAS',
        cache_seconds: 'PANTHER_CACHE_SECONDS',
      });
      this.checkPantherSettings(defaults);
      return { baseUrl: rest, defaults, credential: { header: 'x-api-key', value: token } };
    } catch (error) {
      this.problem('PANTHER_API_URL', `cannot be used: ${(error as Error).message}`);
      return { missing: [] };
    }
  }

  /** A setting that cannot be read ends the start instead of failing every query. */
  private checkPantherSettings(defaults: Record<string, string>): void {
    try {
      tenantSettings({ defaults });
    } catch (error) {
      if (!(error instanceof InvalidInputError)) throw error;
      const variable = `PANTHER_${error.field === 'dialect' ? 'SQL_DIALECT' : error.field.toUpperCase()}`;
      this.problem(variable, error.message.slice(error.field.length + 2));
    }
  }

  gitlab(): BridgeConfig['services'][Service] {
    const token = this.secret('GITLAB_TOKEN');
    const baseUrl = this.address('GITLAB_URL', 'https://gitlab.com');
    if (token === undefined) return this.missing({ GITLAB_TOKEN: token });
    return {
      baseUrl: baseUrl.replace(/\/api\/v4$/, ''),
      defaults: this.defaults({ group: 'GITLAB_GROUP', project: 'GITLAB_PROJECT' }),
      credential: { header: 'private-token', value: token },
    };
  }

  okta(): BridgeConfig['services'][Service] {
    const token = this.secret('OKTA_API_TOKEN');
    const address = this.text('OKTA_URL');
    if (token === undefined || address === undefined) return this.missing({ OKTA_URL: address, OKTA_API_TOKEN: token });
    return {
      baseUrl: this.address('OKTA_URL', '').replace(/\/api\/v1$/, ''),
      defaults: {},
      credential: { header: 'authorization', value: `SSWS ${token}` },
    };
  }

  slack(): BridgeConfig['services'][Service] {
    const token = this.secret('SLACK_BOT_TOKEN');
    const baseUrl = this.address('SLACK_API_URL', 'https://slack.com/api');
    for (const urgency of ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW']) {
      const variable = `SLACK_MENTION_${urgency}`;
      if (mentionIds(this.text(variable) ?? '') === undefined)
        this.problem(variable, 'is not a list of at most 5 user group ids (S...) and user ids (U...) with commas');
    }
    if (token === undefined) return this.missing({ SLACK_BOT_TOKEN: token });
    return {
      baseUrl,
      defaults: this.defaults({
        channel_critical: 'SLACK_CHANNEL_CRITICAL',
        channel_high: 'SLACK_CHANNEL_HIGH',
        channel_medium: 'SLACK_CHANNEL_MEDIUM',
        channel_low: 'SLACK_CHANNEL_LOW',
        channel_default: 'SLACK_CHANNEL_DEFAULT',
        mention_critical: 'SLACK_MENTION_CRITICAL',
        mention_high: 'SLACK_MENTION_HIGH',
        mention_medium: 'SLACK_MENTION_MEDIUM',
        mention_low: 'SLACK_MENTION_LOW',
      }),
      credential: { header: 'authorization', value: `Bearer ${token}` },
    };
  }

  /** Off unless an address is set; then the model has to be named too, so that nothing is asked by accident. */
  model(): ModelConfig | undefined {
    const apiKey = this.secret('MODEL_API_KEY');
    const model = this.text('MODEL_NAME');
    if (this.text('MODEL_BASE_URL') === undefined) {
      if (apiKey !== undefined || model !== undefined) this.problem('MODEL_BASE_URL', 'is missing, but a model is set');
      return undefined;
    }
    const baseUrl = this.address('MODEL_BASE_URL', '');
    if (model === undefined) this.problem('MODEL_NAME', 'is missing; it names the model to ask for');
    return { baseUrl, apiKey, model: model ?? '' };
  }

  /** A token becomes a header: what could end that header early, or cannot be sent in one, is refused. */
  secret(variable: string): string | undefined {
    const value = this.text(variable);
    if (value === undefined || /^[\x21-\x7e]+$/.test(value)) return value;
    this.problem(variable, 'holds white space or characters that no token has');
    return undefined;
  }

  private address(variable: string, fallback: string): string {
    const value = (this.text(variable) ?? fallback).replace(/\/+$/, '');
    const url = URL.canParse(value) ? new URL(value) : undefined;
    if (url === undefined || !/^https?:$/.test(url.protocol)) this.problem(variable, 'is not an http or https address');
    else if (url.username !== '' || url.password !== '') this.problem(variable, 'holds a user name or password');
    return value;
  }

  private missing(variables: Record<string, string | undefined>): { missing: string[] } {
    return { missing: Object.keys(variables).filter((name) => variables[name] === undefined) };
  }

  private defaults(variables: Record<string, string>): Record<string, string> {
    const found: Record<string, string> = {};
    for (const [key, variable] of Object.entries(variables)) {
      const value = this.text(variable);
      if (value !== undefined) found[key] = value;
    }
    return found;
  }
}
