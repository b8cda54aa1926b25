import { randomBytes } from 'node:crypto';
import {
  auth,
  computeScopeUnion,
  extractWWWAuthenticateParams,
  type OAuthClientProvider,
  type OAuthDiscoveryState,
  validateAuthorizationResponseIssuer,
} from '@modelcontextprotocol/client';
import { printable } from '../terminal';
import type { KeptLogin, LoginStore } from './kept-login';
import { type CameBack, LoopbackRedirect } from './loopback-redirect';
import type { Login } from './stdio-proxy';

/** How long a person may take to sign in. */
const patienceMs = 300_000;
const requestTimeoutMs = 15_000;

export interface OAuthLoginParts {
  url: URL;
  store: LoginStore;
  /** Of a client that was registered by hand; undefined: this program registers itself. */
  clientId: string | undefined;
  /** Where the browser comes back to; 0 is any free port. */
  redirectPort: number;
  say: (text: string) => void;
  openBrowser: (url: URL) => void;
}

/**
 * Access to one bridge for a person: authorization code with PKCE in the browser, the answer taken on loopback, then refresh
 * tokens. Discovery, registration and tokens are the MCP SDK's; this adds what it leaves to programs: state, the loopback
 * address, the store, and that a person is asked once for one thing.
 */
export class OAuthLogin implements Login {
  private kept: KeptLogin | undefined;
  private renewing: Promise<void> | undefined;
  private readonly stop = new AbortController();
  /** What the person refused, or did not answer: another message does not open the browser again. */
  private readonly declined = new Map<string, Error>();

  constructor(private readonly parts: OAuthLoginParts) {}

  /** Undefined until somebody has signed in. */
  get accessToken(): string | undefined {
    return this.kept?.tokens?.access_token || undefined;
  }

  /** Whether this refusal can be cured by signing in. */
  canAnswer(response: Response): boolean {
    if (response.status !== 401 && response.status !== 403) return false;
    const { resourceMetadataUrl, error } = extractWWWAuthenticateParams(response);
    return resourceMetadataUrl !== undefined && (response.status === 401 || error === 'insufficient_scope');
  }

  /**
   * Gets the token that `response` asks for, after a request with the token `used`. Rejects with an error for the person.
   * Whoever asks while somebody signs in waits for the same sign-in.
   */
  async renew(response: Response, used: string | undefined): Promise<void> {
    if (this.renewing !== undefined) return this.renewing;
    if (this.accessToken !== used) return;
    this.renewing = this.obtain(response).finally(() => {
      this.renewing = undefined;
    });
    return this.renewing;
  }

  /** Ends a sign-in that nobody waits for any more. */
  cancel(): void {
    this.stop.abort(new Error('the client went away'));
  }

  private async obtain(response: Response): Promise<void> {
    const { resourceMetadataUrl, scope, error } = extractWWWAuthenticateParams(response);
    if (resourceMetadataUrl?.origin !== this.parts.url.origin) {
      throw new Error(
        `${this.parts.url.host} names another host for its sign-in than its own; nothing was sent there.`,
      );
    }
    // Another process of this program may have signed in, or refreshed, meanwhile.
    const held = this.kept;
    const stored = await this.parts.store.read();
    this.kept = { ...stored, tokens: stored.tokens ?? held?.tokens };
    const granted = held?.tokens?.scope;
    const more = error === 'insufficient_scope';
    const wanted = more ? computeScopeUnion(granted, scope) : (granted ?? scope);
    const earlier = this.declined.get(wanted ?? '');
    if (earlier !== undefined) throw earlier;
    if (more && scope?.split(' ').every((one) => granted?.split(' ').includes(one))) {
      throw new Error(`the sign-in has the scope ${scope}, and ${this.parts.url.host} still refuses the call`);
    }
    try {
      await this.authorize(resourceMetadataUrl, wanted, more);
    } catch (problem) {
      const said = new Error(
        `sign-in at ${this.parts.url.host}: ${printable((problem as Error).message).slice(0, 300)}`,
      );
      if (problem instanceof Declined) this.declined.set(wanted ?? '', said);
      throw said;
    }
  }

  private async authorize(resourceMetadataUrl: URL, scope: string | undefined, more: boolean): Promise<void> {
    const redirect = await this.openRedirect();
    try {
      const state = randomBytes(24).toString('base64url');
      const attempt = new Attempt(this.kept ?? {}, redirect, state, this.parts, async (kept) => {
        this.kept = kept;
        await this.parts.store.write(kept);
      });
      if (more) attempt.forgetNarrowRegistration(scope);
      const options = { serverUrl: this.parts.url, resourceMetadataUrl, scope, fetchFn: timedFetch };
      const outcome = await auth(attempt, { ...options, forceReauthorization: more });
      if (outcome === 'AUTHORIZED') return;
      const signal = AbortSignal.any([this.stop.signal, AbortSignal.timeout(patienceMs)]);
      const back = await redirect.cameBack(state, signal).catch((error: unknown) => {
        throw this.stop.signal.aborted
          ? error
          : new Declined('nobody signed in within five minutes; start the client again');
      });
      await this.finish(back, attempt, options);
      this.parts.say(`signed in to ${this.parts.url.host}`);
    } finally {
      redirect.close();
    }
  }

