import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { type BridgeConfig, isLoopback } from '../config';

/** Why a request is refused, as it is answered. */
export interface Refusal {
  status: 401 | 403;
  code: 'unauthenticated' | 'missing_permission';
  message: string;
  headers?: Record<string, string>;
}

/**
 * Who may talk to the bridge. Loopback is no boundary: a web page can reach it through DNS rebinding, so Host and Origin
 * are checked on every request, and the token on all but the health check.
 */
export class Guard {
  private readonly hosts: ReadonlySet<string>;
  private readonly token: Buffer | undefined;

  constructor(config: Pick<BridgeConfig, 'token' | 'host' | 'allowedHosts'>) {
    const own = config.host === '0.0.0.0' || config.host === '::' ? [] : [bracketed(config.host)];
    this.hosts = new Set(['localhost', '127.0.0.1', '[::1]', ...own, ...config.allowedHosts.map(bracketed)]);
    this.token = config.token === undefined ? undefined : digest(config.token);
    if (this.token === undefined && !isLoopback(config.host)) {
      throw new Error('The bridge does not listen beyond loopback without SOC_BRIDGE_TOKEN.');
    }
  }

  /** undefined when the request may go on. */
  refuse(request: IncomingMessage): Refusal | undefined {
    const host = request.headers.host;
    if (host === undefined || !this.isKnown(`http://${host}`)) {
      return forbidden(`The host name of this request is not one of this bridge's. Add it to SOC_ALLOWED_HOSTS.`);
    }
    const origin = request.headers.origin;
    if (origin !== undefined && !this.isKnown(origin)) {
      return forbidden('Requests from this web origin are not allowed. Add its host name to SOC_ALLOWED_HOSTS.');
    }
    return this.refuseToken(request.headers.authorization);
  }

  private refuseToken(authorization: string | undefined): Refusal | undefined {
    if (this.token === undefined) return undefined;
    const given = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
    if (given !== undefined && timingSafeEqual(digest(given), this.token)) return undefined;
    return {
      status: 401,
      code: 'unauthenticated',
      message:
        given === undefined
          ? 'This bridge needs a token: send "Authorization: Bearer ..." with the value of SOC_BRIDGE_TOKEN.'
          : 'The token is not the one of this bridge (SOC_BRIDGE_TOKEN).',
      headers: { 'www-authenticate': given === undefined ? 'Bearer' : 'Bearer error="invalid_token"' },
    };
  }

  private isKnown(address: string): boolean {
    return URL.canParse(address) && this.hosts.has(new URL(address).hostname);
  }
}

/** Equal lengths for the constant-time comparison, whatever was sent. */
function digest(token: string): Buffer {
  return createHash('sha256').update(token, 'utf8').digest();
}

function bracketed(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}

function forbidden(message: string): Refusal {
  return { status: 403, code: 'missing_permission', message };
}
