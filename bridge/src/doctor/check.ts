import type { HttpResponse, Ports, Service } from '../../../operations/ports';
import { ConnectionError } from '../../../operations/ports';
import { serviceName } from '../../../operations/service-call';

/** `off`: not set up, which is nobody's fault. */
export type Level = 'ok' | 'warning' | 'problem' | 'off';

export interface Finding {
  level: Level;
  /** One sentence: what is so, and for a warning or a problem what to do. */
  text: string;
}

/** What was found about one thing the bridge depends on. */
export interface Check {
  name: string;
  findings: Finding[];
}

const timeoutMs = 10_000;
const maxBytes = 256 * 1024;

/** What a service answered to a request that changes nothing, or why there is no answer. */
export type Answer = { response: HttpResponse; json: Record<string, unknown> | undefined } | { finding: Finding };

/** One GET with the service's credential, tried once: a doctor tells what is, and does not wait until it passes. */
export async function ask(ports: Ports, service: Service, path: string): Promise<Answer> {
  const name = serviceName(service);
  const { baseUrl } = await ports.connection(service);
  try {
    const response = await ports.http({
      service,
      method: 'GET',
      url: `${baseUrl}${path}`,
      timeoutMs,
      maxBytes,
      signal: ports.signal,
      headers: { accept: 'application/json' },
    });
    return { response, json: objectOf(response.body) };
  } catch (error) {
    const text =
      error instanceof ConnectionError
        ? `${name} cannot be reached: ${error.message}. Check its address, the proxy and the firewall.`
        : (error as Error).message;
    return { finding: { level: 'problem', text } };
  }
}

function objectOf(body: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** Texts of a list, or nothing where it is none. */
export function textsOf(value: unknown): string[] | undefined {
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string') ? value : undefined;
}

/** Signatures of Slack and of clients count for five minutes; a clock that is off refuses them all. */
export function clockFindings(response: HttpResponse, now: Date): Finding[] {
  const theirs = Date.parse(response.headers.date ?? '');
  if (Number.isNaN(theirs)) return [];
  const seconds = Math.round((now.getTime() - theirs) / 1000);
  const off = Math.abs(seconds);
  if (off < 60) return [];
  const text = `The clock of this machine is ${off} s ${seconds > 0 ? 'ahead of' : 'behind'} the service's; set it by NTP: signatures are refused from 300 s.`;
  return [{ level: off >= 240 ? 'problem' : 'warning', text }];
}

const soonDays = 14;

/** A token, or what `what` says, that ends soon, or has ended. `at` as the service gave it; nothing for a token without an end. */
export function expiryFindings(at: unknown, now: Date, renew: string, what = 'token'): Finding[] {
  const end = typeof at === 'string' ? Date.parse(at) : Number.NaN;
  if (Number.isNaN(end)) return [];
  const days = Math.floor((end - now.getTime()) / 86_400_000);
  if (days < 0) return [{ level: 'problem', text: `The ${what} expired on ${String(at).slice(0, 10)}. ${renew}` }];
  return days >= soonDays
    ? []
    : [{ level: 'warning', text: `The ${what} expires on ${String(at).slice(0, 10)}, in ${days} days. ${renew}` }];
}

/** Rights that the configured tools need and the token lacks, and rights that nothing here uses. */
export function rightsFindings(
  held: readonly string[],
  needed: readonly string[],
  usable: readonly string[],
  words: { right: string; grant: string },
): Finding[] {
  const missing = needed.filter((right) => !held.includes(right));
  const surplus = held.filter((right) => !usable.includes(right));
  const list = (rights: readonly string[]) => rights.join(', ');
  return [
    ...(missing.length === 0
      ? []
      : [{ level: 'problem' as const, text: `The token lacks ${list(missing)}. ${words.grant}` }]),
    ...(surplus.length === 0
      ? []
      : [
          {
            level: 'warning' as const,
            text: `The token may more than anything here uses: ${list(surplus)}. Whoever gets hold of it may too; take ${surplus.length === 1 ? `this ${words.right}` : `these ${words.right}s`} away.`,
          },
        ]),
  ];
}
