import type { Finding, SignalId } from './finding';
import { hostOf, isTrusted } from './hosts';

/** Signals about where something comes from. Checksums, encryption and what runs weigh the same wherever it comes from. */
const aboutPlaces: ReadonlySet<SignalId> = new Set([
  'registry_changed',
  'image_registry_changed',
  'direct_source',
  'override_added',
  'submodule_changed',
  'remote_include',
]);

/** The same findings, those about places of one's own with the severity `low`. */
export function lowerTrusted(findings: readonly Finding[], trusted: readonly string[]): Finding[] {
  if (trusted.length === 0) return [...findings];
  return findings.map((entry) =>
    aboutPlaces.has(entry.signal) && entry.severity !== 'info' && isFromTrusted(entry, trusted)
      ? { ...entry, severity: 'low', statement: `${entry.statement} The host is trusted.` }
      : entry,
  );
}

/** Every place that the evidence names is trusted; one that names none is not. */
function isFromTrusted({ signal, after }: Finding, trusted: readonly string[]): boolean {
  if (after === null) return false;
  const text = after.slice(0, 20_000);
  const places =
    text.match(/\b[a-z][a-z0-9+.-]{0,30}:[/\\]{2}[^\s"']{1,2000}|\bgit@[^\s"']{1,2000}/gi)?.map(hostOf) ?? [];
  // An image by its reference, or a Go module by its path.
  const first = text.trim().split('/')[0] ?? '';
  const isPlace = signal === 'image_registry_changed' || signal === 'override_added';
  if (places.length === 0 && isPlace && text.includes('/') && /^[\w-]+(?:\.[\w-]+)+(?::\d+)?$/.test(first))
    places.push(first.replace(/:\d+$/, '').toLowerCase());
  return places.length > 0 && places.every((host) => isTrusted(host, trusted));
}
