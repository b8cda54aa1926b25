import { randomBytes } from 'node:crypto';

/** Crockford's base 32, as the bridge's ids. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** Tells requests apart, those of a node that runs again included: `APR-` and 17 characters, 85 random bits. */
export function newApprovalId(): string {
  const characters = [...randomBytes(17)].map((byte) => alphabet[byte % alphabet.length]);
  return `APR-${characters.join('')}`;
}
