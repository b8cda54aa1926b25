import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { McpHttpHandler } from '@modelcontextprotocol/server';
import { type ErrorCode, OperationError, toErrorShape } from '../../../operations/errors';
import type { Operation } from '../../../operations/operation';
import { cleanLine } from '../../../operations/text';
import type { AccessSettings } from '../access/access-settings';
import { AccessTokens } from '../access/access-tokens';
import { Authenticator, type Refusal } from '../access/authenticator';
import { challenge, metadataPaths, resourceMetadata } from '../access/challenge';
import { clientAddress } from '../access/client-address';
import { OAuthTokens } from '../access/oauth-tokens';
import { callerKey, type Principal } from '../access/principal';
import { RateLimits } from '../access/rate-limits';
import { covers, type Scope } from '../access/scopes';
import { SeenSignatures } from '../access/seen-signatures';
import { isLoopback } from '../config';
import type { Host } from '../hosting/host';
import type { Logger } from '../hosting/logging';
import type { Observers, Refused } from '../observing/observers';
import { alertSource, carriesAlertSecret } from './alert-secret';
import { answerCase, casePageAt } from './case-pages';
import { Drain } from './drain';
import { answerJson, readBytes, TooLargeError } from './exchange';
import { Guard } from './guard';
import { type Intake, later, notStored, tooLong } from './intake';
import { createListener, usual } from './listener';
import { McpEndpoint, type McpRefusal, maxMcpBytes } from './mcp-endpoint';
import type { SlackEndpoint } from './slack-endpoint';
import { tooLate } from './web-response';

/** Signed requests to anything but /mcp. */
const maxOtherBytes = 1024 * 1024;
/** A store that takes longer to say that it is there is no store to a caller. */
const storeAnswersWithinMs = 1000;
/** What a request may take beside the call that it makes: who sends it, limits, the record of it. */
const besideCallMs = 10_000;
/** Requests that make no call. */
const otherMs = 90_000;
/** For labels. */
const routes: readonly string[] = ['/mcp', '/alerts', '/healthz', '/slack/interactions', ...metadataPaths];

const statusOf: Record<ErrorCode, number> = {
  invalid_input: 400,
  unauthenticated: 502,
  missing_permission: 502,
  not_found_or_no_access: 404,
  rate_limited: 503,
  query_failed: 502,
  timeout: 504,
  conflict: 409,
  unavailable: 503,
  bad_response: 502,
  cancelled: 499,
};

export interface HttpServerParts {
  host: Host;
  operations: readonly Operation[];
  /** What answers at /mcp, behind everything that is checked here. */
  mcp: Pick<McpHttpHandler, 'fetch' | 'close'>;
  intake: Intake;
  slack: SlackEndpoint;
  observers: Observers;
  logger: Logger;
}

/** The bridge over HTTP: `/mcp`, `/alerts`, `/cases/...`, `/slack/interactions`, `/healthz`. */
export class HttpServer {
  private readonly guard: Guard;
  private readonly authenticator: Authenticator;
  private readonly limits: RateLimits;
  private readonly mcp: McpEndpoint;
  private readonly server: Server;
  private readonly drain: Drain;
  private readonly access: AccessSettings;
  /** Whose requests they are: a request forgets its socket when it is cut off. */
  private readonly clients = new WeakMap<IncomingMessage, string>();

  constructor(private readonly parts: HttpServerParts) {
    const { host, logger } = parts;
    const { db } = host.store.database;
    this.access = host.config.access;
    this.guard = new Guard(host.config);
    this.limits = new RateLimits(db);
    this.authenticator = new Authenticator({
      settings: this.access,
      tokens: new AccessTokens(db),
      seen: new SeenSignatures(db),
      oauth:
        this.access.oauth &&
        new OAuthTokens(this.access.oauth, (error) => logger.error({ err: error }, 'keys of the issuer not read')),
    });
    this.mcp = new McpEndpoint({
      handler: parts.mcp,
      operations: parts.operations,
      access: this.access,
      limits: this.limits,
    });
    const answering = (request: IncomingMessage, response: ServerResponse): void => {
      this.drain.mark(response);
      const begun = performance.now();
      this.clients.set(request, clientAddress(request, this.access.trustedProxies));
      const late = setTimeout(() => this.endLate(request, response), this.deadlineFor(request)).unref();
      response.once('close', () => {
        clearTimeout(late);
        this.tellAnswered(request, response, begun);
      });
      this.route(request, response).catch((error: unknown) => this.fail(request, response, error));
    };
    this.server = createListener(this.access.tls, answering, usual, (problem) => {
      if (problem === undefined) logger.info('the renewed TLS certificate is in use');
      else
        logger.warn({ err: problem }, 'the changed TLS files cannot be used; the certificate from before stays in use');
    });
    this.drain = new Drain(this.server);
  }

