import type { PantherClient } from './client';

/** Names change when a log source is added; a person who has just added one should not wait long for it. */
const keptMs = 300_000;
const mostEntries = 200;

interface Entry {
  value: unknown;
  readAt: number;
}

/** Least recently written first. */
const entries = new Map<string, Entry>();

/**
 * What `read` gives, remembered for five minutes for one address and one token: role limits differ between the tokens of one
 * tenant, so nothing is ever shared between two. Nothing is remembered when the host cannot tell tokens apart, or the
 * tenant's owner switched caching off. A failure is not remembered. Values must not be changed by their readers. `fresh` reads
 * anew and remembers that.
 */
export async function remembered<T>(
  client: PantherClient,
  what: readonly string[],
  read: () => Promise<T>,
  fresh = false,
): Promise<T> {
  const { account, endpoints, settings, ports } = client;
  if (account === undefined || account === '' || settings.cacheSeconds === 0) return read();
  const key = JSON.stringify([endpoints.graphql, account, settings.dialect, ...what]);
  const entry = entries.get(key);
  const age = entry === undefined ? Number.NaN : ports.now().getTime() - entry.readAt;
  // A clock that was set back makes an entry from the future, which counts as old.
  if (!fresh && entry !== undefined && age >= 0 && age < keptMs) return entry.value as T;
  const value = await read();
  entries.delete(key);
  entries.set(key, { value, readAt: ports.now().getTime() });
  const [oldest] = entries.keys();
  if (entries.size > mostEntries && oldest !== undefined) entries.delete(oldest);
  return value;
}
