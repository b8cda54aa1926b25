import { createHash } from 'node:crypto';
import type { InvestigationEvents } from './tables';

/** The `prev_hash` of a case's first event. */
export const genesisHash = '0'.repeat(64);

/** JSON with keys in code-unit order and without spaces, so that equal values have equal text and hashes. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : item,
  );
}

export function sha256Hex(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/** SHA-256 over the previous hash and the event as canonical JSON, hex. */
export function eventHash(event: Omit<InvestigationEvents, 'hash'>): string {
  const { prev_hash, ...content } = event;
  return sha256Hex(`${prev_hash}${canonicalJson(content)}`);
}

/** The `seq` of the first event that is missing, changed or out of order; undefined when the chain holds. */
export function firstBrokenEvent(events: readonly InvestigationEvents[]): number | undefined {
  let previous = genesisHash;
  for (const [index, { hash, ...event }] of events.entries()) {
    if (event.seq !== index + 1 || event.prev_hash !== previous || eventHash(event) !== hash) return index + 1;
    previous = hash;
  }
  return undefined;
}
