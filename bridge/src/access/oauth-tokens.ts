import type { createRemoteJWKSet, JWTPayload, JWTVerifyGetKey } from 'jose';
import type { OAuthSettings } from './access-settings';
import type { Principal } from './principal';

/** A checked token is believed for so long without its signature being computed again. */
const believedMs = 30_000;
const mostBelieved = 2000;
/** How far the clocks of issuer and bridge may differ, in seconds. */
const clockToleranceSeconds = 30;
const fetchTimeoutMs = 5000;

/** Errors of jose that say nothing about the token: the issuer's keys could not be had. */
const aboutKeys: ReadonlySet<string> = new Set(['ERR_JOSE_GENERIC', 'ERR_JWKS_TIMEOUT', 'ERR_JWKS_INVALID']);

export type OAuthCheck = { principal: Principal } | { problem: 'invalid' | 'expired' } | { problem: 'unavailable' };

/**
 * JWT access tokens of one issuer, for this bridge as their audience (RFC 9068, RFC 8707). Nothing in a token chooses how
 * it is checked: algorithms and keys come from the settings and from the issuer.
 */
export class OAuthTokens {
  private readonly believed = new Map<string, { until: number; principal: Principal }>();
  private keys: Promise<JWTVerifyGetKey> | undefined;

  constructor(
    private readonly settings: OAuthSettings,
    private readonly onProblem: (error: unknown) => void,
    private readonly now: () => Date = () => new Date(),
  ) {}

  async check(token: string): Promise<OAuthCheck> {
    const now = this.now().getTime();
    const known = this.believed.get(token);
    if (known !== undefined && known.until > now) return { principal: known.principal };
    this.believed.delete(token);
    const { jwtVerify, errors } = await import('jose');
    let payload: JWTPayload;
    try {
      const keys = await this.keySet();
      ({ payload } = await jwtVerify(token, keys, {
        issuer: this.settings.issuer,
        audience: this.settings.audience,
        algorithms: this.settings.algorithms,
        clockTolerance: clockToleranceSeconds,
        currentDate: this.now(),
        requiredClaims: ['exp', 'aud', 'iss', this.settings.principalClaim],
      }));
    } catch (error) {
      if (error instanceof errors.JWTExpired) return { problem: 'expired' };
      if (error instanceof errors.JOSEError && !aboutKeys.has(error.code)) return { problem: 'invalid' };
      this.onProblem(error);
      return { problem: 'unavailable' };
    }
    const principal = this.principalOf(payload);
    if (principal === undefined) return { problem: 'invalid' };
    if (this.believed.size >= mostBelieved) this.believed.clear();
    const until = Math.min(now + believedMs, (payload.exp ?? 0) * 1000);
    this.believed.set(token, { until, principal });
    return { principal };
  }

  private principalOf(payload: JWTPayload): Principal | undefined {
    const name = payload[this.settings.principalClaim];
    if (typeof name !== 'string' || name === '' || name.length > 200) return undefined;
    return {
      name,
      proof: 'oauth',
      scopes: scopesOf(payload),
      credentialId: typeof payload.jti === 'string' ? payload.jti.slice(0, 64) : undefined,
      expiresAt: payload.exp,
    };
  }

  /** Asks the issuer for its keys now. Rejects when it does not give them. */
  async readKeys(): Promise<void> {
    await (await this.findKeys()).reload();
  }

  private keySet(): Promise<JWTVerifyGetKey> {
    this.keys ??= this.findKeys().catch((error: unknown) => {
      this.keys = undefined;
      throw error;
    });
    return this.keys;
  }

  private async findKeys(): Promise<ReturnType<typeof createRemoteJWKSet>> {
    const jose = await import('jose');
    const address = this.settings.jwksUrl ?? (await this.discover());
    return jose.createRemoteJWKSet(new URL(address), { timeoutDuration: fetchTimeoutMs, cooldownDuration: 10_000 });
  }

  /** The issuer's own word on where its keys are (RFC 8414, OpenID Connect Discovery). */
  private async discover(): Promise<string> {
    const { issuer } = this.settings;
    const { origin, pathname } = new URL(issuer);
    const path = pathname.replace(/\/$/, '');
    const places = [
      `${origin}/.well-known/oauth-authorization-server${path}`,
      `${origin}${path}/.well-known/openid-configuration`,
    ];
    for (const place of places) {
      const response = await fetch(place, { redirect: 'error', signal: AbortSignal.timeout(fetchTimeoutMs) });
      if (!response.ok) continue;
      const found = (await response.json()) as { issuer?: unknown; jwks_uri?: unknown };
      if (found.issuer !== issuer) throw new KeysError(`${place} speaks for another issuer than ${issuer}`);
      if (typeof found.jwks_uri === 'string') return found.jwks_uri;
    }
    throw new KeysError(`${issuer} does not say where its keys are; set SOC_OAUTH_JWKS_URL`);
  }
}

/** The issuer could not be asked; that is not the token's fault. */
class KeysError extends Error {}

function scopesOf({ scope, scp }: JWTPayload): string[] {
  const given = scope ?? scp;
  if (typeof given === 'string') return given.split(' ').filter((one) => one !== '');
  return Array.isArray(given) ? given.filter((one) => typeof one === 'string') : [];
}
