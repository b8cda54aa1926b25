import type { IncomingMessage } from 'node:http';
import { type BlockList, isIP } from 'node:net';

/**
 * Whose request it is: the address that the connection comes from, or, when that is a proxy of our own, the last address
 * in X-Forwarded-For that no proxy of our own put there. Anybody can write that header; nobody else's word counts.
 */
export function clientAddress(request: IncomingMessage, trusted: BlockList | undefined): string {
  const direct = plain(request.socket.remoteAddress ?? 'unknown');
  if (trusted === undefined || !isTrusted(trusted, direct)) return direct;
  const hops = (request.headersDistinct['x-forwarded-for'] ?? [])
    .join(',')
    .split(',')
    .map((hop) => plain(hop.trim()));
  let client = direct;
  for (const hop of hops.reverse()) {
    if (isIP(hop) === 0) break;
    client = hop;
    if (!isTrusted(trusted, hop)) break;
  }
  return client;
}

export function isTrusted(trusted: BlockList, address: string): boolean {
  const ip = plain(address);
  const family = isIP(ip);
  return family !== 0 && trusted.check(ip, family === 6 ? 'ipv6' : 'ipv4');
}

/** Dual-stack sockets show IPv4 addresses in IPv6's clothes. */
function plain(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '');
}
