import type { IncomingMessage } from 'node:http';
import type { AccessSettings } from '../access/access-settings';
import type { Refusal } from '../access/authenticator';
import { isTrusted } from '../access/client-address';
import { type BridgeConfig, isLoopback } from '../config';

const mostSeen = 100;

export interface GuardSettings extends Pick<BridgeConfig, 'host' | 'allowedHosts'> {
  access: Pick<AccessSettings, 'publicUrl' | 'trustedProxies' | 'tls'>;
}

/**
 * What a request is refused for before anybody asks who sent it. Loopback is no boundary: a web page can reach it through
 * DNS rebinding, so Host and Origin are checked on every request. Behind a proxy that ends TLS nobody comes in beside it.
 */
export class Guard {
  private readonly hosts: ReadonlySet<string>;
  /** Addresses that were found to be of these hosts. */
  private readonly seen = new Set<string>();

  constructor(private readonly settings: GuardSettings) {
    const { host, allowedHosts, access } = settings;
    const own = host === '0.0.0.0' || host === '::' ? [] : [bracketed(host)];
    const known = access.publicUrl === undefined ? [] : [new URL(access.publicUrl).hostname];
    this.hosts = new Set(['localhost', '127.0.0.1', '[::1]', ...own, ...known, ...allowedHosts.map(bracketed)]);
  }

  /** undefined when the request may go on. */
  refuse(request: IncomingMessage): Refusal | undefined {
    const { trustedProxies, tls } = this.settings.access;
    const from = request.socket?.remoteAddress ?? '127.0.0.1';
    if (trustedProxies !== undefined && tls === undefined && !isTrusted(trustedProxies, from) && !isHere(from)) {
      return forbidden('host', 'This bridge is reached by its proxy only (SOC_TRUSTED_PROXIES).');
    }
    // Node takes the first of several; what is in front of it may have taken the last.
    if ((request.headersDistinct?.host?.length ?? 0) > 1 || (request.headersDistinct?.origin?.length ?? 0) > 1) {
      return forbidden('host', 'A request has one Host header, and at most one Origin.');
    }
    const host = request.headers.host;
    if (host === undefined || !this.isKnown(`http://${host}`)) {
      return forbidden(
        'host',
        `The host name of this request is not one of this bridge's. Add it to SOC_ALLOWED_HOSTS.`,
      );
    }
    const origin = request.headers.origin;
    if (origin !== undefined && !this.isKnown(origin)) {
      return forbidden(
        'origin',
        'Requests from this web origin are not allowed. Add its host name to SOC_ALLOWED_HOSTS.',
      );
    }
    return undefined;
  }

  private isKnown(address: string): boolean {
    if (this.seen.has(address)) return true;
    const known = URL.canParse(address) && this.hosts.has(new URL(address).hostname);
    // Nearly every request names the same one. What is refused is not kept: there is no end of it.
    if (known && this.seen.size < mostSeen) this.seen.add(address);
    return known;
  }
}

function isHere(address: string): boolean {
  return isLoopback(address.replace(/^::ffff:/i, ''));
}

function bracketed(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}

function forbidden(kind: 'host' | 'origin', message: string): Refusal {
  return { status: 403, code: 'missing_permission', message, kind };
}
