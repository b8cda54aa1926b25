import { createHash } from 'node:crypto';

/** The namespace that STIX 2.1 gives for ids of observables (section 2.9). */
export const observableNamespace = '00abedb4-aa42-466c-9c01-fed23315a9b7';
/** Ours, for objects that STIX leaves free: equal cases give equal ids. */
export const ownNamespace = '7b0f5c0a-9d4e-5c1b-8f52-3f6b3f2f7a61';

/** A name-based UUID, version 5 (RFC 9562). */
export function uuidOf(namespace: string, name: string): string {
  const bytes = createHash('sha1')
    .update(Buffer.from(namespace.replaceAll('-', ''), 'hex'))
    .update(name, 'utf8')
    .digest();
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.subarray(0, 16).toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
