import { randomBytes } from 'node:crypto';

/** Crockford's base32: no I, L, O, U, so that an id can be read aloud. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

function base32(value: bigint, length: number): string {
  let text = '';
  let rest = value;
  for (let index = 0; index < length; index += 1) {
    text = alphabet[Number(rest & 31n)] + text;
    rest >>= 5n;
  }
  return text;
}

/** `PREFIX-` + 9 characters of time in milliseconds (ids sort by creation) + 8 of randomness (40 bits). */
export function newId(prefix: 'INV' | 'RAW' | 'DLQ' | 'APR' | 'RSP' | 'HUN', now: Date): string {
  const random = BigInt(`0x${randomBytes(5).toString('hex')}`);
  return `${prefix}-${base32(BigInt(now.getTime()), 9)}${base32(random, 8)}`;
}
