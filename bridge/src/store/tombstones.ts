import type { CaseTombstones } from './case-tables';
import { canonicalJson, genesisHash, sha256Hex } from './event-chain';

/** SHA-256 over the previous hash and the tombstone as canonical JSON, hex: the same rule as for events. */
export function tombstoneHash(tombstone: Omit<CaseTombstones, 'hash'>): string {
  const { prev_hash, ...content } = tombstone;
  return sha256Hex(`${prev_hash}${canonicalJson(content)}`);
}

/** The `seq` of the first tombstone that is missing, changed or out of order; undefined when the chain holds. */
export function firstBrokenTombstone(tombstones: readonly CaseTombstones[]): number | undefined {
  let previous = genesisHash;
  for (const [index, { hash, ...tombstone }] of tombstones.entries()) {
    const { seq, prev_hash } = tombstone;
    if (seq !== index + 1 || prev_hash !== previous || tombstoneHash(tombstone) !== hash) return index + 1;
    previous = hash;
  }
  return undefined;
}
