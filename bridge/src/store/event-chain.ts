import { hash } from 'node:crypto';
import type { InvestigationEvents } from './tables';

/** The `prev_hash` of a case's first event. */
export const genesisHash = '0'.repeat(64);

/** JSON with keys in code-unit order and without spaces, so that equal values have equal text and hashes. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(inOrder(value));
}

/**
 * The value as JSON sees it, with its keys in order. What is in order already, as most of it is, is not copied: every call of a
 * tool comes through here twice.
 */
function inOrder(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if ('toJSON' in value && typeof value.toJSON === 'function') return inOrder(value.toJSON());
  if (Array.isArray(value)) {
    const items = value.map(inOrder);
    return items.every((item, index) => item === value[index]) ? value : items;
  }
  const entries = Object.entries(value);
  let same = true;
  let before = '';
  for (const entry of entries) {
    const [key, item] = entry;
    const ordered = inOrder(item);
    if (ordered !== item || key < before) same = false;
    entry[1] = ordered;
    before = key;
  }
  return same ? value : Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}

export function sha256Hex(text: string): string {
  return hash('sha256', text, 'hex');
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
