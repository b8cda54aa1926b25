import { hash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import {
  headerProblem,
  isRequestSignature,
  requestWindowSeconds,
  signatureHeaders,
} from '../../../operations/request-signature';
import type { Refused } from '../observing/observers';
import type { AccessSettings } from './access-settings';
import { type AccessTokens, isAccessToken } from './access-tokens';
import { challenge } from './challenge';
import type { OAuthTokens } from './oauth-tokens';
import type { Principal } from './principal';
import { everyScope } from './scopes';
import type { SeenSignatures } from './seen-signatures';

/** Why a request is refused, as it is answered. */
export interface Refusal {
  status: 400 | 401 | 403 | 429 | 503;
  code: 'invalid_input' | 'unauthenticated' | 'missing_permission' | 'rate_limited' | 'unavailable';
  message: string;
  headers?: Record<string, string>;
  kind: Refused['kind'];
}

export type Verdict = { principal: Principal } | { refusal: Refusal };

export interface AuthenticatorParts {
  settings: AccessSettings;
  tokens: AccessTokens;
  seen: SeenSignatures;
  oauth: OAuthTokens | undefined;
  now?: () => Date;
}

/**
 * Who sends a request: by SOC_BRIDGE_TOKEN, a token out of the store, an access token of the authorization server, or a
 * signature over the whole request. One credential of one kind; a second one is refused, so that no two parts of a system
 * see different callers in one request.
 */
export class Authenticator {
  private readonly bridgeToken: Buffer | undefined;
  private readonly now: () => Date;

  constructor(private readonly parts: AuthenticatorParts) {
    const { bridgeToken } = parts.settings;
    this.bridgeToken = bridgeToken === undefined ? undefined : digest(bridgeToken);
    this.now = parts.now ?? (() => new Date());
  }

  /** Whether somebody without any credential is let in. Once there is a way to be somebody, nobody is nobody. */
  async isOpen(): Promise<boolean> {
    return !(this.parts.settings.required || (await this.hasCredentials()));
  }

  /** Whether any credential is set up. */
  async hasCredentials(): Promise<boolean> {
    const { bridgeToken, signingKeys, oauth } = this.parts.settings;
    if (bridgeToken !== undefined || signingKeys.length > 0 || oauth !== undefined) return true;
    return this.parts.tokens.any();
  }

  /** `readBody` is called only for a signature that may be one, because it is computed over the body. */
  async check(request: IncomingMessage, readBody: () => Promise<Buffer>): Promise<Verdict> {
    const { headersDistinct: headers } = request;
    const signed = Object.values(signatureHeaders).some((name) => headers[name] !== undefined);
    const authorization = headers.authorization;
    if (authorization !== undefined && (signed || authorization.length > 1)) {
      return this.refuse('bad_credential', 'Send one credential: either one Authorization header or a signature.');
    }
    if (signed) return this.checkSignature(request, readBody);
    if (authorization !== undefined) return this.checkBearer(authorization[0] ?? '');
    if (await this.isOpen()) return { principal: { name: undefined, proof: 'loopback', scopes: everyScope } };
    return this.refuse(
      'no_credential',
      'This bridge needs a credential: send "Authorization: Bearer ..." with a token of it, or sign the request.',
    );
  }

  private async checkBearer(authorization: string): Promise<Verdict> {
    const token = /^Bearer +([^\s,]+)$/i.exec(authorization)?.[1];
    if (token === undefined) return this.refuse('bad_credential', 'The Authorization header is not "Bearer TOKEN".');
    if (this.bridgeToken !== undefined && timingSafeEqual(digest(token), this.bridgeToken)) {
      return { principal: { name: undefined, proof: 'bridge_token', scopes: everyScope } };
    }
    if (isAccessToken(token)) {
      const check = await this.parts.tokens.check(token);
      if ('principal' in check) return check;
      if (check.problem === 'expired') return this.refuse('expired_credential', 'The token has expired.');
      if (check.problem === 'revoked') return this.refuse('bad_credential', 'The token was revoked.');
    } else if (this.parts.oauth !== undefined && /^[\w-]+\.[\w-]+\.[\w-]*$/.test(token)) {
      const check = await this.parts.oauth.check(token);
      if ('principal' in check) return check;
      if (check.problem === 'unavailable') {
        const message = "The authorization server's keys cannot be read at present; try again.";
        return { refusal: { status: 503, code: 'unavailable', message, kind: 'bad_credential' } };
      }
      if (check.problem === 'expired') return this.refuse('expired_credential', 'The access token has expired.');
      return this.refuse(
        'bad_credential',
        'The access token is not one of this bridge: wrong issuer, audience, time or signature.',
      );
    }
    return this.refuse('bad_credential', 'The token is not one of this bridge.');
  }

  private async checkSignature(request: IncomingMessage, readBody: () => Promise<Buffer>): Promise<Verdict> {
    const one = (name: string) => {
      const values = request.headersDistinct[name];
      return values?.length === 1 ? values[0] : undefined;
    };
    const [signature, timestamp, nonce, id] = [
      one(signatureHeaders.signature),
      one(signatureHeaders.timestamp),
      one(signatureHeaders.nonce),
      one(signatureHeaders.key),
    ];
    const problem = headerProblem({ signature, timestamp, nonce }, this.now());
    if (problem !== undefined || !signature || !timestamp || !nonce) {
      return this.refuse('bad_signature', problemTexts[problem ?? 'missing']);
    }
    const key = this.parts.settings.signingKeys.find((known) => known.id === id);
    if (key === undefined) return this.refuse('bad_signature', 'X-Key-Id names no key of this bridge.');
    const body = await readBody();
    const parts = { method: request.method ?? '', target: request.url ?? '', body, timestamp, nonce };
    if (!isRequestSignature(parts, key.secret, signature)) {
      return this.refuse(
        'bad_signature',
        'The signature does not fit the request: another secret, or something was changed on the way.',
      );
    }
    const keepMs = Number(timestamp) * 1000 + (requestWindowSeconds + 5) * 1000 - this.now().getTime();
    if (!(await this.parts.seen.first(key.id, signature, keepMs))) {
      return this.refuse(
        'replayed_signature',
        'This signature was here before. Sign each request anew, with a new X-Nonce.',
      );
    }
    return { principal: { name: key.principal, proof: 'signature', scopes: key.scopes, credentialId: key.id } };
  }

  private refuse(kind: Refused['kind'], message: string): Verdict {
    const error = kind === 'no_credential' ? undefined : 'invalid_token';
    const headers = { 'www-authenticate': challenge(this.parts.settings, { error }) };
    return { refusal: { status: 401, code: 'unauthenticated', message, headers, kind } };
  }
}

const problemTexts = {
  missing: 'A signed request needs X-Signature, X-Timestamp, X-Nonce and X-Key-Id, each once.',
  malformed: 'X-Signature is v1= and 64 hex digits, X-Timestamp Unix seconds, X-Nonce 16 to 64 of A-Z a-z 0-9 _ -.',
  stale: `X-Timestamp is more than ${requestWindowSeconds} s old, by the clock of this bridge.`,
  future: `X-Timestamp is more than ${requestWindowSeconds} s ahead, by the clock of this bridge.`,
};

/** Equal lengths for the constant-time comparison, whatever was sent. */
function digest(token: string): Buffer {
  return hash('sha256', token, 'buffer');
}