  /**
   * Resolves to the address once connections are accepted. Rejects with the system's error, e.g. EADDRINUSE, and beyond
   * loopback when nobody would be asked who they are, or when tokens would go over the network in the clear.
   */
  async listen(): Promise<string> {
    const { host, port } = this.parts.host.config;
    if (!isLoopback(host)) await this.checkExposure();
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, host, resolve);
    });
    if (await this.authenticator.isOpen()) {
      this.parts.logger.warn('no credential is set up: every program on this host may call');
    }
    const address = this.server.address() as AddressInfo;
    const scheme = this.access.tls === undefined ? 'http' : 'https';
    return `${scheme}://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`;
  }

  private async checkExposure(): Promise<void> {
    if (!(await this.authenticator.hasCredentials())) {
      throw new Error(
        'The bridge does not listen beyond loopback without authentication: set SOC_BRIDGE_TOKEN, SOC_SIGNING_KEYS or SOC_OAUTH_ISSUER, or make a token with `soc-bridge tokens create`.',
      );
    }
    const { tls, trustedProxies, allowPlainHttp } = this.access;
    if (tls === undefined && trustedProxies === undefined && !allowPlainHttp) {
      throw new Error(
        'The bridge does not listen beyond loopback without TLS: set SOC_TLS_CERT_FILE and SOC_TLS_KEY_FILE, or SOC_TRUSTED_PROXIES when a proxy ends TLS, or SOC_ALLOW_PLAIN_HTTP=true in a network that nobody else is in.',
      );
    }
  }

  /** Accepts nothing new, lets what is under way end within `drainMs`, and resolves when the connections are closed. */
  async close(): Promise<void> {
    await this.drain.run(this.parts.host.config.drainMs, () => this.mcp.close());
  }

  private async route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = pathOf(request);
    if (path === '/healthz') return this.health(request, response);
    // Slack has no token of ours and comes under whatever name the proxy has; its signature decides.
    if (path === '/slack/interactions') {
      if (!allow(request, response, ['POST'])) return;
      return this.parts.slack.handle(request, response);
    }
    const refusal = this.guard.refuse(request);
    if (refusal !== undefined) return this.refuse(request, response, refusal);
    const metadata = metadataPaths.includes(path) ? resourceMetadata(this.access) : undefined;
    if (metadata !== undefined) {
      if (!allow(request, response, ['GET', 'HEAD'])) return;
      return answerJson(response, 200, metadata);
    }
    const { alerts } = this.parts.host.config;
    const sent = path === '/alerts' && carriesAlertSecret(request, alerts.secrets);
    if (sent) return this.takeAlert(request, response, alertSource);
    const maxBytes = path === '/mcp' ? maxMcpBytes : path === '/alerts' ? alerts.maxBytes : maxOtherBytes;
    const verdict = await this.authenticator.check(request, () => readBytes(request, maxBytes));
    if ('refusal' in verdict) return this.refuse(request, response, verdict.refusal);
    const { principal } = verdict;
    const refused: McpRefusal = (kind, status, more) => this.tellRefused(request, kind, status, { principal, ...more });
    if (path === '/mcp') return this.mcp.handle(request, response, principal, refused);
    if (path === '/alerts') return this.takeAlert(request, response, principal);
    const page = casePageAt(path);
    if (page !== undefined) {
      if (!allow(request, response, ['GET', 'HEAD'])) return;
      if (await this.isHeldBack(request, response, principal, 'cases:read')) return;
      return answerCase(this.parts.host.store, response, page);
    }
    answerJson(response, 404, {
      code: 'not_found_or_no_access',
      message:
        'Nothing is here. The bridge has /mcp, /alerts, /cases/<id>, /cases/<id>/report (also .html, .json, .stix.json and .ocsf.json), /slack/interactions and /healthz.',
    });
  }

  /** Without a credential anybody on this host is let in, but not where somebody set up who may send alerts. */
  private async takeAlert(request: IncomingMessage, response: ServerResponse, principal: Principal): Promise<void> {
    if (!allow(request, response, ['POST'])) return;
    if (principal.proof === 'loopback' && this.parts.host.config.alerts.secrets.length > 0) {
      const message = 'Alerts are taken with the secret of SOC_ALERT_SECRET in X-Alert-Secret.';
      return this.refuse(request, response, { status: 401, code: 'unauthenticated', message, kind: 'no_credential' });
    }
    if (await this.isHeldBack(request, response, principal, 'cases:write')) return;
    return this.parts.intake.handle(request, response);
  }

  /** Whether a request beside MCP was answered here: its caller lacks the scope or has sent too many. */
  private async isHeldBack(
    request: IncomingMessage,
    response: ServerResponse,
    principal: Principal,
    needed: Scope,
  ): Promise<boolean> {
    if (!covers(principal.scopes, needed)) {
      const headers = { 'www-authenticate': challenge(this.access, { error: 'insufficient_scope', scope: needed }) };
      const message = `This needs the scope ${needed}, which the credential does not have.`;
      this.refuse(
        request,
        response,
        { status: 403, code: 'missing_permission', message, headers, kind: 'insufficient_scope' },
        principal,
      );
      return true;
    }
    const wait = await this.limits.take(callerKey(principal), this.access.rates.principal);
    if (wait === undefined) return false;
    const headers = { 'retry-after': String(wait) };
    const message = `Too many requests within a minute. Try again in ${wait} s.`;
    this.refuse(
      request,
      response,
      { status: 429, code: 'rate_limited', message, headers, kind: 'rate_limited' },
      principal,
    );
    return true;
  }

  private refuse(
    request: IncomingMessage,
    response: ServerResponse,
    { status, code, message, headers, kind }: Refusal,
    principal?: Principal,
  ): void {
    this.tellRefused(request, kind, status, { principal });
    answerJson(response, status, { code, message }, { ...headers, connection: 'close' });
  }

  private tellRefused(
    request: IncomingMessage,
    kind: Refused['kind'],
    status: number,
    more: Pick<Refused, 'principal' | 'tool'>,
  ): void {
    const from = this.clients.get(request) ?? 'unknown';
    const path = cleanLine(pathOf(request), 100);
    const { tool, principal } = more;
    this.parts.logger.warn({ kind, status, path, from, tool, principal: principal?.name }, 'refused');
    this.parts.observers.refused({ kind, status, path, from, ...more });
  }

  private tellAnswered(request: IncomingMessage, response: ServerResponse, begun: number): void {
    const path = pathOf(request);
    this.parts.observers.answered({
      method: request.method ?? '',
      route: routes.includes(path) ? path : casePageAt(path) === undefined ? 'other' : '/cases',
      // A client that went away first got nothing; nginx counts such requests as 499, too.
      status: response.headersSent ? response.statusCode : 499,
      durationMs: performance.now() - begun,
    });
  }

  /** Only whether the bridge works: an unauthenticated caller learns nothing else. */
  private async health(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!allow(request, response, ['GET', 'HEAD'])) return;
    const ok = await this.parts.host.store.database.alive();
    answerJson(response, ok ? 200 : 503, { ok });
  }

  private async storeAnswers(): Promise<boolean> {
    const soon = new AbortController();
    const late = delay(storeAnswersWithinMs, false, { signal: soon.signal }).catch(() => false);
    return Promise.race([this.parts.host.store.database.alive(), late]).finally(() => soon.abort());
  }

  /** Milliseconds. Calls have a deadline of their own; this one is for everything around them, a store that hangs above all. */
  private deadlineFor(request: IncomingMessage): number {
    const callMs = this.parts.host.config.callDeadlineMs + besideCallMs;
    return pathOf(request) === '/mcp' ? callMs : Math.min(callMs, otherMs);
  }

  /** Nobody waits for a handler that does not end, and what it has not begun it does not begin any more. */
  private endLate(request: IncomingMessage, response: ServerResponse): void {
    this.parts.logger.error({ path: cleanLine(pathOf(request), 100) }, 'request not answered in time');
    response.emit(tooLate);
    if (response.headersSent) {
      response.destroy();
      return;
    }
    const message = 'The bridge did not get to it in time; its database may be away. Try again.';
    answerJson(response, 503, { code: 'timeout', message }, { connection: 'close', 'retry-after': '10' });
  }

  private async fail(request: IncomingMessage, response: ServerResponse, error: unknown): Promise<void> {
    if (response.headersSent) {
      response.destroy();
      return;
    }
    const close = { connection: 'close' };
    const shape = toErrorShape(error);
    if (error instanceof TooLargeError) {
      this.tellRefused(request, 'too_large', 413, {});
      if (pathOf(request) === '/alerts') tooLong(response, this.parts.host.config.alerts.maxBytes);
      else answerJson(response, 413, { code: shape.code, message: shape.message, field: 'body' }, close);
      return;
    }
    // The client went away; there is nobody to answer, and nothing of ours is at fault.
    if (response.socket?.destroyed ?? true) return;
    const ours = error instanceof OperationError;
    const errorId = randomUUID();
    if (!ours) {
      this.parts.logger.error({ err: error, error_id: errorId, method: request.method }, 'request failed');
      // Who may send and how much is kept in the store, too: without it nothing can be said of a request but to send it again.
      if (pathOf(request) === '/alerts') return later(response, notStored);
      const there = await this.storeAnswers();
      // Its time was up meanwhile, and it was told so.
      if (response.headersSent) return;
      if (!there) return later(response, 'The store of the bridge does not answer.');
    }
    answerJson(response, ours ? statusOf[error.code] : 500, {
      code: shape.code,
      message: shape.message,
      ...(ours ? { details: shape.details } : { error_id: errorId }),
    });
  }
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').replace(/[?#].*$/, '');
}

function allow(request: IncomingMessage, response: ServerResponse, methods: string[]): boolean {
  if (methods.includes(request.method ?? '')) return true;
  answerJson(
    response,
    405,
    { code: 'invalid_input', message: `method: use ${methods.join(' or ')}` },
    { allow: methods.join(', '), connection: 'close' },
  );
  return false;
}