  private async finish(
    { parameters, tell }: CameBack,
    attempt: Attempt,
    options: Parameters<typeof auth>[1],
  ): Promise<void> {
    try {
      const metadata = attempt.discoveryState()?.authorizationServerMetadata;
      const iss = parameters.get('iss') ?? undefined;
      const error = parameters.get('error');
      const authorizationCode = parameters.get('code');
      // Whose answer this is comes before what it says (RFC 9207).
      validateAuthorizationResponseIssuer({
        iss,
        expectedIssuer: metadata?.issuer,
        issParameterSupported: metadata?.authorization_response_iss_parameter_supported === true,
      });
      if (error === 'access_denied') throw new Declined('it was refused in the browser');
      if (error !== null || authorizationCode === null) {
        throw new Error(`${error ?? 'no code came back'} ${parameters.get('error_description') ?? ''}`);
      }
      await auth(attempt, { ...options, authorizationCode, iss });
      tell(undefined);
    } catch (problem) {
      tell(printable((problem as Error).message).slice(0, 300));
      throw problem;
    }
  }

  /** On the port that this program registered with, because some servers compare it. */
  private async openRedirect(): Promise<LoopbackRedirect> {
    const wanted = this.parts.redirectPort || (this.kept?.redirectPort ?? 0);
    try {
      return await LoopbackRedirect.open(wanted);
    } catch (error) {
      if ((error as { code?: string }).code !== 'EADDRINUSE') throw error;
      if (this.parts.redirectPort !== 0) {
        throw new Error(`port ${wanted} (SOC_CONNECT_REDIRECT_PORT) is in use on this machine; choose another`);
      }
      const { client: _known, redirectPort: _port, ...rest } = this.kept ?? {};
      this.kept = rest;
      return LoopbackRedirect.open(0);
    }
  }
}

/** A person said no, or nothing. */
class Declined extends Error {}

/** One run of the SDK's flow. */
class Attempt implements OAuthClientProvider {
  private verifier = '';
  private discovered: OAuthDiscoveryState | undefined;

  constructor(
    private kept: KeptLogin,
    private readonly redirect: LoopbackRedirect,
    private readonly expected: string,
    private readonly parts: OAuthLoginParts,
    private readonly keep: (login: KeptLogin) => Promise<void>,
  ) {}

  get redirectUrl(): string {
    return this.redirect.url;
  }

  get clientMetadata() {
    return {
      client_name: 'soc-bridge connect',
      redirect_uris: [this.redirectUrl],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
      application_type: 'native' as const,
    };
  }

  /** Some servers hold a client to the scopes that it registered with: for more it registers again. */
  forgetNarrowRegistration(scope: string | undefined): void {
    const { client, ...rest } = this.kept;
    const registered = (client as { scope?: string } | undefined)?.scope?.split(' ');
    if (registered !== undefined && !scope?.split(' ').every((one) => registered.includes(one))) this.kept = rest;
  }

  state = () => this.expected;
  clientInformation: OAuthClientProvider['clientInformation'] = () =>
    this.parts.clientId === undefined ? this.kept.client : { client_id: this.parts.clientId };
  saveClientInformation: OAuthClientProvider['saveClientInformation'] = async (client) => {
    if (this.parts.clientId !== undefined) return;
    await this.change({ client, redirectPort: this.redirect.port });
  };
  tokens: OAuthClientProvider['tokens'] = () => this.kept.tokens;
  saveTokens: OAuthClientProvider['saveTokens'] = (tokens) => {
    // A refresh that says nothing of scopes has left them as they were.
    const scope = tokens.scope ?? this.kept.tokens?.scope;
    return this.change({ tokens: { ...tokens, ...(scope === undefined ? {} : { scope }) } });
  };
  saveCodeVerifier = (verifier: string) => {
    this.verifier = verifier;
  };
  codeVerifier = () => this.verifier;
  discoveryState = () => this.discovered;
  saveDiscoveryState = (state: OAuthDiscoveryState) => {
    this.discovered = state;
  };
  invalidateCredentials: OAuthClientProvider['invalidateCredentials'] = async (what) => {
    if (what === 'verifier' || what === 'discovery') return;
    const { client, redirectPort, tokens } = this.kept;
    await this.replace({
      ...(what === 'tokens' ? { client, redirectPort } : {}),
      ...(what === 'client' ? { tokens } : {}),
    });
  };

  redirectToAuthorization = (url: URL) => {
    const here = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
    if (url.protocol !== 'https:' && !(url.protocol === 'http:' && here)) {
      throw new Error(`its sign-in page ${url.origin} is not https`);
    }
    this.parts.say(`sign in to ${this.parts.url.host} in the browser; if none opens, open ${url.href}`);
    this.parts.openBrowser(url);
  };

  private change(part: KeptLogin): Promise<void> {
    return this.replace({ ...this.kept, ...part });
  }

  private async replace(login: KeptLogin): Promise<void> {
    this.kept = login;
    await this.keep(login);
  }
}

const timedFetch: typeof fetch = (input, init) =>
  fetch(input, { ...init, signal: AbortSignal.timeout(requestTimeoutMs) });
