/** An address as people paste it, without the slashes at its end; empty for what is no text. */
export function withoutSlash(value: unknown): string {
  return typeof value === 'string' ? value.trim().replace(/\/+$/, '') : '';
}

export function parseAddress(text: string): URL | undefined {
  try {
    const url = new URL(text);
    return url.protocol === 'https:' || url.protocol === 'http:' ? url : undefined;
  } catch {
    return undefined;
  }
}

/** Whether `url` lies at or under `baseUrl`: the same origin, no user in it, and the base's path as whole segments. */
export function isUnder(baseUrl: string, url: string): boolean {
  const base = parseAddress(baseUrl);
  const target = parseAddress(url);
  if (base === undefined || target === undefined) return false;
  if (target.origin !== base.origin || target.username !== '' || target.password !== '') return false;
  const root = base.pathname.replace(/\/+$/, '');
  return target.pathname === root || target.pathname.startsWith(`${root}/`);
}
